//! Whether two environments can have things of one name: what is unique in an engine or an account may be in two of them.

use super::EnvironmentFacts;

impl EnvironmentFacts {
    /// True when things of this type and one name would be two things: on engines, in accounts or in regions of their own.
    /// What is not written down counts as the same place.
    pub(crate) fn is_elsewhere(&self, other: &Self, kind: &str) -> bool {
        if kind.starts_with("docker_") {
            return self
                .docker_hosts()
                .zip(other.docker_hosts())
                .is_some_and(|(own, others)| own.iter().all(|host| !others.contains(host)));
        }
        if !kind.starts_with("aws_") || kind == "aws_s3_bucket" {
            return false;
        }
        let (own, others) = (&self.policy, &other.policy);
        let accounts = (&own.allowed_account_ids, &others.allowed_account_ids);
        let in_other_accounts =
            !accounts.0.is_empty() && !accounts.1.is_empty() && accounts.0.iter().all(|account| !accounts.1.contains(account));
        let in_other_regions = own.region.is_some() && others.region.is_some() && own.region != others.region;
        in_other_accounts || in_other_regions && !kind.starts_with("aws_iam_")
    }

    /// The Docker engines on other machines that its code names; `None` if the shell decides.
    pub(crate) fn docker_hosts(&self) -> Option<Vec<String>> {
        let providers = self.code.of_kind("provider").filter(|provider| provider.label() == "docker");
        let hosts = providers.flat_map(|provider| self.code.texts_of(provider, "host"));
        let hosts: Vec<String> = hosts.filter(|host| !host.starts_with("unix://")).collect();
        (!hosts.is_empty()).then_some(hosts)
    }
}
