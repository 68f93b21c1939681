//! The guards over files, as a run asks them.

use anyhow::Result;

use super::context::Context;
use crate::guards::checkout::settings;
use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard, Severity};
use crate::guards::{self, allowance};
use crate::host::console;
use crate::project::environment::Environment;

impl Context {
    /// Refuses when this environment is not apart from the others. What was allowed is written down, and warned of.
    ///
    /// # Errors
    /// A guard's refusal.
    pub(crate) fn require_apart(&self, environment: &Environment) -> Result<()> {
        self.require_apart_but_for(environment, None)
    }

    /// The same, with one guard left to the caller.
    pub(super) fn require_apart_but_for(&self, environment: &Environment, left_out: Option<&'static Guard>) -> Result<()> {
        guards::check_allowed(&self.global.allow)?;
        let facts = Facts::read(&self.checkout, &self.config);
        let mut found = guards::find_for_run(&environment.name, &facts);
        found.retain(|finding| left_out.is_none_or(|guard| guard != finding.guard));
        let (allowed, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| self.allows(finding.guard.name));
        warn_of(&facts, &found);
        warn_of_shell(&facts, environment);
        if let Some(refusal) = guards::refusal(&facts, &found) {
            return Err(refusal.into());
        }
        for finding in allowed {
            self.pass(environment, finding.guard.name, &finding.what)?;
        }
        Ok(())
    }

    /// Says which settings of an environment do not count.
    ///
    /// # Errors
    /// The environments cannot be listed.
    pub(crate) fn warn_of_settings(&self, environment: &Environment) -> Result<()> {
        let facts = Facts::read(&self.checkout, &self.config);
        let mut found = guards::find_for_run(&environment.name, &facts);
        found.retain(|finding| settings::ALL.contains(finding.guard));
        warn_of(&facts, &found);
        warn_of_shell(&facts, environment);
        Ok(())
    }

    /// True where `--allow` names this guard.
    pub(crate) fn allows(&self, guard: &str) -> bool {
        self.global.allow.iter().any(|name| name == guard)
    }

    /// Lets pass what an allowed guard has found: written down, and warned of.
    ///
    /// # Errors
    /// It cannot be written down.
    pub(crate) fn pass(&self, environment: &Environment, guard: &str, what: &str) -> Result<()> {
        let reason = self.global.reason.as_deref().unwrap_or_default();
        allowance::record(&self.directories, environment, guard, what, reason)?;
        console::warn(&format!("passed, as you asked: {what}"));
        Ok(())
    }
}

/// Shows the warnings among what was found, each once in a run.
fn warn_of(facts: &Facts, found: &[Finding]) {
    for finding in found.iter().filter(|finding| finding.severity == Severity::Warning) {
        let place = format!("{}:{}", facts.shown(&finding.place.file), finding.place.line);
        console::warn_once(&format!("{place}: {}\n  {}\nhint: {}", finding.what, finding.guard.danger, finding.hint));
    }
}

/// The same of the variables of the shell that Terraform takes.
fn warn_of_shell(facts: &Facts, environment: &Environment) {
    let shell = || std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    for own in facts.environments.iter().filter(|facts| facts.name == environment.name) {
        settings::in_shell(own, shell()).iter().for_each(|warning| console::warn_once(warning));
    }
}
