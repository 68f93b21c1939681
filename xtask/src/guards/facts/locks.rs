//! Locks that are held on states of this machine.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::process::{Flock, FlockType, Pid, fcntl_getlk};

use crate::terraform::state_lock::Holder;

/// A lock that somebody holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeldLock {
    /// The state.
    pub(crate) state: PathBuf,
    /// Its workspace.
    pub(crate) workspace: String,
    /// Who, since when and for what, with the number of the process where it is on this machine.
    pub(crate) holder: String,
}

/// Tries the lock of a state as Terraform takes it (`fcntl`, all of the file), without taking it. A note beside the state is
/// read only for words: a killed Terraform leaves one behind, and no lock.
pub(super) fn read(state: &Path, workspace: &str) -> Option<HeldLock> {
    let file = File::open(state).ok()?;
    let held = fcntl_getlk(&file, &Flock::from(FlockType::WriteLock)).ok()??;
    let process = held.pid.map(Pid::as_raw_nonzero).map(|id| format!("process {id}"));
    let words = [Holder::beside(state).map(|holder| holder.to_string()), process];
    let holder = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Some(HeldLock { state: state.to_owned(), workspace: workspace.to_owned(), holder })
}
