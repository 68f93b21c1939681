//! The conditions for letting Terraform reach AWS.

pub(crate) mod caller;
pub(crate) mod credentials;

use anyhow::Result;

use crate::host::error::Failure;
use crate::project::environment::Environment;
use crate::project::roots;

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
