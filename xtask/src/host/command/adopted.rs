//! Processes that a child of ours has left behind when it was ended: they become ours, and are ended too.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, wait};

/// Between two looks.
const POLL: Duration = Duration::from_millis(20);
/// How long they may take to end in order; a Terraform at work on AWS needs some of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// From now on, what our children leave behind is ours and not the system's. Elsewhere than on Linux it stays the system's.
pub(crate) fn adopt() {
    // Refused only by kernels before 3.4.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(getpid()));
}

/// The children that were there before; an engine that `--bootstrap` has started may be one.
#[derive(Debug)]
pub(crate) struct Before(HashSet<Pid>);

impl Before {
    /// Those of now.
    pub(crate) fn now() -> Self {
        Self(children().collect())
    }

    /// Ends every other one, by SIGTERM, and after a minute by SIGKILL. Nobody may be waiting for one of them.
    pub(crate) fn end_others(&self) {
        let started = Instant::now();
        let mut told = HashSet::new();
        loop {
            // What has ended is a child until somebody takes note of it.
            while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
            let others: Vec<Pid> = children().filter(|pid| !self.0.contains(pid)).collect();
            if others.is_empty() {
                return;
            }
            let late = started.elapsed() > PATIENCE;
            for pid in others {
                if late || told.insert(pid) {
                    // One that has ended meanwhile needs no telling.
                    let _ = kill_process(pid, if late { Signal::KILL } else { Signal::TERM });
                }
            }
            thread::sleep(POLL);
        }
    }
}

fn children() -> impl Iterator<Item = Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).filter_map(Pid::from_raw);
    numbers.filter(|pid| parent(*pid) == Some(getpid()))
}

/// The parent of a process, where there is a /proc.
pub(crate) fn parent(pid: Pid) -> Option<Pid> {
    let place = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    fs::read_to_string(place.join("stat")).ok().and_then(|stat| parent_in(&stat))
}

/// The fourth field of proc_pid_stat(5). The second, in parentheses, is a file name and may hold anything.
fn parent_in(stat: &str) -> Option<Pid> {
    let (_, after_name) = stat.rsplit_once(')')?;
    Pid::from_raw(after_name.split_whitespace().nth(1)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::parent_in;

    #[test]
    fn the_parent_is_found_whatever_the_process_is_called() {
        for (stat, expected) in
            [("12 (terraform-provi) S 7 5 5 0", Some(7)), ("12 (a) S 1 (b) R 8 5", Some(8)), ("", None), ("12 (x) S 0 0", None)]
        {
            assert_eq!(parent_in(stat).map(|pid| pid.as_raw_nonzero().get()), expected, "{stat}");
        }
    }
}
