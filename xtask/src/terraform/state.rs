//! State files, for backends that keep one on this machine.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::invocation::LOCK_TIMEOUT;
use super::state_lock::{self, Holder};
use crate::host::error::Failure;
use crate::host::quoting::shell_quoted;
use crate::host::shutdown;
use crate::project::environment::Environment;

/// Which state it is: of which line, and after how many changes. Both are `None` without a state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StateId {
    pub(crate) lineage: Option<String>,
    pub(crate) serial: Option<u64>,
}

impl StateId {
    /// That of a state file's content.
    pub(crate) fn of(state: &Value) -> Self {
        Self { lineage: state["lineage"].as_str().map(ToOwned::to_owned), serial: state["serial"].as_u64() }
    }
}

/// The state in the local backend's file; `None` if there is no such file, or this xtask does not know its format. A file of that name
/// beside a root whose states are elsewhere is somebody's copy, and proves nothing.
///
/// # Errors
/// The file cannot be read, or is damaged: with the way back.
pub(crate) fn read(environment: &Environment) -> Result<Option<Value>> {
    if !environment.has_local_state() {
        return Ok(None);
    }
    let path = environment.local_state_file();
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    let judged = judge(&mut file, environment)?;
    if judged.is_ok() {
        return Ok(judged?);
    }
    // Terraform empties the file before it writes: what looks damaged may be half written, by one that outlives its killed parent.
    wait_for_writer(&file, environment)?;
    Ok(judge(&mut file, environment)??)
}

fn judge(file: &mut File, environment: &Environment) -> Result<Result<Option<Value>, Failure>> {
    let path = environment.local_state_file();
    let mut text = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut text)).with_context(|| format!("reading {}", path.display()))?;
    let parsed = match parse(&text) {
        Ok(Some(state)) => return Ok(Ok(Some(state))),
        parsed => parsed,
    };
    if let Some(cut_off) = CutOff::of(&text, environment) {
        let outcome = if cut_off.backup.is_some() { "puts the one before it in its place" } else { "begins a new one" };
        let hint = format!("`cargo xtask infra up {}` {outcome}, and finds what was made by its labels", environment.cli_args());
        return Ok(Err(unusable(environment, &format!("is {}", cut_off.how)).hint(hint)));
    }
    let has_backup = backup_of(environment).is_some();
    Ok(match parsed {
        Ok(None) if text.is_empty() && has_backup => Err(damaged(environment, "is empty", true)),
        Ok(state) => Ok(state),
        Err(why) => Err(damaged(environment, &format!("is damaged ({why})"), has_backup)),
    })
}

/// Waits until no Terraform holds the lock of the state any more, as long as Terraform itself would.
fn wait_for_writer(file: &File, environment: &Environment) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(20);
    /// After this it is no longer the moment that writing takes.
    const MOMENT: Duration = Duration::from_millis(500);
    let (begun, mut announced) = (Instant::now(), false);
    // Terraform's local lock is the kernel's for records (fcntl(2)). A file system that has none proves nothing.
    while let Err(Errno::AGAIN | Errno::ACCESS) = fcntl_lock(file, FlockOperation::NonBlockingLockShared) {
        if begun.elapsed() > Duration::from_secs(LOCK_TIMEOUT.into()) {
            let holder = Holder::beside(&environment.local_state_file()).map(|holder| format!(" by {holder}")).unwrap_or_default();
            return Err(Failure::new(format!("the state of `{}` is locked{holder}, and is not whole yet", environment.display_name()))
                .hint("let that Terraform end, or end it, and run again")
                .into());
        }
        if begun.elapsed() > MOMENT && !announced {
            state_lock::announce_wait(environment, SystemTime::now(), || None);
            announced = true;
        }
        shutdown::check("the state was waited for")?;
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// What Terraform leaves of a state if it is killed while it writes: nothing, or the beginning. Only where all that was made since
/// is found by its labels, so that the state before does as well.
#[derive(Debug)]
pub(super) struct CutOff {
    /// The word for it.
    pub(super) how: &'static str,
    /// The state before, if there is one.
    pub(super) backup: Option<Vec<u8>>,
}

impl CutOff {
    /// What became of a state of this text; `None` for a whole one, and for one that is damaged in another way.
    pub(super) fn of(text: &[u8], environment: &Environment) -> Option<Self> {
        let is_found_by_labels = environment.target.docker && !environment.target.aws;
        if !is_found_by_labels || !serde_json::from_slice::<IgnoredAny>(text).is_err_and(|error| error.is_eof()) {
            return None;
        }
        let backup = backup_of(environment);
        // Terraform makes an empty file before it locks it. Only where there is a backup, a state was in it.
        let how = match text {
            [] if backup.is_none() => return None,
            [] => "empty",
            _ => "cut off",
        };
        Some(Self { how, backup })
    }
}

/// The state before the last change, where it is whole.
fn backup_of(environment: &Environment) -> Option<Vec<u8>> {
    fs::read(environment.state_backup_file()).ok().filter(|backup| parse(backup).is_ok_and(|state| state.is_some()))
}

/// Parses the text of a state: `None` for an empty one, and for formats other than 4, which Terraform has written since 0.12
/// (<https://developer.hashicorp.com/terraform/language/state>). For anything else the error says why.
pub(crate) fn parse(text: &[u8]) -> Result<Option<Value>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    // The message names the place and what was expected there, and no value.
    let state: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if !state["version"].is_u64() {
        return Err("there is no version in it".to_owned());
    }
    Ok(Some(state).filter(|state| state["version"] == 4))
}

fn damaged(environment: &Environment, how: &str, has_backup: bool) -> Failure {
    let (file, backup) = (environment.local_state_file(), environment.state_backup_file());
    let quoted = |path: &std::path::Path| shell_quoted(&path.to_string_lossy());
    let hint = if has_backup {
        format!(
            "its backup is the state before the last change; put it in its place: `cp -p {} {}`; then say so: `cargo xtask infra adopt {} --reason TEXT`",
            quoted(&backup),
            quoted(&file),
            environment.cli_args()
        )
    } else if environment.target.docker {
        format!(
            "there is no backup; move it away: `mv {} {}`; then `cargo xtask infra up {}` finds what was made, with its data, by the labels",
            quoted(&file),
            quoted(&environment.damaged_state_file()),
            environment.cli_args()
        )
    } else {
        "there is no backup beside it: put back a copy of yours; without its state, Terraform would make everything a second time"
            .to_owned()
    };
    unusable(environment, how).hint(hint)
}

fn unusable(environment: &Environment, how: &str) -> Failure {
    let file = environment.local_state_file();
    Failure::new(format!("the state of `{}` cannot be used: {} {how}", environment.display_name(), file.display()))
}

/// The attributes of every resource of one type.
pub(crate) fn resources<'a>(state: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    instances(state, kind).map(|instance| &instance["attributes"])
}

/// Every resource of one type, as the state writes it: its `attributes`, `status` and `sensitive_attributes`.
pub(crate) fn instances<'a>(state: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let resources = state["resources"].as_array().into_iter().flatten().filter(move |resource| resource["type"] == kind);
    resources.flat_map(|resource| resource["instances"].as_array().into_iter().flatten())
}

/// Every managed resource: its address, type and attributes.
pub(crate) fn managed(state: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    let resources = state["resources"].as_array().into_iter().flatten().filter(|resource| resource["mode"] == "managed");
    resources.flat_map(|resource| {
        let text = |key: &str| resource[key].as_str().unwrap_or_default();
        let module = resource["module"].as_str().map(|module| format!("{module}.")).unwrap_or_default();
        let address = format!("{module}{}.{}", text("type"), text("name"));
        let instances = resource["instances"].as_array().into_iter().flatten();
        instances.map(move |instance| {
            // A number or a text in quotes, as addresses have them.
            let key = instance.get("index_key").map(|key| format!("[{key}]")).unwrap_or_default();
            (format!("{address}{key}"), text("type"), &instance["attributes"])
        })
    })
}

/// The names of the resources of one type whose making was broken off: Terraform marks them as tainted before it has asked for what
/// only the provider knows, such as `computed`. One that was tainted on purpose is known.
pub(crate) fn broken_off(state: &Value, kind: &str, computed: &str) -> Vec<String> {
    let those = instances(state, kind).filter(|instance| instance["status"] == "tainted" && instance["attributes"][computed].is_null());
    those.filter_map(|instance| instance["attributes"]["name"].as_str().map(ToOwned::to_owned)).collect()
}

/// One text attribute of every resource of one type.
pub(crate) fn attributes(state: &Value, kind: &str, attribute: &str) -> Vec<String> {
    resources(state, kind).filter_map(|attributes| attributes[attribute].as_str().map(ToOwned::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::{attributes, broken_off, parse, read};
    use crate::project::environment::Environment;
    use crate::project::infra_toml::Policy;
    use crate::project::target::Target;
    use serde_json::{Value, json};
    use std::fs;

    #[test]
    fn what_is_no_state_is_told_from_what_is_none_yet() {
        assert_eq!(parse(b""), Ok(None));
        assert_eq!(parse(b"{\"version\": 5}"), Ok(None), "a later format");
        assert_eq!(parse(b"{\"version\": 4}"), Ok(Some(json!({"version": 4}))));
        for text in ["{\"version\": 4, \"li", "<<<<<<<", "\n", "[]", "{}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_damaged_state_is_named_with_the_way_back() {
        let directory = tempfile::tempdir().unwrap();
        let mut environment = Environment {
            name: "e".to_owned(),
            instance: "default".to_owned(),
            directory: directory.path().to_owned(),
            policy: Policy::default(),
            target: Target { docker: true, ..Target::default() },
        };
        let (file, backup) = (environment.local_state_file(), environment.state_backup_file());
        let code = directory.path().join("backend.tf");
        let message = |environment: &Environment| read(environment).unwrap_err().to_string();
        assert_eq!(read(&environment).unwrap(), None);
        fs::write(&file, "").unwrap();
        assert_eq!(read(&environment).unwrap(), None, "locked and never written");
        fs::write(&file, "{").unwrap();
        assert!(message(&environment).contains("is cut off\nhint: `cargo xtask infra up e` begins a new one"), "{}", message(&environment));
        fs::write(&backup, "{\"version\": 4}").unwrap();
        assert!(
            message(&environment).contains("is cut off\nhint: `cargo xtask infra up e` puts the one before"),
            "{}",
            message(&environment)
        );
        fs::remove_file(&backup).unwrap();
        fs::write(&file, "{]").unwrap();
        assert!(message(&environment).contains("hint: there is no backup; move it away: `mv "), "{}", message(&environment));
        environment.target.docker = false;
        assert!(message(&environment).contains("hint: there is no backup beside it"), "{}", message(&environment));
        fs::write(&backup, "{\"version\": 4}").unwrap();
        let copy = format!(
            "hint: its backup is the state before the last change; put it in its place: `cp -p '{}' '{}'`; then say so: `cargo xtask infra adopt e",
            backup.display(),
            file.display()
        );
        assert!(message(&environment).contains(&copy), "{}", message(&environment));
        fs::write(&file, "").unwrap();
        assert!(message(&environment).contains("is empty"), "{}", message(&environment));
        // Pulled once to look at it, or left from before the state moved.
        fs::write(&file, "{\"version\": 4}").unwrap();
        for (block, is_its_state) in [("local", true), ("s3", false)] {
            fs::write(&code, format!("terraform {{\n  backend \"{block}\" {{}}\n}}\n")).unwrap();
            assert_eq!(read(&environment).unwrap().is_some(), is_its_state, "{block}");
        }
    }

    #[test]
    fn finds_an_attribute_of_every_resource_of_a_type() {
        let state = json!({"resources": [
            {"type": "docker_volume", "instances": [{"attributes": {"name": "a"}}, {"attributes": {"name": "b"}}]},
            {"type": "docker_image", "instances": [{"attributes": {"name": "c"}}]},
        ]});
        assert_eq!(attributes(&state, "docker_volume", "name"), ["a", "b"]);
        assert!(attributes(&json!({}), "docker_volume", "name").is_empty());
    }

    #[test]
    fn what_was_broken_off_is_told_from_what_was_tainted_on_purpose() {
        let volume = |name: &str, status: Value, place: Value| json!({"status": status, "attributes": {"name": name, "mountpoint": place}});
        let state = json!({"resources": [{"type": "docker_volume", "instances": [
            volume("broken off", json!("tainted"), json!(null)),
            volume("tainted", json!("tainted"), json!("/var/lib/docker/volumes/tainted/_data")),
            volume("well", json!(null), json!("/var/lib/docker/volumes/well/_data")),
        ]}]});
        assert_eq!(broken_off(&state, "docker_volume", "mountpoint"), ["broken off"]);
    }
}
