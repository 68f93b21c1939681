//! What was applied last, remembered outside the checkout: so another state in its place, an old one, or another Docker
//! engine is noticed before anything is changed.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::docker::daemon_id::DaemonId;
use crate::host::error::Failure;
use crate::host::private_file;
use crate::project::environment::Environment;
use crate::project::instance;
use crate::project::user_dirs::UserDirs;
use crate::terraform::run::Terraform;
use crate::terraform::state::{self, StateId};

/// A state and the world it is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LastApplied {
    /// Which state; none for one that is not on this machine, unless it is protected.
    #[serde(flatten)]
    state: StateId,
    engine: Option<DaemonId>,
    /// Hash of the configuration that the state was applied from; none when it was adopted.
    configuration: Option<String>,
    /// Whose the state says it is; none for one that is not in a file of this machine.
    owner: Option<String>,
    /// Volumes that a service has had for its data.
    volumes: BTreeSet<String>,
}

/// What has become another since the last apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// There is no state any more.
    StateGone,
    /// It is a state of another line.
    OtherState { before: String, now: String },
    /// It is an older one.
    OlderState { before: u64, now: u64 },
    /// It is not the one that the environment's `lineage.toml` pins.
    NotPinned { pinned: String, now: Option<String> },
    /// It is another owner's: the instance file is not the one that it was applied with.
    OtherOwner { before: String, now: String },
    /// The engine is another one.
    OtherEngine { before: DaemonId, now: DaemonId },
}

impl LastApplied {
    /// What is there now.
    ///
    /// # Errors
    /// The state cannot be read.
    pub(crate) fn now(terraform: &Terraform, environment: &Environment, engine: Option<DaemonId>) -> Result<Self> {
        let local = terraform.local_state()?;
        let owner = local.as_ref().and_then(|state| state["outputs"]["instance"]["value"]["owner"].as_str()).map(ToOwned::to_owned);
        let volumes = local.as_ref().map(used_volumes).unwrap_or_default();
        // One that is kept elsewhere takes a moment to ask for, and what is protected is worth it.
        let state = if environment.is_protected() { terraform.state()? } else { local };
        Ok(Self { state: StateId::of(&state.unwrap_or_default()), engine, configuration: None, owner, volumes })
    }

    /// The engine that is there now, whatever became of the state.
    pub(crate) fn on(engine: Option<DaemonId>) -> Self {
        Self { engine, ..Self::default() }
    }

    /// The same, applied from a configuration of this hash.
    pub(crate) fn made_from(self, configuration: Option<String>) -> Self {
        Self { configuration, ..self }
    }

    /// The same, with the volumes that services had `before`.
    pub(crate) fn after(mut self, before: Self) -> Self {
        self.volumes.extend(before.volumes);
        self
    }

    /// The volumes with services' data, as far as `state` says that they exist. Without a state, all that there have been.
    pub(crate) fn volumes_in_use(&self, state: Option<&Value>) -> BTreeSet<String> {
        let mut volumes = self.volumes.clone();
        if let Some(state) = state {
            volumes.extend(used_volumes(state));
            let existing = state::attributes(state, "docker_volume", "name");
            volumes.retain(|name| existing.contains(name));
        }
        volumes
    }

    /// True when this is the last that was done to `state`, and was done from the same configuration.
    pub(crate) fn left(&self, state: &Value, configuration: &str) -> bool {
        self.configuration.as_deref() == Some(configuration) && self.state == StateId::of(state)
    }

    /// What was remembered last.
    ///
    /// # Errors
    /// The record cannot be read or understood.
    pub(crate) fn remembered(environment: &Environment, directories: &UserDirs) -> Result<Option<Self>> {
        let path = record(environment, directories);
        match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map(Some).with_context(|| format!("understanding {}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Remembers it.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(crate) fn remember(&self, environment: &Environment, directories: &UserDirs) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("writing JSON")? + "\n";
        private_file::write(&record(environment, directories), text.as_bytes())
    }

    /// Whether what is there now is another state than the pinned one.
    pub(crate) fn departure(&self, pinned: Option<String>) -> Option<Mismatch> {
        pinned
            .filter(|pinned| self.state.lineage.as_ref() != Some(pinned))
            .map(|pinned| Mismatch::NotPinned { pinned, now: self.state.lineage.clone() })
    }

    /// The state's lineage.
    pub(crate) fn lineage(&self) -> Option<&str> {
        self.state.lineage.as_deref()
    }

    /// Whether the state is another one's than the `owner`'s whose instance file is here, and that was not adopted `before`.
    pub(crate) fn of_another(&self, owner: &str, before: &Self) -> Option<Mismatch> {
        let now = self.owner.as_ref().filter(|now| *now != owner && before.owner.as_ref() != Some(now))?;
        Some(Mismatch::OtherOwner { before: now.clone(), now: owner.to_owned() })
    }

    /// What is another thing now than it was, the gravest first.
    pub(crate) fn difference(&self, now: &Self) -> Option<Mismatch> {
        if let (Some(before), Some(now)) = (&self.engine, &now.engine)
            && before.is_another_than(now)
        {
            return Some(Mismatch::OtherEngine { before: before.clone(), now: now.clone() });
        }
        let before = self.state.lineage.as_ref()?;
        let Some(lineage) = &now.state.lineage else {
            return Some(Mismatch::StateGone);
        };
        if before != lineage {
            return Some(Mismatch::OtherState { before: before.clone(), now: lineage.clone() });
        }
        match (self.state.serial, now.state.serial) {
            (Some(before), Some(now)) if now < before => Some(Mismatch::OlderState { before, now }),
            _ => None,
        }
    }
}

impl Mismatch {
    /// The refusal of a run on `title`, which is typed as `typed`.
    pub(crate) fn refusal(&self, title: &str, typed: &str) -> Failure {
        let adopt = format!("if this is meant: cargo xtask infra adopt {typed} --reason TEXT");
        match self {
            Self::StateGone => Failure::refused(format!("the state of `{title}` is gone, and it was applied from here before"))
                .details(["Terraform would make all of it a second time"])
                .hint(format!("put the state back; {adopt}")),
            Self::OtherState { before, now } => {
                Failure::refused(format!("the state of `{title}` is not the one that was applied here: lineage {now}, and was {before}"))
                    .details(["Terraform would change what this state says, and not what was made"])
                    .hint(format!("put the right state back; {adopt}"))
            }
            Self::OlderState { before, now } => {
                Failure::refused(format!("the state of `{title}` is older than what was applied here: serial {now}, and was {before}"))
                    .details(["Terraform would make a second time, or leave behind, what came after it"])
                    .hint(format!("put the newer state back; {adopt}"))
            }
            Self::NotPinned { pinned, now } => {
                let now = now.as_ref().map_or_else(|| "there is none".to_owned(), |now| format!("this one is of lineage {now}"));
                Failure::refused(format!("the state of `{title}` is not the one that its lineage.toml pins, {pinned}: {now}"))
                    .details(["Terraform would change what this state says, or make all of it a second time"])
                    .hint(format!("put the right state back, or see that `init` finds the right bucket and key; {adopt}"))
            }
            Self::OtherOwner { before, now } => Failure::refused(format!(
                "the state of `{title}` was made with another instance file: of owner {before}, and this one is of {now}"
            ))
            .details(["Terraform would replace containers that may be another checkout's, and their data has other passwords"])
            .hint(format!("put that instance file back, or remove the state, if it was copied here; {adopt}")),
            Self::OtherEngine { before, now } => {
                Failure::refused(format!("`{title}` was made on another Docker engine: {before}, and this is {now}"))
                    .details(["its state describes containers and volumes that are not here"])
                    .hint(format!(
                        "set DOCKER_HOST or DOCKER_CONTEXT to the engine it was made on, or use another --instance here; {adopt}"
                    ))
            }
        }
    }
}

/// The volumes of the services that a state has outputs of.
fn used_volumes(state: &Value) -> BTreeSet<String> {
    let services = state["outputs"]["services"]["value"].as_object();
    services.into_iter().flat_map(serde_json::Map::values).filter_map(|service| Some(service["volume"].as_str()?.to_owned())).collect()
}

fn record(environment: &Environment, directories: &UserDirs) -> PathBuf {
    instance::RecordFile::Applied.path(environment, directories)
}

#[cfg(test)]
mod tests {
    use super::{LastApplied, Mismatch, StateId};
    use serde_json::json;

    fn applied(lineage: Option<&str>, serial: Option<u64>, engine: Option<&str>) -> LastApplied {
        LastApplied {
            state: StateId { lineage: lineage.map(ToOwned::to_owned), serial },
            engine: engine.map(Into::into),
            ..LastApplied::default()
        }
    }

    #[test]
    fn a_record_of_an_earlier_version_is_read() {
        let record = json!({"lineage": "l", "serial": 5, "engine": "e n"});
        assert_eq!(serde_json::from_value::<LastApplied>(record).unwrap(), applied(Some("l"), Some(5), Some("e n")));
    }

    #[test]
    fn knows_what_it_left_and_from_which_configuration() {
        let state = |lineage: &str, serial: u64| json!({"lineage": lineage, "serial": serial});
        let made = applied(Some("l"), Some(5), None).made_from(Some("c".to_owned()));
        for (state, configuration, expected) in [
            (state("l", 5), "c", true),
            (state("l", 6), "c", false),
            (state("m", 5), "c", false),
            (state("l", 5), "d", false),
            (json!(null), "c", false),
        ] {
            assert_eq!(made.left(&state, configuration), expected, "{state} {configuration}");
        }
        assert!(!applied(Some("l"), Some(5), None).left(&state("l", 5), "c"), "adopted");
    }

    #[test]
    fn a_state_of_another_owner_is_noticed_until_it_is_adopted() {
        let of = |owner: Option<&str>| LastApplied { owner: owner.map(ToOwned::to_owned), ..LastApplied::default() };
        for (state, before, expected) in [
            (Some("us"), None, false),
            (None, None, false),
            (Some("them"), None, true),
            (Some("them"), Some("us"), true),
            (Some("them"), Some("them"), false),
        ] {
            assert_eq!(of(state).of_another("us", &of(before)).is_some(), expected, "{state:?} {before:?}");
        }
    }

    #[test]
    fn notices_another_state_an_older_one_and_another_engine() {
        let before = applied(Some("l"), Some(5), Some("e"));
        let text = ToOwned::to_owned;
        for (now, expected) in [
            (applied(Some("l"), Some(5), Some("e")), None),
            (applied(Some("l"), Some(9), Some("e")), None),
            (applied(Some("l"), Some(4), Some("e")), Some(Mismatch::OlderState { before: 5, now: 4 })),
            (applied(Some("m"), Some(9), Some("e")), Some(Mismatch::OtherState { before: text("l"), now: text("m") })),
            (applied(None, None, Some("e")), Some(Mismatch::StateGone)),
            (applied(Some("l"), Some(5), Some("f")), Some(Mismatch::OtherEngine { before: "e".into(), now: "f".into() })),
        ] {
            assert_eq!(before.difference(&now), expected);
        }
        for (lineage, pinned, departs) in
            [(Some("l"), Some("l"), false), (Some("l"), None, false), (Some("m"), Some("l"), true), (None, Some("l"), true)]
        {
            let departure = applied(lineage, None, None).departure(pinned.map(text));
            assert_eq!(departure.is_some(), departs, "{lineage:?} {pinned:?}");
        }
        assert_eq!(LastApplied::default().difference(&applied(Some("x"), Some(1), None)), None, "nothing was applied from here yet");
    }
}
