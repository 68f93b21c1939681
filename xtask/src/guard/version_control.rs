//! State, plans and secrets in git.

use super::facts::Facts;
use super::facts::code::{Place, Value};
use super::finding::{Finding, Guard};

pub(crate) const TRACKED: Guard = Guard {
    name: "state-in-git",
    looks_at: "git's index: states, plans, data directories, instance files",
    danger: "they hold secrets, and a state that comes back with a checkout is an old one that destroys what is newer",
    can_be_allowed: true,
    only_in_check: false,
    find: find_tracked,
};

pub(crate) const SECRETS: Guard = Guard {
    name: "secret-in-variables",
    looks_at: "passwords, tokens and keys written into tracked .tfvars files",
    danger: "everybody who can read the repository, now or later, can read them",
    can_be_allowed: true,
    only_in_check: false,
    find: find_secrets,
};

fn find_tracked(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let Some(tracked) = &facts.tracked else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for file in &tracked.files {
        let path = file.to_string_lossy();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_private_directory = [".terraform", ".instances", ".emulated", "terraform.tfstate.d"];
        let is_private = file.components().any(|part| is_private_directory.iter().any(|private| part.as_os_str() == *private))
            || name.ends_with(".tfstate")
            || name.contains(".tfstate.")
            || name.ends_with(".tfplan")
            || name.ends_with(".tfplan.provenance");
        if is_private {
            let environment = environment_of(facts, file);
            let place = Place { file: facts.root.join(file), line: 1 };
            let hint = format!("git rm --cached {path}, commit that, and change what was secret in it: the history keeps it");
            findings.push(guard.refusal(&environment.into_iter().collect::<Vec<_>>(), place, format!("git tracks {path}"), hint));
        }
    }
    findings
}

fn find_secrets(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let is_tracked = |file: &std::path::Path| {
        let relative = file.strip_prefix(&facts.root).unwrap_or(file);
        facts.tracked.as_ref().is_some_and(|tracked| tracked.files.iter().any(|tracked| tracked == relative))
    };
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for file in environment.variables.iter().filter_map(|file| file.as_ref().ok()).filter(|file| is_tracked(&file.place.file)) {
            for (name, (value, _)) in &file.attributes {
                let Value::Text(text) = value else { continue };
                if is_secret(name, text) {
                    let what = format!("`{name}` in {} looks like a secret", facts.shown(&file.place.file));
                    let hint = "take it out, and set it by TF_VAR_ or in an *.auto.tfvars file, which git ignores; change it, because the history keeps it";
                    findings.push(guard.refusal(&[&environment.name], file.place_of(name), what, hint));
                }
            }
        }
    }
    findings
}

/// By the name of the variable, or by the form of the value; a reference to a secret is none.
fn is_secret(name: &str, value: &str) -> bool {
    let words = ["password", "passwd", "secret", "token", "api_key", "access_key", "private_key"];
    let is_reference = name.ends_with("_arn") || name.ends_with("_name") || value.starts_with("arn:") || value.is_empty();
    let looks_like_one = value.starts_with("AKIA") && value.len() == 20 || value.contains("PRIVATE KEY-----");
    !is_reference && (looks_like_one || words.iter().any(|word| name.contains(word)))
}

/// The environment that a path, relative to the checkout, belongs to.
fn environment_of<'a>(facts: &'a Facts, file: &std::path::Path) -> Option<&'a str> {
    let path = facts.root.join(file);
    facts.environments.iter().find(|environment| path.starts_with(&environment.directory)).map(|environment| environment.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn secrets_are_known_by_name_or_form_and_references_are_none() {
        for (name, value, expected) in [
            ("db_password", "hunter2", true),
            ("anything", "AKIAIOSFODNN7EXAMPLE", true),
            ("password_secret_arn", "arn:aws:x", false),
            ("db_password", "", false),
            ("region", "eu-central-1", false),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}");
        }
    }
}
