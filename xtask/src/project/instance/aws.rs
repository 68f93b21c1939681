//! Where on AWS an instance is.

use serde::{Deserialize, Serialize};

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
