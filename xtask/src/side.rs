//! Which side an environment is on that can be on either: what Terraform will take for the variable that decides.

use std::path::Path;
use std::{env, fs};

use serde_json::Value as Json;

use crate::config::Sides;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::guard::facts::backend::files_with_extension;
use crate::guard::facts::code::{Block, Code, Value, parse_attributes};

/// Leaves in the policy only the side that is chosen. Another value than the two is for Terraform to refuse.
///
/// # Errors
/// An emulator is asked for on the side that has nothing of AWS; what was applied is on the other side.
pub(crate) fn choose(environment: &mut Environment) -> Result<(), Failure> {
    let Some(sides) = environment.policy.sides.clone() else {
        return Ok(());
    };
    let typed = env::var(format!("TF_VAR_{}", sides.variable)).ok();
    let value = value(&environment.directory, &sides.variable, typed);
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

/// https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
fn value(directory: &Path, variable: &str, typed: Option<String>) -> Option<String> {
    let mut files = [files_with_extension(directory, "tfvars"), files_with_extension(directory, "json")].concat();
    // Those that Terraform reads without being told: these two in this order, and after them all others by their names.
    let first = ["terraform.tfvars", "terraform.tfvars.json"];
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        first.contains(&name.as_ref()) || [".auto.tfvars", ".auto.tfvars.json"].iter().any(|ending| name.ends_with(ending))
    });
    files.sort_by_key(|file| (first.iter().position(|name| file.ends_with(name)).unwrap_or(first.len()), file.clone()));
    let text = |block: &Block, name: &str| match block.attributes.get(name) {
        Some((Value::Text(text), _)) => Some(text.clone()),
        _ => None,
    };
    let written = files.iter().rev().find_map(|file| {
        let block = parse_attributes(file, &fs::read_to_string(file).ok()?).ok()?;
        text(&block, variable)
    });
    written.or(typed).or_else(|| {
        let code = Code::read(directory);
        let declared = code.of_kind("variable").filter(|block| block.labels.first().is_some_and(|name| name == variable)).last()?;
        text(declared, "default")
    })
}

#[cfg(test)]
mod tests {
    use super::value;
    use std::fs;

    #[test]
    fn the_later_file_wins_then_the_shell_then_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let now = |typed: Option<&str>| value(directory.path(), "side", typed.map(ToOwned::to_owned));
        assert_eq!(now(None), None);
        for (name, text, typed, expected) in [
            ("variables.tf", "variable \"side\" {\n  default = \"a\"\n}\n", None, "a"),
            ("other.tfvars", "side = \"never read\"\n", Some("b"), "b"),
            ("terraform.tfvars", "side = \"c\"\n", Some("b"), "c"),
            ("m.auto.tfvars", "side = \"d\"\n", Some("b"), "d"),
            ("n.auto.tfvars", "other = 1\n", None, "d"),
            ("terraform.tfvars.json", "{\"side\": \"before those\"}", None, "d"),
            ("n.auto.tfvars.json", "{\"side\": \"e\"}", None, "e"),
            ("z.json", "{\"side\": \"never read\"}", None, "e"),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
            assert_eq!(now(typed).as_deref(), Some(expected), "{name}");
        }
    }
}
