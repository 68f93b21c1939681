//! A variable file of one environment that was copied into another, and still says whose it is.

use std::collections::BTreeMap;

use terraform_config::{Block, Value};

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::secret::is_secret;

pub(crate) const GUARD: Guard = Guard {
    name: "copied-variables",
    looks_at: "variable files with the same content in two environments, where that names one of them",
    danger: "the second environment would be made under the first one's names, or with its secrets",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

/// Parts of names of variables that say whose something is. Two environments may well share an account or a size.
const IDENTIFYING: [&str; 7] = ["owner", "environment", "instance", "bucket", "password", "secret", "token"];

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut first_user: BTreeMap<Vec<(&str, String)>, (&str, &Block)> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut first_setter: BTreeMap<(&str, String), (&str, &Block)> = BTreeMap::new();
    let names: Vec<&str> = facts.environments.iter().map(|environment| environment.name.as_str()).collect();
    for environment in &facts.environments {
        for file in environment.readable_variables() {
            let content = content(file);
            let Some((telling, _)) = content.iter().find(|(name, value)| tells_whose(name, value, &names)) else {
                continue;
            };
            match first_user.get(&content) {
                // The same file by a link is for another guard to name.
                Some((other, theirs)) if *other != environment.name && !is_one_file(theirs, file) => {
                    let what = format!(
                        "`{}` has the variables of `{other}`: {} is a copy of {}",
                        environment.name,
                        facts.shown(&file.place.file),
                        facts.shown(&theirs.place.file)
                    );
                    let hint = format!("give `{telling}`, and whatever else is its own, a value for `{}`", environment.name);
                    findings.push(guard.refusal(&[&environment.name, other], file.place_of(telling), what, hint));
                }
                Some(_) => {}
                None => {
                    // Copied, and then edited a little: what is private to the other, or names it, has stayed.
                    let copied = content.iter().find_map(|(name, value)| {
                        let first = first_setter.get(&(*name, value.clone())).filter(|(other, _)| *other != environment.name)?;
                        is_of(name, value, first.0).then_some((name, first))
                    });
                    if let Some((name, (other, theirs))) = copied.filter(|(_, (_, theirs))| !is_one_file(theirs, file)) {
                        let what = format!(
                            "`{}` has `{name}` of `{other}`: {} has it from {}",
                            environment.name,
                            facts.shown(&file.place.file),
                            facts.shown(&theirs.place.file)
                        );
                        let hint = format!("give `{name}` a value for `{}`", environment.name);
                        findings.push(guard.refusal(&[&environment.name, other], file.place_of(name), what, hint));
                    }
                    for pair in &content {
                        first_setter.entry(pair.clone()).or_insert((&environment.name, file));
                    }
                    first_user.insert(content, (&environment.name, file));
                }
            }
        }
    }
    findings
}

fn content(file: &Block) -> Vec<(&str, String)> {
    let text = |value: &Value| value.text().map_or_else(|| value.to_string(), ToOwned::to_owned);
    file.attributes.iter().map(|(name, (value, _))| (name.as_str(), text(value))).collect()
}

fn tells_whose(name: &str, value: &str, environments: &[&str]) -> bool {
    let is_set = !matches!(value, "" | "null" | "{}" | "[]");
    let words = || value.split(|character: char| !character.is_ascii_alphanumeric());
    is_set && (IDENTIFYING.iter().any(|part| name.contains(part)) || words().any(|word| environments.contains(&word)))
}

/// True for a password, which no two should share, and for a value with the name of the environment that had it first in it.
fn is_of(name: &str, value: &str, environment: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_password = ["passw", "passphrase", "pwd"].iter().any(|word| name.contains(word)) && is_secret(&name, value);
    is_password || value.split(|character: char| !character.is_ascii_alphanumeric()).any(|word| word == environment)
}

fn is_one_file(left: &Block, right: &Block) -> bool {
    let real = |block: &Block| block.place.file.canonicalize().ok();
    real(left).is_some() && real(left) == real(right)
}

#[cfg(test)]
mod tests {
    use super::tells_whose;

    #[test]
    fn names_and_values_tell_whose_a_file_is() {
        for (name, value, expected) in [
            ("owner", "4f1c7a", true),
            ("state_bucket", "b", true),
            ("domain", "staging.example.com", true),
            ("domain", "stagings.example.com", false),
            ("region", "eu-central-1", false),
            ("size", "small", false),
            ("owner", "", false),
            ("owner", "null", false),
        ] {
            assert_eq!(tells_whose(name, value, &["prod", "staging"]), expected, "{name} = {value}");
        }
    }
}
