//! Files that only their owner can read and that are written whole or not at all.

use std::fs::{self, DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::process;

use anyhow::{Context, Result};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use tempfile::TempDir;

/// How a file ends that is being written.
const UNFINISHED: &str = ".new";

/// Writes `content` to `path`, mode 0600: beside it first, then renamed, so that a reader sees the old or the new. What a run that
/// was killed meanwhile has left of an earlier attempt goes.
///
/// # Errors
/// The directory cannot be made or the file not written (disk full, no permission).
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)?;
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    remove_abandoned(directory, &prefix);
    // tempfile creates with mode 0600.
    let file = tempfile::Builder::new().prefix(&format!("{prefix}{}.", process::id())).suffix(UNFINISHED).tempfile_in(directory);
    let mut file = file.with_context(|| format!("writing in {}", directory.display()))?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).with_context(|| format!("writing {}", path.display()))?;
    file.persist(path).with_context(|| format!("writing {}", path.display()))?;
    Ok(())
}

/// Removes files of `write` whose writer, whose number is in the name, is no more. One that cannot be removed is in nobody's way.
fn remove_abandoned(directory: &Path, prefix: &str) {
    for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name();
        let unfinished = name.to_str().and_then(|name| name.strip_prefix(prefix)?.strip_suffix(UNFINISHED)?.split_once('.'));
        let writer = unfinished.and_then(|(writer, _)| Pid::from_raw(writer.parse().ok()?));
        // It exists as well when it is another user's.
        if writer.is_some_and(|writer| test_kill_process(writer) == Err(Errno::SRCH)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes a directory and those above it; what is made is 0700, what exists stays as it is.
///
/// # Errors
/// It cannot be made.
pub(crate) fn create_directory(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| format!("making the directory {}", path.display()))
}

/// Makes a directory, 0700, that goes with all in it when it is dropped.
///
/// # Errors
/// It cannot be made.
pub(crate) fn temporary_directory() -> Result<TempDir> {
    let private = Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(private).tempdir().context("making a temporary directory")
}

/// Takes other people's access to an existing file away.
///
/// # Errors
/// It is not ours to change.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o600))
        .with_context(|| format!("taking other people's access away from {}", path.display()))
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

    #[test]
    fn what_a_killed_writer_has_left_goes_and_what_is_being_written_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        // Numbers go up to 4194304 (pid_max in proc(5)).
        let (abandoned, others, under_way) =
            (".secret.4194305.a.new", ".secrets.4194305.a.new", format!(".secret.{}.a.new", std::process::id()));
        for name in [abandoned, others, &under_way] {
            std::fs::write(directory.path().join(name), "half").unwrap();
        }
        write(&path, b"whole").unwrap();
        let mut names: Vec<String> =
            directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, [under_way.as_str(), others, "secret"]);
    }
}
