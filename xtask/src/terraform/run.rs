//! The only place that starts Terraform on an instance.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::diagnostic::{self, Diagnostic};
use super::events::{self, Event};
use super::invocation::{Request, option};
use super::plan::{Change, Plan};
use super::provider_environment::ProviderEnvironment;
use super::run_error::RunError;
use super::unsaved::{self, Watch};
use super::warnings::Warnings;
use super::{environment_variables, orphaned_providers, printed, state_lock, version};
use crate::aws::caller::Caller;
use crate::docker::availability;
use crate::host::command::{INSTALL_TERRAFORM, Tool, describe_status, find_on_path};
use crate::host::error::Failure;
use crate::host::quoting::shell_quoted;
use crate::host::shutdown::{self, Finishing, StopSignal};
use crate::host::{console, private_file, temporary};
use crate::project::environment::Environment;

/// Terraform in one environment, for one instance.
#[derive(Debug, Clone)]
pub(crate) struct Terraform {
    pub(super) environment: Environment,
    pub(super) modules: PathBuf,
    pub(super) cli_config: PathBuf,
    pub(super) reach: ProviderEnvironment,
    inputs: BTreeMap<String, String>,
    warnings: Arc<Mutex<Warnings>>,
}

/// The outcome of planning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Planned {
    /// Everything is as the code says.
    NoChanges,
    /// There is something to apply: what Terraform said of it while it planned, without attributes.
    Changes(Vec<Change>),
}

impl Terraform {
    /// Terraform for `environment`, whose modules are in `modules`, with a generated CLI configuration and what its
    /// providers reach.
    pub(crate) fn new(environment: &Environment, modules: PathBuf, cli_config: PathBuf, reach: ProviderEnvironment) -> Self {
        Self { environment: environment.clone(), modules, cli_config, reach, inputs: BTreeMap::new(), warnings: Arc::default() }
    }

    /// Sets a variable of the root from here on.
    pub(crate) fn set_input(&mut self, name: &str, value: &str) {
        self.inputs.insert(format!("TF_VAR_{name}"), value.to_owned());
    }

    /// Plans into `out`, which is made private.
    ///
    /// # Errors
    /// What Terraform says is wrong with the code, the inputs or the state; a newer Terraform has written the state.
    pub(crate) fn plan(&self, out: &Path, destroy: bool) -> Result<Planned> {
        let orphans = orphaned_providers::end(&self.environment.directory, &self.environment.data_directory());
        if orphans > 0 {
            console::say(&format!("found providers of a Terraform that was killed, and ended them: {orphans}"));
        }
        let mut version = String::new();
        let mut changes = Vec::new();
        let code = self.run(&Request::Plan { out: out.to_owned(), destroy }, |event| match event {
            Event::Version { terraform } => version.clone_from(terraform),
            Event::PlannedChange { change } => changes.extend(Change::announced(change)),
            _ => {}
        })?;
        self.require_not_newer(&version).inspect_err(|_| drop(private_file::remove(out)))?;
        // Terraform writes plans for everybody to read, secrets included.
        private_file::make_private(out)?;
        Ok(if code == 2 { Planned::Changes(changes) } else { Planned::NoChanges })
    }

    /// Terraform itself reads a state of any version whose format it knows, and writes it back as its own.
    fn require_not_newer(&self, this: &str) -> Result<()> {
        let state = self.local_state()?.unwrap_or_default();
        let writer = state["terraform_version"].as_str().unwrap_or_default();
        if this.is_empty() || version::compare(writer, this).is_le() {
            return Ok(());
        }
        let title = self.environment.display_name();
        Err(Failure::refused(format!("the state of `{title}` was written by Terraform {writer}, and this is {this}"))
            .details(["a program that does not know what a newer one has written may lose it"])
            .hint(format!("install Terraform {writer} or later: https://developer.hashicorp.com/terraform/install"))
            .into())
    }

    /// What a saved plan would do.
    ///
    /// # Errors
    /// The plan cannot be read by this Terraform.
    pub(crate) fn show(&self, plan: &Path) -> Result<Plan> {
        let json = self.read(&Request::ShowPlan { plan: plan.to_owned() })?;
        Plan::parse(&json).context("understanding `terraform show -json`")
    }

    /// Applies a saved plan; `on_event` hears of each resource, and `watch` keeps a state that cannot be written.
    ///
    /// # Errors
    /// The plan is stale, or a resource could not be changed.
    pub(crate) fn apply(&self, plan: &Path, watch: Watch<'_>, mut on_event: impl FnMut(&Event)) -> Result<()> {
        let mut dump = None;
        let outcome = self.run(&Request::Apply { plan: plan.to_owned() }, |event| match event {
            Event::StateDump(state) => dump = Some(state.clone()),
            event => on_event(event),
        });
        outcome.map(drop).map_err(|error| unsaved::explain(error, &self.environment, watch.keep(dump.as_ref())))
    }

    /// A call of plain Terraform on the same instance, as one line for a shell.
    pub(super) fn by_hand(&self, arguments: &str) -> String {
        let settings: Vec<String> =
            self.settings_by_hand().into_iter().map(|(name, value)| format!("{name}={} ", shell_quoted(&value))).collect();
        let directory = shell_quoted(&self.environment.directory.to_string_lossy());
        format!("{}terraform -chdir={directory} {arguments}", settings.concat())
    }

    /// Takes from a resource the mark that it has to be made anew.
    ///
    /// # Errors
    /// The state does not have it, or cannot be written.
    pub(crate) fn untaint(&self, address: &str) -> Result<()> {
        self.read(&Request::Untaint { address: address.to_owned() }).map(drop)
    }

    /// Removes this instance's workspace; the default one cannot be removed and stays.
    ///
    /// # Errors
    /// Its state is not empty.
    pub(crate) fn delete_workspace(&self) -> Result<()> {
        if self.environment.is_default_instance() {
            return Ok(());
        }
        self.read(&Request::DeleteWorkspace { name: self.environment.instance.clone() }).map(drop)
    }

    /// The variables with which plain Terraform works on the same instance with the same provider.
    pub(crate) fn settings_by_hand(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![("TF_CLI_CONFIG_FILE", self.cli_config.display().to_string())];
        if self.environment.target.emulated {
            settings.push(("TF_DATA_DIR", self.environment.data_directory().display().to_string()));
            settings.push(("TF_VAR_instance_directory", self.environment.instances_directory_name().to_owned()));
            settings.extend(self.reach.variables());
        }
        if !self.environment.is_default_instance() {
            settings.push(("TF_WORKSPACE", self.environment.instance.clone()));
        }
        if let Some(endpoint) = self.reach.endpoint.as_ref().filter(|endpoint| !endpoint.is_the_systems()) {
            settings.extend([("DOCKER_HOST", endpoint.host().to_owned()), ("DOCKER_CONTEXT", String::new())]);
        }
        settings
    }

    /// The call as it would be typed, environment included.
    pub(super) fn tool(&self, request: &Request) -> Tool {
        let tool = self.tool_in(&self.environment.directory, request.arguments());
        let mut tool = self.inputs.iter().fold(tool, |tool, (name, value)| tool.env(name, value));
        if self.environment.target.emulated {
            tool = tool
                .env("TF_DATA_DIR", self.environment.data_directory())
                .env("TF_VAR_instance_directory", self.environment.instances_directory_name());
        }
        tool.env("TF_WORKSPACE", request.workspace(&self.environment.instance))
    }

    /// A call on whatever root module is in `directory`, with what this environment's providers and backend reach.
    pub(super) fn tool_in<I>(&self, directory: &Path, arguments: I) -> Tool
    where
        I: IntoIterator,
        I::Item: AsRef<std::ffi::OsStr>,
    {
        let chdir = option("-chdir=", directory);
        // When the xtask is killed, the kernel sends Terraform the SIGINT of a Ctrl-C, and it gives its lock back
        // (PR_SET_PDEATHSIG, prctl(2)).
        let wrapper = find_on_path("setpriv").map(|setpriv| [setpriv.into(), OsString::from("--pdeathsig"), "INT".into()]);
        let tool = Tool::new("terraform").under(wrapper.into_iter().flatten()).arg(chdir).args(arguments);
        let withheld = environment_variables::withheld(&self.environment.directory, self.reach.uses_own_credentials());
        // The provider knows no other of the client's contexts, and alone lets this one count for more than DOCKER_HOST.
        let context = self.reach.endpoint.as_ref().map(|_| "DOCKER_CONTEXT".into());
        let tool = withheld.into_iter().chain(context).fold(tool, Tool::env_remove);
        let tool = self.reach.variables().into_iter().fold(tool, |tool, (name, value)| tool.env(name, value));
        tool.env("TF_CLI_CONFIG_FILE", &self.cli_config)
            // A run lasts seconds and needs little memory: collecting garbage costs a tenth of a plan, and saves nothing.
            .env("GOGC", "off")
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
    }

    /// One failure out of everything that a call complained of.
    pub(super) fn complaint(&self, verb: &str, diagnostics: &[Diagnostic], words: &str) -> Failure {
        let failure = diagnostic::failure(verb, diagnostics, words, &Caller::new(&|| self.caller_arn()));
        failure.with_hint(|hint| {
            if hint == diagnostic::MORE { self.hint(verb) } else { hint }.replace("ENV`", &format!("{}`", self.environment.cli_args()))
        })
    }

    /// The hint for a failure that Terraform's own words do not explain.
    fn hint(&self, verb: &str) -> String {
        if version::is_unwanted() {
            return INSTALL_TERRAFORM.to_owned();
        }
        let is_prepared = verb == "init" || self.is_initialised().unwrap_or(true);
        if is_prepared { diagnostic::MORE } else { "run `cargo xtask infra init ENV`" }.to_owned()
    }

    /// Runs a request that prints events; returns its exit code, 0 or 2.
    pub(super) fn run(&self, request: &Request, mut on_event: impl FnMut(&Event)) -> Result<i32> {
        let mut attempts_left = 5;
        loop {
            attempts_left -= 1;
            match self.attempt(request, &mut on_event) {
                // Nothing has begun without the lock, so nothing is done twice.
                Err(RunError::LockGivenBack(_)) if attempts_left > 0 => {}
                outcome => return outcome.map_err(|error| error.into_failure(&self.environment.display_name())),
            }
        }
    }

    fn attempt(&self, request: &Request, on_event: &mut impl FnMut(&Event)) -> Result<i32, RunError> {
        let so_far = if matches!(request, Request::Apply { .. }) { "" } else { "; nothing was changed" };
        let doing = format!("`terraform {}` ran{so_far}", request.verb());
        shutdown::check(&doing)?;
        temporary::require()?;
        let began = SystemTime::now();
        let _finishing = Finishing::begin("waiting for Terraform to finish");
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let mut words = String::new();
        let mut is_complete = request.completions().is_empty();
        let (status, messages) = self.tool(request).stop_signal(StopSignal::Interrupt).stream_durably(|line| {
            let event = events::parse(line);
            if !matches!(event, Event::StateDump(_)) {
                console::raw(line);
            }
            match event {
                Event::Diagnostic { diagnostic } => diagnostics.push(diagnostic),
                Event::ChangeSummary { changes } => is_complete |= request.completions().contains(&changes.operation.as_str()),
                Event::StateLockAcquire => state_lock::announce_wait(&self.environment, began, || self.lock_holder().ok().flatten()),
                Event::Other if !line.starts_with('{') => words.extend([line, "\n"]),
                event => on_event(&event),
            }
        })?;
        let code = status.code().filter(|code| request.ends_well_with(*code));
        let is_refused = diagnostics.iter().any(Diagnostic::is_error);
        if code.is_none() || !is_complete {
            orphaned_providers::end(&self.environment.directory, &self.environment.data_directory());
        }
        shutdown::check(&doing)?;
        self.warnings().note(request, &diagnostics);
        let words = format!("{words}{messages}");
        let failure = match code {
            Some(code) if is_complete && !is_refused => return Ok(code),
            // A failure of its own ends with 1, and says why; whatever else this was, it was not the end of the work.
            _ if !is_refused && !is_complete && status.code() != Some(1) => {
                diagnostic::unfinished(request.verb(), &describe_status(status), &words)
            }
            _ => self.complaint(request.verb(), &diagnostics, &words),
        };
        // With the engine gone, that is the reason, whatever Terraform makes of it.
        let gone = self.reach.endpoint.as_ref().map(|endpoint| availability::gone(endpoint, failure.message())).transpose()?.flatten();
        Err(gone.map_or_else(|| RunError::of(failure, &diagnostics), RunError::from))
    }

    /// The warnings that stand after the last plan; `None` if only the next plan can say which.
    pub(crate) fn standing_warnings(&self) -> Option<Vec<String>> {
        self.warnings().standing()
    }

    fn warnings(&self) -> MutexGuard<'_, Warnings> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Standard output of a request that prints one document.
    pub(super) fn read(&self, request: &Request) -> Result<Vec<u8>> {
        let output = self.tool(request).output()?;
        if output.status.success() {
            return Ok(printed::document(&output.stdout).to_vec());
        }
        shutdown::check(&format!("`terraform {}` ran", request.verb()))?;
        let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Err(self.complaint(request.verb(), &[], &words).into())
    }
}
