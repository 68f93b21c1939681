//! `bench-infra`: ours against Docker Compose and bare Terraform, with the same images and settings, in alternating runs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result};

use crate::bench::compose::{Compose, Waiting};
use crate::bench::many_environments;
use crate::bench::statistics::{Comparison, Summary};
use crate::cli::BenchInfraArgs;
use crate::failure::Failure;
use crate::process::Tool;
use crate::report::progress::Progress;
use crate::report::{console, table};
use crate::services::readiness;
use crate::session::{Context, Session};
use crate::terraform::invocation::option;

const WAITING: &str = "compose, --wait";
const PROBED: &str = "compose, our probes";

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
        return console::answer_json(serde_json::to_value(&summaries).context("writing JSON")?);
    }
    let rows: Vec<[String; 6]> = summaries.iter().map(Summary::row).collect();
    console::answer(&table::render(["what", "ours (s)", "against", "theirs (s)", "ratio", "target"], &rows))?;
    let runs =
        format!("medians (fastest-slowest) of {} alternating runs with the same settings; ratio: median of the pairs", arguments.runs);
    console::say(&match &bench.compose {
        Some(_) => format!(
            "{runs}. Images, volumes and limits are the same too. Our `up` ends when every service answers its protocol. \
             `{WAITING}`: ends when every container's health check, run every second, says so. `{PROBED}`: Compose does not \
             wait, and our probes are asked instead"
        ),
        None => runs,
    });
    Ok(())
}

struct Bench<'a> {
    context: &'a Context,
    environment: String,
    instance: String,
    /// What containers are measured against; none where there are none.
    compose: Option<PathBuf>,
}

impl<'a> Bench<'a> {
    fn open(context: &'a Context, arguments: &BenchInfraArgs) -> Result<Self> {
        let names = context.repository.names();
        let is_measurable = |name: &String| {
            let policy = context.config.policy(name);
            policy.docker && !policy.protected
        };
        let with_docker = names.into_iter().find(is_measurable);
        let environment = arguments
            .environment
            .clone()
            .or(with_docker)
            .ok_or_else(|| Failure::new("no environment of containers to measure").hint("infra.toml marks one with `docker = true`"))?;
        let measured = context.environment(&environment)?;
        if measured.reaches_aws() {
            return Err(Failure::usage(format!("measuring applies and destroys, and `{environment}` is on AWS"))
                .hint(format!("measure it on an emulator: cargo xtask bench-infra {environment} --emulated"))
                .into());
        }
        let compose = match measured.policy.docker {
            true => {
                let supply = context.supply()?;
                supply.engine()?;
                Some(supply.compose(&context.repository.infrastructure().join("bench/compose"))?)
            }
            false => None,
        };
        Ok(Self { context, environment, instance: format!("bench-{}", std::process::id()), compose })
    }

    fn measure(&self, runs: usize) -> Result<Vec<Summary>> {
        // The first run makes what is made once: instance, images, init.
        self.ours("up", &[])?;
        let session = self.session()?;
        let plan = self.plans(&session, runs)?;
        let Some(compose) = &self.compose else {
            return Ok(vec![plan.summary()]);
        };
        let outputs = session.terraform.outputs()?;
        let endpoint = session.endpoint.clone().context("this environment has no containers")?;
        let state = session.terraform.local_state()?.context("this environment has no state on this machine")?;
        let mirror = |name: &str, waiting| {
            let project = format!("{}-{name}", self.instance);
            Compose::mirror(compose.clone(), &endpoint, &project, &outputs, &state, waiting)
        };
        let waiting = mirror("wait", Waiting::HealthChecks)?;
        let probed = mirror("probed", Waiting::Probes)?;

        let mut against_waiting = against(WAITING, [Some(1.0), Some(0.5), Some(1.0), None]);
        let mut against_probed = against(PROBED, [None; 4]);
        let progress = Progress::new();
        for run in 1..=runs {
            let step = progress.step(&format!("run {run} of {runs}"), true);
            self.wipe()?;
            let ours = [self.ours("up", &[])?, self.ours("up", &[])?, self.ours("down", &[])?, self.ours("up", &[])?];
            self.ours("down", &[])?;
            let theirs_waiting = theirs(&waiting, Compose::up)?;
            let theirs_probed = theirs(&probed, |compose| {
                compose.up()?;
                // Our probes on the same ports; the containers have other names, so their state is not looked at.
                let mut outputs = outputs.clone();
                outputs.services.values_mut().for_each(|service| service.container = None);
                readiness::Waiting {
                    outputs: &outputs,
                    endpoint: Some(&endpoint),
                    typed: session.environment.typed(),
                    limit: session.environment.policy.ready_timeout(),
                    earlier: &[],
                    settled: BTreeSet::new(),
                    began: SystemTime::now(),
                }
                .wait(&Progress::new())
                .map(drop)
            })?;
            for at in 0..ours.len() {
                against_waiting[at].add(ours[at], theirs_waiting[at]);
                against_probed[at].add(ours[at], theirs_probed[at]);
            }
            step.done("measured");
        }
        let [cold, no_op, down, again] = against_waiting;
        let check = many_environments::measure(runs)?;
        let rows = [cold, no_op, down, again, plan].into_iter().chain(against_probed).chain([check]);
        Ok(rows.map(|comparison| comparison.summary()).collect())
    }

    /// What our `plan` does besides Terraform's, on what was applied.
    fn plans(&self, session: &Session, runs: usize) -> Result<Comparison> {
        let mut plan = Comparison::new("plan, nothing changed", "terraform plan", Some(1.05));
        for _ in 0..runs {
            plan.add(self.ours("plan", &[])?, self.bare_plan(session)?);
        }
        Ok(plan)
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
        let emulated = self.context.global.emulated.then_some("--emulated");
        let tool = Tool::new(this).args(["infra", verb, &self.environment, "--instance", &self.instance]).args(emulated).args(options);
        timed(|| tool.directory(self.context.repository.root()).read().map(drop))
    }

    /// `terraform plan` as a person would type it, into a file as ours.
    fn bare_plan(&self, session: &Session) -> Result<Duration> {
        let file = tempfile::NamedTempFile::new().context("making a file for a plan")?;
        let mut tool = Tool::new("terraform").arg(option("-chdir=", &session.environment.directory));
        tool = tool.args(["plan", "-input=false", "-no-color"]).arg(option("-out=", file.path())).env("CHECKPOINT_DISABLE", "1");
        for (name, value) in session.terraform.settings_by_hand() {
            tool = tool.env(name, value);
        }
        timed(|| tool.read().map(drop))
    }
}

/// Cold `up`, `up` with nothing changed, `down`, and `up` on existing data.
fn against(other: &'static str, targets: [Option<f64>; 4]) -> [Comparison; 4] {
    let [cold, no_op, down, again] = targets;
    [
        Comparison::new("cold up", other, cold),
        Comparison::new("up, nothing changed", other, no_op),
        Comparison::new("down", other, down),
        Comparison::new("up on existing data", other, again),
    ]
}

/// The same four on Compose's side, leaving nothing behind.
fn theirs(compose: &Compose, up: impl Fn(&Compose) -> Result<()>) -> Result<[Duration; 4]> {
    let times = [timed(|| up(compose))?, timed(|| up(compose))?, timed(|| compose.run(&["down"]))?, timed(|| up(compose))?];
    compose.run(&["down", "--volumes"])?;
    Ok(times)
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}
