//! `bench-infra`: ours against Docker Compose and bare Terraform, with the same images and settings, in alternating runs.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::bench::compose::Compose;
use crate::bench::statistics::{Comparison, Summary};
use crate::cli::BenchInfraArgs;
use crate::failure::Failure;
use crate::process::Tool;
use crate::report::progress::Progress;
use crate::report::{console, table};
use crate::services::contract::Outputs;
use crate::services::readiness;
use crate::session::{Context, Session};

/// Measures, and prints a table or JSON.
///
/// # Errors
/// Compose cannot be compiled, or a run fails.
pub(crate) fn run(context: &Context, arguments: &BenchInfraArgs) -> Result<()> {
    let bench = Bench::open(context, arguments)?;
    let outcome = bench.measure(arguments.runs);
    // Whatever came of it, nothing of it stays.
    let destroyed = bench.ours("destroy", &["--yes"]);
    let summaries = outcome?;
    destroyed?;
    if arguments.json {
        return console::answer(&format!("{:#}\n", serde_json::to_value(&summaries).context("writing JSON")?));
    }
    let rows: Vec<[String; 6]> = summaries.iter().map(Summary::row).collect();
    console::answer(&table::render(["what", "ours (s)", "against", "theirs (s)", "ratio", "target"], &rows))?;
    console::say(&format!(
        "medians (fastest-slowest) of {} alternating runs with the same images, volumes, limits and health checks; \
         `up` ends on both sides when every service answers its protocol; ratio: median of the pairs",
        arguments.runs
    ));
    Ok(())
}

struct Bench<'a> {
    context: &'a Context,
    environment: String,
    instance: String,
    compose: std::path::PathBuf,
}

impl<'a> Bench<'a> {
    fn open(context: &'a Context, arguments: &BenchInfraArgs) -> Result<Self> {
        let names = context.repository.environments()?;
        let with_docker = names.into_iter().find(|name| context.config.policy(name).docker);
        let environment = arguments
            .environment
            .clone()
            .or(with_docker)
            .ok_or_else(|| Failure::new("no environment of containers to measure").hint("infra.toml marks one with `docker = true`"))?;
        let supply = context.supply()?;
        supply.engine()?;
        let compose = supply.compose(&context.repository.infrastructure().join("bench/compose"))?;
        Ok(Self { context, environment, instance: format!("bench-{}", std::process::id()), compose })
    }

    fn measure(&self, runs: usize) -> Result<Vec<Summary>> {
        // The first run makes what is made once: instance, images, init.
        self.ours("up", &[])?;
        let session = self.session()?;
        let outputs = session.terraform.outputs()?;
        let endpoint = session.endpoint.clone().context("this environment has no containers")?;
        let state = session.terraform.local_state()?.context("this environment has no state on this machine")?;
        let compose = Compose::mirror(self.compose.clone(), &endpoint, &self.instance, &outputs, &state)?;

        let mut plan = Comparison::new("plan, nothing changed", "terraform plan", 1.05);
        for _ in 0..runs {
            plan.add(self.ours("plan", &[])?, self.bare_plan(&session)?);
        }
        let mut cold = Comparison::new("cold up", "compose", 1.0);
        let mut no_op = Comparison::new("up, nothing changed", "compose", 0.5);
        let mut down = Comparison::new("down", "compose", 1.0);
        let mut again = Comparison::new("up on existing data", "compose", 1.0);
        let progress = Progress::new();
        for run in 1..=runs {
            let step = progress.step(&format!("run {run} of {runs}"), true);
            self.wipe()?;
            let ours = [self.ours("up", &[])?, self.ours("up", &[])?, self.ours("down", &[])?, self.ours("up", &[])?];
            self.ours("down", &[])?;
            let up = || self.theirs_up(&compose, &outputs, &endpoint);
            let theirs = [up()?, up()?, timed(|| compose.run(&["down"]))?, up()?];
            compose.run(&["down", "--volumes"])?;
            for (comparison, (ours, theirs)) in [&mut cold, &mut no_op, &mut down, &mut again].into_iter().zip(ours.into_iter().zip(theirs))
            {
                comparison.add(ours, theirs);
            }
            step.done("measured");
        }
        Ok([cold, no_op, down, again, plan].iter().map(Comparison::summary).collect())
    }

    fn session(&self) -> Result<Session> {
        let global = crate::cli::Global { instance: Some(self.instance.clone()), ..self.context.global.clone() };
        Context::open(global)?.look(&self.environment)
    }

    /// Containers and volumes away, as before a very first `up`; instance file and init stay, as Compose's file does.
    fn wipe(&self) -> Result<()> {
        self.ours("down", &[])?;
        let session = self.session()?;
        if let Some(endpoint) = &session.endpoint {
            endpoint.remove_volumes(&endpoint.labelled_volumes(&session.instance.owner_label())?)?;
        }
        Ok(())
    }

    /// One whole run of this program.
    fn ours(&self, verb: &str, options: &[&str]) -> Result<Duration> {
        let this = std::env::current_exe().context("finding this program")?;
        let tool = Tool::new(this).args(["infra", verb, &self.environment, "--instance", &self.instance]).args(options);
        timed(|| tool.directory(self.context.repository.root()).read().map(drop))
    }

    fn theirs_up(&self, compose: &Compose, outputs: &Outputs, endpoint: &crate::docker::endpoint::Endpoint) -> Result<Duration> {
        timed(|| {
            compose.run(&["up", "--detach"])?;
            // The same probes on the same ports; the containers have other names, so their state is not looked at.
            let mut outputs = outputs.clone();
            outputs.services.values_mut().for_each(|service| service.container = None);
            readiness::wait(&outputs, Some(endpoint), &Progress::new()).map(drop)
        })
    }

    /// `terraform plan` as a person would type it, into a file as ours.
    fn bare_plan(&self, session: &Session) -> Result<Duration> {
        let file = tempfile::NamedTempFile::new().context("making a file for a plan")?;
        let mut chdir = std::ffi::OsString::from("-chdir=");
        chdir.push(&session.environment.directory);
        let mut out = std::ffi::OsString::from("-out=");
        out.push(file.path());
        let mut tool =
            Tool::new("terraform").arg(chdir).args(["plan", "-input=false", "-no-color"]).arg(out).env("CHECKPOINT_DISABLE", "1");
        for (name, value) in session.terraform.settings_by_hand() {
            tool = tool.env(name, value);
        }
        timed(|| tool.read().map(drop))
    }
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}
