//! State, plans and secrets in git.

use std::path::Path;

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::facts::content::Content;
use crate::guards::facts::history::Added;
use crate::guards::facts::private_names::{is_certain, is_fetched, is_in_private_directory, is_private, private_directory};
use crate::guards::finding::{Finding, Guard, Severity, by_cause};
use crate::host::quoting::shell_quoted;

pub(crate) const TRACKED: Guard = Guard {
    name: "state-in-git",
    looks_at: "what git tracks: states, plans and what Terraform prints of them, by what they hold and by their names; data directories, instance files",
    danger: "they hold secrets, and a state that comes back with a checkout is an old one that destroys what is newer",
    can_be_allowed: true,
    find: find_tracked,
};

pub(crate) const HISTORY: Guard = Guard {
    name: "state-in-history",
    looks_at: "states, plans and instance files that commits have added, since history_since of infra.toml if that is set; other branches",
    danger: "what was committed once, everybody who clones has, removed or not",
    can_be_allowed: true,
    find: find_in_history,
};

fn find_tracked(facts: &Facts, findings: &mut Vec<Finding>) {
    let Some(tracked) = &facts.tracked else {
        return;
    };
    if let Some(why) = &tracked.mistake {
        let place = Place::top_of(facts.root.join(".git"));
        let hint = "make `git ls-files` work here: until then nobody knows whether a state or a secret is in it";
        findings.push(TRACKED.refusal(&[], place, format!("git does not say what it tracks: {why}"), hint));
    }
    // What is in one private directory is one accident, and a file outside any is one of its own.
    let private = tracked.files.iter().filter_map(|file| Some((file, told(file, tracked.content.get(file), facts.is_for_tests(file))?)));
    let root = shell_quoted(&facts.root.to_string_lossy());
    for (directory, files) in by_cause(private, |(file, _)| private_directory(file)) {
        let (file, (severity, told)) = &files[0];
        let what = format!("git tracks {}{told}{}", file.display(), and_more(&files, directory.as_deref()));
        let removed = match &directory {
            Some(directory) if files.len() > 1 => format!("-r --cached {}", shell_quoted(&directory.to_string_lossy())),
            _ => format!("--cached {}", shell_quoted(&file.to_string_lossy())),
        };
        let hint = format!("`git -C {root} rm {removed}`, commit that, and change what was secret in it: the history keeps it");
        let place = Place::top_of(facts.root.join(file));
        findings.push(TRACKED.finding(*severity, &facts.names_at(&place.file), place, what, hint));
    }
}

fn find_in_history(facts: &Facts, findings: &mut Vec<Finding>) {
    match facts.history.as_ref().map(|history| (&history.since, &history.added)) {
        None => {}
        Some((Some(since), None)) => {
            let what = format!("git does not know {since}, the baseline of its history");
            let hint = "correct history_since; a CI job that clones only the last commit needs the whole history (fetch-depth: 0)";
            findings.push(HISTORY.refusal(&[], Place::top_of(facts.root.join("infrastructure/infra.toml")), what, hint));
        }
        Some((Some(since), Some(added))) => {
            let hint = "change what was secret in it; then take the file out of the history, or move history_since past it";
            findings.extend(in_commits(facts, added.iter(), &format!("git's history since {since} has"), hint));
        }
        Some((None, added)) => {
            // Nobody has promised anything of these commits: what only may be a state by its name is none.
            let added = added.iter().flatten().filter(|(file, _)| is_certain(file) && !is_fetched(file));
            let hint =
                "change what was secret in it; then set history_since in infra.toml to a commit after it, or accept it with a reason";
            findings.extend(in_commits(facts, added, "git's history has", hint));
        }
    }
    let hint = "change what was secret in it; then take the file out of that branch's history, or delete the branch";
    findings.extend(in_commits(facts, facts.other_branches.iter(), "another branch of git's has", hint));
}

/// Files that are not there any more: of one that is, its content decides, and the other guard.
fn in_commits<'a>(facts: &Facts, added: impl Iterator<Item = &'a Added>, whose: &str, hint: &str) -> Vec<Finding> {
    let gone = added.filter(|(file, _)| is_private(file) && !facts.is_tracked(file));
    let directory = |file: &Path| private_directory(file).or_else(|| Some(file.parent()?.to_owned()));
    let findings = by_cause(gone, |(file, commit)| Some((directory(file)?, commit))).into_iter().map(|(cause, files)| {
        let (file, commit) = files[0];
        let more = and_more(&files, cause.as_ref().map(|(directory, _)| directory.as_path()));
        let what = format!("{whose} {}{more} (commit {})", file.display(), commit.get(..12).unwrap_or(commit));
        let place = Place::top_of(facts.root.join(file));
        HISTORY.refusal(&facts.names_at(&place.file), place, what, hint)
    });
    findings.collect()
}

fn and_more<T>(files: &[T], directory: Option<&Path>) -> String {
    match directory {
        Some(directory) if files.len() > 1 => format!(" and {} more in {}", files.len() - 1, directory.display()),
        _ => String::new(),
    }
}

/// How sure it is that a file is private, and what it is if its name does not say so; `None` if it is not private.
fn told(file: &Path, content: Option<&Content>, is_for_tests: bool) -> Option<(Severity, String)> {
    let certain = |told: &str| Some((Severity::Refusal, told.to_owned()));
    let suspected = |told: &str| Some((Severity::Warning, told.to_owned()));
    match content {
        _ if is_in_private_directory(file) => certain(""),
        Some(Content::State | Content::Plan | Content::Holding(_) | Content::Shown(_)) if is_private(file) => certain(""),
        Some(Content::State) => certain(", which is a state"),
        Some(Content::Plan) => certain(", which is a plan"),
        // What policies are tried on is made up, or cleaned.
        Some(Content::Shown(what)) if is_for_tests => suspected(&format!(", which looks like {what}")),
        Some(Content::Shown(what)) => certain(&format!(", which is {what}")),
        Some(Content::Log) => suspected(", which is a log of Terraform's: what it asks of providers may be in it"),
        Some(Content::Holding(name)) => certain(&format!(", which holds {name}")),
        Some(Content::Unknown | Content::PrivateKey) if is_private(file) => certain(""),
        Some(Content::Unknown | Content::PrivateKey) => None,
        None if is_certain(file) => certain(""),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Severity, told};
    use std::path::Path;

    #[test]
    fn a_file_is_private_by_its_name_or_by_what_it_holds() {
        const SURE: Severity = Severity::Refusal;
        const UNSURE: Severity = Severity::Warning;
        for (file, content, expected) in [
            ("e/terraform.tfstate", Some(Content::State), Some((SURE, ""))),
            ("e/terraform.tfstate", None, Some((SURE, ""))),
            ("e/terraform.tfstate.old", Some(Content::Unknown), Some((SURE, ""))),
            ("e/terraform.tfstate.md", None, None),
            ("e/prod.bak", Some(Content::State), Some((SURE, ", which is a state"))),
            ("e/release", Some(Content::Plan), Some((SURE, ", which is a plan"))),
            ("e/old.zip", Some(Content::Holding("a.tfstate".to_owned())), Some((SURE, ", which holds a.tfstate"))),
            ("e/x.json", Some(Content::Shown("a plan")), Some((SURE, ", which is a plan"))),
            ("e/tfplan.json", Some(Content::Shown("a plan")), Some((SURE, ""))),
            ("policy/tests/x.json", Some(Content::Shown("a plan")), Some((UNSURE, ", which looks like a plan"))),
            ("e/crash.log", Some(Content::Log), Some((UNSURE, ", which is a log of Terraform's: what it asks of providers may be in it"))),
            ("e/package.json", Some(Content::Unknown), None),
            ("e/key.pem", Some(Content::PrivateKey), None),
            ("docs/migration.plan", None, None),
            ("docs/migration.plan", Some(Content::Unknown), Some((SURE, ""))),
            ("e/.terraform/modules/modules.json", None, Some((SURE, ""))),
            ("e/main.tf", None, None),
        ] {
            let found = told(Path::new(file), content.as_ref(), file.contains("tests"));
            assert_eq!(found.as_ref().map(|(severity, told)| (*severity, told.as_str())), expected, "{file} {content:?}");
        }
    }
}
