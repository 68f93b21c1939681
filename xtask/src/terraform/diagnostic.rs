//! Terraform's errors as messages for a person: what, where, and what to do next.

use rustix::io::Errno;
use serde::Deserialize;

use super::explain_aws;
use super::state_lock::Holder;
use crate::aws::caller::Caller;
use crate::host::codes::Printed;
use crate::host::error::Failure;
use crate::host::shutdown;

/// An error or a warning of Terraform's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Diagnostic {
    severity: String,
    summary: String,
    #[serde(default)]
    detail: String,
    range: Option<Range>,
    /// The code that it is about.
    #[serde(default)]
    snippet: Option<Snippet>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Snippet {
    /// The block that it stands in, such as `variable "size"`.
    context: Option<String>,
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
    /// and the guards over files every one, with its line; and of a check that the apply will judge.
    pub(crate) fn is_known(&self) -> bool {
        self.summary.contains(UNDECLARED) || self.summary.contains(NOT_YET_JUDGED)
    }

    /// True where it is about the value of a variable: Terraform points at the file that sets it, or else at its declaration.
    fn is_of_a_value(&self) -> bool {
        let is_declared =
            self.snippet.as_ref().and_then(|snippet| snippet.context.as_ref()).is_some_and(|block| block.starts_with("variable "));
        is_declared || self.range.as_ref().is_some_and(|range| range.filename.contains(".tfvars"))
    }

    /// True of a wait for a lock on S3 that Terraform (1.11) gave up because the lock was free: it was refused the lock, looked for
    /// its holder, and found nobody any more.
    pub(super) fn is_of_a_lock_given_back(&self) -> bool {
        self.summary == NO_LOCK && ["PreconditionFailed", "NoSuchKey"].iter().all(|code| self.detail.contains(code))
    }

    /// What to do about an `init` that would move, or go on with, the state of another backend than the declared one.
    pub(super) fn hint_for_another_backend(&self) -> Option<&'static str> {
        OF_ANOTHER_BACKEND.iter().find(|(said, _)| self.summary.contains(said)).map(|(_, hint)| *hint)
    }

    /// Terraform's explanation, one line a paragraph.
    fn explanation(&self) -> Vec<String> {
        let paragraphs = self.detail.split("\n\n");
        paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty()).collect()
    }
}

/// Words by which Terraform is understood where it prints no code; each is tested with Terraform itself.
const UNDECLARED: &str = "for undeclared variable";
const NOT_YET_JUDGED: &str = "known after apply";
const NO_LOCK: &str = "Error acquiring the state lock";
const UNSAVED: &str = "Failed to save state";
/// Of a plan that was made from a state which is no longer there.
const STALE: &str = "Saved plan ";
/// Of `init`, where the declared backend is not the one that it was last run for, or would have to take over a state.
const OF_ANOTHER_BACKEND: [(&str, &str); 2] = [
    (
        "Backend configuration changed",
        "the state is where .terraform/terraform.tfstate in that directory says. If that is right, write it into the backend block or into state.tfbackend beside it; if the code is right, remove .terraform: nothing is moved",
    ),
    (
        "state migration",
        "there is a state in that directory that the new backend would have to take over, and none is ever moved: destroy what it holds, or use another checkout",
    ),
];
const PLAN_AGAIN: &str = "plan again: nothing was changed";

/// The hint if there is no better one.
pub(super) const MORE: &str = "run again with -v to see every command that is run";

/// One failure out of everything that Terraform complained of; `caller` is who ran it.
pub(crate) fn failure(verb: &str, diagnostics: &[Diagnostic], words: &str, caller: &Caller<'_>) -> Failure {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let Some((first, others)) = errors.split_first() else {
        return without_diagnostic(verb, words, caller);
    };
    let text = errors.iter().map(|error| format!("{}\n{}\n", error.summary, error.detail)).collect::<String>();
    if first.summary == NO_LOCK {
        return no_lock(verb, first);
    }
    if first.summary.starts_with(STALE) {
        return Failure::refused("the plan is stale: the state has changed since, or is another one")
            .details(first.explanation())
            .hint(PLAN_AGAIN);
    }
    if let Some(failure) = unsaved_state(verb, &errors) {
        return with_hint(failure, &text);
    }
    if let Some(failure) = explain_aws::explain(verb, &format!("{}\n{}", first.summary, first.detail), caller) {
        return failure
            .details(first.location().iter().map(|place| format!("in {place}")))
            .details(others.iter().map(|other| other.headline()));
    }
    let failure = Failure::new(format!("terraform {verb}: {}", first.headline()))
        .details(first.explanation())
        .details(others.iter().map(|other| other.headline()));
    if errors.iter().any(|error| error.is_of_a_value()) {
        return failure.hint(
            "correct the value where it is set: in terraform.tfvars, or in an .auto.tfvars file, which counts for more; the variable's description is in variables.tf",
        );
    }
    with_hint(failure, &text)
}

/// Terraform calls it by the same name whether somebody has the lock or it cannot be written, and explains locks each time.
fn no_lock(verb: &str, error: &Diagnostic) -> Failure {
    if let Some(holder) = Holder::in_message(&error.detail) {
        return Failure::new(format!("terraform {verb}: the state {} is locked by {holder}", holder.path)).hint(
            "another Terraform is at work on it: let it end, or end it, and run again \
             (the lock of a remote backend outlives a killed Terraform: `cargo xtask infra unlock ENV` removes it)",
        );
    }
    let explanation = error.explanation();
    let cause = explanation.first().map_or(error.summary.as_str(), |first| first.trim_start_matches("Error message: "));
    with_hint(Failure::new(format!("terraform {verb}: the state cannot be locked: {cause}")), cause)
}

/// One failure for all that Terraform says, in up to five errors, when the state after an apply does not go where it belongs: with
/// the cause, which ends the first of them that the system had a part in. What else went wrong stands below it.
fn unsaved_state(verb: &str, errors: &[&Diagnostic]) -> Option<Failure> {
    let last = errors.iter().find(|error| error.summary == UNSAVED)?;
    let text = |error: &Diagnostic| format!("{} {}", error.summary, error.explanation().join(" "));
    let is_about_state = |error: &&&Diagnostic| error.summary.contains(" state");
    let of_the_system = errors.iter().filter(is_about_state).map(|error| text(error)).find(|text| Printed::of(text).has_errno(NO_ROOM));
    let text = of_the_system.unwrap_or_else(|| text(last));
    let mut causes: Vec<&str> = text.trim().trim_end_matches('.').rsplitn(3, ": ").take(2).collect();
    causes.reverse();
    let others = errors.iter().filter(|error| !is_about_state(error));
    Some(
        Failure::new(format!("terraform {verb}: the new state could not be written: {}", causes.join(": ")))
            .details(others.map(|other| other.headline())),
    )
}

/// A run that did not fail by a word of Terraform's, and did not say that it has done all of it either.
pub(crate) fn unfinished(verb: &str, ending: &str, words: &str) -> Failure {
    Failure::new(format!("`terraform {verb}` ended with {ending} without saying that it is complete"))
        .details(last_lines(words))
        .hint(shutdown::way_on())
}

fn without_diagnostic(verb: &str, words: &str, caller: &Caller<'_>) -> Failure {
    if let Some(failure) = explain_aws::explain(verb, words, caller) {
        return failure;
    }
    with_hint(Failure::new(format!("`terraform {verb}` failed")).details(last_lines(words)), words)
}

fn last_lines(words: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    let passed_over = lines.len().saturating_sub(15);
    lines.into_iter().skip(passed_over)
}

fn with_hint(failure: Failure, text: &str) -> Failure {
    let printed = Printed::of(text);
    failure.hint(if printed.has_errno(NO_ROOM) {
        "free some space (`docker system df` shows what Docker holds) and run again"
    } else if printed.got_no_answer() {
        "look at the network: a provider that its registry does not give can also be put below ~/.terraform.d/plugins"
    } else {
        MORE
    })
}

const NO_ROOM: &[Errno] = &[Errno::NOSPC, Errno::DQUOT];

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::aws::caller::Caller;

    fn diagnostic(summary: &str, detail: &str) -> Diagnostic {
        Diagnostic { severity: "error".to_owned(), summary: summary.to_owned(), detail: detail.to_owned(), range: None, snippet: None }
    }

    fn of_the_value(detail: &str) -> Diagnostic {
        let snippet = serde_json::from_value(serde_json::json!({"context": "variable \"vectorstore\"", "code": "{"})).unwrap();
        Diagnostic { snippet, ..diagnostic("Invalid value for variable", detail) }
    }

    fn failure(verb: &str, diagnostics: &[Diagnostic], words: &str) -> crate::host::error::Failure {
        super::failure(verb, diagnostics, words, &Caller::of("profile `p`".to_owned(), &|| None))
    }

    #[test]
    fn a_lock_that_was_given_back_between_two_questions_is_known() {
        let refused = "Error message: operation error S3: PutObject, https response error StatusCode: 412, \
                       api error PreconditionFailed: At least one of the pre-conditions you specified did not hold";
        let gone = "unable to retrieve file from S3 bucket 'b' with key 'k.tflock': operation error S3: GetObject, https response error \
                    StatusCode: 404, NoSuchKey:";
        let is_given_back = |summary: &str, detail: &str| diagnostic(summary, detail).is_of_a_lock_given_back();
        assert!(is_given_back(super::NO_LOCK, &format!("{refused} {gone}")));
        for (summary, detail) in [
            (super::NO_LOCK, refused.to_owned()),
            (super::NO_LOCK, format!("Error message: AccessDenied {gone}")),
            ("Failed to save state", format!("{refused} {gone}")),
        ] {
            assert!(!is_given_back(summary, &detail), "{summary} {detail}");
        }
    }

    #[test]
    fn every_failure_says_what_and_what_to_do_next() {
        let cases = [
            (
                vec![of_the_value("Use one of\nfour engines.\n\nThis was checked.")],
                "",
                "terraform plan: Invalid value for variable\n  Use one of four engines.\n  This was checked.\nhint: correct the value",
            ),
            (vec![diagnostic("A", ""), diagnostic("B", "")], "", "terraform plan: A\n  B\nhint: run again with -v"),
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
