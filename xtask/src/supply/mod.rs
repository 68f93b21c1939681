//! Supply: getting what a run needs onto the machine, from registries where they answer, otherwise from packages.

mod build;
mod build_directory;
mod build_log;
mod checkout_file;
mod compose;
mod daemon;
mod failure_hints;
mod go;
mod images;
mod instance_images;
mod inventory;
mod manifest;
mod needed;
mod provider;
mod provider_manifest;
mod python;
mod registry_error;
mod source;
mod staging_dir;
mod subprocess;
mod system_packages;
mod two_workers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use self::manifest::Manifest;
use self::provider_manifest::Pin;
use self::source::{Choice, SupplyKind};
use self::system_packages::Bootstrap;
use crate::docker::endpoint::Endpoint;
use crate::host::error::Failure;
use crate::project::checkout::Checkout;
use crate::project::infra_toml::{Config, ImageSource};
use crate::project::instance::ImageReference;
use crate::project::user_dirs::UserDirs;
use crate::terraform::cli_config;

pub(crate) use self::inventory::{Item, State};

/// Everything that can be supplied to this machine.
#[derive(Debug)]
pub(crate) struct Supply {
    manifest: Manifest,
    choice: Choice,
    directories: UserDirs,
    endpoint: Endpoint,
    bootstrap: Bootstrap,
    /// First part of our labels: `io.PROJECT`.
    namespace: String,
}

impl Supply {
    /// Reads images.toml and what this machine has chosen. `bootstrap`: system packages may be installed and the engine started.
    ///
    /// # Errors
    /// The manifest or the memory has a mistake in it.
    pub(crate) fn new(
        checkout: &Checkout,
        config: &Config,
        directories: &UserDirs,
        endpoint: &Endpoint,
        bootstrap: bool,
        yes: bool,
    ) -> Result<Self> {
        Ok(Self {
            manifest: Manifest::load(&checkout.infrastructure().join(&config.manifest))?,
            choice: Choice::load(config.images, directories)?,
            directories: directories.clone(),
            endpoint: endpoint.clone(),
            bootstrap: Bootstrap { allowed: bootstrap, yes },
            namespace: format!("io.{}", config.project),
        })
    }

    /// Makes the Docker engine answer: at once when it does; installs and starts it with `--bootstrap` or after a yes.
    ///
    /// # Errors
    /// There is no engine, and this is not the place to install or start one.
    pub(crate) fn engine(&self) -> Result<()> {
        daemon::ensure(&self.endpoint, self.bootstrap, &self.directories)
    }

    /// Makes the Docker provider installable, and returns the Terraform CLI configuration that says where.
    ///
    /// # Errors
    /// It can be had neither from the Terraform registry nor by compiling it.
    pub(crate) fn provider(&self) -> Result<PathBuf> {
        self.pinned_provider()?.obtain(&self.directories, &self.choice)?;
        self.cli_configuration()
    }

    /// The Terraform CLI configuration for what is on this machine, without getting anything.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn cli_configuration(&self) -> Result<PathBuf> {
        cli_config::write(&self.directories)
    }

    /// The user's cache and state.
    pub(crate) fn directories(&self) -> &UserDirs {
        &self.directories
    }

    /// The engines that an environment with code in `directory` runs with its settings.
    pub(crate) fn engines_for(&self, directory: &Path) -> Vec<String> {
        let images = self.manifest.images().iter();
        needed::engines(directory, images.filter_map(|(engine, image)| Some((engine.as_str(), image.service.as_deref()?))))
    }

    /// The image of every engine as this machine would take it now: for the instance file of a new instance.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn references(&self) -> Result<BTreeMap<String, ImageReference>> {
        let source = self.choice.source(SupplyKind::Images);
        let present = if self.choice.is_firm(SupplyKind::Images) { Vec::new() } else { self.present()? };
        let is_present = |reference: &str| present.iter().any(|present| present == reference);
        let images = self.manifest.images().iter();
        Ok(images.map(|(engine, image)| (engine.clone(), inventory::preferred(image, source, is_present))).collect())
    }

    /// Makes every one of these images present. If a registry cannot be reached, its images are built from packages unless the source
    /// is chosen; their new references are returned by the old ones.
    ///
    /// # Errors
    /// An image can be had in no way that the chosen source allows.
    pub(crate) fn images(&self, references: &[String]) -> Result<BTreeMap<String, ImageReference>> {
        let obtained = self.obtain(references)?;
        match obtained.unavailable.into_iter().next() {
            Some((_, failure)) => Err(failure.into()),
            None => Ok(obtained.replaced),
        }
    }

    /// Gets the images of these engines, or of all; what the source cannot give is returned with the reason.
    ///
    /// # Errors
    /// An engine that the manifest does not name; an image that should have been there and could not be had.
    pub(crate) fn everything(&self, engines: &[String]) -> Result<Vec<(String, Failure)>> {
        let wanted = self.wanted(engines)?.into_values().map(|image| image.reference);
        Ok(self.obtain(&wanted.collect::<Vec<_>>())?.unavailable)
    }

    /// Sets where images and the provider come from on this machine, from now on.
    ///
    /// # Errors
    /// infra.toml pins another source.
    pub(crate) fn choose(&self, source: ImageSource) -> Result<()> {
        self.choice.set(source)
    }

    /// The images of these engines, or of all when none is named.
    fn wanted(&self, engines: &[String]) -> Result<BTreeMap<String, ImageReference>> {
        let mut references = self.references()?;
        if let Some(unknown) = engines.iter().find(|engine| !references.contains_key(*engine)) {
            let known: Vec<&str> = references.keys().map(String::as_str).collect();
            return Err(Failure::usage(format!("the manifest has no image `{unknown}`"))
                .hint(format!("it has {}", known.join(", ")))
                .into());
        }
        references.retain(|engine, _| engines.is_empty() || engines.contains(engine));
        Ok(references)
    }

    fn pinned_provider(&self) -> Result<Pin> {
        Pin::load(&self.manifest.directory().join("provider"))
    }
}
