//! What an environment's resources are made on: decided once, from what infra.toml declares and how the run was called.

use std::path::Path;
use std::{env, fs};

use serde_json::Value as Json;
use terraform_config::variable;

use crate::config::{Policy, Sides};
use crate::environment::Environment;
use crate::failure::Failure;

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

fn chosen(sides: &Sides, directory: &Path) -> Option<String> {
    let typed = env::var(format!("TF_VAR_{}", sides.variable)).ok();
    variable(directory, &sides.variable, typed.as_deref()).and_then(|value| value.as_string())
}

/// Refuses an emulator on the side that has nothing of AWS, and another side than the one of what was applied.
///
/// # Errors
/// One of the two.
pub(crate) fn require_side(environment: &Environment) -> Result<(), Failure> {
    let (Some(sides), target) = (&environment.policy.sides, environment.target) else {
        return Ok(());
    };
    if target.emulated && !target.aws {
        return Err(Failure::usage(format!("`{}` is on Docker, and has nothing of AWS that could be emulated", environment.name))
            .hint(format!("leave --emulated out, or set {} = \"{}\" in terraform.tfvars", sides.variable, sides.aws)));
    }
    let chosen = chosen(sides, &environment.directory);
    match applied(environment) {
        Some(applied) if chosen.is_some_and(|chosen| chosen != applied) => Err(flipped(environment, sides, &applied)),
        _ => Ok(()),
    }
}

/// The side of what is in the state, as the output `instance` says it; none without a state on this machine, which is then for
/// Terraform to look at, and for a damaged one, of which more is said elsewhere.
fn applied(environment: &Environment) -> Option<String> {
    let state: Json = serde_json::from_slice(&fs::read(environment.local_state_file()).ok()?).ok()?;
    state["outputs"]["instance"]["value"]["side"].as_str().map(ToOwned::to_owned)
}

fn flipped(environment: &Environment, sides: &Sides, applied: &str) -> Failure {
    let (title, variable) = (environment.title(), &sides.variable);
    Failure::refused(format!("everything in the state of `{title}` has {variable} = \"{applied}\", and now it is set to the other side"))
        .details(["all of it would be removed, and made on the other side without its data"])
        .hint(format!("set {variable} = \"{applied}\" again, and then `destroy` it first; or use another --instance for the other side"))
}
