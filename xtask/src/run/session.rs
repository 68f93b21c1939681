//! Everything a command about one environment works with, opened in one step; what comes after asks no questions.

use std::sync::OnceLock;

use anyhow::Result;

use super::context::Context;
use crate::docker::daemon_id::{self, Daemon};
use crate::docker::endpoint::Endpoint;
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::project::environment::Environment;
use crate::project::instance::Instance;
use crate::records::last_applied::LastApplied;
use crate::services::contract::Outputs;
use crate::supply::Supply;
use crate::terraform::run::Terraform;

/// One instance of one environment, ready to be worked on.
#[derive(Debug)]
pub(crate) struct Session {
    /// Which one.
    pub(crate) environment: Environment,
    /// Its instance file.
    pub(crate) instance: Instance,
    /// The Docker engine, for an environment that needs it.
    pub(crate) endpoint: Option<Endpoint>,
    /// Provider and images, for an environment that needs Docker.
    pub(crate) supply: Option<Supply>,
    /// Terraform there.
    pub(crate) terraform: Terraform,
    pub(super) daemon: OnceLock<Daemon>,
    /// Held as long as the session is.
    pub(super) lock: Option<FileLock>,
}

impl Session {
    /// What was remembered of the last apply.
    ///
    /// # Errors
    /// The record cannot be read or understood.
    pub(super) fn last_applied(&self, context: &Context) -> Result<Option<LastApplied>> {
        LastApplied::remembered(&self.environment, &context.directories)
    }

    /// Which engine this is, asked once; none for an environment without Docker.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) fn daemon(&self) -> Result<Option<&Daemon>> {
        let Some(endpoint) = &self.endpoint else {
            return Ok(None);
        };
        if let Some(known) = self.daemon.get() {
            return Ok(Some(known));
        }
        let daemon = daemon_id::of(endpoint)?;
        Ok(Some(self.daemon.get_or_init(|| daemon)))
    }

    /// The engine for a command that makes no sense without containers.
    ///
    /// # Errors
    /// The environment has none, and what to do `instead`.
    pub(crate) fn require_docker(&self, verb: &str, instead: &str) -> Result<&Endpoint> {
        self.endpoint.as_ref().ok_or_else(|| {
            let what = format!("`{verb}` is for environments of containers, and `{}` has none", self.environment.display_name());
            Failure::refused(what).hint(instead).into()
        })
    }

    /// The outputs that were applied.
    ///
    /// # Errors
    /// The state cannot be read, or its outputs are not those that the contract asks for.
    pub(crate) fn outputs(&self) -> Result<Outputs> {
        Outputs::parse(self.terraform.outputs()?)
    }

    /// The failure of a command that needs outputs where there are none.
    pub(crate) fn nothing_applied(&self) -> Failure {
        Failure::new(format!("`{}` has no outputs: nothing has been applied", self.environment.display_name()))
            .hint(format!("cargo xtask infra up {}", self.environment.cli_args()))
    }
}
