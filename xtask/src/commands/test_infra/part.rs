//! One part of `test-infra`. Parts run side by side, so what one prints is kept, and shown whole when it has ended.

use std::path::Path;

use anyhow::{Error, Result};

use crate::host::command::{Tool, describe_status};
use crate::host::console;
use crate::host::error::{self, Failure};
use crate::host::shutdown::{self, StopSignal};
use crate::ui::progress::{Step, seconds};

/// A part under way.
#[derive(Debug)]
pub(super) struct Part<'a> {
    name: &'static str,
    root: &'a Path,
    step: Step,
    said: String,
    tests: usize,
}

/// How a part ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Its name.
    pub(super) name: &'static str,
    /// Name, outcome and time.
    pub(super) summary: String,
    /// Why it failed.
    pub(super) error: Option<Error>,
}

impl<'a> Part<'a> {
    /// Begins a part; its commands run in `root`.
    pub(super) fn begin(name: &'static str, root: &'a Path) -> Self {
        Self { name, root, step: Step::announce(name), said: String::new(), tests: 0 }
    }

    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a line to what it prints.
    pub(super) fn say(&mut self, line: &str) {
        self.said.push_str(line);
        self.said.push('\n');
    }

    /// Runs a command of it to the end. A run that was asked to stop stops here, even if the command ended well.
    pub(super) fn run(&mut self, tool: Tool) -> Result<()> {
        let tool = tool.directory(self.root).stop_signal(StopSignal::TerminateAndAdopt);
        shutdown::check(&format!("the part `{}` ran", self.name))?;
        let status = tool.stream_both_durably(|line| self.hear(line))?;
        shutdown::check(&format!("`{}` ran", tool.name()))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("`{}` ended with {}", tool.name(), describe_status(status))).hint("what it printed above says why").into())
    }

    /// A line of a command: kept, and looked at for tests that have ended (`test NAME ... ok`).
    fn hear(&mut self, line: &str) {
        self.say(line);
        let Some((test, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) else { return };
        self.tests += 1;
        self.step.now(&format!("{} tests", self.tests));
        if outcome.starts_with("FAILED") {
            console::say(&format!("  {}: {test} failed", self.name));
        }
    }

    /// Ends it: shows what it has printed, and a line for its outcome.
    pub(super) fn end(mut self, outcome: Result<()>) -> Ended {
        if let Err(error) = &outcome {
            let (text, _) = error::describe(error);
            self.say(&format!("error: {text}"));
        }
        let word = if outcome.is_ok() { "passed" } else { shutdown::word_for_failed() };
        let summary = format!("{}: {word} in {}", self.name, seconds(self.step.elapsed()));
        {
            let _undrawn = console::Undrawn::begin();
            // With standard output gone there is nobody left to show it to.
            let _ = console::answer(&format!("== {}\n{}", self.name, self.said));
        }
        Ended { name: self.name, summary, error: self.step.end(outcome, "passed").err() }
    }
}
