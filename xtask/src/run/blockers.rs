//! What has to go before a plan can be applied. It is found while everything is asked that can refuse, and removed after that.

use std::collections::BTreeSet;

use anyhow::Result;

use super::session::Session;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::{Container, Volume};
use crate::host::console;
use crate::host::error::Failure;
use crate::host::shutdown::{self, Finishing};
use crate::records::pending_volumes;

/// How long a container may take to stop; the modules' `destroy_grace_seconds`.
pub(crate) const GRACE_SECONDS: u32 = 30;

/// What is told to who does not want to wait for that.
pub(crate) const REMOVAL: &str = "stopping and removing containers";

/// Found by `preflight::check`; empty where there are no containers.
#[derive(Debug, Default)]
pub(crate) struct Blockers {
    /// Containers of ours that the state does not know: they hold no data.
    pub(crate) strays: Vec<Container>,
    /// Volumes that the engine only began to make.
    pub(crate) half_made: Vec<Volume>,
    /// Volumes that will be made, to be written down before.
    pub(crate) expected: BTreeSet<String>,
    /// Ports that will be published, and are free.
    pub(crate) ports: Vec<u16>,
}

impl Blockers {
    /// Removes it.
    ///
    /// # Errors
    /// Something of it cannot be removed.
    pub(crate) fn clear(&self, session: &Session) -> Result<()> {
        let Some(endpoint) = &session.endpoint else {
            return Ok(());
        };
        pending_volumes::remove(endpoint, &self.half_made)?;
        pending_volumes::expect(&session.environment, &self.expected)?;
        if self.strays.is_empty() {
            return Ok(());
        }
        shutdown::check("looking for what an earlier run left over; nothing was changed")?;
        let _finishing = Finishing::begin(REMOVAL);
        let names: Vec<String> = self.strays.iter().map(|stray| stray.name.clone()).collect();
        console::say(&format!("found containers of an interrupted run, and removed them (their volumes stay): {}", names.join(", ")));
        endpoint.remove(&self.strays.iter().map(|stray| stray.id.clone()).collect::<Vec<_>>(), GRACE_SECONDS)
    }
}

/// Refuses to remove volumes that would be found in use half-way, by containers that do not go too.
///
/// # Errors
/// There are such containers.
pub(crate) fn require_unused(endpoint: &Endpoint, volumes: &[String], goes: impl Fn(&Container) -> bool) -> Result<()> {
    let users = endpoint.containers_with_volumes(volumes)?.into_iter().filter(|container| !goes(container));
    let users: Vec<String> =
        users.map(|container| format!("container `{}` ({}, {})", container.name, container.image, container.status)).collect();
    if users.is_empty() {
        return Ok(());
    }
    let names = volumes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Err(Failure::refused(format!("these use a volume that would be removed ({names}), and are not of this instance:"))
        .details(users)
        .hint("nothing was touched. remove those containers (`docker rm --force NAME`), and run again")
        .into())
}
