//! Taking away what a killed test run has left: its copies are locked while it lives, and free after.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Once;

use crate::docker;
use crate::own_engine;
use crate::small_disk::unmount_below;
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
        let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().filter_map(Result::ok);
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
    let below = |directory: &Path| fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok).collect::<Vec<_>>();
    for copy in below(place) {
        for environment in below(&copy.path().join("infrastructure/environments")) {
            for file in below(&environment.path().join(".instances")) {
                let Some(instance) = file.file_name().to_str().and_then(|name| name.strip_suffix(".json")).map(ToOwned::to_owned) else {
                    continue;
                };
                let environment = environment.file_name();
                Xtask::in_directory(copy.path()).infra(&["destroy", &environment.to_string_lossy(), "--instance", &instance, "--yes"]);
                docker::remove_instance(&instance);
            }
        }
    }
    own_engine::clear(place);
    unmount_below(place);
    let _ = fs::remove_dir_all(place);
}
