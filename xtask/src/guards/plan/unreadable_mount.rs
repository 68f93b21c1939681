//! Files of this machine that a container reads, and may not: SQL files made under a umask of 077.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{PlanGuard, When};
use crate::host::error::Failure;
use crate::host::quoting::shell_quoted;
use crate::terraform::plan::{Action, Plan};

/// Refuses a first start from files that it cannot read. With its data made already, a container does not read them again.
pub(super) const GUARD: PlanGuard = PlanGuard {
    name: "unreadable-mount",
    danger: "the container would start from nothing, or not at all",
    can_be_allowed: false,
    when: When::Applied,
    find: |facts| if facts.docker.mounts_our_files { find(facts.plan) } else { None },
};

/// What a container's process, which is another user, needs to list a directory and to read a file.
const LIST: u32 = 0o005;
const READ: u32 = 0o004;

fn find(plan: &Plan) -> Option<Failure> {
    let made = |action| matches!(action, Action::Create | Action::Replace);
    for change in plan.changes.iter().filter(|change| change.kind == "docker_container" && made(change.action)) {
        let mounts = change.after.get("mounts").and_then(Value::as_array).into_iter().flatten();
        // A volume that is yet to be made has no id, which is what it is mounted by.
        let (binds, volumes): (Vec<_>, Vec<_>) = mounts.partition(|mount| mount["type"] == "bind");
        if volumes.iter().any(|volume| volume["source"].is_null()) {
            let sources = binds.iter().filter_map(|bind| bind["source"].as_str());
            if let Some((directory, closed)) =
                sources.map(Path::new).map(|source| (source, closed(source))).find(|(_, closed)| !closed.is_empty())
            {
                return Some(refusal(&change.attribute_after("name").unwrap_or_default(), directory, &closed));
            }
        }
    }
    None
}

/// The directory and the SQL files in it that others may not read. What does not exist is for Docker to complain of.
fn closed(directory: &Path) -> Vec<PathBuf> {
    let lacks = |path: &Path, bits: u32| path.metadata().is_ok_and(|found| found.permissions().mode() & bits != bits);
    let is_sql = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "sql");
    let files = directory.read_dir().into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).filter(is_sql);
    let mut closed: Vec<PathBuf> = files.filter(|file| lacks(file, READ)).collect();
    closed.sort();
    if lacks(directory, LIST) {
        closed.insert(0, directory.to_owned());
    }
    closed
}

fn refusal(container: &str, directory: &Path, closed: &[PathBuf]) -> Failure {
    let shown = closed.iter().map(|path| {
        let mode = path.metadata().map(|found| found.permissions().mode() & 0o7777).unwrap_or_default();
        format!("{} (mode {mode:04o})", path.display())
    });
    let is_ours =
        directory.metadata().is_ok_and(|found| rustix::process::geteuid().is_root() || found.uid() == rustix::process::geteuid().as_raw());
    let sudo = if is_ours { "" } else { "sudo " };
    let quoted: Vec<String> = closed.iter().map(|path| shell_quoted(&path.to_string_lossy())).collect();
    // X: to enter directories, and to execute no files.
    Failure::refused(format!("`{container}` may not read what it is to start from: it runs as another user"))
        .details(shown)
        .hint(format!("let others read it: `{sudo}chmod o+rX {}`", quoted.join(" ")))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::find;
    use crate::terraform::plan::{Action, Change, Plan};

    #[test]
    fn what_a_first_start_cannot_read_is_refused_with_the_command_that_opens_it() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("my sql");
        fs::create_dir(&directory).unwrap();
        let set = |name: &str, mode: u32| fs::set_permissions(directory.join(name), Permissions::from_mode(mode)).unwrap();
        for name in ["a.sql", "notes.txt"] {
            fs::write(directory.join(name), "").unwrap();
        }
        let judged = |volume: serde_json::Value, action| {
            let mounts = json!([{"type": "volume", "source": volume}, {"type": "bind", "source": directory}]);
            let after = json!({"name": "c", "mounts": mounts});
            let change =
                Change { address: "c".to_owned(), kind: "docker_container".to_owned(), action, before: json!(null), after, imported: None };
            find(&Plan::of(vec![change])).map(|failure| failure.to_string())
        };
        for (directory_mode, file_mode, expected) in [
            (0o755, 0o644, None),
            (0o700, 0o644, Some(format!("`chmod o+rX '{}'`", directory.display()))),
            (0o755, 0o640, Some(format!("`chmod o+rX '{}/a.sql'`", directory.display()))),
            (0o700, 0o600, Some(format!("`chmod o+rX '{0}' '{0}/a.sql'`", directory.display()))),
        ] {
            set(".", directory_mode);
            set("a.sql", file_mode);
            set("notes.txt", 0o600);
            let refusal = judged(json!(null), Action::Create);
            assert_eq!(refusal.is_some(), expected.is_some(), "{directory_mode:o} {file_mode:o}: {refusal:?}");
            assert!(refusal.unwrap_or_default().contains(&expected.unwrap_or_default()));
            assert_eq!(judged(json!("data"), Action::Replace), None, "its data is made already");
            assert_eq!(judged(json!(null), Action::None), None);
        }
    }
}
