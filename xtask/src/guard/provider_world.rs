//! A provider that the code leads to another region, account or endpoint than the policy allows, whatever the shell says.

use super::facts::Facts;
use super::facts::aws_profiles::Profiles;
use super::facts::code::{Block, Place, Value};
use super::finding::{Finding, Guard, Severity};
use crate::config::Policy;

pub(crate) const GUARD: Guard = Guard {
    name: "provider-world",
    looks_at: "region, accounts, profile, role and endpoints in `provider \"aws\"` blocks, against infra.toml",
    danger: "what is planned for one account or region would be made in another, or an emulator's state taken for the real one",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in facts.environments.iter().filter(|environment| environment.policy.aws) {
        let providers = environment.blocks().filter(|block| block.kind == "provider" && block.labels.first().is_some_and(|it| it == "aws"));
        for provider in providers {
            for (severity, place, what) in complaints(provider, &environment.policy, &facts.profiles) {
                let what = format!("the provider of `{}` {what}", environment.name);
                let hint = format!(
                    "take it out of the code, so that infra.toml and the shell decide; or allow it in [environments.{}] of infra.toml",
                    environment.name
                );
                findings.push(match severity {
                    Severity::Refusal => guard.refusal(&[&environment.name], place, what, hint),
                    Severity::Warning => guard.warning(&[&environment.name], place, what, hint),
                });
            }
        }
    }
    findings
}

/// What a provider block says that the policy does not allow. What is no plain text is for Terraform to resolve: the AWS
/// provider gets the allowed accounts by another way.
fn complaints(provider: &Block, policy: &Policy, profiles: &Profiles) -> Vec<(Severity, Place, String)> {
    let mut found = Vec::new();
    let mut refuse = |place, what| found.push((Severity::Refusal, place, what));
    let is_allowed = |account: &str| policy.allowed_account_ids.is_empty() || policy.allowed_account_ids.iter().any(|id| id == account);
    if let (Some(region), Some(allowed)) = (provider.text("region"), &policy.region)
        && region != allowed
    {
        refuse(provider.place_of("region"), format!("works in {region}, and infra.toml allows {allowed}"));
    }
    if let Some((Value::Expression(list), _)) = provider.attributes.get("allowed_account_ids") {
        for account in quoted(list).filter(|account| !is_allowed(account)) {
            refuse(provider.place_of("allowed_account_ids"), format!("allows account {account}, and infra.toml does not"));
        }
    }
    let roles = provider.blocks.iter().filter(|block| block.kind.starts_with("assume_role"));
    for role in roles {
        let Some(arn) = role.text("role_arn") else { continue };
        if let Some(account) = account_of(arn).filter(|account| !is_allowed(account)) {
            refuse(role.place_of("role_arn"), format!("takes a role in account {account}, which infra.toml does not allow"));
        }
    }
    for endpoints in provider.blocks.iter().filter(|block| block.kind == "endpoints") {
        for name in endpoints.attributes.keys() {
            if let Some(url) = endpoints.text(name).filter(|url| is_emulator(url)) {
                let what = format!("sends {name} to {url}, which is no AWS, with the credentials for AWS");
                refuse(endpoints.place_of(name), what);
            }
        }
    }
    if let Some(name) = provider.text("profile") {
        let place = provider.place_of("profile");
        let profile = profiles.get(name);
        match profile.and_then(|profile| profile.account.as_deref()) {
            Some(account) if !is_allowed(account) => {
                refuse(place.clone(), format!("uses profile {name}, of account {account}, which infra.toml does not allow"));
            }
            Some(_) => {}
            None => {
                let what = format!("uses profile {name} whatever the shell says, and nothing here tells of which account that is");
                found.push((Severity::Warning, place.clone(), what));
            }
        }
        if let Some(url) = profile.and_then(|profile| profile.endpoint.as_deref()).filter(|url| is_emulator(url)) {
            found.push((Severity::Refusal, place, format!("uses profile {name}, whose endpoint {url} is no AWS")));
        }
    }
    found
}

fn quoted(list: &str) -> impl Iterator<Item = &str> {
    list.split('"').skip(1).step_by(2)
}

/// The fifth part of `arn:aws:iam::123456789012:role/name`.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// AWS answers on TLS alone, and never on this machine.
fn is_emulator(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    url.starts_with("http://") || host == "localhost" || host.starts_with("127.") || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::complaints;
    use crate::config::Policy;
    use crate::guard::facts::aws_profiles::Profiles;
    use crate::guard::facts::code::parse;
    use std::path::Path;

    #[test]
    fn what_leads_elsewhere_is_named_with_its_line() {
        let policy = Policy {
            aws: true,
            region: Some("eu-central-1".to_owned()),
            allowed_account_ids: vec!["111111111111".to_owned()],
            ..Policy::default()
        };
        let profiles = Profiles::parse(
            "[profile other]\nsso_account_id = 222222222222\n[profile ours]\nrole_arn = arn:aws:iam::111111111111:role/x\n\
             [profile fake]\nsso_account_id = 111111111111\nendpoint_url = http://localhost:4566\n",
        );
        for (body, expected) in [
            ("region = local.region", None),
            ("region = \"eu-central-1\"", None),
            ("region = \"us-east-1\"", Some("works in us-east-1, and infra.toml allows eu-central-1")),
            ("allowed_account_ids = [\"111111111111\"]", None),
            ("allowed_account_ids = [\"111111111111\", \"222222222222\"]", Some("allows account 222222222222")),
            ("assume_role {\nrole_arn = \"arn:aws:iam::111111111111:role/x\"\n}", None),
            ("assume_role {\nrole_arn = \"arn:aws:iam::222222222222:role/x\"\n}", Some("takes a role in account 222222222222")),
            ("assume_role_with_web_identity {\nrole_arn = \"arn:aws:iam::2:role/x\"\n}", Some("takes a role in account 2")),
            ("endpoints {\ns3 = \"http://localhost:4566\"\n}", Some("sends s3 to http://localhost:4566, which is no AWS")),
            ("endpoints {\ns3 = \"https://127.0.0.1:4566\"\n}", Some("sends s3 to ")),
            ("endpoints {\ns3 = \"https://bucket.vpce-1.s3.eu-central-1.vpce.amazonaws.com\"\n}", None),
            ("profile = \"ours\"", None),
            ("profile = \"other\"", Some("uses profile other, of account 222222222222")),
            ("profile = \"fake\"", Some("whose endpoint http://localhost:4566 is no AWS")),
            ("profile = \"unknown\"", Some("nothing here tells")),
        ] {
            let blocks = parse(Path::new("p.tf"), &format!("provider \"aws\" {{\n{body}\n}}\n")).unwrap();
            let found = complaints(&blocks[0], &policy, &profiles);
            assert_eq!(found.len(), usize::from(expected.is_some()), "{body}\n{found:?}");
            if let Some((_, place, what)) = found.first() {
                assert!(what.contains(expected.unwrap_or_default()), "{what}");
                assert_eq!(place.line, 2 + usize::from(body.contains('{')), "{body}");
            }
        }
    }
}
