//! `cargo xtask bench-infra`: ours against Docker Compose and bare Terraform, with the same images and settings, in alternating runs.
//!
//! It knows of the xtask what a person knows: what is typed, and what is printed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

mod compose;
mod many_environments;
mod ours;
mod program;
mod statistics;

use compose::{Compose, Waiting};
use ours::Ours;
use program::timed;
use statistics::{Comparison, Summary};

const WAITING: &str = "compose, --wait";
const PROBED: &str = "compose, our probes";

/// What the xtask says to its bench.
#[derive(Debug, Parser)]
struct Arguments {
    /// The environment to measure
    environment: String,
    /// The xtask to measure
    #[arg(long)]
    xtask: PathBuf,
    /// Docker Compose, to measure containers against
    #[arg(long)]
    compose: Option<PathBuf>,
    /// On an emulator of AWS
    #[arg(long)]
    emulated: bool,
    /// Runs of each side
    #[arg(long)]
    runs: usize,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Only errors, and what was asked for
    #[arg(long)]
    quiet: bool,
}

struct Bench {
    ours: Ours,
    compose: Option<PathBuf>,
    runs: usize,
    quiet: bool,
    stop: Arc<AtomicBool>,
}

fn main() -> ExitCode {
    match measure(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: Arguments) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    // What runs is told by the same signal; then the instance is taken away.
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("listening for signals")?;
    }
    let instance = format!("bench-{}", std::process::id());
    let ours = Ours { program: arguments.xtask, environment: arguments.environment, instance, emulated: arguments.emulated };
    let bench = Bench { ours, compose: arguments.compose, runs: arguments.runs, quiet: arguments.quiet, stop };
    let outcome = bench.measure();
    // Whatever came of it, nothing of it stays.
    let destroyed = bench.ours.infra("destroy", &["--yes"]);
    let summaries = outcome?;
    destroyed?;
    if arguments.json {
        answer(&format!("{}\n", serde_json::to_string_pretty(&summaries).context("writing JSON")?));
        return Ok(());
    }
    answer(&statistics::table(&summaries));
    let runs = format!("medians (fastest-slowest) of {} alternating runs with the same settings; ratio: median of the pairs", bench.runs);
    bench.say(&match &bench.compose {
        Some(_) => format!(
            "{runs}. Images, volumes and limits are the same too. Our `up` ends when every service answers its protocol. \
             `{WAITING}`: ends when every container's health check, run every second, says so. `{PROBED}`: Compose does not \
             wait, and our probes are asked instead"
        ),
        None => runs,
    });
    Ok(())
}

impl Bench {
    fn measure(&self) -> Result<Vec<Summary>> {
        // The first run makes what is made once: instance, images, init.
        self.ours.infra("up", &[])?;
        let plan = self.plans()?;
        let Some(compose) = &self.compose else {
            return Ok(vec![plan.summary()]);
        };
        let outputs = self.ours.outputs()?;
        let (state, _) = self.ours.plain_terraform("state pull")?;
        let state = serde_json::from_str(&state).context("reading the state")?;
        let mirror = |name: &str, waiting| {
            let project = format!("{}-{name}", self.ours.instance);
            Compose::mirror(compose.clone(), &project, &outputs, &state, waiting)
        };
        let (waiting, volumes) = mirror("wait", Waiting::HealthChecks)?;
        let (probed, _) = mirror("probed", Waiting::Probes)?;

        let mut against_waiting = against(WAITING, [Some(1.0), Some(0.5), Some(1.0), None]);
        let mut against_probed = against(PROBED, [None; 4]);
        for run in 1..=self.runs {
            let started = Instant::now();
            self.go_on()?;
            self.ours.wipe(&volumes)?;
            // Volumes that are gone are asked about once.
            let cold = self.ours.infra("up", &["--yes"])?;
            let ours = [cold, self.ours.infra("up", &[])?, self.ours.infra("down", &[])?, self.ours.infra("up", &[])?];
            self.ours.infra("down", &[])?;
            self.go_on()?;
            let theirs_waiting = theirs(&waiting, Compose::up)?;
            self.go_on()?;
            let theirs_probed = theirs(&probed, |compose| {
                compose.up()?;
                self.ours.probe(&outputs)
            })?;
            for at in 0..ours.len() {
                against_waiting[at].add(ours[at], theirs_waiting[at]);
                against_probed[at].add(ours[at], theirs_probed[at]);
            }
            self.say(&format!("run {run} of {} measured in {:.0} s", self.runs, started.elapsed().as_secs_f64()));
        }
        self.go_on()?;
        let [cold, no_op, down, again] = against_waiting;
        let check = many_environments::measure(&self.ours.program, self.runs)?;
        let rows = [cold, no_op, down, again, plan].into_iter().chain(against_probed).chain([check]);
        Ok(rows.map(|comparison| comparison.summary()).collect())
    }

    /// What our `plan` does besides Terraform's, on what was applied.
    fn plans(&self) -> Result<Comparison> {
        let mut plan = Comparison::new("plan, nothing changed", "terraform plan", Some(1.05));
        let file = tempfile::NamedTempFile::new().context("making a file for a plan")?;
        let bare = format!("plan -input=false -no-color -out={}", file.path().display());
        for _ in 0..self.runs {
            self.go_on()?;
            plan.add(self.ours.infra("plan", &[])?, self.ours.plain_terraform(&bare)?.1);
        }
        Ok(plan)
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            complain(line);
        }
    }

    /// Ends here when the bench was asked to stop.
    fn go_on(&self) -> Result<()> {
        if self.stop.load(Ordering::SeqCst) {
            bail!("interrupted while measuring");
        }
        Ok(())
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

#[expect(clippy::print_stdout, reason = "what another program reads goes to standard output")]
fn answer(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "all else goes to standard error")]
fn complain(line: &str) {
    eprintln!("{line}");
}
