//! The directory of one build: what customize.sh finds, for every user to read.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::checkout_file;
use crate::host::digest::Digest;
use crate::host::tree;
use crate::project::user_dirs::UserDirs;

/// A directory of one build. Outside the user's own, because without root mmdebstrap's hooks run as a user who cannot enter them.
#[derive(Debug)]
pub(crate) struct BuildDirectory(tempfile::TempDir);

impl BuildDirectory {
    /// A new one; those that interrupted builds of the same image left are removed (the caller holds the image's lock).
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn open(directories: &UserDirs, engine: &str) -> Result<Self> {
        let owner = Digest::default().part(directories.cache.as_os_str().as_encoded_bytes()).finish();
        let prefix = format!("xtask-{engine}-{}-", &owner[..12]);
        let above = std::env::temp_dir();
        let entries = above.read_dir().with_context(|| format!("reading {}", above.display()))?;
        for entry in entries.filter_map(Result::ok).filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
            // Somebody else's of the same name is not ours to remove, and not in the way.
            let _ = fs::remove_dir_all(entry.path());
        }
        let place = tempfile::Builder::new().prefix(&prefix).permissions(Permissions::from_mode(0o755)).tempdir();
        let place = Self(place.with_context(|| format!("writing in {}", above.display()))?);
        fs::set_permissions(place.0.path(), Permissions::from_mode(0o755))
            .with_context(|| format!("opening {} to others", place.0.path().display()))?;
        make_directory(&place.stage())?;
        make_directory(&place.images())?;
        Ok(place)
    }

    /// $STAGE.
    pub(crate) fn stage(&self) -> PathBuf {
        self.0.path().join("stage")
    }

    /// Where the images' folder is copied to.
    pub(crate) fn images(&self) -> PathBuf {
        self.0.path().join("images")
    }
}

fn make_directory(path: &Path) -> Result<()> {
    let made = DirBuilder::new().mode(0o755).create(path).and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o755)));
    made.with_context(|| format!("making the directory {}", path.display()))
}

/// Copies a directory of the repository's with everything in it that makes up the hash of a build.
///
/// # Errors
/// Something in it cannot be read or written.
pub(crate) fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    make_directory(to)?;
    for entry in from.read_dir().with_context(|| format!("reading {}", from.display()))? {
        let entry = entry.with_context(|| format!("reading {}", from.display()))?;
        if tree::is_editors(&entry.file_name()) {
            continue;
        }
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) { copy_directory(&path, &target)? } else { copy_source(&path, &target)? }
    }
    Ok(())
}

/// Copies a program for all to execute.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn copy_program(from: &Path, to: &Path) -> Result<()> {
    let copied = fs::copy(from, to).and_then(|_| fs::set_permissions(to, Permissions::from_mode(0o755)));
    copied.with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

/// Copies a file of the repository's for all to read, and to execute when its owner may.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn copy_source(from: &Path, to: &Path) -> Result<()> {
    let content = checkout_file::read(from)?;
    let copied = fs::write(to, content).and_then(|()| {
        let executable = from.metadata()?.permissions().mode() & 0o100 != 0;
        fs::set_permissions(to, Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
    });
    copied.with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::{BuildDirectory, copy_directory};
    use crate::project::user_dirs::UserDirs;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_build_directory_is_for_all_to_read_and_what_an_interrupted_build_left_is_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let directories = UserDirs { cache: temporary.path().join("c"), state: temporary.path().join("s") };
        let source = temporary.path().join("source");
        fs::create_dir_all(source.join("sub")).unwrap();
        fs::write(source.join("sub/private"), "x").unwrap();
        std::os::unix::fs::symlink("nowhere", source.join("sub/.#private")).unwrap();
        fs::set_permissions(source.join("sub/private"), fs::Permissions::from_mode(0o700)).unwrap();

        let left = BuildDirectory::open(&directories, "redis").unwrap();
        let left = left.0.keep();
        let place = BuildDirectory::open(&directories, "redis").unwrap();
        assert!(!left.exists());
        copy_directory(&source, &place.images().join("redis")).unwrap();
        for (path, expected) in [("images", 0o755), ("images/redis/sub", 0o755), ("images/redis/sub/private", 0o755)] {
            let mode = place.0.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, expected, "{path}");
        }
    }
}
