//! The log of one build: everything its tools said, and its end for the error message.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::failure_hints::advice;
use crate::host::command::{Tool, describe_status};
use crate::host::error::Failure;
use crate::host::private_file;
use crate::project::user_dirs::UserDirs;

/// How much of the end is read.
const END: u64 = 64 * 1024;

/// How many lines of it are shown.
const LINES: usize = 15;

/// A log file, private and empty at first.
#[derive(Debug)]
pub(crate) struct BuildLog {
    path: PathBuf,
    file: File,
}

impl BuildLog {
    /// Begins the log of `name` in the cache directory anew.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn begin(directories: &UserDirs, name: &str) -> Result<Self> {
        let path = directories.cache.join("logs").join(format!("{name}.log"));
        private_file::create_directory(path.parent().unwrap_or(Path::new(".")))?;
        // Appending: two processes of a pipe write to it at once. Removed first: another run may still write to the old one.
        private_file::remove(&path)?;
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        let file = file.with_context(|| format!("writing {}", path.display()))?;
        hold_room(&file).with_context(|| format!("writing {}", path.display()))?;
        Ok(Self { path, file })
    }

    /// Runs a tool that writes here; `doing` completes `... ended with exit status 1`.
    ///
    /// # Errors
    /// It cannot be started, or does not end well.
    pub(crate) fn run(&self, tool: &Tool, doing: &str) -> Result<()> {
        let status = tool.status_into(&self.file)?;
        if status.success() { Ok(()) } else { Err(self.failure(&format!("{doing} ended with {}", describe_status(status))).into()) }
    }

    /// Where tools write to.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The failure that `message` describes, with the log's path, its last lines and what they call for.
    pub(crate) fn failure(&self, message: &str) -> Failure {
        let end = self.end();
        let lines = last_lines(&end, LINES);
        Failure::new(format!("{message}; its log is {}", self.path.display())).hint(advice(&end)).details(lines)
    }

    /// A log that cannot be read is as good as an empty one: the failure it belongs to matters more.
    fn end(&self) -> String {
        let mut end = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
            file.read_to_end(&mut end)
        });
        read.map_or_else(|_| String::new(), |_| String::from_utf8_lossy(&end).into_owned())
    }
}

/// Takes room for the end of the log: what a tool says on a full disk would be lost otherwise, and the reason with it.
#[cfg(target_os = "linux")]
fn hold_room(file: &File) -> std::io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, END) {
        Err(error) if error == rustix::io::Errno::NOSPC => Err(error.into()),
        // Some file systems cannot.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn hold_room(_file: &File) -> std::io::Result<()> {
    Ok(())
}

/// The last `count` lines with something in them; progress that overwrites itself counts as lines.
fn last_lines(text: &str, count: usize) -> Vec<String> {
    let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(count)).map(|line| (*line).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{BuildLog, last_lines};
    use crate::project::user_dirs::UserDirs;
    use std::io::Write;

    #[test]
    fn keeps_the_last_lines_that_say_something() {
        for (text, expected) in [("a\n\nb\nc\n", vec!["b", "c"]), ("10%\r90%\rdone\n  \n", vec!["90%", "done"]), ("", vec![])] {
            assert_eq!(last_lines(text, 2), expected);
        }
    }

    #[test]
    fn a_failure_shows_path_end_and_advice() {
        let temporary = tempfile::tempdir().unwrap();
        let directories = UserDirs { cache: temporary.path().join("c"), state: temporary.path().join("s") };
        let log = BuildLog::begin(&directories, "redis").unwrap();
        writeln!(log.file(), "E: Unable to locate package redis-sever").unwrap();
        let text = log.failure("building redis failed").to_string();
        let path = directories.cache.join("logs/redis.log");
        assert!(text.starts_with(&format!("building redis failed; its log is {}\n", path.display())), "{text}");
        assert!(text.contains("\n  E: Unable to locate package redis-sever\n"), "{text}");
        assert!(text.contains("\nhint: fix what these lines say"), "{text}");
    }
}
