//! What this user may not read: what is in it counts for nothing, and so nothing is proven.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::host::quoting::shell_quoted;
use crate::host::unreadable;

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
    let all = files(directory).chain(fetched);
    let mut closed: Vec<PathBuf> = all.filter(|(_, is_closed)| *is_closed).map(|(path, _)| path).collect();
    closed.sort();
    closed.dedup();
    closed.into_iter().map(|path| describe(directory, path)).collect()
}

/// The files in a root module and those of its instances, each with whether this user may not read it.
pub(crate) fn files(directory: &Path) -> impl Iterator<Item = (PathBuf, bool)> {
    below(directory, 1).into_iter().chain(INSTANCES.into_iter().flat_map(move |name| below(&directory.join(name), 3)))
}

/// The same of a directory and, to this depth, of the directories in it; of one that is closed, itself.
fn below(directory: &Path, depth: usize) -> Vec<(PathBuf, bool)> {
    if is_closed(directory, Access::READ_OK | Access::EXEC_OK) {
        return vec![(directory.to_owned(), true)];
    }
    let mut found = Vec::new();
    for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 1 => found.extend(below(&path, depth - 1)),
            Ok(kind) if !kind.is_dir() => {
                let is_closed = is_closed(&path, Access::READ_OK);
                found.push((path, is_closed));
            }
            _ => {}
        }
    }
    found
}

fn is_closed(path: &Path, wanted: Access) -> bool {
    access(path, wanted) == Err(Errno::ACCESS)
}

fn describe(directory: &Path, path: PathBuf) -> Unread {
    let taken = unreadable::remedy(&path.to_string_lossy(), &io::Error::from(Errno::ACCESS));
    let remedy = taken.unwrap_or_else(|| format!("make it yours to read: `chmod -R u+rwX {}`", shell_quoted(&path.to_string_lossy())));
    let below = path.strip_prefix(directory).unwrap_or(&path);
    let is_state = below.to_string_lossy().contains(".tfstate") && !below.starts_with(".terraform");
    Unread { of_instances: is_state || INSTANCES.iter().any(|name| below.starts_with(name)), remedy, path }
}
