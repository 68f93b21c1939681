//! The checkout, and how an environment in it is opened.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;

use anyhow::{Context as _, Result};

use super::options::Global;
use super::session::Session;
use crate::aws;
use crate::docker::daemon_id::{self, Daemon};
use crate::docker::endpoint::Endpoint;
use crate::emulator::Emulator;
use crate::guards;
use crate::guards::checkout::exposure;
use crate::guards::finding::Guard;
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::{console, private_file, temporary};
use crate::project::checkout::Checkout;
use crate::project::environment::{self, Environment};
use crate::project::infra_toml::Config;
use crate::project::instance::{self, Instance, Origin};
use crate::project::side;
use crate::project::user_dirs::UserDirs;
use crate::supply::Supply;
use crate::terraform::backend::EMULATED_BUCKET;
use crate::terraform::environment_variables;
use crate::terraform::provider_environment::ProviderEnvironment;
use crate::terraform::run::Terraform;

/// The checkout and the command line's options.
#[derive(Debug)]
pub(crate) struct Context {
    /// The checkout.
    pub(crate) checkout: Checkout,
    /// infra.toml.
    pub(crate) config: Config,
    /// The user's cache and state.
    pub(crate) directories: UserDirs,
    /// Options that every command understands.
    pub(crate) global: Global,
}

impl Context {
    /// Finds the checkout and reads infra.toml.
    ///
    /// # Errors
    /// There is no checkout here, or infra.toml has a mistake.
    pub(crate) fn open(global: Global) -> Result<Self> {
        let (checkout, config) = Checkout::open()?;
        environment::warn_of_strays(config.environments.policies.keys(), &checkout);
        let directories = UserDirs::of(&config.project)?;
        Ok(Self { checkout, config, directories, global })
    }

    /// The environment that was typed.
    ///
    /// # Errors
    /// There is none of that name.
    pub(crate) fn environment(&self, name: &str) -> Result<Environment> {
        let instance = self.global.instance.as_deref();
        let environment = Environment::resolve(&self.checkout, &self.config, name, instance, self.global.emulated)?;
        side::require_side(&environment)?;
        Ok(environment)
    }

    /// The supply of provider and images.
    ///
    /// # Errors
    /// The image manifest has a mistake.
    pub(crate) fn supply(&self) -> Result<Supply> {
        let endpoint = Endpoint::resolve()?;
        Supply::new(&self.checkout, &self.config, &self.directories, &endpoint, self.global.bootstrap, self.global.yes)
    }

    /// The Terraform CLI configuration for `environment`, with its provider made installable.
    ///
    /// # Errors
    /// The provider cannot be had.
    pub(crate) fn provider_for(&self, environment: &Environment) -> Result<PathBuf> {
        let supply = self.supply()?;
        // Also of one that is on another side now: its code names the provider.
        if environment.policy.docker { supply.provider() } else { supply.cli_configuration() }
    }

    /// Opens an environment for changes: takes its lock, makes engine and provider ready, finds or makes its instance file.
    ///
    /// # Errors
    /// Whatever of that cannot be had, or a state that cannot be used.
    pub(crate) fn open_for_change(&self, name: &str) -> Result<Session> {
        self.open_for_change_but_for(name, None)
    }

    /// The same where a state that is not the pinned one is what it is about.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn open_to_adopt(&self, name: &str) -> Result<Session> {
        self.open_for_change_but_for(name, Some(&guards::checkout::pinned_lineage::GUARD))
    }

    fn open_for_change_but_for(&self, name: &str, left_out: Option<&'static Guard>) -> Result<Session> {
        let environment = self.environment(name)?;
        temporary::require()?;
        environment_variables::announce(&environment);
        // The engine takes as long to say which it is as the guards for their files. One that does not answer is no matter yet.
        let ask = || Endpoint::resolve().and_then(|endpoint| endpoint.require().and_then(|()| daemon_id::of(&endpoint))).ok();
        let (apart, engine) = thread::scope(|scope| {
            let engine = environment.target.docker.then(|| scope.spawn(ask));
            let apart = self.require_apart_but_for(&environment, left_out);
            (apart, engine.and_then(|engine| engine.join().expect("asking does not panic")))
        });
        apart?;
        exposure::repair(&environment.directory, self.checkout.root())?;
        aws::require(&environment)?;
        let lock = FileLock::take(&environment.lock_file(), &format!("`{}`", environment.display_name()))?;
        self.take_possession(&environment)?;
        let supply = environment.target.docker.then(|| self.supply()).transpose()?;
        // One that has said which it is need not be asked whether it answers.
        if let Some(supply) = supply.as_ref().filter(|_| engine.is_none()) {
            supply.engine()?;
        }
        let (instance, origin) = Instance::open_or_create(&environment, &self.config.project, &self.directories, |known| match &supply {
            Some(supply) => supply.images_to_set(known, &environment.display_name()),
            None => Ok(BTreeMap::new()),
        })?;
        if origin == Origin::Restored {
            console::say("the instance file was gone; its copy in your state directory was taken, so the data stays reachable");
        }
        self.start_emulator(&environment, &instance)?;
        let cli_config = self.provider_for(&environment)?;
        let session = self.session(environment, instance, supply, cli_config, engine, Some(lock))?;
        session.terraform.put_back_unsaved_state()?;
        Ok(session)
    }

    /// Makes the emulator of an emulated instance serve, with the bucket for its state.
    ///
    /// # Errors
    /// It cannot be started.
    fn start_emulator(&self, environment: &Environment, instance: &Instance) -> Result<()> {
        let (Some(emulator), Some(aws)) = (Emulator::of(environment, instance), &instance.aws) else {
            return Ok(());
        };
        let supply = self.supply()?;
        supply.engine()?;
        emulator.ensure(&Endpoint::resolve()?, &supply, &self.checkout.infrastructure().join("emulator"))?;
        emulator.create_bucket(EMULATED_BUCKET, &aws.region)
    }

    /// Opens the root that makes the bucket for an environment's state; each environment has a workspace there, and on emulators,
    /// which have a bucket each, every instance.
    ///
    /// # Errors
    /// As of `open_for_change`.
    pub(crate) fn open_backend(&self, name: &str) -> Result<Session> {
        let of = self.open_for_change(name)?;
        let Some(aws) = of.instance.aws.clone() else {
            return Err(of.nothing_applied().into());
        };
        let environment = Environment {
            name: "state-backend".to_owned(),
            instance: of.environment.bucket_workspace(),
            directory: self.checkout.infrastructure().join("state-backend/s3"),
            ..of.environment.clone()
        };
        private_file::create_directory(&environment.instances_directory())?;
        let accounts = serde_json::to_string(&aws.allowed_account_ids).context("writing JSON")?;
        let cli_config = self.provider_for(&of.environment)?;
        let project = of.instance.project.clone();
        let mut session = self.session(environment, of.instance, None, cli_config, None, of.lock)?;
        for (name, value) in [
            ("project", &project),
            ("region", &aws.region),
            ("allowed_account_ids", &accounts),
            ("emulated", &aws.emulator.is_some().to_string()),
        ] {
            session.terraform.set_input(name, value);
        }
        Ok(session)
    }

    /// Opens an environment to look at what it has: makes nothing, waits for nobody.
    ///
    /// # Errors
    /// Nothing was ever brought up there.
    pub(crate) fn open_read_only(&self, name: &str) -> Result<Session> {
        let environment = self.environment(name)?;
        if environment.target.docker && self.global.bootstrap {
            self.supply()?.engine()?;
        }
        let Some(instance) = Instance::load(&environment)? else {
            // What is kept elsewhere may well be up, for a team or from another checkout.
            let (what, verb) = match !environment.target.emulated && !environment.has_local_state() {
                true => ("initialised", "init"),
                false => ("brought up", "up"),
            };
            return Err(Failure::new(format!("`{}` has not been {what} here", environment.display_name()))
                .hint(format!("cargo xtask infra {verb} {}", environment.cli_args()))
                .into());
        };
        environment_variables::warn_of_withheld(&environment.directory, environment.reaches_aws());
        aws::require(&environment)?;
        if Emulator::of(&environment, &instance).is_some_and(|emulator| !emulator.answers()) {
            return Err(Failure::new(format!(
                "the emulator of `{}` does not run, and what was applied to it is gone",
                environment.display_name()
            ))
            .hint(format!("cargo xtask infra up {}", environment.cli_args()))
            .into());
        }
        let cli_config = self.supply()?.cli_configuration()?;
        self.session(environment, instance, None, cli_config, None, None)
    }

    fn session(
        &self,
        environment: Environment,
        instance: Instance,
        supply: Option<Supply>,
        cli_config: PathBuf,
        daemon: Option<Daemon>,
        lock: Option<FileLock>,
    ) -> Result<Session> {
        // What runs that were killed were writing: half a file, or a copy of the state.
        for file in [environment.instance_file(), instance::copy_path(&environment, &self.directories)] {
            file.parent().map(private_file::sweep);
        }
        let endpoint = environment.target.docker.then(Endpoint::resolve).transpose()?;
        let reach = ProviderEnvironment { endpoint: endpoint.clone(), aws: instance.aws.clone() };
        let terraform = Terraform::new(&environment, self.checkout.infrastructure().join("modules"), cli_config, reach);
        let daemon = daemon.map(OnceLock::from).unwrap_or_default();
        Ok(Session { environment, instance, endpoint, supply, terraform, daemon, lock })
    }
}
