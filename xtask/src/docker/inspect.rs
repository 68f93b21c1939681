//! The containers and volumes of the Docker engine, as it describes them itself.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::api::{escaped, side_by_side};
use super::endpoint::Endpoint;

/// A container, running or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "RawContainer")]
pub(crate) struct Container {
    /// Its name, without Docker's leading slash.
    pub(crate) name: String,
    /// 64 hexadecimal characters.
    pub(crate) id: String,
    /// `created`, `running`, `restarting`, `exited`, …
    pub(crate) status: String,
    /// `starting`, `healthy`, `unhealthy`; `None` if it has no health check.
    pub(crate) health: Option<String>,
    /// Exit code of the last end.
    pub(crate) exit_code: i64,
    /// How often the engine has started it again by itself.
    pub(crate) restarts: u32,
    /// RFC 3339, UTC.
    pub(crate) started_at: String,
    /// The image as the container was asked for.
    pub(crate) image: String,
    /// Labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Ports of the host that it publishes.
    pub(crate) host_ports: Vec<u16>,
}

/// A named volume.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Volume {
    /// Its name.
    pub(crate) name: String,
    /// Labels; Docker says `null` if it has no labels.
    pub(crate) labels: Option<BTreeMap<String, String>>,
}

impl Container {
    /// The container that the engine describes in its own words.
    ///
    /// # Errors
    /// It is described otherwise than engines do.
    pub(crate) fn read(described: &serde_json::Value) -> Result<Self> {
        Ok(Self::deserialize(described)?)
    }

    /// True while its process runs.
    pub(crate) fn is_running(&self) -> bool {
        self.status == "running"
    }

    /// The word for a table: the health where there is one, else the status.
    pub(crate) fn state(&self) -> &str {
        match &self.health {
            Some(health) if self.is_running() => health,
            _ => &self.status,
        }
    }
}

impl Endpoint {
    /// Those of the named containers that exist.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn containers(&self, names: &[String]) -> Result<Vec<Container>> {
        self.inspect("container", names)
    }

    /// Every container, running or not, that carries this label.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn labelled_containers(&self, label: &str) -> Result<Vec<Container>> {
        self.containers(&self.labelled_container_ids(label)?)
    }

    /// Every container, running or not, that one of these volumes is mounted in.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn containers_with_volumes(&self, volumes: &[String]) -> Result<Vec<Container>> {
        if volumes.is_empty() {
            return Ok(Vec::new());
        }
        let filter = escaped(&serde_json::json!({ "volume": volumes }).to_string());
        self.containers(&self.listed_ids(&format!("/containers/json?all=1&filters={filter}"))?)
    }

    /// Every container that runs, whosever it is.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn running_containers(&self) -> Result<Vec<Container>> {
        self.containers(&self.listed_ids("/containers/json")?)
    }

    /// The ids of the containers, running or not, that carry this label.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn labelled_container_ids(&self, label: &str) -> Result<Vec<String>> {
        self.listed_ids(&format!("/containers/json?all=1&filters={}", label_filter(&[label])))
    }

    /// The ids of what a list of containers or networks has.
    pub(super) fn listed_ids(&self, path: &str) -> Result<Vec<String>> {
        let listed: Vec<Listed> = self.get(path)?.unwrap_or_default();
        Ok(listed.into_iter().map(|container| container.id).collect())
    }

    /// Those of the named volumes that exist.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn volumes(&self, names: &[String]) -> Result<Vec<Volume>> {
        self.inspect("volume", names)
    }

    /// Names of the volumes that carry this label.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn labelled_volumes(&self, label: &str) -> Result<Vec<String>> {
        let listed: ListedVolumes = self.get(&format!("/volumes?filters={}", label_filter(&[label])))?.unwrap_or_default();
        Ok(listed.volumes.unwrap_or_default().into_iter().map(|volume| volume.name).collect())
    }

    /// Those of the named things (`container`, `volume`, `image`) that exist, in the engine's own words.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn describe(&self, kind: &str, names: &[String]) -> Result<Vec<serde_json::Value>> {
        self.inspect(kind, names)
    }

    /// Starts containers that exist and do not run.
    ///
    /// # Errors
    /// One of them could not be started.
    pub(crate) fn start(&self, names: &[String]) -> Result<()> {
        each(names, |name| self.act("POST", &format!("/containers/{}/start", escaped(name))))
    }

    /// Starts containers anew, whether they run or not, giving those that do ten seconds.
    ///
    /// # Errors
    /// One of them could not be started.
    pub(crate) fn restart(&self, names: &[String]) -> Result<()> {
        each(names, |name| self.act("POST", &format!("/containers/{}/restart?t=10", escaped(name))))
    }

    /// Lets paused containers go on.
    ///
    /// # Errors
    /// One of them does not.
    pub(crate) fn unpause(&self, names: &[String]) -> Result<()> {
        each(names, |name| self.act("POST", &format!("/containers/{}/unpause", escaped(name))))
    }

    /// Stops containers as their images ask to be stopped, waiting `grace_seconds`, and removes them. Volumes stay.
    ///
    /// # Errors
    /// One of them could not be stopped or removed.
    pub(crate) fn remove(&self, names: &[String], grace_seconds: u32) -> Result<()> {
        each(names, |name| {
            self.act("POST", &format!("/containers/{}/stop?t={grace_seconds}", escaped(name)))?;
            // force: one that is started again between the two is removed all the same.
            self.act("DELETE", &format!("/containers/{}?force=1", escaped(name)))
        })
    }

    /// Removes volumes and what is in them.
    ///
    /// # Errors
    /// One of them is in use.
    pub(crate) fn remove_volumes(&self, names: &[String]) -> Result<()> {
        each(names, |name| self.act("DELETE", &format!("/volumes/{}", escaped(name))))
    }

    fn inspect<T: DeserializeOwned + Send>(&self, kind: &str, names: &[String]) -> Result<Vec<T>> {
        let path = |name: &String| match kind {
            "volume" => format!("/volumes/{}", escaped(name)),
            other => format!("/{other}s/{}/json", escaped(name)),
        };
        let found = side_by_side(names, |name| self.get(&path(name)));
        Ok(found.into_iter().collect::<Result<Vec<Option<T>>>>()?.into_iter().flatten().collect())
    }
}

/// Does something to all of them at the same time; the first failure is the answer.
pub(super) fn each(names: &[String], work: impl Fn(&String) -> Result<()> + Sync) -> Result<()> {
    side_by_side(names, work).into_iter().collect()
}

/// The filter of a list for what carries all of these labels, as it stands in a query.
pub(super) fn label_filter<Label: AsRef<str>>(labels: &[Label]) -> String {
    let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
    escaped(&serde_json::json!({ "label": labels }).to_string())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedVolumes {
    volumes: Option<Vec<Volume>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawContainer {
    id: String,
    name: String,
    #[serde(default)]
    restart_count: u32,
    state: RawState,
    config: RawConfig,
    host_config: RawHostConfig,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawState {
    status: String,
    exit_code: i64,
    started_at: String,
    health: Option<RawHealth>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHealth {
    status: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawConfig {
    image: String,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHostConfig {
    port_bindings: Option<BTreeMap<String, Option<Vec<RawBinding>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawBinding {
    host_port: String,
}

impl From<RawContainer> for Container {
    fn from(raw: RawContainer) -> Self {
        let bindings = raw.host_config.port_bindings.unwrap_or_default();
        let host_ports = bindings.into_values().flatten().flatten().filter_map(|binding| binding.host_port.parse().ok()).collect();
        Self {
            name: raw.name.trim_start_matches('/').to_owned(),
            id: raw.id,
            status: raw.state.status,
            health: raw.state.health.map(|health| health.status).filter(|status| status != "none"),
            exit_code: raw.state.exit_code,
            restarts: raw.restart_count,
            started_at: raw.state.started_at,
            image: raw.config.image,
            labels: raw.config.labels.unwrap_or_default(),
            host_ports,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Container;

    #[test]
    fn understands_what_the_engine_prints() {
        let raw = r#"{"Id":"abc","Name":"/tracker-local-redis","Image":"sha256:1","State":{"Status":"running","ExitCode":0,
            "StartedAt":"2026-01-02T03:04:05.6Z","Health":{"Status":"healthy"}},
            "Config":{"Image":"tracker/redis:8","Labels":{"io.tracker.owner":"o"}},
            "HostConfig":{"PortBindings":{"6379/tcp":[{"HostIp":"127.0.0.1","HostPort":"6379"}],"1/tcp":null}}}"#;
        let container: Container = serde_json::from_str(raw).unwrap();
        assert_eq!(
            (container.name.as_str(), container.state(), container.host_ports.as_slice()),
            ("tracker-local-redis", "healthy", &[6379][..])
        );
        let stopped = Container { status: "exited".to_owned(), ..container };
        assert_eq!(stopped.state(), "exited", "the health of what does not run says nothing");
    }
}
