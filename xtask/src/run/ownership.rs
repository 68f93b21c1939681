//! Whether an instance is this checkout's: a duplicate of a checkout has the original's owner id, and with it the original's data.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::context::Context;
use crate::host::console;
use crate::host::error::Failure;
use crate::host::quoting::shell_quoted;
use crate::project::environment::Environment;
use crate::project::infra_toml::is_name;
use crate::project::instance::{self, Claim};

impl Context {
    /// Refuses an instance that is another checkout's, before anybody is asked anything.
    ///
    /// # Errors
    /// It is, or it may be.
    pub(crate) fn require_own(&self, environment: &Environment) -> Result<()> {
        self.own_claim(environment).map(drop)
    }

    /// The same, with the instance's lock held: what is remembered of a checkout that was moved is carried over.
    ///
    /// # Errors
    /// It is another's, or something cannot be written.
    pub(crate) fn take_possession(&self, environment: &Environment) -> Result<()> {
        let Claim::Moved { copy, from } = self.own_claim(environment)? else {
            return Ok(());
        };
        instance::take_over(&copy, &environment.instance_file(), &self.directories)?;
        if let Some(from) = from {
            let (title, directory) = (environment.display_name(), instance::root_of(&from));
            console::say(&format!(
                "`{title}` was in {} before: its containers and its data are those of this directory now",
                directory.display()
            ));
        }
        Ok(())
    }

    /// For an instance whose place is not known: its refusal, and the copy that `adopt` takes over.
    ///
    /// # Errors
    /// Files cannot be read.
    pub(crate) fn unknown_origin(&self, environment: &Environment) -> Result<Option<(Failure, PathBuf)>> {
        Ok(match self.claim(environment)? {
            Claim::Unknown { copy } => Some((of_unknown_place(environment), copy)),
            _ => None,
        })
    }

    /// The claim, where it is not another checkout's.
    fn own_claim(&self, environment: &Environment) -> Result<Claim> {
        match self.claim(environment)? {
            Claim::Elsewhere(original) => Err(copied(environment, &original).into()),
            Claim::Unknown { .. } => Err(of_unknown_place(environment).into()),
            claim => Ok(claim),
        }
    }

    fn claim(&self, environment: &Environment) -> Result<Claim> {
        instance::claim(&environment.instance_file(), &environment.policy, &self.directories)
    }
}

fn copied(environment: &Environment, original: &Path) -> Failure {
    let (title, original) = (environment.display_name(), instance::root_of(original));
    Failure::refused(format!("this checkout is a copy, and `{title}` belongs to the one it was copied from: {}", original.display()))
        .details(["its containers and its data are the original's: what is done here would be done to them"])
        .hint(ways_on(environment))
}

fn of_unknown_place(environment: &Environment) -> Failure {
    let title = environment.display_name();
    Failure::refused(format!("`{title}` was made in another directory, and the version that made it did not write down in which"))
        .details(["if that directory still exists, this checkout is a copy: its containers and its data are the original's"])
        .hint(format!(
            "if it was moved here: cargo xtask infra adopt {} --reason TEXT; if it is a copy, {}",
            environment.cli_args(),
            ways_on(environment)
        ))
}

/// What can be done in a copy: an instance of its own, or a new identity under the same name.
fn ways_on(environment: &Environment) -> String {
    let beside = Environment { instance: name_beside(environment), ..environment.clone() };
    let copied = [environment.instance_file(), environment.local_state_file(), environment.state_backup_file()];
    let copied: Vec<String> = copied.iter().filter(|file| file.exists()).map(|file| shell_quoted(&file.to_string_lossy())).collect();
    format!(
        "bring up one of its own beside it: cargo xtask infra up {}; or give this one a new identity by removing what was copied: \
         rm {} (Docker has each name once: it can come up when the original is destroyed)",
        beside.cli_args(),
        copied.join(" ")
    )
}

/// A name for an instance beside this one.
fn name_beside(environment: &Environment) -> String {
    let long = format!("{}-copy", environment.instance);
    if environment.is_default_instance() || !is_name(&long) { "copy".to_owned() } else { long }
}
