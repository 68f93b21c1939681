//! Whether the Docker engine answers, and what stands in the way when it does not.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::api::SILENT;
use super::endpoint::Endpoint;
use crate::host::command::{find_on_path, not_found};
use crate::host::error::Failure;
use crate::host::shutdown;
use crate::host::time_limit::TimeLimit;

/// How long a sign of life may take.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

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
    /// It listens and says nothing; how long it was waited for.
    Silent(Duration),
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
    let Err(error) = endpoint.exchange("GET", "/_ping", TimeLimit::for_an_answer(SIGN_OF_LIFE)) else {
        return Ok(None);
    };
    let require_going_on = || shutdown::check("waiting for the Docker engine");
    let Some(socket) = endpoint.socket() else {
        require_going_on()?;
        return Ok(Some(Absence::Unreachable(error.to_string().lines().last().unwrap_or_default().trim().to_owned())));
    };
    Ok(match error.downcast::<std::io::Error>() {
        Ok(error) if error.kind() == ErrorKind::PermissionDenied => Some(Absence::NoPermission),
        Ok(_) if find_on_path("dockerd").is_none() && !socket.exists() => Some(Absence::NotInstalled),
        Ok(_) => Some(Absence::Stopped),
        // Any other answer means that an engine is there; the next request will understand it.
        Err(error) => {
            require_going_on()?;
            error.is::<Failure>().then_some(Absence::Silent(SIGN_OF_LIFE))
        }
    })
}

/// The failure of work during which the engine went away; `None` if it is there. `failed` is what could not be done.
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
        let is_elsewhere = !endpoint.is_packaged() && !matches!(self, Self::NoClient | Self::Silent(_));
        if let (Some((setting, undo)), true) = (endpoint.named_by(), is_elsewhere) {
            let elsewhere = format!("`{undo}` for this machine's own engine");
            let (message, words, here) = match self {
                Self::NoPermission => ("no permission to use the Docker engine on", None, "have its owner let you in"),
                Self::Unreachable(words) => {
                    ("no Docker engine answers on", Some(words.clone()), "start the engine there, or look at the way to it")
                }
                _ => ("nothing listens on", None, "start the engine there"),
            };
            return Failure::new(format!("{message} {host}, which {setting} names")).details(words).hint(format!("{here}, or {elsewhere}"));
        }
        match self {
            Self::NoClient => not_found("docker"),
            Self::NotInstalled => Failure::new(format!("no Docker engine: nothing listens on {host} and `dockerd` is not installed"))
                .hint("run again with --bootstrap to install it (Debian, Ubuntu), or see https://docs.docker.com/engine/install/"),
            Self::Stopped => Failure::new(format!("the Docker engine is stopped: nothing listens on {host}")).hint(how_to_start(endpoint)),
            Self::NoPermission => Failure::new(format!("no permission to use the Docker engine on {host}"))
                .hint("add yourself to its group (`sudo usermod -aG docker $USER`) and log in again, or use a rootless engine"),
            Self::Silent(waited) => Failure::new(format!(
                "the Docker engine on {host} does not answer: it listens, and said nothing for {} s",
                waited.as_secs()
            ))
            .hint(SILENT),
            Self::Unreachable(words) => Failure::new(format!("the Docker engine on {host} does not answer")).details([words.clone()]),
        }
    }
}

/// How to start the engine of this machine: by its service where systemd runs (sd_booted(3)), by us where it is the packaged one.
fn how_to_start(endpoint: &Endpoint) -> String {
    let desktop = cfg!(target_os = "macos").then(|| "start Docker Desktop".to_owned());
    let service = Path::new("/run/systemd/system").is_dir().then(|| {
        let sudo = if rustix::process::geteuid().is_root() { "" } else { "sudo " };
        format!("start it: `{sudo}systemctl start docker`")
    });
    let bootstrap = endpoint.is_packaged().then(|| "run again with --bootstrap, which starts it".to_owned());
    let ways: Vec<String> = [desktop, service, bootstrap].into_iter().flatten().collect();
    if ways.is_empty() { "start it".to_owned() } else { ways.join(", or ") }
}
