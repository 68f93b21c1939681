//! What this machine has to have for the environments here, with their settings and instances.

use std::collections::BTreeSet;

use anyhow::Result;

use super::context::Context;
use crate::emulator;
use crate::project::environment::Environment;
use crate::project::instance;
use crate::supply::Supply;

/// What some environment needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prerequisites {
    /// The Docker engine, and the provider for it.
    pub(crate) docker: bool,
    /// Engines of images.toml.
    pub(crate) engines: BTreeSet<String>,
}

impl Prerequisites {
    /// Reads the settings of every environment, and which have instances on an emulator.
    ///
    /// # Errors
    /// The directory of the environments or emulator.toml cannot be read.
    pub(crate) fn of(context: &Context, supply: &Supply) -> Result<Self> {
        let mut needs = Self::default();
        for root in context.checkout.environments() {
            let mut environment = Environment::resolve(&context.checkout, &context.config, &root.name, None, false)?;
            if environment.target.docker {
                needs.docker = true;
                needs.engines.extend(supply.engines_for(&environment.directory));
            }
            environment.target.emulated = true;
            if !instance::names(&environment.instances_directory()).is_empty() {
                needs.docker = true;
                needs.engines.extend(emulator::engines(&context.checkout.infrastructure().join("emulator"))?);
            }
        }
        Ok(needs)
    }
}
