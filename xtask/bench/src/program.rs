//! The one place here that starts programs: silent, timed, and with their last words where they fail.
#![expect(clippy::disallowed_methods, reason = "the xtask's rooms are not for other crates, and there is nothing to mask here")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Lines of standard error that are shown of a program that failed.
const LAST_WORDS: usize = 15;

/// A call of `program`, which the caller goes on to describe.
pub(crate) fn call(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

/// What it printed, on both streams.
#[derive(Debug)]
pub(crate) struct Printed {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// Runs it to the end with nothing to read.
///
/// # Errors
/// It cannot be started, or fails.
pub(crate) fn run(command: &mut Command) -> Result<Printed> {
    feed(command, "")
}

/// Runs it to the end with `input` to read.
///
/// # Errors
/// The same.
pub(crate) fn feed(command: &mut Command, input: &str) -> Result<Printed> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting `{name}`"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ends before it has read all says why itself.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().with_context(|| format!("waiting for `{name}`"))?;
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if !output.status.success() {
        let lines: Vec<&str> = stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        bail!("`{name}` ended with {}:\n{}", output.status, lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n"));
    }
    Ok(Printed { stdout, stderr })
}

/// How long `work` takes.
///
/// # Errors
/// Its own.
pub(crate) fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

#[cfg(test)]
mod tests {
    use super::{call, feed, run};

    #[test]
    fn a_failure_has_the_last_words() {
        assert_eq!(feed(call("cat").arg("-"), "text").unwrap().stdout, "text");
        let error = run(call("sh").args(["-c", "echo one >&2; echo >&2; echo two >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh` ended with exit status: 3:\none\ntwo");
    }
}
