//! A provider that the code leads to another region, account or endpoint than the policy allows, whatever the shell says.

use terraform_config::{Block, Place, Value};

use crate::aws::account_of;
use crate::guards::facts::aws_profiles::{Profile, Profiles};
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, Severity, by_cause, listed};
use crate::project::infra_toml::Policy;
use crate::project::roots;

pub(crate) const GUARD: Guard = Guard {
    name: "provider-world",
    looks_at: "region, accounts, profile, role and endpoints of AWS providers, and the region of resources, against infra.toml; an engine \
               in Docker's provider",
    danger: "what is planned for one account or region would be made in another, or an emulator's state taken for the real one",
    can_be_allowed: true,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let (mut complaints, mut elsewhere) = (Vec::new(), Vec::new());
    for environment in &facts.environments {
        let policy = &environment.policy;
        let name = environment.name.as_str();
        for provider in environment.code.of_kind("provider") {
            let found = match provider.label() {
                "aws" if policy.aws => of_aws(provider, environment, &facts.profiles),
                "aws" => without_aws(provider),
                "docker" if policy.docker => other_engine(provider, environment),
                _ => Vec::new(),
            };
            complaints.extend(found.into_iter().map(|complaint| (name, complaint)));
        }
        elsewhere.extend(placed_elsewhere(environment).map(|(resource, region)| (name, resource, region, allowed(policy))));
    }
    let of_providers = by_cause(complaints, |(_, complaint)| Some((complaint.severity, complaint.what.clone())));
    findings.extend(of_providers.into_iter().map(|(_, found)| of_provider(&found)));
    for (_, found) in by_cause(elsewhere, |(_, _, region, allowed)| Some((region.clone(), allowed.clone()))) {
        let parts: Vec<_> = found.iter().map(|(name, resource, _, _)| (*name, resource.place_of("region"))).collect();
        let mut resources: Vec<String> = found.iter().map(|(_, resource, _, _)| resource.address()).collect();
        resources.dedup();
        let (_, _, region, allowed) = &found[0];
        let are = if resources.len() > 1 { "are" } else { "is" };
        let what = |names: &str| format!("{} of {names} {are} in {region}, and infra.toml allows {allowed}", listed(&resources));
        let hint = |table: &str| format!("take `region` out; or add \"{region}\" to `regions` in {table}");
        findings.push(of_cause(Severity::Refusal, parts, what, hint));
    }
}

fn of_provider(found: &[(&str, Complaint)]) -> Finding {
    let parts = found.iter().flat_map(|(name, complaint)| complaint.places.iter().map(|place| (*name, place.clone()))).collect();
    let complaint = &found[0].1;
    let what = |names: &str| format!("the provider of {names} {}", complaint.what);
    let hint = |table: &str| format!("take it out of the code, so that infra.toml and the shell decide; or allow it in {table}");
    of_cause(complaint.severity, parts, what, hint)
}

/// One finding for all places of one cause.
fn of_cause(severity: Severity, parts: Vec<(&str, Place)>, what: impl Fn(&str) -> String, hint: impl Fn(&str) -> String) -> Finding {
    let mut names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    names.dedup();
    let table =
        if names.len() > 1 { "the table of each in infra.toml".to_owned() } else { format!("{} of infra.toml", roots::table(names[0])) };
    let finding = GUARD.finding(severity, &names, parts[0].1.clone(), what(&listed(&names)), hint(&table));
    if parts.len() > 1 { finding.among(parts) } else { finding }
}

/// Types whose argument `region` said something else before version 6 of the provider, where each resource has one for its own place
/// (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade).
const OTHER_REGIONS: [&str; 4] =
    ["aws_cloudformation_stack_set_instance", "aws_config_aggregate_authorization", "aws_dx_hosted_connection", "aws_s3_bucket"];

/// Resources and data sources that say themselves that they are in a region that is not allowed.
fn placed_elsewhere(environment: &EnvironmentFacts) -> impl Iterator<Item = (&Block, String)> {
    let (code, policy) = (&environment.code, &environment.policy);
    let of_aws = |block: &&Block| {
        let kind = block.label();
        matches!(block.kind.as_str(), "resource" | "data") && kind.starts_with("aws_") && !OTHER_REGIONS.contains(&kind)
    };
    let blocks = code.blocks().filter(move |block| policy.aws && of_aws(block));
    blocks.filter_map(|block| Some((block, code.texts_of(block, "region").into_iter().find(|region| !is_allowed_region(policy, region))?)))
}

/// True for the environment's region, and for any that its resources and further providers may be in: a certificate of CloudFront has
/// to be in us-east-1, a replica in another region than what it is of.
fn is_allowed_region(policy: &Policy, region: &str) -> bool {
    let regions = policy.regions.as_deref();
    policy.region.as_deref().is_none_or(|own| own == region) || regions.is_none_or(|regions| regions.iter().any(|other| other == region))
}

fn allowed(policy: &Policy) -> String {
    policy.region.iter().chain(policy.regions.iter().flatten()).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What is found in one provider, which has it from these places.
struct Complaint {
    severity: Severity,
    places: Vec<Place>,
    what: String,
}

fn refused(place: Place, what: String) -> Complaint {
    Complaint { severity: Severity::Refusal, places: vec![place], what }
}

/// The shell's credentials are withheld where there is no AWS; what the code names itself is not.
fn without_aws(provider: &Block) -> Vec<Complaint> {
    let refusal = |place, by: &str| refused(place, format!("reaches AWS by {by} of its own, and infra.toml knows of no AWS there"));
    let attributes = [("profile", "a profile"), ("shared_credentials_files", "credentials"), ("shared_config_files", "settings")];
    let named = attributes.iter().filter(|(name, _)| provider.attributes.contains_key(*name));
    let named = named.map(|(name, by)| refusal(provider.place_of(name), by));
    let roles = provider.blocks.iter().filter(|block| block.kind.starts_with("assume_role"));
    named.chain(roles.map(|role| refusal(role.place.clone(), "a role"))).take(1).collect()
}

/// An engine in the code: containers would be made there, and looked for on the one that the shell names.
fn other_engine(provider: &Block, environment: &EnvironmentFacts) -> Vec<Complaint> {
    let named = ["host", "context"]
        .into_iter()
        .flat_map(|name| environment.code.texts_of(provider, name).into_iter().map(move |value| (name, value)));
    named.map(|(name, value)| refused(provider.place_of(name), format!("works on {value}, whatever engine the shell names"))).collect()
}

/// What a provider block says that the policy does not allow. What takes more than reading is for Terraform to resolve: the AWS
/// provider gets the allowed accounts by another way.
fn of_aws(provider: &Block, environment: &EnvironmentFacts, profiles: &Profiles) -> Vec<Complaint> {
    let (code, policy) = (&environment.code, &environment.policy);
    let mut found = Vec::new();
    let mut refuse = |place, what| found.push(refused(place, what));
    let is_allowed = |account: &str| policy.allowed_account_ids.is_empty() || policy.allowed_account_ids.iter().any(|id| id == account);
    let is_default = !provider.attributes.contains_key("alias");
    if let Some(own) = &policy.region
        && let Some(region) = code.texts_of(provider, "region").into_iter().find(|region| region != own)
        && (is_default || !is_allowed_region(policy, &region))
    {
        let allowed = if is_default { own.clone() } else { allowed(policy) };
        refuse(provider.place_of("region"), format!("works in {region}, and infra.toml allows {allowed}"));
    }
    let allowed = provider.value("allowed_account_ids").map(Value::texts);
    for account in allowed.into_iter().flatten().filter(|account| !is_allowed(account)) {
        refuse(provider.place_of("allowed_account_ids"), format!("allows account {account}, and infra.toml does not"));
    }
    for role in provider.blocks.iter().filter(|block| block.kind.starts_with("assume_role")) {
        for arn in code.texts_of(role, "role_arn") {
            if let Some(account) = account_of(&arn).filter(|account| !is_allowed(account)) {
                refuse(role.place_of("role_arn"), format!("takes a role in account {account}, which infra.toml does not allow"));
            }
        }
    }
    for endpoints in provider.blocks.iter().filter(|block| block.kind == "endpoints") {
        let emulated = |name: &&String| code.texts_of(endpoints, name).into_iter().find(|url| is_emulator(url));
        for (url, names) in by_cause(endpoints.attributes.keys(), emulated) {
            let Some(url) = url else { continue };
            let what = format!("sends {} to {url}, which is no AWS, with the credentials for AWS", listed(&names));
            let places = names.iter().map(|name| endpoints.place_of(name)).collect();
            found.push(Complaint { severity: Severity::Refusal, places, what });
        }
    }
    for name in code.texts_of(provider, "profile") {
        found.extend(of_profile(&name, &provider.place_of("profile"), profiles.get(&name), &is_allowed));
    }
    found
}

/// What the user's own configuration says of a profile.
fn of_profile(name: &str, place: &Place, profile: Option<&Profile>, is_allowed: &impl Fn(&str) -> bool) -> Vec<Complaint> {
    let mut found = Vec::new();
    match profile.and_then(|profile| profile.account.as_deref()) {
        Some(account) if !is_allowed(account) => {
            let what = format!("uses profile {name}, of account {account}, which infra.toml does not allow");
            found.push(refused(place.clone(), what));
        }
        Some(_) => {}
        None => {
            let what = format!("uses profile {name} whatever the shell says, and nothing here tells of which account that is");
            found.push(Complaint { severity: Severity::Warning, ..refused(place.clone(), what) });
        }
    }
    if let Some(url) = profile.and_then(|profile| profile.endpoint.as_deref()).filter(|url| is_emulator(url)) {
        found.push(refused(place.clone(), format!("uses profile {name}, whose endpoint {url} is no AWS")));
    }
    found
}

/// AWS answers on TLS alone, and never on this machine.
fn is_emulator(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    url.starts_with("http://") || host == "localhost" || host.starts_with("127.") || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::of_aws;
    use crate::guards::facts::EnvironmentFacts;
    use crate::guards::facts::aws_profiles::Profiles;
    use crate::project::infra_toml::Policy;
    use std::fs;
    use std::sync::Arc;
    use terraform_config::{Cache, Code, Configuration};

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
            ("endpoints {\ns3 = \"http://localhost:4566\"\n}", Some("sends `s3` to http://localhost:4566, which is no AWS")),
            (
                "endpoints {\ns3 = \"http://localhost:4566\"\nsqs = \"http://localhost:4566\"\n}",
                Some("sends `s3` and `sqs` to http://localhost"),
            ),
            ("endpoints {\ns3 = \"https://127.0.0.1:4566\"\n}", Some("sends `s3` to ")),
            ("endpoints {\ns3 = \"https://bucket.vpce-1.s3.eu-central-1.vpce.amazonaws.com\"\n}", None),
            ("profile = \"ours\"", None),
            ("profile = \"other\"", Some("uses profile other, of account 222222222222")),
            ("profile = \"fake\"", Some("whose endpoint http://localhost:4566 is no AWS")),
            ("profile = \"unknown\"", Some("nothing here tells")),
        ] {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join("p.tf"), format!("provider \"aws\" {{\n{body}\n}}\n")).unwrap();
            let code = [Arc::new(Code::read(directory.path()))];
            let code = Configuration::read(&code, directory.path(), &[], &Cache::default());
            let environment = EnvironmentFacts { code, policy: policy.clone(), ..EnvironmentFacts::default() };
            let provider = environment.code.of_kind("provider").next().unwrap();
            let found = of_aws(provider, &environment, &profiles);
            assert_eq!(found.len(), usize::from(expected.is_some()), "{body}");
            if let Some(complaint) = found.first() {
                assert!(complaint.what.contains(expected.unwrap_or_default()), "{}", complaint.what);
                assert_eq!(complaint.places[0].line, 2 + usize::from(body.contains('{')), "{body}");
            }
        }
    }
}
