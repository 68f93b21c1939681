//! Docker Compose, compiled from its Go module, and a Compose file that asks for exactly what our containers are.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::program::{call, run};

/// What ends a `compose up`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// `--wait`, on health checks that run every second, the most often that Compose understands on every engine. This is
    /// what somebody without this tool would type.
    HealthChecks,
    /// Nothing: the caller asks the services itself. The health checks are as seldom as ours.
    Probes,
}

/// Compose with its project: containers and volumes of their own names, on the same ports as ours.
#[derive(Debug)]
pub(crate) struct Compose {
    waiting: Waiting,
    program: PathBuf,
    project: String,
    directory: TempDir,
}

impl Compose {
    /// Writes the Compose file for what runs now, and names the volumes there. `state` is Terraform's, for the files that it put into
    /// the containers.
    ///
    /// # Errors
    /// Docker does not answer, or the file cannot be written.
    pub(crate) fn mirror(
        program: PathBuf,
        project: &str,
        outputs: &Value,
        state: &Value,
        waiting: Waiting,
    ) -> Result<(Self, BTreeSet<String>)> {
        let directory = tempfile::tempdir().context("making a directory for the Compose file")?;
        let mut services = Map::new();
        let mut volumes = BTreeSet::new();
        for (name, image) in containers(outputs) {
            let described = run(call("docker").args(["container", "inspect", name]))?.stdout;
            let described: Vec<Value> = serde_json::from_str(&described).context("reading what Docker says of a container")?;
            let container = described.first().context("Docker says nothing of a container")?;
            let mut service = service(container, image);
            if waiting == Waiting::HealthChecks && service["healthcheck"].is_object() {
                service["healthcheck"]["interval"] = "1s".into();
            }
            let mut mounts = named_volumes(container);
            volumes.extend(mounts.iter().filter_map(|mount| mount["source"].as_str()).map(ToOwned::to_owned));
            mounts.extend(write_files(directory.path(), name, state)?);
            service["volumes"] = mounts.into();
            services.insert(name.to_owned(), service);
        }
        let named: Map<String, Value> = volumes.iter().map(|name| (name.clone(), json!({}))).collect();
        let file = json!({ "services": services, "volumes": named }).to_string();
        // Compose replaces $NAME in values; a doubled one stays.
        fs::write(directory.path().join("compose.json"), file.replace('$', "$$")).context("writing the Compose file")?;
        Ok((Self { waiting, program, project: project.to_owned(), directory }, volumes))
    }

    /// `up` in the background, and the wait of [`Waiting::HealthChecks`].
    ///
    /// # Errors
    /// What Compose said.
    pub(crate) fn up(&self) -> Result<()> {
        match self.waiting {
            Waiting::HealthChecks => self.run(&["up", "--detach", "--wait"]),
            Waiting::Probes => self.run(&["up", "--detach"]),
        }
    }

    /// Runs a Compose command that must succeed.
    ///
    /// # Errors
    /// What Compose said.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut compose = call(&self.program);
        compose.args(["--project-name", &self.project, "--progress", "quiet", "--file"]);
        run(compose.arg(self.directory.path().join("compose.json")).args(arguments)).map(drop)
    }
}

impl Drop for Compose {
    fn drop(&mut self) {
        // After a failure in the middle; after a success there is nothing left to remove.
        let _ = self.run(&["down", "--volumes"]);
    }
}

/// The container and the image of every service that has one of its own.
fn containers(outputs: &Value) -> impl Iterator<Item = (&str, &str)> {
    let services = outputs["services"].as_object().into_iter().flatten();
    services.filter_map(|(_, service)| Some((service["container"].as_str()?, service["image"].as_str()?)))
}

/// A container's settings in Compose's words.
fn service(container: &Value, image: &str) -> Value {
    let (config, host) = (&container["Config"], &container["HostConfig"]);
    let check = &config["Healthcheck"];
    let seconds = |value: &Value| format!("{}ms", value.as_i64().unwrap_or_default() / 1_000_000);
    let mut service = json!({
        "image": image,
        "entrypoint": config["Entrypoint"],
        "command": config["Cmd"],
        "environment": config["Env"],
        "ports": ports(host),
        // Without a network of its own, as ours: Compose would spend time on making one.
        "network_mode": "bridge",
        "mem_limit": host["Memory"],
        "shm_size": host["ShmSize"],
        "cap_drop": host["CapDrop"],
        "cap_add": host["CapAdd"],
        "security_opt": host["SecurityOpt"],
        "restart": host["RestartPolicy"]["Name"],
        "stop_grace_period": "30s",
        "logging": {"driver": host["LogConfig"]["Type"], "options": host["LogConfig"]["Config"]},
    });
    if let Some(signal) = config["StopSignal"].as_str() {
        service["stop_signal"] = signal.into();
    }
    if check["Test"].is_array() {
        service["healthcheck"] = json!({
            "test": check["Test"],
            "interval": seconds(&check["Interval"]),
            "timeout": seconds(&check["Timeout"]),
            "start_period": seconds(&check["StartPeriod"]),
            "retries": check["Retries"],
        });
    }
    service
}

fn ports(host: &Value) -> Vec<String> {
    let bindings = host["PortBindings"].as_object().cloned().unwrap_or_default();
    let text = |binding: &Value, key: &str| binding[key].as_str().unwrap_or_default().to_owned();
    let published = bindings.into_iter().flat_map(|(inside, outside)| {
        let outside = outside.as_array().cloned().unwrap_or_default();
        outside.into_iter().map(move |binding| format!("{}:{}:{inside}", text(&binding, "HostIp"), text(&binding, "HostPort")))
    });
    published.collect()
}

fn named_volumes(container: &Value) -> Vec<Value> {
    let mounts = container["Mounts"].as_array().cloned().unwrap_or_default();
    let named = mounts.into_iter().filter(|mount| mount["Type"] == "volume");
    named.map(|mount| json!({"type": "volume", "source": mount["Name"], "target": mount["Destination"]})).collect()
}

/// The files that Terraform uploads into a container, written beside the Compose file and mounted read-only.
fn write_files(directory: &Path, container: &str, state: &Value) -> Result<Vec<Value>> {
    let mut mounts = Vec::new();
    for upload in uploads(state, container) {
        let target = upload["file"].as_str().unwrap_or_default();
        let source = directory.join(format!("{container}-{}", mounts.len()));
        fs::write(&source, upload["content"].as_str().unwrap_or_default()).with_context(|| format!("writing {}", source.display()))?;
        // Its reader in the container is another user; the directory above is closed to everybody else here.
        fs::set_permissions(&source, Permissions::from_mode(0o444)).with_context(|| format!("writing {}", source.display()))?;
        mounts.push(json!({"type": "bind", "source": source, "target": target, "read_only": true}));
    }
    Ok(mounts)
}

fn uploads(state: &Value, container: &str) -> Vec<Value> {
    let resources = state["resources"].as_array().into_iter().flatten().filter(|resource| resource["type"] == "docker_container");
    let mut instances = resources.flat_map(|resource| resource["instances"].as_array().into_iter().flatten());
    let found = instances.find(|instance| instance["attributes"]["name"] == container);
    found.and_then(|instance| instance["attributes"]["upload"].as_array().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{named_volumes, service, uploads};
    use serde_json::json;

    #[test]
    fn a_container_is_described_as_it_is() {
        let container = json!({
            "Config": {"Entrypoint": ["e"], "Cmd": null, "Env": ["A=1"], "StopSignal": "SIGINT",
                "Healthcheck": {"Test": ["CMD", "x"], "Interval": 10_000_000_000_i64, "Timeout": 1, "StartPeriod": 1, "Retries": 3}},
            "HostConfig": {"Memory": 5, "PortBindings": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "21000"}]}},
            "Mounts": [{"Type": "volume", "Name": "v", "Destination": "/data"}, {"Type": "bind", "Source": "/x"}],
        });
        let service = service(&container, "redis:8");
        assert_eq!(service["ports"], json!(["127.0.0.1:21000:6379/tcp"]));
        assert_eq!(service["healthcheck"]["interval"], "10000ms");
        assert_eq!((&service["stop_signal"], &service["mem_limit"]), (&json!("SIGINT"), &json!(5)));
        assert_eq!(named_volumes(&container), [json!({"type": "volume", "source": "v", "target": "/data"})]);
    }

    #[test]
    fn finds_the_files_of_a_container_in_the_state() {
        let state = json!({"resources": [{"type": "docker_container",
            "instances": [{"attributes": {"name": "c", "upload": [{"file": "/etc/x", "content": "y"}]}}]}]});
        assert_eq!(uploads(&state, "c").len(), 1);
        assert!(uploads(&state, "d").is_empty());
    }
}
