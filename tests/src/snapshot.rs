//! Everything below a directory as it is now: equal before and after means that nothing was touched.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What is at a path: a link's target, or a file's permissions and content; a directory's permissions alone.
pub type Snapshot = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// Reads every directory of `roots`, links not followed.
pub fn of(roots: &[&Path]) -> Snapshot {
    let mut snapshot = Snapshot::new();
    roots.iter().for_each(|root| read(root, &mut snapshot));
    snapshot
}

/// Fails the test with the names of what is another now.
#[track_caller]
pub fn assert_same(before: &Snapshot, after: &Snapshot) {
    let paths = before.keys().chain(after.keys());
    let mut changed: Vec<&PathBuf> = paths.filter(|path| before.get(*path) != after.get(*path)).collect();
    changed.dedup();
    assert!(changed.is_empty(), "changed: {changed:?}");
}

fn read(path: &Path, snapshot: &mut Snapshot) {
    let Ok(metadata) = path.symlink_metadata() else {
        return;
    };
    let content = if metadata.is_symlink() {
        fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()
    } else if metadata.is_file() {
        fs::read(path).unwrap()
    } else {
        fs::read_dir(path).unwrap().for_each(|entry| read(&entry.unwrap().path(), snapshot));
        Vec::new()
    };
    snapshot.insert(path.to_owned(), (metadata.permissions().mode(), content));
}
