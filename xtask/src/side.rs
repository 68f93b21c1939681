//! Which side an environment is on that can be on either: what Terraform will take for the variable that decides.

use std::{env, fs};

use serde_json::Value as Json;
use terraform_config::variable;

use crate::config::Sides;
use crate::environment::Environment;
use crate::failure::Failure;

/// Leaves in the policy only the side that is chosen. Another value than the two is for Terraform to refuse.
///
/// # Errors
/// An emulator is asked for on the side that has nothing of AWS; what was applied is on the other side.
pub(crate) fn choose(environment: &mut Environment) -> Result<(), Failure> {
    let Some(sides) = environment.policy.sides.clone() else {
        return Ok(());
    };
    let typed = env::var(format!("TF_VAR_{}", sides.variable)).ok();
    let value = variable(&environment.directory, &sides.variable, typed.as_deref()).and_then(|value| value.as_string());
    environment.policy.docker = value.as_ref() == Some(&sides.docker);
    environment.policy.aws = value.as_ref() == Some(&sides.aws);
    if environment.emulated && !environment.policy.aws {
        return Err(Failure::usage(format!("`{}` is on Docker, and has nothing of AWS that could be emulated", environment.name))
            .hint(format!("leave --emulated out, or set {} = \"{}\" in terraform.tfvars", sides.variable, sides.aws)));
    }
    match applied(environment) {
        Some(applied) if value.as_ref().is_some_and(|value| *value != applied) => Err(flipped(environment, &sides, &applied)),
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
