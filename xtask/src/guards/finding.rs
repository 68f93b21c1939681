//! What a guard has found: where, why it is dangerous, and what to do.

use super::facts::Facts;
use super::facts::code::Place;

/// Whether a finding stops a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Exit code 3, before anything is touched.
    Refusal,
    /// Said, and gone on.
    Warning,
}

/// One thing that a guard has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The guard's name.
    pub(crate) guard: &'static str,
    /// Whether it stops a run.
    pub(crate) severity: Severity,
    /// The environments it concerns: a run on another one is not stopped by it.
    pub(crate) environments: Vec<String>,
    /// Where it was found.
    pub(crate) place: Place,
    /// What was found, a lower-case sentence without a full stop.
    pub(crate) what: String,
    /// Why that is dangerous, in one sentence.
    pub(crate) danger: &'static str,
    /// What to do.
    pub(crate) hint: String,
}

/// A check over the facts; pure.
pub(crate) struct Guard {
    /// What `--allow` and SARIF call it.
    pub(crate) name: &'static str,
    /// What it looks at, for the list that `check` prints.
    pub(crate) looks_at: &'static str,
    /// Why what it finds is dangerous.
    pub(crate) danger: &'static str,
    /// Whether what it finds can be passed once with `--allow`: never where data would be lost.
    pub(crate) can_be_allowed: bool,
    /// Whether a run looks at the same thing itself, more closely, and can put it right.
    pub(crate) only_in_check: bool,
    /// Finds.
    pub(crate) find: fn(&Guard, &Facts) -> Vec<Finding>,
}

impl Guard {
    /// A refusal by this guard.
    pub(crate) fn refusal(&self, environments: &[&str], place: Place, what: impl Into<String>, hint: impl Into<String>) -> Finding {
        self.finding(Severity::Refusal, environments, place, what.into(), hint.into())
    }

    /// A warning by this guard.
    pub(crate) fn warning(&self, environments: &[&str], place: Place, what: impl Into<String>, hint: impl Into<String>) -> Finding {
        self.finding(Severity::Warning, environments, place, what.into(), hint.into())
    }

    fn finding(&self, severity: Severity, environments: &[&str], place: Place, what: String, hint: String) -> Finding {
        let environments = environments.iter().map(|name| (*name).to_owned()).collect();
        Finding { guard: self.name, severity, environments, place, what, danger: self.danger, hint }
    }
}
