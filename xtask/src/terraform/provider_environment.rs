//! The engine and the AWS that Terraform's providers reach, as variables of its environment.

use crate::docker::endpoint::Endpoint;
use crate::project::instance::Aws;

/// The engine and the AWS that a run works with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProviderEnvironment {
    /// The Docker engine, for an environment that needs it.
    pub(crate) endpoint: Option<Endpoint>,
    /// Where on AWS, for an environment that needs it.
    pub(crate) aws: Option<Aws>,
}

impl ProviderEnvironment {
    /// True where the caller's own credentials are to be used.
    pub(crate) fn uses_own_credentials(&self) -> bool {
        self.aws.as_ref().is_some_and(|aws| aws.emulator.is_none())
    }

    /// The variables to set.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = Vec::new();
        if let Some(endpoint) = &self.endpoint {
            // The provider reads DOCKER_HOST and knows nothing of the client's contexts.
            variables.push(("DOCKER_HOST", endpoint.host().to_owned()));
        }
        let Some(aws) = &self.aws else {
            return variables;
        };
        variables.push(("AWS_REGION", aws.region.clone()));
        if let Some(emulator) = &aws.emulator {
            // For all services at once, which is faster than an `endpoints` block. An emulator takes any credentials; files
            // and the metadata service, which could hold real ones, are shut out.
            for (name, value) in [
                ("AWS_ENDPOINT_URL", emulator.endpoint.as_str()),
                ("AWS_ACCESS_KEY_ID", "emulated"),
                ("AWS_SECRET_ACCESS_KEY", "emulated"),
                ("AWS_CONFIG_FILE", "/dev/null"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
            ] {
                variables.push((name, value.to_owned()));
            }
        }
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, ProviderEnvironment};
    use crate::project::instance::{Aws, EmulatedAws};

    #[test]
    fn an_emulator_gets_no_credentials_of_the_callers() {
        let aws = |emulator: Option<&str>| {
            let emulator = emulator.map(|endpoint| EmulatedAws { endpoint: endpoint.to_owned(), account: "0".to_owned() });
            Some(Aws { region: "r".to_owned(), allowed_account_ids: Vec::new(), emulator })
        };
        let endpoint = Some(Endpoint::at("unix:///s"));
        for (reach, own, expected) in [
            (ProviderEnvironment { endpoint, aws: None }, false, "DOCKER_HOST=unix:///s"),
            (ProviderEnvironment { endpoint: None, aws: aws(None) }, true, "AWS_REGION=r"),
            (
                ProviderEnvironment { endpoint: None, aws: aws(Some("http://e")) },
                false,
                "AWS_REGION=r AWS_ENDPOINT_URL=http://e AWS_ACCESS_KEY_ID=emulated AWS_SECRET_ACCESS_KEY=emulated \
                 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true",
            ),
        ] {
            let variables: Vec<_> = reach.variables().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!((reach.uses_own_credentials(), variables.join(" ").as_str()), (own, expected));
        }
    }
}
