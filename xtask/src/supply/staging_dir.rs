//! Directories of unfinished work: always of the same name, so that a run removes what an interrupted one left.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::host::private_file;

/// How often removing what stands there is tried, and how long to wait between.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// An empty directory that is removed when dropped. Whoever makes one holds the lock of what is made in it.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    /// Makes it, and removes what stood there.
    ///
    /// # Errors
    /// Either fails.
    pub(crate) fn begin(path: PathBuf) -> Result<Self> {
        for attempt in 1.. {
            match fs::remove_dir_all(&path) {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::NotFound => break,
                // Children of the interrupted run may write a moment longer than it.
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && attempt < ATTEMPTS => std::thread::sleep(PAUSE),
                Err(error) => return Err(error).with_context(|| format!("removing {}", path.display())),
            }
        }
        private_file::create_directory(&path)?;
        Ok(Self(path))
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already when it was renamed; what cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Unfinished;

    #[test]
    fn begins_empty_and_leaves_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("a/.unfinished");
        std::fs::create_dir_all(path.join("left")).unwrap();
        let unfinished = Unfinished::begin(path.clone()).unwrap();
        assert_eq!(unfinished.path().read_dir().unwrap().count(), 0);
        drop(unfinished);
        assert!(!path.exists());
    }
}
