//! What Terraform warns of while it goes on: shown once in a run, and kept for the runs that need no Terraform.

use std::sync::PoisonError;

use super::diagnostic::Diagnostic;
use super::invocation::Request;
use super::run::Terraform;
use crate::report::console;

/// What the last plan warned of, and the apply after it.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    said: Vec<String>,
    is_applied: bool,
}

/// Shows what is a warning among `diagnostics`, and is not known without Terraform.
pub(super) fn show(diagnostics: &[Diagnostic]) -> Vec<String> {
    let warnings = diagnostics.iter().filter(|diagnostic| !diagnostic.is_error() && !diagnostic.is_known());
    warnings.map(Diagnostic::warning).inspect(|warning| console::warn_once(warning)).collect()
}

impl Terraform {
    /// Shows and remembers what a request was warned of.
    pub(super) fn note_warnings(&self, request: &Request, diagnostics: &[Diagnostic]) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        match request {
            Request::Plan { .. } => *warnings = Warnings { said: show(diagnostics), is_applied: false },
            Request::Apply { .. } => {
                warnings.is_applied = true;
                warnings.said.extend(show(diagnostics));
            }
            // What lasts of these a plan says again; that a mirror of providers knows one platform's checksums is how mirrors are.
            Request::Init { .. } => {}
            _ => drop(show(diagnostics)),
        }
    }

    /// The warnings that stand after the last plan. None after an apply, which may have put right what either of them was warned of:
    /// the next plan says it.
    pub(crate) fn standing_warnings(&self) -> Option<Vec<String>> {
        let warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        (!warnings.is_applied || warnings.said.is_empty()).then(|| warnings.said.clone())
    }
}
