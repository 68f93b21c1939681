//! A variable file of one environment that was copied into another, and still says whose it is.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::facts::code::{Block, Value};
use super::finding::{Finding, Guard};
use super::version_control::is_secret;

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
    let mut first_user: BTreeMap<Vec<(&str, &str)>, (&str, &Block)> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut first_setter: BTreeMap<(&str, &str), (&str, &Block)> = BTreeMap::new();
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
                    let mut telling = content.iter().filter(|(name, value)| is_others(name, value, &environment.name, &names));
                    let copied =
                        telling.find_map(|pair| Some((pair.0, first_setter.get(pair).filter(|(other, _)| *other != environment.name)?)));
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
                        first_setter.entry(*pair).or_insert((&environment.name, file));
                    }
                    first_user.insert(content, (&environment.name, file));
                }
            }
        }
    }
    findings
}

fn content(file: &Block) -> Vec<(&str, &str)> {
    let text = |value| match value {
        &(Value::Text(ref text) | Value::Expression(ref text), _) => text.as_str(),
    };
    file.attributes.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

fn tells_whose(name: &str, value: &str, environments: &[&str]) -> bool {
    let is_set = !matches!(value, "" | "null" | "{}" | "[]");
    let words = || value.split(|character: char| !character.is_ascii_alphanumeric());
    is_set && (IDENTIFYING.iter().any(|part| name.contains(part)) || words().any(|word| environments.contains(&word)))
}

/// True for a secret, and for a value with another environment's name in it.
fn is_others(name: &str, value: &str, environment: &str, environments: &[&str]) -> bool {
    let mut words = value.split(|character: char| !character.is_ascii_alphanumeric());
    let is_set = !matches!(value, "" | "null" | "{}" | "[]");
    is_set && (is_secret(name, value) || words.any(|word| word != environment && environments.contains(&word)))
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
