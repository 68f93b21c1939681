//! The lines that `terraform -json` prints while it works
//! (https://developer.hashicorp.com/terraform/internals/machine-readable-ui).

use serde::Deserialize;
use serde_json::Value;

use super::diagnostic::Diagnostic;

/// One line, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A resource will be created, changed, replaced or deleted.
    PlannedChange { change: Subject },
    /// A resource is being created, changed or deleted; of a replacement, this and the next are of each half.
    ApplyStart { hook: Subject },
    /// That is done.
    ApplyComplete { hook: Subject },
    /// That failed; a diagnostic says why.
    ApplyErrored { hook: Subject },
    /// Terraform asks for the state's lock, and waits if somebody else has it.
    StateLockAcquire,
    /// Which Terraform it is, before everything else.
    Version { terraform: String },
    /// All of it is done.
    ChangeSummary { changes: Summary },
    /// An error or a warning.
    Diagnostic { diagnostic: Diagnostic },
    /// The whole state, printed because it could be written nowhere. The type of its line says nothing.
    #[serde(skip)]
    StateDump(Value),
    /// Anything else, or a line that is no event.
    #[serde(other)]
    Other,
}

/// The resource that an event is about, and what happens to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Subject {
    pub(crate) resource: Resource,
    /// `create`, `update`, `replace`, `delete`, `noop`, …
    pub(crate) action: String,
    pub(crate) importing: Option<Importing>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Resource {
    /// Its address.
    pub(crate) addr: String,
    /// Such as `docker_volume`.
    pub(crate) resource_type: String,
}

/// The thing that an `import` block takes over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Importing {
    pub(crate) id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Summary {
    /// `plan`, `apply` or `destroy`.
    pub(crate) operation: String,
}

/// Understands one line.
pub(crate) fn parse(line: &str) -> Event {
    #[derive(Deserialize)]
    struct Dump {
        state: serde_json::Map<String, Value>,
    }
    match serde_json::from_str(line).unwrap_or(Event::Other) {
        Event::Other => serde_json::from_str::<Dump>(line).map_or(Event::Other, |dump| Event::StateDump(dump.state.into())),
        event => event,
    }
}

/// The errors and warnings in all that a call has printed.
pub(crate) fn diagnostics(said: &str) -> Vec<Diagnostic> {
    let diagnostic = |line| match parse(line) {
        Event::Diagnostic { diagnostic } => Some(diagnostic),
        _ => None,
    };
    said.lines().filter_map(diagnostic).collect()
}

#[cfg(test)]
impl Subject {
    /// What a test has Terraform say.
    pub(crate) fn of(address: &str, kind: &str, action: &str, imported: Option<&str>) -> Self {
        Self {
            resource: Resource { addr: address.to_owned(), resource_type: kind.to_owned() },
            action: action.to_owned(),
            importing: imported.map(|id| Importing { id: Some(id.to_owned()) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Importing, Subject, Summary, parse};
    use serde_json::json;

    #[test]
    fn understands_the_events_that_matter_and_passes_over_the_rest() {
        let resource = r#""resource":{"addr":"module.redis.docker_container.this","resource_type":"docker_container"}"#;
        let line = |kind: &str, key: &str, rest: &str| format!(r#"{{"type":"{kind}","{key}":{{{resource},"action":"create"{rest}}}}}"#);
        let hook = Subject::of("module.redis.docker_container.this", "docker_container", "create", None);
        let imported = Subject::of("module.redis.docker_container.this", "docker_container", "create", Some("i"));
        for (line, expected) in [
            (line("apply_start", "hook", ""), Event::ApplyStart { hook: hook.clone() }),
            (line("apply_complete", "hook", r#","elapsed_seconds":0"#), Event::ApplyComplete { hook: hook.clone() }),
            (line("planned_change", "change", ""), Event::PlannedChange { change: hook.clone() }),
            (line("planned_change", "change", r#","importing":{"id":"i"}"#), Event::PlannedChange { change: imported }),
            (line("planned_change", "change", r#","importing":{"identity":{}}"#), {
                Event::PlannedChange { change: Subject { importing: Some(Importing::default()), ..hook.clone() } }
            }),
            (line("apply_errored", "hook", ""), Event::ApplyErrored { hook }),
            (r#"{"type":"state_lock_acquire","@level":"info"}"#.to_owned(), Event::StateLockAcquire),
            (r#"{"@message":"Emergency state dump","state":{"version":4}}"#.to_owned(), Event::StateDump(json!({"version": 4}))),
            (r#"{"type":"log","state":{"version":4}}"#.to_owned(), Event::StateDump(json!({"version": 4}))),
            (r#"{"type":"version","terraform":"1.11.4"}"#.to_owned(), Event::Version { terraform: "1.11.4".to_owned() }),
            (
                r#"{"type":"change_summary","changes":{"add":1,"change":0,"import":0,"remove":0,"operation":"apply"}}"#.to_owned(),
                Event::ChangeSummary { changes: Summary { operation: "apply".to_owned() } },
            ),
            (r#"{"type":"outputs","outputs":{}}"#.to_owned(), Event::Other),
            ("{}".to_owned(), Event::Other),
            ("not json".to_owned(), Event::Other),
        ] {
            assert_eq!(parse(&line), expected, "{line}");
        }
    }

    #[test]
    fn a_diagnostic_carries_where_it_is() {
        let line = r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Unsupported argument","detail":"d",
            "range":{"filename":"main.tf","start":{"line":3,"column":1,"byte":2}}}}"#;
        let Event::Diagnostic { diagnostic } = parse(line) else { panic!("not understood") };
        assert_eq!(diagnostic.location().as_deref(), Some("main.tf:3"));
    }
}
