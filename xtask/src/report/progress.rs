//! What is going on right now: a spinner with elapsed time a step on a terminal, plain lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::console::{self, Style};
use crate::masking;

/// A group of steps that may run at the same time.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bars: Option<&'static MultiProgress>,
}

/// One step under way. Dropped without a word, it leaves nothing on the screen.
#[derive(Debug)]
pub(crate) struct Step {
    name: String,
    started: Instant,
    bars: Option<&'static MultiProgress>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Steps shown on standard error, or silent with `-q`.
    pub(crate) fn new() -> Self {
        Self { bars: console::bars() }
    }

    /// Begins a step. Off a terminal only its end is written, and its beginning when `announce` is true:
    /// for what takes long enough that silence would look like a hang.
    pub(crate) fn step(&self, name: &str, announce: bool) -> Step {
        let name = masking::mask(name);
        let bar = self.bars.map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner().with_message(name.clone()));
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is constant and correct");
            bar.set_style(style);
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        if announce && bar.is_none() {
            console::say(&format!("  {name} ..."));
        }
        Step { name, started: Instant::now(), bars: self.bars, bar }
    }
}

impl Step {
    /// What the step is doing now; shown on a terminal only.
    pub(crate) fn now(&self, detail: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{}: {}", self.name, masking::mask(detail)));
        }
    }

    /// How long it has been going on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends it well, with a line that stays.
    pub(crate) fn done(self, outcome: &str) {
        let line = format!("{} {} {outcome} {}", Style::Good.paint("+"), self.name, Style::Faint.paint(&seconds(self.elapsed())));
        console::say(&line);
    }

    /// Ends it badly, with a word for how; the error that follows says more.
    pub(crate) fn failed(self, word: &str) {
        let line = format!("{} {} {word} {}", Style::Error.paint("x"), self.name, Style::Faint.paint(&seconds(self.elapsed())));
        console::say(&line);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let (Some(bar), Some(bars)) = (&self.bar, self.bars) {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}

/// `0.42 s`, `12.3 s`, `2 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..100 => format!("{:.1} s", duration.as_secs_f64()),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use std::time::Duration;

    #[test]
    fn durations_keep_three_digits_that_matter() {
        for (milliseconds, expected) in [(420, "0.42 s"), (12_340, "12.3 s"), (125_000, "2 min 05 s")] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), expected);
        }
    }
}
