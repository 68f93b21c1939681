//! Terraform's errors as messages for a person: what, where, and what to do next.

use serde::Deserialize;

use crate::failure::Failure;

/// An error or a warning of Terraform's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Diagnostic {
    severity: String,
    summary: String,
    #[serde(default)]
    detail: String,
    range: Option<Range>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Range {
    filename: String,
    start: Position,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Position {
    line: u32,
}

impl Diagnostic {
    /// True for an error, false for a warning.
    pub(crate) fn is_error(&self) -> bool {
        self.severity == "error"
    }

    /// `main.tf:12`, where Terraform says so.
    pub(crate) fn location(&self) -> Option<String> {
        self.range.as_ref().map(|range| format!("{}:{}", range.filename, range.start.line))
    }

    /// Summary and place, in one line.
    pub(crate) fn headline(&self) -> String {
        match self.location() {
            Some(location) => format!("{location}: {}", self.summary),
            None => self.summary.clone(),
        }
    }

    /// Terraform's explanation, one line a paragraph.
    fn explanation(&self) -> Vec<String> {
        let paragraphs = self.detail.split("\n\n");
        paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty()).collect()
    }
}

const INITIALISE: &str = "run `cargo xtask infra init` for this environment";

/// Known messages and what to do about each: a piece of the summary or detail, and the hint.
const HINTS: [(&str, &str); 14] = [
    ("Unsupported Terraform Core version", "install Terraform 1.11 or later (https://developer.hashicorp.com/terraform/install)"),
    ("Error acquiring the state lock", "another Terraform is at work on this state; wait for it, or end it, and run again"),
    ("Invalid value for variable", "correct the value in terraform.tfvars; the variable's description is in variables.tf"),
    ("Value for undeclared variable", "variables.tf lists what can be set in terraform.tfvars"),
    ("Saved plan is stale", "the state has changed since the plan was made: plan again"),
    ("Backend initialization required", INITIALISE),
    ("Module not installed", INITIALISE),
    ("Inconsistent dependency lock file", INITIALISE),
    ("Required plugins are not installed", INITIALISE),
    ("Cannot connect to the Docker daemon", "start the Docker engine, or run again with --bootstrap"),
    ("Failed to query available provider packages", "run `cargo xtask infra supply`, which gets the Docker provider another way"),
    (
        "checksums previously recorded",
        "the provider was built or downloaded anew: remove .terraform.lock.hcl in that directory (it is not committed) and run again",
    ),
    ("no space left on device", "free some space (`docker system df` shows what Docker holds) and run again"),
    ("is already in use by container", "remove that container, or give this environment another --instance"),
];

/// One failure out of everything that Terraform complained of.
pub(crate) fn failure(verb: &str, diagnostics: &[Diagnostic], words: &str) -> Failure {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let Some((first, others)) = errors.split_first() else {
        return without_diagnostic(verb, words);
    };
    let failure = Failure::new(format!("terraform {verb}: {}", first.headline()))
        .details(first.explanation())
        .details(others.iter().map(|other| other.headline()));
    let text = errors.iter().map(|error| format!("{}\n{}\n", error.summary, error.detail)).collect::<String>();
    with_known_hint(failure, &text)
}

fn without_diagnostic(verb: &str, words: &str) -> Failure {
    if words.contains("flag provided but not defined") {
        // `init -json` came with Terraform 1.9.
        return Failure::new("the terraform on PATH is too old").hint(HINTS[0].1);
    }
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    let failure = Failure::new(format!("`terraform {verb}` failed")).details(lines.iter().rev().take(15).rev().copied());
    with_known_hint(failure, words)
}

fn with_known_hint(failure: Failure, text: &str) -> Failure {
    match HINTS.iter().find(|(known, _)| text.contains(known)) {
        Some((_, hint)) => failure.hint(*hint),
        None => failure.hint("run again with -v to see every command that is run"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, failure};

    fn diagnostic(summary: &str, detail: &str) -> Diagnostic {
        Diagnostic { severity: "error".to_owned(), summary: summary.to_owned(), detail: detail.to_owned(), range: None }
    }

    #[test]
    fn every_failure_says_what_and_what_to_do_next() {
        let cases = [
            (
                vec![diagnostic("Invalid value for variable", "Use one of\nfour engines.\n\nThis was checked.")],
                "",
                "terraform plan: Invalid value for variable\n  Use one of four engines.\n  This was checked.\nhint: correct the value",
            ),
            (vec![diagnostic("A", ""), diagnostic("B", "")], "", "terraform plan: A\n  B\nhint: run again with -v"),
            (vec![], "flag provided but not defined: -json", "the terraform on PATH is too old\nhint: install Terraform 1.11"),
            (vec![], "1\n\n2\n", "`terraform plan` failed\n  1\n  2\nhint: run again with -v"),
        ];
        for (diagnostics, words, expected) in cases {
            let message = failure("plan", &diagnostics, words).to_string();
            assert!(message.starts_with(expected), "{message}\ndoes not start with\n{expected}");
        }
    }

    #[test]
    fn warnings_alone_are_not_the_reason() {
        let warning = Diagnostic { severity: "warning".to_owned(), ..diagnostic("Deprecated", "") };
        assert!(!failure("plan", &[warning], "boom").to_string().contains("Deprecated"));
    }
}
