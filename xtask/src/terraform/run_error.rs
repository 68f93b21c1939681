//! How a call of Terraform fails, for those who go on in another way because of it.

use super::diagnostic::Diagnostic;
use crate::host::error::Failure;

/// A call that did not do what was asked.
#[derive(Debug)]
pub(crate) enum RunError {
    /// The lock of the state was free again when Terraform looked for its holder. Nothing has begun.
    LockGivenBack(Failure),
    /// `init` was last run for another backend than the one that the code declares.
    OtherBackend {
        /// What to do about it.
        hint: &'static str,
    },
    /// All else.
    Failed(anyhow::Error),
}

impl RunError {
    /// The kind of a failure of which Terraform has given these `diagnostics`.
    pub(super) fn of(failure: Failure, diagnostics: &[Diagnostic]) -> Self {
        if diagnostics.iter().any(Diagnostic::is_of_a_lock_given_back) {
            return Self::LockGivenBack(failure);
        }
        match diagnostics.iter().find_map(Diagnostic::hint_for_another_backend) {
            Some(hint) => Self::OtherBackend { hint },
            None => Self::Failed(failure.into()),
        }
    }

    /// The failure of a call on the environment called `title`.
    pub(super) fn into_failure(self, title: &str) -> anyhow::Error {
        match self {
            Self::LockGivenBack(failure) => failure.into(),
            Self::OtherBackend { hint } => {
                Failure::refused(format!("`{title}` was initialised for another backend than its code declares"))
                    .details(["Terraform would move its state, or go on with one that nobody means"])
                    .hint(hint)
                    .into()
            }
            Self::Failed(error) => error,
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for RunError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
