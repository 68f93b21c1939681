//! The AWS emulator of one instance: a container with a network of its own, and the databases that it starts in turn.
//! It remembers nothing beyond its own end, and Terraform's state of what was applied to it is in its own S3: so both
//! are always there together or gone together.

mod bucket;
mod launch;
mod recipe;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Deserialize;

use self::launch::{Launch, socket_in_engine};
use self::recipe::Recipe;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Container;
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::{console, ports, shutdown};
use crate::project::environment::Environment;
use crate::project::instance::{EMULATOR_PORT, Instance};
use crate::services::contract::{ProbeSpec, Protocol};
use crate::services::probe;
use crate::supply::Supply;
use crate::ui::progress::Step;

/// The emulator's table in images.toml.
const ENGINE: &str = "ministack";

/// Where it answers.
const HOST: &str = "127.0.0.1";

/// Between two questions whether it serves.
const POLL: Duration = Duration::from_millis(40);
/// It serves half a second after its start; what takes this long will not come.
const LIMIT: Duration = Duration::from_secs(60);

/// The emulator of one instance, running or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Emulator {
    /// Of its container and its network.
    name: String,
    /// These mark everything of it, tell it from every other one, and alone decide what `remove` removes.
    labels: BTreeMap<String, String>,
    /// On this machine's loopback, as those of its databases.
    port: u16,
    /// By their names in emulator.toml.
    database_ports: BTreeMap<String, u16>,
}

/// How an emulator was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It ran, with all that was applied to it.
    Running,
    /// It was started just now, and is empty.
    Started,
}

impl Emulator {
    /// The emulator of an instance; `None` for one that is not emulated.
    pub(crate) fn of(environment: &Environment, instance: &Instance) -> Option<Self> {
        let port = *instance.ports.get(EMULATOR_PORT).filter(|_| environment.target.emulated)?;
        let database_ports = instance.ports.clone().into_iter().filter(|(name, _)| name != EMULATOR_PORT).collect();
        let key = |name: &str| format!("io.{}.{name}", instance.project);
        let labels = [
            (key("project"), instance.project.clone()),
            (key("environment"), environment.label()),
            (key("instance"), environment.instance.clone()),
            instance.emulator_label(),
        ];
        let instance_part = if environment.is_default_instance() { String::new() } else { format!("-{}", environment.instance) };
        let name = format!("{}-{}{instance_part}-emulator", instance.project, environment.label());
        Some(Self { name, labels: labels.into(), port, database_ports })
    }

    /// Where the AWS provider, the S3 backend and every other client find it.
    pub(crate) fn url(&self) -> String {
        format!("http://{HOST}:{}", self.port)
    }

    /// Whether something listens where it would.
    pub(crate) fn answers(&self) -> bool {
        ports::is_taken(self.port)
    }

    /// Makes it serve: at once when it does already, in under a second when its images are there. One that has stopped has
    /// forgotten everything, so what is left of it is removed and a new one started. `folder` is infrastructure/emulator.
    ///
    /// # Errors
    /// An image cannot be had; the port or the name is somebody else's; the engine is not on this machine; it does not come up.
    pub(crate) fn ensure(&self, endpoint: &Endpoint, supply: &Supply, folder: &Path) -> Result<Found> {
        let socket = local_socket(endpoint)?;
        let recipe = Recipe::load(folder)?;
        if self.serves(endpoint, &recipe)? {
            return Ok(Found::Running);
        }
        let lock = supply.directories().cache.join(format!("locks/{}.lock", self.name));
        let _lock = FileLock::take(&lock, &format!("the emulator `{}`", self.name))?;
        // Another run may have started it meanwhile.
        if self.serves(endpoint, &recipe)? {
            return Ok(Found::Running);
        }
        if self.container(endpoint)?.is_some() {
            console::say(&format!(
                "the emulator `{}` had stopped, and what was applied to it is gone, its state included: a new one is started",
                self.name
            ));
        }
        self.remove(endpoint)?;
        let launch =
            Launch { emulator: self, images: &images(&recipe, supply)?, socket: &socket_for_engine(endpoint, socket)?, recipe: &recipe };
        let step = Step::begin(&format!("emulator {} at {}", self.name, self.url()));
        let started = self.start(&launch, folder, endpoint);
        if started.is_err() {
            // If that fails too, the next attempt removes it.
            let _ = self.remove(endpoint);
        }
        step.end(started, "started, empty").map(|()| Found::Started)
    }

    /// Removes the emulator, what it started and all their data: everything that carries its labels, and nothing else.
    ///
    /// # Errors
    /// The engine does not answer, or refuses.
    pub(crate) fn remove(&self, endpoint: &Endpoint) -> Result<()> {
        // First itself, so that it starts nothing while the rest is removed.
        if let Some(container) = self.namesake(endpoint)?.filter(|found| self.owns(found)) {
            endpoint.act("DELETE", &format!("/containers/{}?force=1&v=1", container.id))?;
        }
        endpoint.sweep(&self.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>())
    }

    fn start(&self, launch: &Launch<'_>, folder: &Path, endpoint: &Endpoint) -> Result<()> {
        // Those of the databases as well: the emulator says that one is available, whether or not Docker could publish it.
        let taken = std::iter::once(self.port).chain(self.database_ports.values().copied()).find(|port| ports::is_taken(*port));
        if let Some(port) = taken {
            let holder = ports::listening_process(port).unwrap_or_else(|| "another process".to_owned());
            return Err(Failure::new(format!("port {port}, which the emulator `{}` needs, is taken by {holder}", self.name))
                .hint("stop that, or use another --instance, which gets ports of its own")
                .into());
        }
        let arguments = launch.container()?;
        self.make_network(launch, endpoint)?;
        endpoint.client().args(arguments).read()?;
        endpoint.client().args(["container", "cp"]).arg(folder).arg(format!("{}:/", self.name)).read()?;
        endpoint.start(std::slice::from_ref(&self.name))?;
        self.wait(endpoint, launch.recipe)
    }

    /// Whether it serves, after a wait if it is starting; false if it does not run.
    fn serves(&self, endpoint: &Endpoint, recipe: &Recipe) -> Result<bool> {
        let Some(container) = self.container(endpoint)? else {
            return Ok(false);
        };
        if container.status == "paused" {
            endpoint.unpause(&[container.id])?;
        } else if !container.is_running() || !container.host_ports.contains(&self.port) {
            return Ok(false);
        }
        self.wait(endpoint, recipe).map(|()| true)
    }

    fn wait(&self, endpoint: &Endpoint, recipe: &Recipe) -> Result<()> {
        let health = ProbeSpec::of(Protocol::Http, self.port, Some(recipe.health.clone()));
        let started = Instant::now();
        loop {
            let Err(reason) = probe::ask(HOST, &health, None) else {
                return Ok(());
            };
            shutdown::check("the emulator started")?;
            let running = self.container(endpoint)?.is_some_and(|container| container.is_running());
            if !running || started.elapsed() >= LIMIT {
                let trouble = if running { format!("does not answer: {reason:#}") } else { "ended".to_owned() };
                return Err(Failure::new(format!("the emulator `{}` {trouble}; the last lines of its log:", self.name))
                    .details(endpoint.log_end(&self.name, 30, None).unwrap_or_default())
                    .hint(format!("`{} rm --force {}` and run again: a new one is started, empty", endpoint.typed_client(), self.name))
                    .into());
            }
            thread::sleep(POLL);
        }
    }

    /// Its container, if there is one.
    ///
    /// # Errors
    /// The name is taken by a container that does not carry its labels.
    fn container(&self, endpoint: &Endpoint) -> Result<Option<Container>> {
        let namesake = self.namesake(endpoint)?;
        if namesake.as_ref().is_none_or(|found| self.owns(found)) {
            return Ok(namesake);
        }
        Err(Failure::refused(format!("Docker already has a container `{}`, and it does not belong to this instance", self.name))
            .hint("nothing was touched. it is often another checkout's: use another instance, or remove it there")
            .into())
    }

    fn namesake(&self, endpoint: &Endpoint) -> Result<Option<Container>> {
        Ok(endpoint.containers(std::slice::from_ref(&self.name))?.into_iter().next())
    }

    fn owns(&self, container: &Container) -> bool {
        self.labels.iter().all(|(key, value)| container.labels.get(key) == Some(value))
    }

    fn make_network(&self, launch: &Launch<'_>, endpoint: &Endpoint) -> Result<()> {
        let output = endpoint.client().args(launch.network()).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("Docker does not make the network `{}` for the emulator", self.name))
            .details(String::from_utf8_lossy(&output.stderr).lines())
            .hint("`docker network ls` shows what is in the way: another of that name, or too many to leave an address range free")
            .into())
    }
}

/// The tables of images.toml that the emulator is and may start. `folder` is infrastructure/emulator.
///
/// # Errors
/// emulator.toml cannot be read, or has a mistake in it.
pub(crate) fn engines(folder: &Path) -> Result<Vec<String>> {
    Ok(wanted(&Recipe::load(folder)?).map(ToOwned::to_owned).collect())
}

fn wanted(recipe: &Recipe) -> impl Iterator<Item = &str> {
    recipe.databases.images.values().map(String::as_str).chain([ENGINE])
}

/// References of the images that the emulator is and may start, by their tables in images.toml, all made present.
fn images(recipe: &Recipe, supply: &Supply) -> Result<BTreeMap<String, String>> {
    let known = supply.references()?;
    let mut images = BTreeMap::new();
    for table in wanted(recipe) {
        let image = known.get(table).ok_or_else(|| {
            Failure::new(format!("images.toml has no image `{table}`, which the emulator needs")).hint("add it, or correct emulator.toml")
        })?;
        images.insert(table.to_owned(), image.reference.clone());
    }
    let replaced = supply.images(&images.values().cloned().collect::<Vec<_>>())?;
    for reference in images.values_mut() {
        if let Some(taken) = replaced.get(reference) {
            reference.clone_from(&taken.reference);
        }
    }
    Ok(images)
}

/// The engine's socket on this machine.
fn local_socket(endpoint: &Endpoint) -> Result<&Path, Failure> {
    endpoint.socket().ok_or_else(|| {
        Failure::new(format!("the AWS emulator needs a Docker engine on this machine, and this one is at {}", endpoint.host()))
            .details(["it starts databases through the engine's socket, and they listen on the loopback address of the engine's machine"])
            .hint("unset DOCKER_HOST or choose another `docker context` for a local engine, or run this on the engine's machine")
    })
}

/// The same socket, by its path for the engine.
fn socket_for_engine(endpoint: &Endpoint, socket: &Path) -> Result<PathBuf> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Info {
        operating_system: String,
    }
    let info: Option<Info> = endpoint.get("/info")?;
    let operating_system = info.map(|info| info.operating_system).unwrap_or_default();
    Ok(socket_in_engine(socket, &operating_system, cfg!(target_os = "linux")).to_owned())
}
