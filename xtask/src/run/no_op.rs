//! Proof that nothing has changed since the last success, without starting Terraform: a hash of everything that could
//! matter and of what runs. Whatever cannot be read or looks doubtful gives no fingerprint, and so the long way.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::thread;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::context::Context;
use super::inputs;
use super::session::Session;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Container;
use crate::host::command::find_on_path;
use crate::host::digest::Digest;
use crate::host::private_file;
use crate::project::checkout::Checkout;
use crate::project::instance::RecordFile;
use crate::services::contract::{Outputs, Service};
use crate::terraform::state;

/// A proof in the making: the outputs that the state holds, and the hash over everything.
#[derive(Debug)]
pub(crate) struct Fingerprint {
    /// The outputs, read from the state's own file.
    pub(crate) outputs: Outputs,
    /// The services' containers.
    pub(crate) containers: Vec<Container>,
    hash: String,
}

/// Takes the fingerprint of an instance as it is now; none when it does not run as a whole, has no state in a local file, or is made
/// from something that cannot be read.
///
/// # Errors
/// The engine does not answer.
pub(crate) fn take(session: &Session, context: &Context) -> Result<Option<Fingerprint>> {
    let Some(endpoint) = &session.endpoint else {
        return Ok(None);
    };
    if !session.environment.has_local_state() {
        return Ok(None);
    }
    let Ok(state) = fs::read(session.environment.local_state_file()) else {
        return Ok(None);
    };
    let document: Value = serde_json::from_slice(&state).unwrap_or_default();
    let Some(outputs) = outputs_in(&document) else {
        return Ok(None);
    };
    let mut hash = Digest::default();
    hash.part(&state);
    if !read_files(&mut hash, session, &context.checkout) {
        return Ok(None);
    }
    hash.part(session.terraform.is_initialised().unwrap_or_default().to_string());
    read_surroundings(&mut hash);
    // What is compared with what runs has to be on record, and in the words of the engine that is there.
    hash.part(RecordFile::Containers.path(&session.environment, &context.directories).is_file().to_string());
    hash.part(session.daemon()?.map(|daemon| daemon.version.clone()).unwrap_or_default());
    let containers = read_docker(&mut hash, endpoint, &document, &outputs)?;
    Ok(containers.map(|containers| Fingerprint { outputs, containers, hash: hash.finish() }))
}

/// The last success, which nothing has changed since.
#[derive(Debug)]
pub(crate) struct Proof {
    /// What was found now, and then.
    pub(crate) fingerprint: Fingerprint,
    /// What Terraform warned of then.
    pub(crate) warnings: Vec<String>,
    /// Names of the containers that run since before it: their services have let us in.
    pub(crate) settled: BTreeSet<String>,
}

impl Proof {
    /// True when no container was started since.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.len() == self.fingerprint.containers.len()
    }
}

impl Fingerprint {
    /// The proof, when the last success left the same fingerprint.
    pub(crate) fn proof(self, session: &Session) -> Option<Proof> {
        let remembered = fs::read_to_string(session.environment.fingerprint_file()).ok()?;
        if remembered.lines().next() != Some(self.hash.as_str()) {
            return None;
        }
        let has_run = |container: &&Container| remembered.lines().skip(1).any(|line| line == start_of(container));
        let settled = self.containers.iter().filter(has_run).map(|container| container.name.clone()).collect();
        Some(Proof { warnings: warnings_in(&remembered), settled, fingerprint: self })
    }

    /// Remembers a success: the hash, below it the warnings that stand in spite of it, and when each container was started.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn remember(&self, session: &Session, warnings: &[String]) -> Result<()> {
        let warnings = serde_json::to_string(warnings).context("writing JSON")?;
        let lines: Vec<String> = [self.hash.clone(), warnings].into_iter().chain(self.containers.iter().map(start_of)).collect();
        private_file::write(&session.environment.fingerprint_file(), lines.join("\n").as_bytes())
    }
}

/// The warnings below a remembered hash, in one line of JSON.
fn warnings_in(remembered: &str) -> Vec<String> {
    remembered.lines().nth(1).and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default()
}

/// No two starts are of one container at one moment.
fn start_of(container: &Container) -> String {
    format!("{} {}", container.id, container.started_at)
}

/// The outputs in a state file, which have the form of `terraform output -json`.
fn outputs_in(state: &Value) -> Option<Outputs> {
    let outputs = Outputs::parse(state.get("outputs")?.clone()).ok()?;
    (!outputs.services.is_empty()).then_some(outputs)
}

/// A hash of the code, the variables and the instance file: what a plan is made from, beside the state and the world.
pub(crate) fn configuration(session: &Session, checkout: &Checkout) -> String {
    let mut hash = Digest::default();
    // What cannot be read is for Terraform to judge.
    let _ = read_files(&mut hash, session, checkout);
    let is_input = |name: &OsString| name.to_string_lossy().starts_with("TF_VAR_");
    for (name, value) in std::env::vars_os().filter(|(name, _)| is_input(name)).collect::<BTreeMap<_, _>>() {
        hash.part(name.as_encoded_bytes()).part(value.as_encoded_bytes());
    }
    hash.finish()
}

/// Every file that it is made from; false when one cannot be read.
fn read_files(hash: &mut Digest, session: &Session, checkout: &Checkout) -> bool {
    let instance = fs::read(session.environment.instance_file());
    hash.part(instance.as_deref().unwrap_or_default());
    inputs::read(hash, &session.environment, checkout) && instance.is_ok()
}

/// The programs that would do the work, and the variables that they would see.
fn read_surroundings(hash: &mut Digest) {
    for program in [find_on_path("terraform"), find_on_path("docker"), std::env::current_exe().ok()] {
        let described = program.and_then(|program| {
            let found = program.metadata().ok()?;
            Some(format!("{} {} {:?}", program.display(), found.len(), found.modified().ok()))
        });
        hash.part(described.unwrap_or_default());
    }
    let matters = |name: &OsString| ["TF_", "DOCKER_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix));
    for (name, value) in std::env::vars_os().filter(|(name, _)| matters(name)).collect::<BTreeMap<_, _>>() {
        hash.part(name.as_encoded_bytes()).part(value.as_encoded_bytes());
    }
}

/// Containers, volumes and images as the engine describes them; none when one is missing, stopped or unhealthy. The containers are
/// returned.
fn read_docker(hash: &mut Digest, endpoint: &Endpoint, state: &Value, outputs: &Outputs) -> Result<Option<Vec<Container>>> {
    let named =
        |attribute: fn(&Service) -> Option<&String>| -> Vec<String> { outputs.services.values().filter_map(attribute).cloned().collect() };
    let containers = named(|service| service.container.as_ref());
    let images = named(|service| service.image.as_ref());
    let volumes = state::attributes(state, "docker_volume", "name");
    let (containers_found, volumes_found, images_found) = thread::scope(|scope| {
        let volumes = scope.spawn(|| endpoint.describe("volume", &volumes));
        let images = scope.spawn(|| endpoint.describe("image", &images));
        let containers = endpoint.describe("container", &containers);
        (containers, volumes.join().expect("asking does not panic"), images.join().expect("asking does not panic"))
    });
    let (containers_found, volumes_found, images_found) = (containers_found?, volumes_found?, images_found?);
    if containers_found.len() != containers.len() || volumes_found.len() != volumes.len() || images_found.len() != images.len() {
        return Ok(None);
    }
    if !containers_found.iter().all(is_well) {
        return Ok(None);
    }
    // What changes while a container merely runs is left out: its process, its times, its health's history.
    for part in containers_found.iter().flat_map(|container| CONTAINER_PARTS.map(|part| &container[part])) {
        hash.part(part.to_string());
    }
    for container in &containers_found {
        hash.part(mounts(container).join(" "));
        hash.part(networks(container).join(" "));
        if !inputs::read_mounts(hash, container) {
            return Ok(None);
        }
    }
    for volume in &volumes_found {
        hash.part(volume.to_string());
    }
    for image in &images_found {
        hash.part(image["Id"].to_string());
    }
    containers_found.iter().map(Container::read).collect::<Result<_>>().map(Some)
}

/// The parts of a container's description that only a change changes.
const CONTAINER_PARTS: [&str; 5] = ["Id", "Name", "Image", "Config", "HostConfig"];

/// What is mounted, sorted: the engine lists it in another order each time it is asked.
fn mounts(container: &Value) -> Vec<String> {
    let mut mounts: Vec<String> = container["Mounts"].as_array().into_iter().flatten().map(Value::to_string).collect();
    mounts.sort();
    mounts
}

/// Names of the networks that a container is in now. It can be cut off from them while it runs, and its other parts stay the same;
/// its addresses in them change with every start.
fn networks(container: &Value) -> Vec<&str> {
    container["NetworkSettings"]["Networks"].as_object().into_iter().flat_map(serde_json::Map::keys).map(String::as_str).collect()
}

fn is_well(container: &Value) -> bool {
    let state = &container["State"];
    state["Running"] == true && state["Paused"] != true && state["Restarting"] != true && state["Health"]["Status"] != "unhealthy"
}

#[cfg(test)]
mod tests {
    use super::{is_well, mounts, networks, outputs_in, warnings_in};
    use serde_json::{Value, json};

    #[test]
    fn a_container_is_well_only_while_it_runs_and_is_not_unhealthy() {
        for (state, expected) in [
            (json!({"Running": true}), true),
            (json!({"Running": true, "Health": {"Status": "starting"}}), true),
            (json!({"Running": true, "Health": {"Status": "unhealthy"}}), false),
            (json!({"Running": true, "Paused": true}), false),
            (json!({"Running": true, "Restarting": true}), false),
            (json!({"Running": false}), false),
        ] {
            assert_eq!(is_well(&json!({ "State": state })), expected, "{state}");
        }
    }

    #[test]
    fn mounts_are_the_same_in_any_order() {
        let (data, sql) = (json!({"Destination": "/data"}), json!({"Destination": "/sql"}));
        assert_eq!(mounts(&json!({"Mounts": [data, sql]})), mounts(&json!({"Mounts": [sql, data]})));
        assert!(mounts(&Value::Null).is_empty());
    }

    #[test]
    fn a_container_is_in_networks_whatever_its_address_there() {
        let container = |networks: Value| json!({ "NetworkSettings": { "Networks": networks } });
        assert_eq!(networks(&container(json!({"own": {"IPAddress": "172.18.0.2"}, "bridge": {}}))), ["bridge", "own"]);
        assert!(networks(&container(Value::Null)).is_empty());
    }

    #[test]
    fn warnings_stand_below_the_hash() {
        for (remembered, expected) in [
            ("aa\n[\"a\\nhint: b\"]\nid start", vec!["a\nhint: b".to_owned()]),
            ("aa\n[]", vec![]),
            // As it was written before there were warnings in it.
            ("aa", vec![]),
            ("aa\nid start", vec![]),
        ] {
            assert_eq!(warnings_in(remembered), expected, "{remembered}");
        }
    }

    #[test]
    fn a_state_without_services_proves_nothing() {
        assert!(outputs_in(&json!({"outputs": {"services": {"value": {}}}})).is_none());
        assert!(outputs_in(&Value::Null).is_none(), "what cannot be understood");
    }
}
