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
    let mut closed = Vec::new();
    below(directory, 1, &mut closed);
    for (name, depth) in INSTANCES.map(|name| (name, 3)).into_iter().chain([(".terraform", 1), (".terraform/modules", 1)]) {
        below(&directory.join(name), depth, &mut closed);
    }
    closed.sort();
    closed.dedup();
    closed.into_iter().map(|path| describe(directory, path)).collect()
}

/// Adds what is closed of a directory, of what is in it and, to this depth, of the directories in it.
fn below(directory: &Path, depth: usize, closed: &mut Vec<PathBuf>) {
    if is_closed(directory, Access::READ_OK | Access::EXEC_OK) {
        closed.push(directory.to_owned());
        return;
    }
    for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
        let Ok(kind) = entry.file_type() else { continue };
        match kind.is_dir() {
            true if depth > 1 => below(&entry.path(), depth - 1, closed),
            false if is_closed(&entry.path(), Access::READ_OK) => closed.push(entry.path()),
            _ => {}
        }
    }
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
