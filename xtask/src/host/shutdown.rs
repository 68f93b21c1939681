//! A run that is asked to stop: the first request lets what is under way end in order, a second Ctrl-C ends at once.
//!
//! Children that work for long have process groups of their own: Ctrl-C, `kill` and a closed terminal reach this process alone,
//! and each child is told once, in the way that suits it.

use std::fs;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::command::adopted;
use super::console;
use super::error::{Ending, Failure};

/// Set by the first request.
static REQUESTED: AtomicBool = AtomicBool::new(false);
/// Set by the second Ctrl-C: one more ends this process from within the handler, even if its last words find no way out.
static ENDING: AtomicBool = AtomicBool::new(false);
/// What a person may type to go on.
static WAY_ON: OnceLock<String> = OnceLock::new();
static UNDER_WAY: Mutex<UnderWay> = Mutex::new(UnderWay { told: false, children: Vec::new(), finishing: Vec::new() });

/// Between two looks at a child that may have ended.
const POLL: Duration = Duration::from_millis(10);

struct UnderWay {
    /// Children that are there were told, and those to come will be told at once.
    told: bool,
    children: Vec<(Pid, StopSignal)>,
    finishing: Vec<&'static str>,
}

/// What a child is told when the run is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopSignal {
    /// SIGINT, to it alone: Terraform finishes or breaks off what its providers are at, writes its state and gives its lock back.
    /// A second one makes it end within 5 s.
    Interrupt,
    /// SIGTERM, to it and all that it has started.
    Terminate,
    /// The same, and what it leaves behind becomes ours to end.
    TerminateAndAdopt,
    /// SIGKILL: it does not heed any other, and leaves nothing behind.
    Kill,
    /// Nothing: half of it would be worse than all of it.
    Finish,
}

/// Takes over SIGINT, SIGTERM and SIGHUP; `way_on` is the hint of every interruption.
///
/// # Errors
/// The system refuses the handlers.
pub(crate) fn listen(way_on: String) -> Result<()> {
    WAY_ON.get_or_init(|| way_on);
    let mut heeded = vec![SIGINT, SIGTERM];
    if !is_hang_up_ignored(&fs::read_to_string("/proc/self/status").unwrap_or_default()) {
        heeded.push(SIGHUP);
    }
    for signal in &heeded {
        flag::register(*signal, &REQUESTED).context("listening for signals")?;
        flag::register_conditional_shutdown(*signal, i32::from(Ending::Interrupted.exit_code()), &ENDING)
            .context("listening for signals")?;
    }
    let mut signals = Signals::new(&heeded).context("listening for signals")?;
    let heed_all = move || signals.forever().for_each(heed);
    thread::Builder::new().name("signals".to_owned()).spawn(heed_all).context("listening for signals")?;
    Ok(())
}

/// True once the run was asked to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Stops here when the run was asked to stop; `doing` completes `interrupted while`.
///
/// # Errors
/// The interruption, as a failure.
pub(crate) fn check(doing: &str) -> Result<()> {
    if requested() { Err(failure(format!("interrupted while {doing}")).into()) } else { Ok(()) }
}

/// The failure of a run that was asked to stop, with what to type next.
pub(crate) fn failure(message: impl Into<String>) -> Failure {
    Failure::interrupted(message).hint(way_on())
}

/// What a person may type to go on after this run has broken off.
pub(crate) fn way_on() -> &'static str {
    WAY_ON.get().map_or("run it again", String::as_str)
}

/// What fails while we are asked to stop fails because of that: a child's last words would mislead.
pub(crate) fn instead_of(error: anyhow::Error, doing: &str) -> anyhow::Error {
    let is_interruption = error.downcast_ref::<Failure>().is_some_and(|failure| failure.ending() == Ending::Interrupted);
    if is_interruption { error } else { check(doing).err().unwrap_or(error) }
}

/// `broken off` in a run that was asked to stop, otherwise `failed`.
pub(crate) fn word_for_failed() -> &'static str {
    if requested() { "broken off" } else { "failed" }
}

/// Something that will be waited for. Who asks meanwhile to stop is told so by these words.
#[derive(Debug)]
pub(crate) struct Finishing(&'static str);

impl Finishing {
    /// `words` say what goes on, such as `waiting for Terraform to finish`.
    pub(crate) fn begin(words: &'static str) -> Self {
        under_way().finishing.push(words);
        Self(words)
    }
}

impl Drop for Finishing {
    fn drop(&mut self) {
        let finishing = &mut under_way().finishing;
        if let Some(at) = finishing.iter().position(|words| *words == self.0) {
            finishing.swap_remove(at);
        }
    }
}

/// A child that is told when the run is to stop, as long as this lives.
#[derive(Debug)]
pub(crate) struct Listener(Option<Pid>);

impl Listener {
    /// For a child with a process group of its own, and a signal; one without hears of nothing. When all were told already, it is told
    /// at once.
    pub(crate) fn new(child: &Child, stop_signal: Option<StopSignal>) -> Self {
        let (Some(stop_signal), Some(pid)) = (stop_signal, i32::try_from(child.id()).ok().and_then(Pid::from_raw)) else {
            return Self(None);
        };
        let mut under_way = under_way();
        under_way.children.push((pid, stop_signal));
        if under_way.told {
            tell(pid, stop_signal);
        }
        Self(Some(pid))
    }

    /// How the child ended, if it has. Nobody is told under a number that the system may have given to another meanwhile.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn try_wait(&self, child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
        let mut under_way = under_way();
        let status = child.try_wait()?;
        if status.is_some() {
            under_way.children.retain(|(pid, _)| Some(*pid) != self.0);
        }
        Ok(status)
    }

    /// Waits for the child's end.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn wait(&self, child: &mut Child) -> std::io::Result<ExitStatus> {
        if self.0.is_none() {
            return child.wait();
        }
        loop {
            if let Some(status) = self.try_wait(child)? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        under_way().children.retain(|(pid, _)| Some(*pid) != self.0);
    }
}

fn under_way() -> MutexGuard<'static, UnderWay> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn heed(signal: i32) {
    let mut under_way = under_way();
    if !under_way.told {
        under_way.told = true;
        for (pid, stop_signal) in &under_way.children {
            tell(*pid, *stop_signal);
        }
        if !under_way.finishing.is_empty() {
            // Said while the lock is held: that a child has ended is not seen before, and so this is not the last line.
            console::say(&format!("interrupted: {}; press Ctrl-C again to stop now", under_way.finishing.join(", ")));
        }
        return;
    }
    // Only a person's second Ctrl-C means more than the first: a closed terminal sends two SIGHUP, and `timeout` two SIGTERM.
    if signal != SIGINT {
        return;
    }
    ENDING.store(true, Ordering::SeqCst);
    for (pid, stop_signal) in under_way.children.iter().filter(|(_, stop_signal)| *stop_signal == StopSignal::Interrupt) {
        tell(*pid, *stop_signal);
    }
    let failure = failure("ended at once: what was under way may be half done");
    console::error_and(&failure.to_string(), || signal_hook::low_level::exit(i32::from(Ending::Interrupted.exit_code())))
}

/// A child that has ended already needs no telling.
fn tell(pid: Pid, stop_signal: StopSignal) {
    let _ = match stop_signal {
        StopSignal::Interrupt => kill_process(pid, Signal::INT),
        StopSignal::Terminate => kill_process_group(pid, Signal::TERM),
        StopSignal::TerminateAndAdopt => {
            adopted::adopt();
            kill_process_group(pid, Signal::TERM)
        }
        StopSignal::Kill => kill_process_group(pid, Signal::KILL),
        StopSignal::Finish => Ok(()),
    };
}

/// True when this was started to outlive its terminal, as `nohup` does (`SigIgn` of proc(5), a bit for each signal). Where the
/// system does not say, a hang-up stays what it was.
fn is_hang_up_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_none_or(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::is_hang_up_ignored;

    #[test]
    fn a_hang_up_that_the_parent_ignores_is_left_alone() {
        for (status, expected) in [
            ("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001006\n", false),
            ("SigIgn:\t0000000000000001\n", true),
            ("SigIgn:\t0000000000001003\n", true),
            ("", true),
        ] {
            assert_eq!(is_hang_up_ignored(status), expected, "{status:?}");
        }
    }
}
