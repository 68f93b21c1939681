//! State, plans and secrets in git.

use std::path::{Path, PathBuf};

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::report::quoting::shell_quoted;

pub(crate) const TRACKED: Guard = Guard {
    name: "state-in-git",
    looks_at: "git's index: states, plans, data directories, instance files",
    danger: "they hold secrets, and a state that comes back with a checkout is an old one that destroys what is newer",
    can_be_allowed: true,
    only_in_check: false,
    find: find_tracked,
};

pub(crate) const HISTORY: Guard = Guard {
    name: "state-in-history",
    looks_at: "states, plans and instance files that commits have added since history_since of infra.toml",
    danger: "what was committed once, everybody who clones has, removed or not",
    can_be_allowed: true,
    only_in_check: false,
    find: find_in_history,
};

fn find_tracked(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let Some(tracked) = &facts.tracked else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if let Some(why) = &tracked.mistake {
        let place = Place { file: facts.root.join(".git"), line: 1 };
        let hint = "make `git ls-files` work here: until then nobody knows whether a state or a secret is in it";
        findings.push(guard.refusal(&[], place, format!("git does not say what it tracks: {why}"), hint));
    }
    for file in tracked.files.iter().filter(|file| is_private(file)) {
        let path = file.to_string_lossy();
        let environment = environment_of(facts, file);
        let place = Place { file: facts.root.join(file), line: 1 };
        let (root, quoted) = (shell_quoted(&facts.root.to_string_lossy()), shell_quoted(&path));
        let hint = format!("`git -C {root} rm --cached {quoted}`, commit that, and change what was secret in it: the history keeps it");
        findings.push(guard.refusal(&environment.into_iter().collect::<Vec<_>>(), place, format!("git tracks {path}"), hint));
    }
    findings
}

fn find_in_history(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let Some(history) = &facts.history else {
        return Vec::new();
    };
    let since = &history.since;
    let Some(added) = &history.added else {
        let place = Place { file: facts.root.join("infrastructure/infra.toml"), line: 1 };
        let hint = "correct history_since; a CI job that clones only the last commit needs the whole history (fetch-depth: 0)";
        return vec![guard.refusal(&[], place, format!("git does not know {since}, the baseline of its history"), hint)];
    };
    let private = added.iter().filter(|(file, _)| is_private(file));
    let finding = |(file, commit): &(PathBuf, String)| {
        let path = file.to_string_lossy();
        let what = format!("git's history since {since} has {path} (commit {})", commit.get(..12).unwrap_or(commit));
        let hint = "change what was secret in it; then take the file out of the history, or move history_since past it";
        let place = Place { file: facts.root.join(file), line: 1 };
        guard.refusal(&environment_of(facts, file).into_iter().collect::<Vec<_>>(), place, what, hint)
    };
    private.map(finding).collect()
}

/// What holds secrets or belongs to one machine, by its path.
fn is_private(file: &Path) -> bool {
    const DIRECTORIES: [&str; 4] = [".terraform", ".instances", ".emulated", "terraform.tfstate.d"];
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.components().any(|part| DIRECTORIES.iter().any(|private| part.as_os_str() == *private))
        || name.ends_with(".tfstate")
        || name.contains(".tfstate.")
        || is_plan(&name)
}

/// The names that people give to saved plans, and to what `show -json` makes of one.
pub(crate) fn is_plan(name: &str) -> bool {
    let stem = name.trim_end_matches(".json");
    stem.ends_with("tfplan") || name.ends_with(".tfplan.provenance") || name.ends_with(".plan") || name == "plan.out"
}

/// The environment that a path, relative to the checkout, belongs to.
fn environment_of<'a>(facts: &'a Facts, file: &Path) -> Option<&'a str> {
    let path = facts.root.join(file);
    facts.environments.iter().find(|environment| path.starts_with(&environment.directory)).map(|environment| environment.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_private;
    use std::path::Path;

    #[test]
    fn private_files_are_known_by_their_paths() {
        for (path, expected) in [
            ("e/terraform.tfstate", true),
            ("e/terraform.tfstate.17.backup", true),
            ("e/.instances/default.json", true),
            ("e/x.tfplan", true),
            ("e/main.tf", false),
            ("e/tests/instances/default.json", false),
            ("e/state.tfbackend", false),
        ] {
            assert_eq!(is_private(Path::new(path)), expected, "{path}");
        }
    }
}
