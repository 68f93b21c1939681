//! Taking away what a killed test run has left: its copies are locked while it lives, and free after.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Once;

use crate::docker;
use crate::own_engine;
use crate::small_disk::unmount_below;
use crate::temporary;
use crate::xtask::Xtask;

/// How the directories of copies begin.
pub(crate) const PREFIX: &str = "infra-tests-";

const LOCK: &str = "in-use";

/// Marks a directory as in use while the returned file is open.
pub(crate) fn claim(place: &Path) -> File {
    // Locked before it has its name: nobody finds one that is free and in use.
    let unnamed = place.join("new");
    let lock = File::create(&unnamed).unwrap();
    lock.lock().unwrap();
    fs::rename(unnamed, place.join(LOCK)).unwrap();
    lock
}

/// Looks for leftovers, once in this process.
pub(crate) fn once() {
    static SWEPT: Once = Once::new();
    SWEPT.call_once(|| {
        let entries = temporary::parents().into_iter().flat_map(fs::read_dir).flatten().filter_map(Result::ok);
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
            let Ok(lock) = File::open(entry.path().join(LOCK)) else {
                continue;
            };
            if lock.try_lock().is_ok() {
                remove(&entry.path());
            }
        }
    });
}

/// Destroys the instances of every copy in `place`, then the place. What cannot be removed stays for the next run.
fn remove(place: &Path) {
    for copy in below(place) {
        for environment in below(&copy.join("infrastructure/environments")) {
            destroy_instances(&copy, &environment, ".instances", &["--yes"]);
            destroy_instances(&copy, &environment, ".emulated", &["--yes", "--emulated"]);
        }
    }
    own_engine::clear(place);
    unmount_below(place);
    let _ = fs::remove_dir_all(place);
}

/// Destroys the instances that have a file in `directory` of an environment.
fn destroy_instances(copy: &Path, environment: &Path, directory: &str, options: &[&str]) {
    let environment_name = environment.file_name().unwrap_or_default().to_string_lossy();
    for file in below(&environment.join(directory)) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let Some(instance) = name.strip_suffix(".json") else {
            continue;
        };
        Xtask::in_directory(copy).infra(&[&["destroy", &environment_name, "--instance", instance], options].concat());
        if is_a_tests_own(instance) {
            docker::remove_instance(instance);
        }
    }
}

fn below(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect()
}

/// True for a name that `stack::unique` has made. What has another, `default` above all, is a person's own in other checkouts
/// too, and Docker's labels would not tell theirs from the copy's.
fn is_a_tests_own(instance: &str) -> bool {
    instance.starts_with("t-")
        && instance.rsplit('-').next().is_some_and(|suffix| suffix.len() == 8 && suffix.chars().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_a_tests_own;
    use crate::stack::unique;

    #[test]
    fn only_what_a_test_has_made_is_removed_by_its_name() {
        assert!(is_a_tests_own(&unique("t-theme")));
        for other in ["default", "pr-12", "t", "t-mine"] {
            assert!(!is_a_tests_own(other), "{other}");
        }
    }
}
