//! Long-running children: ended with us however we end, and with files that others may read.

use std::time::Duration;

use crate::host::command::{Tool, find_on_path};
use crate::host::shutdown::StopSignal;

/// Runs its arguments with the usual umask. Ours keeps everything private, which is wrong inside an image and for system packages.
pub(crate) const USUAL_UMASK: &str = "umask 022; exec \"$@\"";

/// How a child takes part in our end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnParentDeath {
    /// It is asked to end, and cleans up.
    Asked,
    /// It is killed: it does not heed the question, and leaves nothing behind.
    Killed,
}

/// A call of `program` that ends when this process does, also by SIGKILL, or is asked to, and whose files have the usual modes.
///
/// A build that goes on alone would write into the directories of the next one, and hold no lock.
pub(crate) fn child(program: &str, on_parent_death: OnParentDeath) -> Tool {
    let (signal, stop_signal) = match on_parent_death {
        OnParentDeath::Asked => ("TERM", StopSignal::Terminate),
        OnParentDeath::Killed => ("KILL", StopSignal::Kill),
    };
    // The kernel tells the child of its parent's death (PR_SET_PDEATHSIG); where setpriv is missing it ends by itself, later.
    let setpriv = find_on_path("setpriv").map(|_| ["setpriv", "--pdeathsig", signal]);
    Tool::new(program).under(setpriv.into_iter().flatten().chain(["sh", "-c", USUAL_UMASK, "sh"])).stop_signal(stop_signal)
}

/// A call of `program` that is ended after `limit` (exit status 124), where the system has `timeout`.
pub(crate) fn limited(program: &str, limit: Duration) -> Tool {
    let seconds = format!("{}s", limit.as_secs());
    // --foreground: Ctrl-C must reach the program too.
    let timeout = find_on_path("timeout").map(|_| ["timeout", "--foreground", "--kill-after=5s", &seconds]);
    Tool::new(program).under(timeout.into_iter().flatten())
}

/// The exit status with which `timeout` says that it has ended the program.
pub(crate) const TIMED_OUT: i32 = 124;

#[cfg(test)]
mod tests {
    use super::{OnParentDeath, TIMED_OUT, child, limited};
    use std::time::Duration;

    #[test]
    fn arguments_with_spaces_arrive_whole_and_files_are_for_others_to_read() {
        assert_eq!(child("printf", OnParentDeath::Asked).args(["<%s>", "a b", "c"]).read().unwrap(), "<a b><c>");
        assert_eq!(child("sh", OnParentDeath::Killed).args(["-c", "umask"]).read().unwrap(), "0022");
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let output = limited("sleep", Duration::from_secs(1)).arg("60").output().unwrap();
        assert_eq!(output.status.code(), Some(TIMED_OUT));
    }
}
