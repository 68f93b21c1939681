//! One writer at a time, by a lock of the operating system: it is free again however its holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{console, private_file, shutdown};

/// Between two attempts at a lock that another process holds.
const POLL: Duration = Duration::from_millis(50);

/// A held lock; released when dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
}

impl FileLock {
    /// Takes the lock at `path`; when another process holds it, says so once and waits.
    ///
    /// # Errors
    /// The lock file cannot be made, or the run was asked to stop while it waited.
    pub(crate) fn take(path: &Path, what: &str) -> Result<Self> {
        loop {
            let lock = Self::take_file(path, what)?;
            // A holder that destroyed an instance has removed the file: a lock on it excludes nobody any more.
            if path.metadata().is_ok_and(|found| lock.file.metadata().is_ok_and(|held| held.ino() == found.ino())) {
                return Ok(lock);
            }
        }
    }

    fn take_file(path: &Path, what: &str) -> Result<Self> {
        private_file::create_directory(path.parent().unwrap_or(Path::new(".")))?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .with_context(|| format!("opening {}", path.display()))?;
        let mut holder = None;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    let holder = holder.get_or_insert_with(|| {
                        let holder = describe_holder(&mut file);
                        console::say(&format!("{what} is in use by another run{holder}; waiting for it"));
                        holder
                    });
                    shutdown::check(&format!("waiting for {what}, which another run{holder} uses"))?;
                    // Not `lock`, which a signal does not end.
                    thread::sleep(POLL);
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("locking {}", path.display())),
            }
        }
        // Only for the message too; on a full disk the lock is held without it, and `down` can make room.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { file })
    }
}

/// ` (pid 12)`; it is only for messages, which without it are shorter.
fn describe_holder(file: &mut File) -> String {
    let mut holder = String::new();
    let _ = file.read_to_string(&mut holder);
    if holder.trim().is_empty() { String::new() } else { format!(" (pid {})", holder.trim()) }
}

#[cfg(test)]
mod tests {
    use super::FileLock;

    #[test]
    fn a_second_taker_waits_for_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.lock");
        let first = FileLock::take(&path, "x").unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            let _second = FileLock::take(&path, "x").unwrap();
            sender.send(()).unwrap();
        });
        assert!(receiver.recv_timeout(std::time::Duration::from_millis(100)).is_err(), "the lock was given twice");
        drop(first);
        receiver.recv_timeout(std::time::Duration::from_secs(10)).expect("the lock was never given on");
        waiting.join().unwrap();
    }

    #[test]
    fn a_lock_whose_file_was_removed_meanwhile_is_taken_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.lock");
        let first = FileLock::take(&path, "x").unwrap();
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || FileLock::take(&path, "x").unwrap()
        });
        std::fs::remove_file(&path).unwrap();
        drop(first);
        let _second = waiting.join().unwrap();
        let again = std::fs::File::options().write(true).open(&path).unwrap();
        assert!(again.try_lock().is_err(), "the second holder locks a file that is gone");
    }
}
