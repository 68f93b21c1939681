//! Terraform's warnings: shown once in a run, and kept for runs that do not call Terraform.

use super::diagnostic::Diagnostic;
use super::invocation::Request;
use crate::host::console;

/// The warnings of the last plan, and of the apply after it.
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

impl Warnings {
    /// Shows and remembers what a request was warned of.
    pub(super) fn note(&mut self, request: &Request, diagnostics: &[Diagnostic]) {
        match request {
            Request::Plan { .. } => *self = Self { said: show(diagnostics), is_applied: false },
            Request::Apply { .. } => {
                self.is_applied = true;
                self.said.extend(show(diagnostics));
            }
            // A plan repeats those that matter; that a mirror has the checksums of one platform only is normal.
            Request::Init { .. } => {}
            _ => drop(show(diagnostics)),
        }
    }

    /// Those that stand after the last plan. None after an apply, which may have put right what either of them was warned of: the next
    /// plan says it.
    pub(super) fn standing(&self) -> Option<Vec<String>> {
        (!self.is_applied || self.said.is_empty()).then(|| self.said.clone())
    }
}
