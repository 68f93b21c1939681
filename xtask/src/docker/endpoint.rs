//! Where the Docker engine listens, resolved once, for Terraform, the command line client and the tests alike.

use std::env;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::host::command::Tool;
use crate::host::error::Failure;

/// Where the packaged engine listens.
const PACKAGED_SOCKETS: [&str; 2] = ["/var/run/docker.sock", "/run/docker.sock"];

/// Where the system's engine listens.
const SYSTEM_SOCKET: &str = "/var/run/docker.sock";

/// An address that Docker's DOCKER_HOST understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    host: String,
    origin: Origin,
}

/// Where an address was found: what to change when no engine answers there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// DOCKER_HOST.
    Host,
    /// A context that DOCKER_CONTEXT names.
    Context(String),
    /// The context that the client is set to.
    Configured(String),
    /// Where engines usually listen.
    Usual,
}

impl Endpoint {
    /// DOCKER_HOST, else the context that DOCKER_CONTEXT or the client's configuration names, else the usual socket behind
    /// which an engine listens.
    ///
    /// # Errors
    /// The named context cannot be read.
    pub(crate) fn resolve() -> Result<Self> {
        if let Some(host) = variable("DOCKER_HOST") {
            return Ok(Self { host, origin: Origin::Host });
        }
        let origin = variable("DOCKER_CONTEXT").map(Origin::Context).or_else(|| configured_context().map(Origin::Configured));
        Ok(match origin {
            Some(Origin::Context(name) | Origin::Configured(name)) if name == "default" => Self::usual(),
            Some(Origin::Context(name)) => Self { host: host_of_context(&name)?, origin: Origin::Context(name) },
            Some(Origin::Configured(name)) => Self { host: host_of_context(&name)?, origin: Origin::Configured(name) },
            _ => Self::usual(),
        })
    }

    fn usual() -> Self {
        Self { host: format!("unix://{}", first_that_answers(&usual_sockets()).display()), origin: Origin::Usual }
    }

    /// An engine of a test's own.
    #[cfg(test)]
    pub(crate) fn at(host: &str) -> Self {
        Self { host: host.to_owned(), origin: Origin::Host }
    }

    /// The address, as DOCKER_HOST takes it.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The socket's path, when the engine is reached by one.
    pub(crate) fn socket(&self) -> Option<&Path> {
        self.host.strip_prefix("unix://").map(Path::new)
    }

    /// True for the engine that everybody finds without being told.
    pub(crate) fn is_the_systems(&self) -> bool {
        self.socket() == Some(Path::new(SYSTEM_SOCKET))
    }

    /// The setting that names this address, and how to undo it; `None` if it was found without one.
    pub(crate) fn named_by(&self) -> Option<(String, &'static str)> {
        match &self.origin {
            Origin::Host => Some(("DOCKER_HOST".to_owned(), "unset DOCKER_HOST")),
            Origin::Context(name) => Some((format!("DOCKER_CONTEXT={name}"), "unset DOCKER_CONTEXT")),
            Origin::Configured(name) => Some((format!("the client's context `{name}`"), "docker context use default")),
            Origin::Usual => None,
        }
    }

    /// True where the packaged engine listens; another address is another engine's, which is not ours to start.
    pub(crate) fn is_packaged(&self) -> bool {
        self.socket().is_some_and(|socket| PACKAGED_SOCKETS.iter().any(|usual| socket == Path::new(usual)))
    }

    /// True if the client finds it by itself, or by the same setting.
    pub(super) fn is_the_clients(&self) -> bool {
        self.origin != Origin::Usual || self.is_the_systems()
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The system's socket, and those of an engine without root (<https://docs.docker.com/engine/security/rootless/>).
fn usual_sockets() -> Vec<PathBuf> {
    let below = |name: &str, path: &str| variable(name).map(|directory| Path::new(&directory).join(path));
    let rootless = [below("XDG_RUNTIME_DIR", "docker.sock"), below("HOME", ".docker/run/docker.sock")];
    std::iter::once(SYSTEM_SOCKET.into()).chain(rootless.into_iter().flatten()).collect()
}

/// The first behind which somebody listens; where nobody does, the first of all is the one to talk about.
fn first_that_answers(sockets: &[PathBuf]) -> &Path {
    sockets.iter().find(|socket| UnixStream::connect(socket).is_ok()).unwrap_or(&sockets[0])
}

/// Contexts are stored under hashed names: only the client itself should read them.
fn host_of_context(name: &str) -> Result<String> {
    let output = Tool::new("docker").args(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}", name]).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::new(format!("the Docker context `{name}` cannot be used"))
        .details([words])
        .hint("`docker context ls` lists those that there are: choose one with DOCKER_CONTEXT or `docker context use`")
        .into())
}

fn configured_context() -> Option<String> {
    let directory = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(|| Some(Path::new(&variable("HOME")?).join(".docker")))?;
    let text = std::fs::read_to_string(directory.join("config.json")).ok()?;
    let configuration: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(configuration.get("currentContext")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::first_that_answers;
    use std::os::unix::net::UnixListener;

    #[test]
    fn the_first_socket_with_an_engine_behind_it_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let sockets = ["missing", "deserted", "alive", "alive too"].map(|name| directory.path().join(name));
        drop(UnixListener::bind(&sockets[1]).unwrap());
        let _alive = (UnixListener::bind(&sockets[2]).unwrap(), UnixListener::bind(&sockets[3]).unwrap());
        assert_eq!(first_that_answers(&sockets), sockets[2]);
        assert_eq!(first_that_answers(&sockets[..2]), sockets[0]);
    }
}
