//! Our side: the xtask, typed as a person types it, on an instance of the bench's own.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::program::{call, feed, run, timed};

/// One instance of one environment.
#[derive(Debug)]
pub(crate) struct Ours {
    /// The xtask.
    pub(crate) program: PathBuf,
    /// The environment.
    pub(crate) environment: String,
    /// The instance.
    pub(crate) instance: String,
    /// On an emulator of AWS.
    pub(crate) emulated: bool,
}

impl Ours {
    /// Runs `infra VERB ENVIRONMENT OPTIONS` to the end, and says how long it took.
    ///
    /// # Errors
    /// What it said.
    pub(crate) fn infra(&self, verb: &str, options: &[&str]) -> Result<Duration> {
        timed(|| run(&mut self.call(verb, options)).map(drop))
    }

    /// The outputs by name, secrets too.
    ///
    /// # Errors
    /// There are none.
    pub(crate) fn outputs(&self) -> Result<Value> {
        let printed = run(&mut self.call("output", &["--show-secrets"]))?;
        serde_json::from_str(&printed.stdout).context("reading the outputs")
    }

    /// Plain Terraform with these arguments, after the lines for the shell that `init` prints: standard output, and how long it took.
    ///
    /// # Errors
    /// What Terraform said.
    pub(crate) fn plain_terraform(&self, arguments: &str) -> Result<(String, Duration)> {
        let said = run(&mut self.call("init", &[]))?.stderr;
        let lines: Vec<&str> = said.lines().map(str::trim).collect();
        let settings: Vec<&str> = lines.iter().filter(|line| line.starts_with("export ")).copied().collect();
        let typed = lines.iter().find_map(|line| line.strip_prefix("terraform ")?.strip_suffix(" plan"));
        let script = format!("{}\nexec terraform {} {arguments}", settings.join("\n"), typed.context("`init` names no directory")?);
        let mut stdout = String::new();
        let terraform = || run(call("sh").args(["-c", &script]).env("CHECKPOINT_DISABLE", "1")).map(|printed| stdout = printed.stdout);
        let time = timed(terraform)?;
        Ok((stdout, time))
    }

    /// Containers and volumes away, as before a very first `up`; instance file and init stay, as Compose's file does.
    ///
    /// # Errors
    /// `down` fails, or Docker.
    pub(crate) fn wipe(&self, volumes: &BTreeSet<String>) -> Result<()> {
        self.infra("down", &[])?;
        run(call("docker").args(["volume", "rm", "--force"]).args(volumes)).map(drop)
    }

    /// Waits with our probes until the services of these outputs answer, whoever runs them.
    ///
    /// # Errors
    /// One of them does not.
    pub(crate) fn probe(&self, outputs: &Value) -> Result<()> {
        let mut outputs = json!({"services": outputs["services"], "env": outputs["env"]});
        // The containers have other names: there is nothing to look at but the ports.
        for service in outputs["services"].as_object_mut().into_iter().flat_map(|services| services.values_mut()) {
            service["container"] = Value::Null;
        }
        feed(call(&self.program).args(["bench-infra", &self.environment, "--probe"]), &outputs.to_string()).map(drop)
    }

    fn call(&self, verb: &str, options: &[&str]) -> std::process::Command {
        let mut call = call(&self.program);
        call.args(["infra", verb, &self.environment, "--instance", &self.instance]);
        call.args(self.emulated.then_some("--emulated")).args(options);
        call
    }
}
