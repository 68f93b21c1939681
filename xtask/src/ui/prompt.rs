//! Questions to a person; where nobody can answer, the answer is no and the failure says which option gives it.

use std::io::{self, BufRead, Write};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::host::error::Failure;
use crate::host::{console, masking, shutdown};

/// Between two looks whether the run was asked to stop, in nanoseconds.
const LOOK: i64 = 50_000_000;

/// Asks whether to go on, unless `--yes` was given.
///
/// # Errors
/// The answer was no, nobody is there to give one, or it was Ctrl-C.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    require_somebody(question)?;
    let answer = prompt(&format!("{question}\ngo on? [y/N] "))?;
    match answer.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::refused("stopped, as you answered; nothing was changed").into()),
    }
}

/// Asks for a name to be typed, unless `--yes` was given: for what cannot be undone.
///
/// # Errors
/// Something else was typed, nobody is there to type, or it was Ctrl-C.
pub(crate) fn confirm_by_name(question: &str, name: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    require_somebody(question)?;
    if prompt(&format!("{question}\ntype `{name}` to go on: "))? == name {
        return Ok(());
    }
    Err(Failure::refused(format!("that was not `{name}`; nothing was changed")).into())
}

fn require_somebody(question: &str) -> Result<(), Failure> {
    if console::is_interactive() {
        return Ok(());
    }
    Err(Failure::refused(question).hint("nobody is here to ask: run it in a terminal, or add --yes if that is what you want"))
}

fn prompt(text: &str) -> Result<String> {
    let _undrawn = console::Undrawn::begin();
    write!(io::stderr().lock(), "{}", masking::mask(text)).context("writing to the terminal")?;
    wait_for_line()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("reading from the terminal")?;
    Ok(answer.trim().to_owned())
}

/// Waits until there is something to read: `read_line` alone keeps waiting after a signal.
fn wait_for_line() -> Result<()> {
    let stdin = io::stdin();
    loop {
        if shutdown::requested() {
            // The question's own line ends here.
            let _ = writeln!(io::stderr().lock());
            return Err(shutdown::failure("interrupted at a question; nothing was changed").into());
        }
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&Timespec { tv_sec: 0, tv_nsec: LOOK })) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error).context("waiting for the terminal"),
        }
    }
}
