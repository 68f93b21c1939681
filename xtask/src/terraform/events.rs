//! The lines that `terraform -json` prints while it works
//! (https://developer.hashicorp.com/terraform/internals/machine-readable-ui).

use serde::Deserialize;
use serde_json::Value;

use super::diagnostic::Diagnostic;

/// One line, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A resource will be created, changed, replaced or deleted.
    Planned {
        /// Its address.
        address: String,
        /// Its type, such as `docker_volume`.
        kind: String,
        /// The id of the thing that it takes over, when it is imported.
        imported: Option<String>,
        /// `create`, `update`, `replace`, `delete`, `noop`, …
        action: String,
    },
    /// A resource is being created, changed or deleted.
    Started {
        /// Its address.
        address: String,
        /// `create`, `update`, `delete`, …
        action: String,
    },
    /// That is done.
    Finished {
        /// Its address.
        address: String,
        /// What was done; of a replacement, each half by itself.
        action: String,
    },
    /// That failed; a diagnostic says why.
    Failed {
        /// Its address.
        address: String,
    },
    /// Somebody else may have the state's lock: it is waited for.
    WaitingForLock,
    /// The whole state, printed because it could be written nowhere.
    StateDump(Value),
    /// Which Terraform it is, before everything else.
    Version(String),
    /// All of it is done, and this is what it was: `plan`, `apply` or `destroy`.
    Complete(String),
    /// An error or a warning.
    Diagnostic(Diagnostic),
    /// Anything else, or a line that is no event.
    Other,
}

/// Understands one line.
pub(crate) fn parse(line: &str) -> Event {
    let Ok(raw) = serde_json::from_str::<Raw>(line) else {
        return Event::Other;
    };
    if let Some(state) = raw.state.filter(Value::is_object) {
        return Event::StateDump(state);
    }
    let Subject { resource: Resource { addr: address, resource_type: kind }, action, importing } =
        raw.hook.or(raw.change).unwrap_or_default();
    match (raw.kind.as_str(), raw.diagnostic) {
        ("planned_change", _) => Event::Planned { address, kind, imported: importing.and_then(|importing| importing.id), action },
        ("apply_start", _) => Event::Started { address, action },
        ("apply_complete", _) => Event::Finished { address, action },
        ("apply_errored", _) => Event::Failed { address },
        ("state_lock_acquire", _) => Event::WaitingForLock,
        ("version", _) => Event::Version(raw.terraform),
        ("change_summary", _) => Event::Complete(raw.changes.operation),
        ("diagnostic", Some(diagnostic)) => Event::Diagnostic(diagnostic),
        _ => Event::Other,
    }
}

/// The errors and warnings in all that a call has printed.
pub(crate) fn diagnostics(said: &str) -> Vec<Diagnostic> {
    let diagnostic = |line| match parse(line) {
        Event::Diagnostic(diagnostic) => Some(diagnostic),
        _ => None,
    };
    said.lines().filter_map(diagnostic).collect()
}

#[derive(Deserialize)]
struct Raw {
    // The dump of a state has none.
    #[serde(rename = "type", default)]
    kind: String,
    state: Option<Value>,
    #[serde(default)]
    terraform: String,
    hook: Option<Subject>,
    change: Option<Subject>,
    #[serde(default)]
    changes: Summary,
    diagnostic: Option<Diagnostic>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Subject {
    resource: Resource,
    action: String,
    importing: Option<Importing>,
}

#[derive(Default, Deserialize)]
struct Summary {
    #[serde(default)]
    operation: String,
}

#[derive(Deserialize)]
struct Importing {
    id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource {
    addr: String,
    resource_type: String,
}

#[cfg(test)]
mod tests {
    use super::{Event, parse};
    use serde_json::json;

    #[test]
    fn understands_the_events_that_matter_and_passes_over_the_rest() {
        let address = "module.redis.docker_container.this".to_owned();
        let hook =
            r#""hook":{"resource":{"addr":"module.redis.docker_container.this","resource_type":"docker_container"},"action":"create"}"#;
        for (line, expected) in [
            (format!(r#"{{"type":"apply_start",{hook}}}"#), Event::Started { address: address.clone(), action: "create".to_owned() }),
            (format!(r#"{{"type":"apply_complete",{hook}}}"#), Event::Finished { address: address.clone(), action: "create".to_owned() }),
            (
                format!(r#"{{"type":"planned_change",{}}}"#, hook.replace("hook", "change").replace("create", "replace")),
                Event::Planned {
                    address: address.clone(),
                    kind: "docker_container".to_owned(),
                    imported: None,
                    action: "replace".to_owned(),
                },
            ),
            (format!(r#"{{"type":"apply_errored",{hook}}}"#), Event::Failed { address }),
            (r#"{"type":"state_lock_acquire"}"#.to_owned(), Event::WaitingForLock),
            (r#"{"@message":"Emergency state dump","state":{"version":4}}"#.to_owned(), Event::StateDump(json!({"version": 4}))),
            (r#"{"type":"version","terraform":"1.11.4"}"#.to_owned(), Event::Version("1.11.4".to_owned())),
            (
                r#"{"type":"change_summary","changes":{"add":1,"change":0,"import":0,"remove":0,"operation":"apply"}}"#.to_owned(),
                Event::Complete("apply".to_owned()),
            ),
            ("not json".to_owned(), Event::Other),
        ] {
            assert_eq!(parse(&line), expected, "{line}");
        }
    }

    #[test]
    fn a_diagnostic_carries_where_it_is() {
        let line = r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Unsupported argument","detail":"d",
            "range":{"filename":"main.tf","start":{"line":3,"column":1,"byte":2}}}}"#;
        let Event::Diagnostic(diagnostic) = parse(line) else { panic!("not understood") };
        assert_eq!(diagnostic.location().as_deref(), Some("main.tf:3"));
    }
}
