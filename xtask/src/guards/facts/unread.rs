//! What this user may not read: what is in it counts for nothing, and so nothing is proven.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::report::quoting::shell_quoted;
use crate::unreadable;

/// A file or directory that nobody but others may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The command that mends it.
    pub(crate) remedy: String,
    /// Whether it is of single instances: a run of another one needs nothing of it.
    pub(crate) of_instances: bool,
}

/// Directories with what belongs to single instances.
const INSTANCES: [&str; 3] = ["terraform.tfstate.d", ".instances", ".emulated"];

/// Everything in a root module that its environment's facts are read from.
pub(super) fn find(directory: &Path) -> Vec<Unread> {
    let fetched = [".terraform", ".terraform/modules"].into_iter().flat_map(|name| below(&directory.join(name), 1));
    let mut closed: Vec<PathBuf> = files(directory).chain(fetched).filter(|path| is_closed(path)).collect();
    closed.sort();
    closed.dedup();
    closed.into_iter().map(|path| describe(directory, path)).collect()
}

/// The files in a root module, and those of its instances, with the directories that they are in.
pub(crate) fn files(directory: &Path) -> impl Iterator<Item = PathBuf> {
    below(directory, 1).into_iter().chain(INSTANCES.map(|name| below(&directory.join(name), 3)).into_iter().flatten())
}

/// A directory, what is in it and, to this depth, what is in the directories in it.
fn below(directory: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = vec![directory.to_owned()];
    if is_closed(directory) {
        return found;
    }
    for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
        match entry.file_type() {
            Ok(kind) if !kind.is_dir() => found.push(entry.path()),
            Ok(_) if depth > 1 => found.extend(below(&entry.path(), depth - 1)),
            _ => {}
        }
    }
    found
}

fn is_closed(path: &Path) -> bool {
    let is_directory = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    access(path, if is_directory { Access::READ_OK | Access::EXEC_OK } else { Access::READ_OK }) == Err(Errno::ACCESS)
}

fn describe(directory: &Path, path: PathBuf) -> Unread {
    let taken = unreadable::remedy(&path.to_string_lossy(), &io::Error::from(Errno::ACCESS));
    let remedy = taken.unwrap_or_else(|| format!("make it yours to read: `chmod -R u+rwX {}`", shell_quoted(&path.to_string_lossy())));
    let below = path.strip_prefix(directory).unwrap_or(&path);
    let is_state = below.to_string_lossy().contains(".tfstate") && !below.starts_with(".terraform");
    Unread { of_instances: is_state || INSTANCES.iter().any(|name| below.starts_with(name)), remedy, path }
}
