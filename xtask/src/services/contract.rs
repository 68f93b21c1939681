//! The two outputs that every root has: `services`, for everybody, and `env`, with the secrets.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::login::Login;
use crate::host::error::Failure;

/// One service, as the output `services` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Service {
    /// The software that answers, such as `postgres`.
    pub(crate) engine: String,
    /// Its version.
    pub(crate) version: String,
    /// Where it listens.
    pub(crate) host: String,
    /// The port there.
    pub(crate) port: u16,
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    /// The image it runs, when it runs in a container.
    pub(crate) image: Option<String>,
    /// The container, when it has one of its own.
    pub(crate) container: Option<String>,
    /// The volume with its data.
    pub(crate) volume: Option<String>,
    /// How to ask whether it answers; none where that is not for this machine to ask.
    pub(crate) probe: Option<ProbeSpec>,
    /// The provider's own word for its state, such as `available`, where it gives one.
    #[serde(default)]
    pub(crate) status: Option<String>,
    /// What mends data that the engine refuses to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) repair: Option<Repair>,
}

/// A program of an engine's own for its data, which its log asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repair {
    /// What the log says then.
    pub(crate) log: String,
    /// Where the program looks for the data.
    pub(crate) path: String,
    /// The program in the image, and its arguments.
    pub(crate) command: String,
}

/// How to find out whether a service is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProbeSpec {
    /// The protocol to speak.
    pub(crate) protocol: Protocol,
    /// The port on the service's host.
    pub(crate) port: u16,
    /// The path, for HTTP.
    pub(crate) path: Option<String>,
    /// The status that means ready, for HTTP; 200 when it says none. An engine that asks for a key may be ready when it refuses.
    #[serde(default)]
    pub(crate) status: Option<u16>,
    /// What to log in with once it answers; none where this machine has nothing to log in with.
    #[serde(default)]
    pub(crate) login: Option<Login>,
    /// Whether the volume keeps the login that it was made with: another one takes more than a new container.
    #[serde(default)]
    pub(crate) login_stays: bool,
}

/// Protocols in which readiness can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// AUTH and PING.
    Redis,
    /// A startup message, and a login up to the first query.
    Postgres,
    /// GET, answered with the expected status; then what the login needs.
    Http,
}

impl ProbeSpec {
    /// A question without a login.
    pub(crate) fn of(protocol: Protocol, port: u16, path: Option<String>) -> Self {
        Self { protocol, port, path, status: None, login: None, login_stays: false }
    }
}

impl Service {
    /// `redis 8.0.2`.
    pub(crate) fn software(&self) -> String {
        format!("{} {}", self.engine, self.version)
    }

    /// The command line that mends the data of a container which ended with this log, by a person's `docker`.
    pub(crate) fn repair_after(&self, log: &[String], docker: &str) -> Option<String> {
        let repair = self.repair.as_ref().filter(|repair| log.iter().any(|line| line.contains(&repair.log)))?;
        let (container, volume, image) = (self.container.as_ref()?, self.volume.as_ref()?, self.image.as_ref()?);
        let (program, arguments) = repair.command.split_once(' ').unwrap_or((&repair.command, ""));
        let run = format!("run --rm --interactive --volume {volume}:{} --entrypoint {program} {image} {arguments}", repair.path);
        Some(format!("{docker} stop {container} && {docker} {}", run.trim_end()))
    }

    /// `127.0.0.1:6379`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// All outputs of a root.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outputs {
    /// By service name.
    pub(crate) services: BTreeMap<String, Service>,
    /// Variables of the environment by name; many are secret.
    pub(crate) env: BTreeMap<String, String>,
    /// Every output as Terraform prints it: `{ "sensitive": …, "type": …, "value": … }` by name.
    pub(crate) raw: BTreeMap<String, Value>,
}

impl Outputs {
    /// Understands `terraform output -json`; without a state there are no services.
    ///
    /// # Errors
    /// The outputs do not keep the contract.
    pub(crate) fn parse(values: Value) -> Result<Self> {
        let raw: BTreeMap<String, Value> = serde_json::from_value(values).context("the outputs are not an object")?;
        let value = |name: &str| raw.get(name).and_then(|output| output.get("value")).cloned();
        let services = value("services").map(parse_services).transpose()?.unwrap_or_default();
        let env =
            value("env").map(serde_json::from_value).transpose().context("the output `env` is not a map of strings")?.unwrap_or_default();
        Ok(Self { services, env, raw })
    }

    /// True before the first apply and after a destroy.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }
}

/// Understands the value of the output `services`.
///
/// # Errors
/// It lacks something that the contract asks for.
pub(crate) fn parse_services(value: Value) -> Result<BTreeMap<String, Service>> {
    serde_json::from_value(value).map_err(|error| {
        Failure::new(format!("the output `services` does not keep the contract: {error}"))
            .hint("infrastructure/README.md lists what every service must say of itself")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::{Outputs, Protocol};
    use serde_json::json;

    #[test]
    fn reads_services_and_variables() {
        let outputs = Outputs::parse(json!({
            "services": {"sensitive": false, "value": {"redis": {
                "engine": "redis", "version": "8.0.2", "host": "127.0.0.1", "port": 6379, "tls": false, "image": "redis:8",
                "container": "tracker-local-redis", "volume": "tracker-local-redis", "more": 1,
                "probe": {"protocol": "redis", "port": 6379, "path": null}}}},
            "env": {"sensitive": true, "value": {"REDIS_URL": "redis://x"}},
        }))
        .unwrap();
        let redis = &outputs.services["redis"];
        assert_eq!((redis.software().as_str(), redis.address().as_str()), ("redis 8.0.2", "127.0.0.1:6379"));
        assert_eq!(redis.probe.as_ref().unwrap().protocol, Protocol::Redis);
        assert_eq!(outputs.env["REDIS_URL"], "redis://x");
    }

    #[test]
    fn without_a_state_there_is_nothing_and_a_broken_contract_is_named() {
        assert!(Outputs::parse(json!({})).unwrap().is_empty());
        let error = Outputs::parse(json!({"services": {"value": {"redis": {"engine": "redis"}}}})).unwrap_err();
        assert!(error.to_string().contains("missing field `version`"), "{error}");
    }
}
