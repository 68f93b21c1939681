//! Files that only their owner can read and that are written whole or not at all.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;
use std::process;

use anyhow::{Context, Result};
use tempfile::{Builder, NamedTempFile, TempDir};

/// How the name ends of what is being written: `.NAME.PID.XXXXXX.new`.
const UNFINISHED: &str = ".new";
/// How many characters of that name are random.
const RANDOM: usize = 6;

/// Writes `content` to `path`, mode 0600: beside it first, then renamed, so that a reader sees the old or the new. What runs that
/// were killed have left in that directory goes.
///
/// # Errors
/// The directory cannot be made or the file not written (disk full, no permission).
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)?;
    sweep(directory);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // tempfile creates with mode 0600.
    let made = claimed(|| {
        let file = unfinished(&name, |builder| builder.tempfile_in(directory))?;
        Ok((file.reopen()?, file))
    });
    let (_lock, mut file): (File, NamedTempFile) = made.with_context(|| format!("writing in {}", directory.display()))?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).with_context(|| format!("writing {}", path.display()))?;
    file.persist(path).with_context(|| format!("writing {}", path.display()))?;
    Ok(())
}

/// Makes something of a name that `sweep` knows.
fn unfinished<T>(name: &str, make: impl FnOnce(&mut Builder) -> io::Result<T>) -> io::Result<T> {
    let prefix = format!(".{name}.{}.", process::id());
    make(Builder::new().prefix(&prefix).suffix(UNFINISHED).rand_bytes(RANDOM))
}

/// What `make` makes, and opens, with a lock on it: the kernel's, which ends with its holder whatever becomes of the number of the
/// process. A sweep between the two takes what was made for abandoned: then it is made again.
fn claimed<T>(make: impl Fn() -> io::Result<(File, T)>) -> io::Result<(File, T)> {
    const ATTEMPTS: usize = 100;
    let mut attempts = 0;
    loop {
        attempts += 1;
        match make() {
            Ok((file, made)) => match file.try_lock() {
                Ok(()) if file.metadata()?.nlink() > 0 => return Ok((file, made)),
                // A file system without locks: no sweep gets one there either.
                Err(TryLockError::Error(_)) => return Ok((file, made)),
                _ => {}
            },
            Err(error) if error.kind() == ErrorKind::NotFound && attempts < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes what runs that are no more were writing in `directory`. What cannot be removed is in nobody's way.
pub(crate) fn sweep(directory: &Path) {
    for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
        let Ok(kind) = entry.file_type() else { continue };
        if !is_unfinished(&entry.file_name().to_string_lossy()) || kind.is_symlink() {
            continue;
        }
        let path = entry.path();
        let lock = File::open(&path).ok().filter(|file| file.try_lock().is_ok());
        if lock.is_some() {
            let _ = if kind.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

fn is_unfinished(name: &str) -> bool {
    let parts = || name.strip_prefix('.')?.strip_suffix(UNFINISHED)?.rsplit_once('.');
    parts().is_some_and(|(before, random)| {
        let writer = before.rsplit_once('.').map_or("", |(_, writer)| writer);
        let is_number = !writer.is_empty() && writer.bytes().all(|byte| byte.is_ascii_digit());
        is_number && random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Makes a directory and those above it; what is made is 0700, what exists stays as it is.
///
/// # Errors
/// It cannot be made.
pub(crate) fn create_directory(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| format!("making the directory {}", path.display()))
}

/// A directory for a moment, 0700: it goes with all in it when this is dropped.
#[derive(Debug)]
pub(crate) struct TemporaryDirectory {
    place: TempDir,
    _lock: File,
}

impl TemporaryDirectory {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }
}

/// Makes one in `directory`, where the next run finds it if this one is killed.
///
/// # Errors
/// It cannot be made.
pub(crate) fn temporary_directory(directory: &Path, name: &str) -> Result<TemporaryDirectory> {
    create_directory(directory)?;
    sweep(directory);
    let private = Permissions::from_mode(0o700);
    let made = claimed(|| {
        let place = unfinished(name, |builder| builder.permissions(private.clone()).tempdir_in(directory))?;
        Ok((File::open(place.path())?, place))
    });
    let (lock, place) = made.with_context(|| format!("making a temporary directory in {}", directory.display()))?;
    Ok(TemporaryDirectory { place, _lock: lock })
}

/// Takes other people's access to an existing file away.
///
/// # Errors
/// It is not ours to change.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o600))
        .with_context(|| format!("taking other people's access away from {}", path.display()))
}

/// Removes a file that may not be there, and what killed runs have left beside it.
///
/// # Errors
/// It is there and cannot be removed.
pub(crate) fn remove(path: &Path) -> Result<()> {
    path.parent().map(sweep);
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).with_context(|| format!("removing {}", path.display())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{remove, sweep, temporary_directory, write};
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = directory.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn writes_privately_replaces_whole_and_removes_what_may_be_missing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/secret");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(names(path.parent().unwrap()), ["secret"], "no half-written file stays behind");
        remove(&path).unwrap();
        remove(&path).unwrap();
    }

    /// What writers leave that were killed, and what looks like it: names, and whether each is to go.
    fn left(directory: &Path) -> Vec<String> {
        // The number in the name is a living process': numbers are used again, and a zombie keeps its own.
        let living = process::id();
        let (file, copy) = (format!(".secret.{living}.aB3xYz.new"), format!(".state.{living}.aB3xYz.new"));
        let under_way = format!(".other.{living}.zYx3Ba.new");
        for name in
            [file.as_str(), &under_way, ".env.new", ".env.local.new", ".secret.x.aB3xYz.new", ".secret.1.aB3xYz.old", "7.aB3xYz.new"]
        {
            fs::write(directory.join(name), "half").unwrap();
        }
        fs::create_dir(directory.join(&copy)).unwrap();
        fs::write(directory.join(&copy).join("state"), "half").unwrap();
        vec![file, copy]
    }

    #[test]
    fn whatever_is_done_in_a_directory_what_killed_writers_have_left_there_goes_and_nothing_else() {
        type Doing = fn(&Path);
        let writing: Doing = |directory| write(&directory.join("other"), b"whole").unwrap();
        let removing: Doing = |directory| remove(&directory.join("missing")).unwrap();
        let copying: Doing = |directory| drop(temporary_directory(directory, "state").unwrap());
        for (what, doing) in [("write", writing), ("remove", removing), ("temporary_directory", copying), ("sweep", sweep)] {
            let directory = tempfile::tempdir().unwrap();
            let gone = left(directory.path());
            let under_way = File::open(directory.path().join(format!(".other.{}.zYx3Ba.new", process::id()))).unwrap();
            under_way.lock().unwrap();
            let mut expected = names(directory.path());
            expected.retain(|name| !gone.contains(name));
            doing(directory.path());
            let mut now = names(directory.path());
            now.retain(|name| name != "other");
            assert_eq!(now, expected, "{what}");
        }
    }

    #[test]
    fn a_directory_in_use_stays_and_goes_when_it_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let place = temporary_directory(directory.path(), "state").unwrap();
        assert_eq!(place.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        sweep(directory.path());
        assert!(place.path().exists());
        drop(place);
        assert_eq!(names(directory.path()), Vec::<String>::new());
    }

    #[test]
    fn many_may_write_one_file_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..25).for_each(|_| write(&path, b"whole").unwrap()));
            }
        });
        assert_eq!((fs::read(&path).unwrap(), names(directory.path())), (b"whole".to_vec(), vec!["secret".to_owned()]));
    }
}
