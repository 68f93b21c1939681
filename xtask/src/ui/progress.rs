//! What is going on right now: each step a spinner with its elapsed time on a terminal, plain lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::host::console::{self, Style};
use crate::host::{masking, shutdown};

/// One step under way; steps may run at the same time. Dropped without a word, it leaves nothing on the screen.
#[derive(Debug)]
pub(crate) struct Step {
    name: String,
    started: Instant,
    bar: Option<(&'static MultiProgress, ProgressBar)>,
}

impl Step {
    /// Begins a step; off a terminal only its end is written, and nothing with `-q`.
    pub(crate) fn begin(name: &str) -> Self {
        let name = masking::mask(name);
        let bar = console::bars().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner().with_message(name.clone()));
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is constant and correct");
            bar.set_style(style);
            bar.enable_steady_tick(Duration::from_millis(100));
            (bars, bar)
        });
        Self { name, started: Instant::now(), bar }
    }

    /// Begins a step that takes so long that silence would look like a hang: off a terminal its beginning is written too.
    pub(crate) fn announce(name: &str) -> Self {
        let step = Self::begin(name);
        if step.bar.is_none() {
            console::say(&format!("  {} ...", step.name));
        }
        step
    }

    /// What the step is doing now; shown on a terminal only.
    pub(crate) fn now(&self, detail: &str) {
        if let Some((_, bar)) = &self.bar {
            bar.set_message(format!("{}: {}", self.name, masking::mask(detail)));
        }
    }

    /// How long it has been going on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends it well, with a line that stays.
    pub(crate) fn done(self, outcome: &str) {
        self.leave_line(&Style::Good.paint("+"), outcome);
    }

    /// Ends it badly; the error that follows says more.
    pub(crate) fn failed(self) {
        self.leave_line(&Style::Error.paint("x"), shutdown::word_for_failed());
    }

    /// Ends it as its work ended; `done` says what a good end means.
    pub(crate) fn end<T, E>(self, outcome: Result<T, E>, done: &str) -> Result<T, E> {
        match &outcome {
            Ok(_) => self.done(done),
            Err(_) => self.failed(),
        }
        outcome
    }

    fn leave_line(&self, sign: &str, outcome: &str) {
        console::say(&format!("{sign} {} {outcome} {}", self.name, Style::Faint.paint(&seconds(self.elapsed()))));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some((bars, bar)) = &self.bar {
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
