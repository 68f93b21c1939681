//! Whether there are any credentials for AWS. Terraform finds out too, after some seconds of looking around.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::Result;

use crate::host::error::Failure;
use crate::project::environment::Environment;

/// What can be seen of credentials without asking AWS.
#[derive(Debug, Default)]
struct Sources {
    /// Names of the variables that are set to something.
    variables: Vec<String>,
    /// The text of the shared configuration and credentials files.
    files: String,
}

/// What that says.
#[derive(Debug, PartialEq, Eq)]
enum Availability {
    /// There is a way to get some; whether AWS takes them is for AWS to say.
    Some,
    /// One half of a pair is set, and this is the missing one.
    Half(&'static str),
    /// None, but for what the machine itself may have a role for.
    None,
}

/// Refuses to go on without any credentials.
///
/// # Errors
/// There are none, or half of a pair.
pub(crate) fn require(environment: &Environment) -> Result<()> {
    let failure = match find(&Sources::read()) {
        Availability::Some => return Ok(()),
        Availability::None if machine_has_a_role() => return Ok(()),
        Availability::None => Failure::new(format!("no AWS credentials for `{}`", environment.display_name())).details([
            "any of these will do: a profile (`aws configure sso`, then AWS_PROFILE=NAME),",
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a role of the CI job (AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE),",
            "or a role of the machine or container this runs on",
        ]),
        Availability::Half(missing) => Failure::new(format!("the AWS credentials in your shell lack {missing}")),
    };
    let emulated = format!("{} --emulated", environment.cli_args());
    Err(failure.hint(format!("give credentials, or try it without any: cargo xtask infra plan {emulated}")).into())
}

/// Which credentials a run has taken, in the order in which AWS' libraries look: for messages, without any secret.
pub(crate) fn source() -> String {
    source_of(&|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

fn source_of(set: &dyn Fn(&str) -> Option<String>) -> String {
    if set("AWS_ACCESS_KEY_ID").is_some() {
        return "those of AWS_ACCESS_KEY_ID in your shell".to_owned();
    }
    match (set("AWS_PROFILE"), set("AWS_ROLE_ARN").filter(|_| set("AWS_WEB_IDENTITY_TOKEN_FILE").is_some())) {
        (Some(profile), _) => format!("profile `{profile}` of AWS_PROFILE"),
        (None, Some(role)) => format!("role {role} of AWS_ROLE_ARN"),
        (None, None) => "profile `default`, or the role of this machine".to_owned(),
    }
}

impl Sources {
    fn read() -> Self {
        let set = env::vars_os().filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.into_string().ok());
        let home = env::home_dir().unwrap_or_default();
        let file = |variable: &str, usual: &str| env::var_os(variable).map_or_else(|| home.join(".aws").join(usual), PathBuf::from);
        let files = [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
        Self { variables: set.collect(), files: files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect() }
    }
}

/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
fn find(sources: &Sources) -> Availability {
    const FILE_KEYS: [&str; 6] =
        ["aws_access_key_id", "sso_session", "sso_start_url", "role_arn", "credential_process", "web_identity_token_file"];
    let has = |name: &str| sources.variables.iter().any(|set| set == name);
    for (one, other) in [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")] {
        match (has(one), has(other)) {
            (true, true) => return Availability::Some,
            (true, false) => return Availability::Half(other),
            // A role may be set for other tools too.
            (false, true) if other == "AWS_SECRET_ACCESS_KEY" => return Availability::Half(one),
            (false, _) => {}
        }
    }
    let elsewhere = ["AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let in_files = || sources.files.lines().any(|line| FILE_KEYS.contains(&line.split('=').next().unwrap_or_default().trim()));
    if elsewhere.into_iter().any(has) || in_files() { Availability::Some } else { Availability::None }
}

/// Asks the metadata service of EC2 for a session, at most one second.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
fn machine_has_a_role() -> bool {
    if env::var("AWS_EC2_METADATA_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true")) {
        return false;
    }
    let service = env::var("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or_else(|_| "http://169.254.169.254".to_owned());
    let token = minreq::put(format!("{}/latest/api/token", service.trim_end_matches('/')))
        .with_header("X-aws-ec2-metadata-token-ttl-seconds", "60")
        .with_timeout(1)
        .send();
    token.is_ok_and(|answer| answer.status_code == 200)
}

#[cfg(test)]
mod tests {
    use super::{Availability, Sources, find, source_of};

    #[test]
    fn says_which_credentials_are_taken() {
        for (set, expected) in [
            (&[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_PROFILE", "p")][..], "those of AWS_ACCESS_KEY_ID in your shell"),
            (&[("AWS_PROFILE", "p")], "profile `p` of AWS_PROFILE"),
            (&[("AWS_ROLE_ARN", "arn:r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/f")], "role arn:r of AWS_ROLE_ARN"),
            (&[("AWS_ROLE_ARN", "arn:r")], "profile `default`, or the role of this machine"),
        ] {
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(source_of(&value), expected, "{set:?}");
        }
    }

    #[test]
    fn knows_every_way_to_give_credentials_and_half_ways() {
        for (variables, files, expected) in [
            (vec![], "", Availability::None),
            (vec!["AWS_REGION"], "[default]\nregion = eu-central-1\n", Availability::None),
            (vec!["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "", Availability::Some),
            (vec!["AWS_ACCESS_KEY_ID"], "", Availability::Half("AWS_SECRET_ACCESS_KEY")),
            (vec!["AWS_SECRET_ACCESS_KEY"], "", Availability::Half("AWS_ACCESS_KEY_ID")),
            (vec!["AWS_WEB_IDENTITY_TOKEN_FILE"], "", Availability::Half("AWS_ROLE_ARN")),
            (vec!["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"], "", Availability::Some),
            (vec!["AWS_ROLE_ARN"], "", Availability::None),
            (vec!["AWS_PROFILE"], "", Availability::Some),
            (vec!["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "", Availability::Some),
            (vec![], "[default]\naws_access_key_id=x\n", Availability::Some),
            (vec![], "[profile a]\n  sso_session = s\n", Availability::Some),
        ] {
            let sources = Sources { variables: variables.iter().map(|name| (*name).to_owned()).collect(), files: files.to_owned() };
            assert_eq!(find(&sources), expected, "{variables:?} {files}");
        }
    }
}
