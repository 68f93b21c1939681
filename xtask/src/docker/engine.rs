//! Whether the Docker engine answers, and what stands in the way when it does not.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;

use anyhow::Result;

use super::endpoint::Endpoint;
use crate::failure::Failure;
use crate::process::{find_on_path, not_found};

/// The reasons why there is no engine to talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Absence {
    /// No `docker` on PATH.
    NoClient,
    /// The engine's program is not on this machine either.
    NotInstalled,
    /// It is installed, or was, but nothing listens.
    Stopped,
    /// It listens, but not to this user.
    NoPermission,
    /// It is somewhere else and did not answer; the client's own words.
    Unreachable(String),
}

/// Asks the engine for a sign of life.
///
/// # Errors
/// The client is there and cannot be started.
pub(crate) fn find_absence(endpoint: &Endpoint) -> Result<Option<Absence>> {
    if find_on_path("docker").is_none() {
        return Ok(Some(Absence::NoClient));
    }
    if let Some(socket) = endpoint.socket() {
        // A connect is the whole question, and takes no process.
        return Ok(match UnixStream::connect(socket) {
            Ok(_) => None,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(Absence::NoPermission),
            Err(_) if find_on_path("dockerd").is_none() && !socket.exists() => Some(Absence::NotInstalled),
            Err(_) => Some(Absence::Stopped),
        });
    }
    let output = endpoint.client().args(["version", "--format", "{{.Server.APIVersion}}"]).output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    Ok((!output.status.success()).then(|| Absence::Unreachable(words.lines().last().unwrap_or_default().to_owned())))
}

/// The failure of work during which the engine went away; none while it is there. `failed` is what could not be done.
///
/// # Errors
/// The client is there and cannot be started.
pub(crate) fn gone(endpoint: &Endpoint, failed: &str) -> Result<Option<Failure>> {
    let absence = find_absence(endpoint)?;
    Ok(absence.map(|_| {
        Failure::new(format!("the Docker engine on {} went away in the middle", endpoint.host()))
            .details([failed])
            .hint("start it; `up` then goes on from what was made, and data in volumes stays")
    }))
}

impl Endpoint {
    /// Fails with what stands in the way when the engine does not answer.
    ///
    /// # Errors
    /// The absence, as a message for a person.
    pub(crate) fn require(&self) -> Result<()> {
        match find_absence(self)? {
            None => Ok(()),
            Some(absence) => Err(absence.failure(self).into()),
        }
    }
}

impl Absence {
    /// The message for a person.
    pub(crate) fn failure(&self, endpoint: &Endpoint) -> Failure {
        let host = endpoint.host();
        match self {
            Self::NoClient => not_found("docker"),
            Self::NotInstalled => Failure::new(format!("no Docker engine: nothing listens on {host} and `dockerd` is not installed"))
                .hint("run again with --bootstrap to install it (Debian, Ubuntu), or see https://docs.docker.com/engine/install/"),
            Self::Stopped => Failure::new(format!("the Docker engine is stopped: nothing listens on {host}"))
                .hint("start it (`systemctl start docker`, or Docker Desktop), or run again with --bootstrap"),
            Self::NoPermission => Failure::new(format!("no permission to use the Docker engine on {host}"))
                .hint("add yourself to its group (`sudo usermod -aG docker $USER`) and log in again, or use a rootless engine"),
            Self::Unreachable(words) => Failure::new(format!("the Docker engine on {host} does not answer"))
                .details([words.clone()])
                .hint("check DOCKER_HOST, or the context that `docker context ls` marks"),
        }
    }
}
