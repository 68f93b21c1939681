//! What is said to people, on standard error, and what other programs read, on standard output.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::Value;

use super::canvas::Canvas;
use super::masking;

/// How much is said and how it looks; decided once from the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// `-q`: only errors, warnings and what was asked for.
    pub(crate) quiet: bool,
    /// `-v`: every command line that is run, and Terraform's own words.
    pub(crate) verbose: bool,
    /// Colours on standard error.
    pub(crate) color: bool,
    /// Colours on standard output too.
    pub(crate) answer_color: bool,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// The spinners of every step under way: one group, because what is said must land above all of them.
static BARS: OnceLock<MultiProgress> = OnceLock::new();

/// When messages are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// Sets what the command line asked for; later calls change nothing.
pub(crate) fn configure(quiet: bool, verbose: bool, color: ColorChoice) {
    let (color, answer_color) = match color {
        ColorChoice::Always => (true, true),
        ColorChoice::Never => (false, false),
        // https://no-color.org: present and not empty. A dumb terminal (terminfo(5)) would show the codes.
        ColorChoice::Auto => {
            let is = |name: &str, what: fn(&OsStr) -> bool| std::env::var_os(name).is_some_and(|value| what(&value));
            let color = io::stderr().is_terminal() && !is("NO_COLOR", |value| !value.is_empty()) && !is("TERM", |value| value == "dumb");
            (color, color && io::stdout().is_terminal())
        }
    };
    SETTINGS.get_or_init(|| Settings { quiet, verbose, color, answer_color });
}

/// The settings in force.
pub(crate) fn settings() -> Settings {
    *SETTINGS.get().unwrap_or(&Settings { quiet: false, verbose: false, color: false, answer_color: false })
}

/// True when a person can answer a question here.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Where spinners are drawn: on a terminal, unless `-q` or `-v` was given.
pub(crate) fn bars() -> Option<&'static MultiProgress> {
    let settings = settings();
    let drawn = io::stderr().is_terminal() && !settings.quiet && !settings.verbose;
    drawn.then(|| BARS.get_or_init(|| MultiProgress::with_draw_target(spinner_target())))
}

/// Spinners stand still and hidden while this lives: something else has the terminal.
#[derive(Debug)]
pub(crate) struct Undrawn;

impl Undrawn {
    /// Takes the spinners off the screen.
    pub(crate) fn begin() -> Self {
        stop_drawing();
        Self
    }
}

impl Drop for Undrawn {
    fn drop(&mut self) {
        if let Some(bars) = BARS.get() {
            bars.set_draw_target(spinner_target());
        }
    }
}

fn spinner_target() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Canvas::default()), 20)
}

fn stop_drawing() {
    if let Some(bars) = BARS.get() {
        // Cannot fail, because a canvas never does.
        let _ = bars.clear();
        bars.set_draw_target(ProgressDrawTarget::hidden());
    }
}

/// One line for a person; silent with `-q`.
pub(crate) fn say(line: &str) {
    if !settings().quiet {
        to_stderr(line);
    }
}

/// A warning: shown with `-q` too, because it asks for something to be done.
pub(crate) fn warn(line: &str) {
    to_stderr(&format!("{} {}", Style::Warning.paint("warning:"), with_painted_hint(line)));
}

/// The same for what several steps of a run come upon.
pub(crate) fn warn_once(line: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let is_new = SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_owned());
    if is_new {
        warn(line);
    }
}

/// The error that ends the run.
pub(crate) fn error(text: &str) {
    error_and(text, || ());
}

/// The same where `then` ends the program while others still draw: no spinner comes after the error.
pub(crate) fn error_and<T>(text: &str, then: impl FnOnce() -> T) -> T {
    to_stderr_and(&format!("{} {}", Style::Error.paint("error:"), with_painted_hint(text)), then)
}

fn with_painted_hint(text: &str) -> String {
    text.replace("\nhint: ", &format!("\n{} ", Style::Hint.paint("hint:")))
}

/// A command line about to run, shown with `-v`.
pub(crate) fn command_line(line: &str) {
    if settings().verbose {
        to_stderr(&Style::Faint.paint(&format!("$ {line}")));
    }
}

/// A line of a child's own output, shown with `-v`.
pub(crate) fn raw(line: &str) {
    if settings().verbose {
        to_stderr(line);
    }
}

/// Text that a command was asked for, for people or for another program.
pub(crate) fn answer(text: &str) -> Result<()> {
    answer_with_secrets(&masking::mask(text))
}

/// A document for another program.
pub(crate) fn answer_json(document: Value) -> Result<()> {
    answer_with_secrets(&format!("{:#}\n", masking::mask_document(document)))
}

/// An answer in which secrets are what was asked for.
pub(crate) fn answer_with_secrets(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        // The reader has seen enough (`| head`): nothing is wrong.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("writing to standard output"),
    }
}

/// An answer with styles in it, which go nowhere but to a terminal: standard error may be one where standard output is a file.
pub(crate) fn answer_in_style(text: &str) -> Result<()> {
    if settings().answer_color { answer(text) } else { answer(&without_styles(text)) }
}

/// `text` without what `Style::paint` puts around its parts.
fn without_styles(text: &str) -> String {
    let mut parts = text.split(SEQUENCE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

fn to_stderr(line: &str) {
    to_stderr_and(line, || ());
}

/// Writes a line and does what follows it before any spinner is drawn again.
fn to_stderr_and<T>(line: &str, then: impl FnOnce() -> T) -> T {
    let line = masking::mask(line);
    let write = || {
        // With standard error closed, or its terminal gone, there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "{line}");
        then()
    };
    match BARS.get() {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// The few styles used; the words read the same without them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    /// Red: the run failed.
    Error,
    /// Yellow: something needs attention.
    Warning,
    /// Cyan: what to do next.
    Hint,
    /// Green: as it should be.
    Good,
    /// Grey: detail.
    Faint,
}

impl Style {
    /// `text` in this style, or as it is when colours are off.
    pub(crate) fn paint(self, text: &str) -> String {
        if !settings().color {
            return text.to_owned();
        }
        let code = match self {
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Hint => "1;36",
            Self::Good => "32",
            Self::Faint => "2",
        };
        format!("{SEQUENCE}{code}m{text}{SEQUENCE}0m")
    }
}

/// How a change of style begins; it ends with an `m` (ECMA-48, "select graphic rendition").
const SEQUENCE: &str = "\x1b[";

#[cfg(test)]
mod tests {
    use super::without_styles;

    #[test]
    fn a_text_without_its_styles_is_the_text() {
        for (painted, expected) in [
            ("plain [m] text", "plain [m] text"),
            ("\x1b[1;31m  -\x1b[0m a.b\n\x1b[32m  +\x1b[0m module.m\n", "  - a.b\n  + module.m\n"),
            ("", ""),
        ] {
            assert_eq!(without_styles(painted), expected);
        }
    }
}
