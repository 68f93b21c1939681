//! Files that only their owner can read and that are written whole or not at all.

use std::fs::{self, DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result};

/// Writes `content` to `path`, mode 0600: beside it first, then renamed, so that a reader sees the old or the new.
///
/// # Errors
/// The directory cannot be made or the file not written (disk full, no permission).
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)?;
    // tempfile creates with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory).with_context(|| format!("writing in {}", directory.display()))?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).with_context(|| format!("writing {}", path.display()))?;
    file.persist(path).with_context(|| format!("writing {}", path.display()))?;
    Ok(())
}

/// Makes a directory and those above it; what is made is 0700, what exists stays as it is.
///
/// # Errors
/// It cannot be made.
pub(crate) fn create_directory(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| format!("making the directory {}", path.display()))
}

/// Takes other people's access to an existing file away.
///
/// # Errors
/// It is not ours to change.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o600)).with_context(|| format!("making {} private", path.display()))
}

/// Removes a file that may not be there.
///
/// # Errors
/// It is there and cannot be removed.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).with_context(|| format!("removing {}", path.display())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{remove, write};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn writes_privately_replaces_whole_and_removes_what_may_be_missing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/secret");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1, "no half-written file stays behind");
        remove(&path).unwrap();
        remove(&path).unwrap();
    }
}
