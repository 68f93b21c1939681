//! What an environment's resources are made on: decided once, from what infra.toml declares and how the run was called.

use std::env;
use std::path::Path;

use terraform_config::variable;

use super::infra_toml::{Policy, Sides};

/// What resources are made on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// Containers on a Docker engine, by Terraform.
    pub(crate) docker: bool,
    /// Services of AWS, or of the emulator in its place.
    pub(crate) aws: bool,
    /// An emulator stands in for AWS. What belongs to it is in files of its own, so that it never meets the real one's.
    pub(crate) emulated: bool,
}

impl Target {
    /// What `policy` declares; of an environment that can be on either side, the side that Terraform will take. Neither where the
    /// variable that chooses has another value, which is for Terraform to refuse.
    pub(crate) fn of(policy: &Policy, directory: &Path, emulated: bool) -> Self {
        match &policy.sides {
            None => Self { docker: policy.docker, aws: policy.aws, emulated },
            Some(sides) => {
                let chosen = chosen(sides, directory);
                Self { docker: chosen.as_ref() == Some(&sides.docker), aws: chosen.as_ref() == Some(&sides.aws), emulated }
            }
        }
    }
}

/// What the variable that chooses between `sides` is set to.
pub(crate) fn chosen(sides: &Sides, directory: &Path) -> Option<String> {
    let typed = env::var(format!("TF_VAR_{}", sides.variable)).ok();
    variable(directory, &sides.variable, typed.as_deref()).and_then(|value| value.as_string())
}
