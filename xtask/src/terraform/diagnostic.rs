//! Terraform's errors as messages for a person: what, where, and what to do next.

use serde::Deserialize;

use super::aws_errors;
use super::state_lock::Holder;
use crate::aws::caller::Caller;
use crate::failure::Failure;
use crate::interrupt;
use crate::process::INSTALL_TERRAFORM;

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

    /// A warning as it is shown: summary and place, the explanation below.
    pub(crate) fn warning(&self) -> String {
        let lines = self.explanation().into_iter().map(|line| format!("\n  {line}"));
        self.headline() + &lines.collect::<String>()
    }

    /// True for a warning that says nothing new: of variables that are not declared, of which Terraform names two, others each time,
    /// and the guards over files every one, with its line; of a check that the apply will judge; and of our mirror of providers, which
    /// knows one platform's checksums.
    pub(crate) fn is_known(&self) -> bool {
        const KNOWN: [&str; 4] = [
            "Value for undeclared variable",
            "Values for undeclared variables",
            "Check block assertion known after apply",
            "Incomplete lock file information for providers",
        ];
        KNOWN.contains(&self.summary.as_str())
    }

    /// Terraform's explanation, one line a paragraph.
    fn explanation(&self) -> Vec<String> {
        let paragraphs = self.detail.split("\n\n");
        paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty()).collect()
    }
}

const INITIALISE: &str = "run `cargo xtask infra init ENV`";

/// Known messages and what to do about each: a piece of the summary or detail, and the hint, in which ENV and DIRECTORY are the
/// environment's ([`Terraform::complaint`](super::run::Terraform::complaint)).
const HINTS: [(&str, &str); 16] = [
    ("Unsupported Terraform Core version", INSTALL_TERRAFORM),
    (
        "Invalid value for variable",
        "correct the value where it is set: in terraform.tfvars, or in an .auto.tfvars file, which counts for more; the variable's description is in variables.tf",
    ),
    ("Value for undeclared variable", "variables.tf lists what can be set in terraform.tfvars"),
    ("Backend initialization required", INITIALISE),
    ("Module not installed", INITIALISE),
    ("Inconsistent dependency lock file", INITIALISE),
    ("Required plugins are not installed", INITIALISE),
    (
        "Error asking for state migration action",
        "there is a state in that directory that the new backend would have to take over, and none is ever moved: destroy what it holds, or use another checkout",
    ),
    (
        "Can't ask approval for state migration",
        "there is a state in that directory that the new backend would have to take over, and none is ever moved: destroy what it holds, or use another checkout",
    ),
    (
        "Backend configuration changed",
        "the state is where .terraform/terraform.tfstate in that directory says. If that is right, write it into the backend block or into state.tfbackend beside it; if the code is right, remove .terraform: nothing is moved",
    ),
    ("Cannot connect to the Docker daemon", "start the Docker engine, or run again with --bootstrap"),
    ("available versions for provider kreuzwerker/docker", "run `cargo xtask infra supply`, which gets the Docker provider another way"),
    (
        "Failed to query available provider packages",
        "look at the network, which has to let Terraform reach that provider's registry; or put the provider below ~/.terraform.d/plugins",
    ),
    (
        "checksums previously recorded",
        "the provider is not the one that was locked. If git does not track the lock file, `rm DIRECTORY/.terraform.lock.hcl` and run again; if it does, look at where this machine gets the provider from",
    ),
    ("no space left on device", "free some space (`docker system df` shows what Docker holds) and run again"),
    ("is already in use by container", "remove that container, or give this environment another --instance"),
];

/// What `init` says where the declared backend is not the one that it was last run for, or would have to take over a state.
const OF_ANOTHER_BACKEND: [&str; 3] =
    ["Backend configuration changed", "Error asking for state migration action", "Can't ask approval for state migration"];

/// The refusal of a run that would go on with, or move, the state of another backend than the declared one; else the error.
pub(crate) fn refuse_other_backend(error: anyhow::Error, title: &str) -> anyhow::Error {
    let Some(failure) = error.downcast_ref::<Failure>() else {
        return error;
    };
    let said = OF_ANOTHER_BACKEND.iter().find(|said| failure.message().contains(**said));
    said.map(|said| {
        let refusal = Failure::refused(format!("`{title}` was initialised for another backend than its code declares"))
            .details(["Terraform would move its state, or go on with one that nobody means"]);
        with_known_hint(refusal, said).into()
    })
    .unwrap_or(error)
}

/// What `apply` says of a plan that was made from a state which is no longer there.
const STALE: [&str; 2] = ["Saved plan is stale", "Saved plan does not match the given state"];
const PLAN_AGAIN: &str = "plan again: nothing was changed";

/// One failure out of everything that Terraform complained of; `caller` is who ran it.
pub(crate) fn failure(verb: &str, diagnostics: &[Diagnostic], words: &str, caller: &Caller<'_>) -> Failure {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let Some((first, others)) = errors.split_first() else {
        return without_diagnostic(verb, words, caller);
    };
    let text = errors.iter().map(|error| format!("{}\n{}\n", error.summary, error.detail)).collect::<String>();
    if first.summary == "Error acquiring the state lock" {
        return no_lock(verb, first);
    }
    if STALE.contains(&first.summary.as_str()) {
        return Failure::refused("the plan is stale: the state has changed since, or is another one")
            .details(first.explanation())
            .hint(PLAN_AGAIN);
    }
    if let Some(failure) = unsaved_state(verb, &errors) {
        return with_known_hint(failure, &text);
    }
    if let Some(failure) = aws_errors::explain(verb, &format!("{}\n{}", first.summary, first.detail), caller) {
        return failure
            .details(first.location().iter().map(|place| format!("in {place}")))
            .details(others.iter().map(|other| other.headline()));
    }
    let failure = Failure::new(format!("terraform {verb}: {}", first.headline()))
        .details(first.explanation())
        .details(others.iter().map(|other| other.headline()));
    with_known_hint(failure, &text)
}

/// Terraform calls it by the same name whether somebody has the lock or it cannot be written, and explains locks each time.
fn no_lock(verb: &str, error: &Diagnostic) -> Failure {
    if let Some(holder) = Holder::in_message(&error.detail) {
        return Failure::new(format!("terraform {verb}: the state {} is locked by {holder}", holder.path)).hint(
            "another Terraform is at work on it: let it end, or end it, and run again \
             (the lock of a remote backend outlives a killed Terraform: `cargo xtask infra unlock ENV` takes it away)",
        );
    }
    let explanation = error.explanation();
    let cause = explanation.first().map_or(error.summary.as_str(), |first| first.trim_start_matches("Error message: "));
    with_known_hint(Failure::new(format!("terraform {verb}: the state cannot be locked: {cause}")), cause)
}

/// What Terraform says, in up to five errors, when the state after an apply does not go where it belongs.
const ABOUT_SAVING: [&str; 5] = [
    "Failed to write state",
    "Failed to save state",
    "Failed to create local state file",
    "Failed to serialize state",
    "Failed to persist state",
];

/// One failure for all of these, with the cause that stands first; what else went wrong stands below it.
fn unsaved_state(verb: &str, errors: &[&Diagnostic]) -> Option<Failure> {
    let is_about_saving = |error: &&Diagnostic| ABOUT_SAVING.iter().any(|known| error.summary.contains(known));
    errors.iter().find(|error| error.summary == "Failed to save state")?;
    let first = errors.iter().find(|error| is_about_saving(error))?;
    let text = format!("{} {}", first.summary, first.explanation().join(" "));
    let cause = ["serialized state: ", "Error saving state: "].iter().find_map(|before| Some(text.split_once(before)?.1));
    let cause = cause.unwrap_or(&text).trim().trim_end_matches('.');
    let others = errors.iter().filter(|error| !is_about_saving(error));
    Some(
        Failure::new(format!("terraform {verb}: the new state could not be written: {cause}"))
            .details(others.map(|other| other.headline())),
    )
}

/// A run that did not fail by a word of Terraform's, and did not say that it has done all of it either.
pub(crate) fn unfinished(verb: &str, ending: &str, words: &str) -> Failure {
    Failure::new(format!("`terraform {verb}` ended with {ending} without saying that it is complete"))
        .details(last_lines(words))
        .hint(interrupt::way_on())
}

fn without_diagnostic(verb: &str, words: &str, caller: &Caller<'_>) -> Failure {
    if words.contains("flag provided but not defined") {
        // `init -json` came with Terraform 1.9.
        return Failure::new("the terraform on PATH is too old").hint(INSTALL_TERRAFORM);
    }
    if let Some(failure) = aws_errors::explain(verb, words, caller) {
        return failure;
    }
    with_known_hint(Failure::new(format!("`terraform {verb}` failed")).details(last_lines(words)), words)
}

fn last_lines(words: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    let passed_over = lines.len().saturating_sub(15);
    lines.into_iter().skip(passed_over)
}

fn with_known_hint(failure: Failure, text: &str) -> Failure {
    match HINTS.iter().find(|(known, _)| text.contains(known)) {
        Some((_, hint)) => failure.hint(*hint),
        None => failure.hint("run again with -v to see every command that is run"),
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::aws::caller::Caller;

    fn diagnostic(summary: &str, detail: &str) -> Diagnostic {
        Diagnostic { severity: "error".to_owned(), summary: summary.to_owned(), detail: detail.to_owned(), range: None }
    }

    fn failure(verb: &str, diagnostics: &[Diagnostic], words: &str) -> crate::failure::Failure {
        super::failure(verb, diagnostics, words, &Caller::of("profile `p`".to_owned(), &|| None))
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
            (
                vec![diagnostic(
                    "Error acquiring the state lock",
                    "Error message: resource temporarily unavailable\nLock Info:\n  ID:        1-2\n  Path:      a/terraform.tfstate\n  \
                     Operation: OperationTypePlan\n  Who:       ann@laptop\n  Created:   2026-11-24 11:38:55.03 +0000 UTC\n",
                )],
                "",
                "terraform plan: the state a/terraform.tfstate is locked by ann@laptop since 2026-11-24 11:38:55 UTC (plan)\n\
                 hint: another Terraform is at work on it",
            ),
            (
                vec![diagnostic(
                    "Error acquiring the state lock",
                    "Error message: could not write lock info for \"a\": write .a.lock.info: no space left on device\n\nTerraform acquires a\nlock.",
                )],
                "",
                "terraform plan: the state cannot be locked: could not write lock info for \"a\": write .a.lock.info: \
                 no space left on device\nhint: free some space",
            ),
            (
                vec![
                    diagnostic(
                        "failed to write to local state backup file: Failed to write state: An error occured while writing the serialized state: write a: no space left on device.",
                        "",
                    ),
                    diagnostic("Port is taken", "By somebody."),
                    diagnostic(
                        "Failed to save state",
                        "Error saving state: 2 problems:\n\n- Unsupported state file format: The state file could not be parsed as JSON",
                    ),
                    diagnostic("Failed to persist state to backend", "It is in errored.tfstate."),
                ],
                "",
                "terraform plan: the new state could not be written: write a: no space left on device\n  Port is taken\nhint: free some space",
            ),
            (
                vec![diagnostic("Failed to save state", "Error saving state: failed to upload state: connection refused")],
                "",
                "terraform plan: the new state could not be written: failed to upload state: connection refused\nhint: ",
            ),
        ];
        for (diagnostics, words, expected) in cases {
            let message = failure("plan", &diagnostics, words).to_string();
            assert!(message.starts_with(expected), "{message}\ndoes not start with\n{expected}");
        }
    }

    #[test]
    fn a_warning_says_what_and_where_and_one_that_says_nothing_new_is_known() {
        let range = serde_json::from_value(serde_json::json!({"filename": "main.tf", "start": {"line": 9}})).unwrap();
        let warning =
            Diagnostic { severity: "warning".to_owned(), range: Some(range), ..diagnostic("Check block assertion failed", "a\nb\n\nc") };
        assert_eq!(warning.warning(), "main.tf:9: Check block assertion failed\n  a b\n  c");
        assert!(!warning.is_known());
        assert!(diagnostic("Values for undeclared variables", "").is_known());
    }

    #[test]
    fn warnings_alone_are_not_the_reason() {
        let warning = Diagnostic { severity: "warning".to_owned(), ..diagnostic("Deprecated", "") };
        assert!(!failure("plan", &[warning], "boom").to_string().contains("Deprecated"));
    }
}
