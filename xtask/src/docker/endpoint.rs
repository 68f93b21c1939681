//! Where the Docker engine listens, resolved once, for Terraform, the command line client and the tests alike.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::Tool;

/// The engine's usual place.
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

/// An address that Docker's DOCKER_HOST understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    host: String,
}

impl Endpoint {
    /// DOCKER_HOST, else the context that DOCKER_CONTEXT or the client's configuration names, else the usual socket.
    ///
    /// # Errors
    /// The named context cannot be read.
    pub(crate) fn resolve() -> Result<Self> {
        if let Some(host) = variable("DOCKER_HOST") {
            return Ok(Self { host });
        }
        let context = variable("DOCKER_CONTEXT").or_else(configured_context).filter(|name| name != "default");
        let host = match context {
            None => DEFAULT_HOST.to_owned(),
            // Contexts are stored under hashed names: only the client itself should read them.
            Some(name) => Tool::new("docker")
                .args(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}", &name])
                .read()
                .with_context(|| format!("reading the Docker context `{name}`"))?,
        };
        Ok(Self { host })
    }

    /// An engine of a test's own.
    #[cfg(test)]
    pub(crate) fn at(host: &str) -> Self {
        Self { host: host.to_owned() }
    }

    /// The address, as DOCKER_HOST takes it.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The socket's path, when the engine is reached by one.
    pub(crate) fn socket(&self) -> Option<&Path> {
        self.host.strip_prefix("unix://").map(Path::new)
    }

    /// A call of the Docker client against this engine.
    pub(crate) fn client(&self) -> Tool {
        Tool::new("docker").env("DOCKER_HOST", &self.host).env_remove("DOCKER_CONTEXT")
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn configured_context() -> Option<String> {
    let directory = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(|| Some(Path::new(&variable("HOME")?).join(".docker")))?;
    let text = std::fs::read_to_string(directory.join("config.json")).ok()?;
    let configuration: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(configuration.get("currentContext")?.as_str()?.to_owned())
}
