//! Of an environment that can be on Docker or on AWS: the side that it was applied on is the one that it stays on.

use std::fs;

use serde_json::Value as Json;

use super::environment::Environment;
use super::infra_toml::Sides;
use super::target::chosen;
use crate::host::error::Failure;

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
    let (title, variable) = (environment.display_name(), &sides.variable);
    Failure::refused(format!("everything in the state of `{title}` has {variable} = \"{applied}\", and now it is set to the other side"))
        .details(["all of it would be removed, and made on the other side without its data"])
        .hint(format!("set {variable} = \"{applied}\" again, and then `destroy` it first; or use another --instance for the other side"))
}
