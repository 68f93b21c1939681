//! The one kind of error that is written for a person: what happened, to what, and what to do next.

use std::fmt;
use std::io::ErrorKind;

use super::unreadable;

/// How a run ended that did not simply end well. It alone decides the exit code; docs/stability.md lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Something that was asked for could not be done.
    Failed,
    /// `plan --detailed-exitcode` found changes.
    Changes,
    /// A guard refused before anything was touched.
    Refused,
    /// The command line could not be understood.
    Usage,
    /// The run was asked to stop.
    Interrupted,
}

impl Ending {
    /// The exit code: of changes Terraform's own, of a usage error `EX_USAGE` of sysexits.h, of an interruption 128 + SIGINT.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Refused => 3,
            Self::Usage => 64,
            Self::Interrupted => 130,
        }
    }
}

/// A failure with its message, its hint and how it ends a run.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    details: Vec<String>,
    hint: Option<String>,
    ending: Ending,
}

impl Failure {
    /// Something could not be done. The message is a lowercase sentence without a full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), details: Vec::new(), hint: None, ending: Ending::Failed }
    }

    /// A refusal by a guard: nothing was touched.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { ending: Ending::Refused, ..Self::new(message) }
    }

    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { ending: Ending::Usage, ..Self::new(message) }
    }

    /// The run was asked to stop; `shutdown::failure` adds what to do next.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self { ending: Ending::Interrupted, ..Self::new(message) }
    }

    /// The same with another message.
    pub(crate) fn restated(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// What to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What to do next, where it does not say that yet.
    pub(crate) fn or_hint(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// The same with another form of what to do next.
    pub(crate) fn with_hint(self, change: impl FnOnce(String) -> String) -> Self {
        Self { hint: self.hint.map(change), ..self }
    }

    /// Lines shown, indented, between the message and the hint: a log's end, a list of what was found.
    pub(crate) fn details<I>(mut self, lines: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.details.extend(lines.into_iter().map(Into::into));
        self
    }

    /// The same with another message and with these lines before its own.
    pub(crate) fn retold(self, message: String, mut details: Vec<String>) -> Self {
        details.extend(self.details);
        Self { message, details, ..self }
    }

    /// Message and hint, for a table of findings.
    pub(crate) fn parts(self) -> (String, String) {
        (self.message, self.hint.unwrap_or_default())
    }

    /// True when this is what to do next.
    pub(crate) fn has_hint(&self, hint: &str) -> bool {
        self.hint.as_deref() == Some(hint)
    }

    /// What happened and to what, in one line.
    pub(crate) fn sentence(&self) -> String {
        let details = self.details.join(", ");
        match (details.is_empty(), self.message.ends_with(':')) {
            (true, _) => self.message.clone(),
            (false, true) => format!("{} {details}", self.message),
            (false, false) => format!("{}; {details}", self.message),
        }
    }

    /// What happened, alone.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// How a run ends that ends with it.
    pub(crate) fn ending(&self) -> Ending {
        self.ending
    }
}

impl fmt::Display for Failure {
    /// Message, details and hint as they stand under `error: `.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        for line in &self.details {
            write!(formatter, "\n  {line}")?;
        }
        match &self.hint {
            Some(hint) => write!(formatter, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// Message and hint of any error, for a table of findings.
pub(crate) fn parts(error: anyhow::Error) -> (String, String) {
    error.downcast::<Failure>().map_or_else(|error| (format!("{error:#}"), String::new()), Failure::parts)
}

/// The text for standard error and the ending of any error that reached `main`.
pub(crate) fn describe(error: &anyhow::Error) -> (String, Ending) {
    if let Some(failure) = error.chain().find_map(|cause| cause.downcast_ref::<Failure>()) {
        return (format!("{error:#}"), failure.ending());
    }
    let causes: Vec<_> = error.chain().collect();
    let hint = causes.iter().enumerate().find_map(|(at, cause)| {
        let io = cause.downcast_ref::<std::io::Error>()?;
        let about = at.checked_sub(1).map(|before| causes[before].to_string()).unwrap_or_default();
        unreadable::remedy(&about, io).or_else(|| advice(io.kind()).map(ToOwned::to_owned))
    });
    let hint = hint.map(|hint| format!("\nhint: {hint}"));
    (format!("{error:#}{}", hint.unwrap_or_default()), Ending::Failed)
}

/// What to do when a file, which the message names, could not be read or written.
fn advice(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some("free some space there and run again"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory => {
            Some("make that place yours to write; HOME, XDG_STATE_HOME and XDG_CACHE_HOME say where files outside the checkout go")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Failure, describe};
    use anyhow::Context;
    use std::io::ErrorKind;

    #[test]
    fn shows_message_details_and_hint_and_keeps_the_ending_below_a_context() {
        let failure = Failure::refused("port 5432 is taken").details(["by postgres"]).hint("stop it");
        let error = Err::<(), _>(failure).context("`up local`").unwrap_err();
        assert_eq!(describe(&error), ("`up local`: port 5432 is taken\n  by postgres\nhint: stop it".to_owned(), Ending::Refused));
    }

    #[test]
    fn an_error_of_a_library_is_a_failure() {
        assert_eq!(describe(&anyhow::anyhow!("broken pipe")), ("broken pipe".to_owned(), Ending::Failed));
    }

    #[test]
    fn a_place_that_cannot_be_written_comes_with_advice() {
        for (kind, expected) in [
            (ErrorKind::StorageFull, "writing /x: no storage space\nhint: free some space there"),
            (ErrorKind::ReadOnlyFilesystem, "writing /x: read-only filesystem or storage medium\nhint: make that place yours"),
        ] {
            let error = Err::<(), _>(std::io::Error::from(kind)).context("writing /x").unwrap_err();
            let (text, _) = describe(&error);
            assert!(text.starts_with(expected), "{text}");
        }
    }
}
