//! What of AWS an instance may reach, and what has to hold before Terraform is let near it.

pub(crate) mod caller;
pub(crate) mod credentials;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::roots;

/// What Terraform may reach of AWS: infra.toml's policy, or an emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aws {
    /// The only region.
    pub(crate) region: String,
    /// The only accounts.
    pub(crate) allowed_account_ids: Vec<String>,
    /// The emulator, when one stands in for AWS.
    pub(crate) emulator: Option<EmulatedAws>,
}

/// An emulator of AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EmulatedAws {
    /// Where it answers, for every service of AWS.
    pub(crate) endpoint: String,
    /// The account that it answers for.
    pub(crate) account: String,
}

/// The fifth part of `arn:aws:iam::123456789012:role/name`.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// Looks for credentials and for the accounts that infra.toml allows: both are known here at once, and by AWS only after
/// seconds.
///
/// # Errors
/// One of them is missing.
pub(crate) fn require(environment: &Environment) -> Result<()> {
    if !environment.reaches_aws() {
        return Ok(());
    }
    credentials::require(environment)?;
    if environment.policy.allowed_account_ids.is_empty() {
        return Err(Failure::refused(format!("infra.toml allows `{}` no AWS account", environment.name))
            .hint(format!(
                "write the 12 digits of the right one into `allowed_account_ids` of {}: Terraform then refuses any other",
                roots::table(&environment.name)
            ))
            .into());
    }
    Ok(())
}
