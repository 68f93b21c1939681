//! `test-infra`: the checks and tests, side by side where they do not wait for each other, with a summary line for each.

mod code;
mod part;

use std::env;
use std::num::NonZero;
use std::thread;

use anyhow::Result;

use self::part::{Ended, Part};
use crate::cli::{TestInfraArgs, TestPart};
use crate::docker::endpoint::Endpoint;
use crate::host::command::Tool;
use crate::host::command::adopted::Before;
use crate::host::console;
use crate::host::error::Failure;
use crate::host::shutdown::{self, Finishing};
use crate::run::context::Context;

/// The work of a part.
type Work = fn(&Run, &mut Part) -> Result<()>;

/// Parts that run one after the other.
type Lane = &'static [(TestPart, &'static str, Work)];

/// Needs nothing that is built for the integration tests, and begins while it is: a build leaves a third of two processors idle. What
/// compiles comes late: cargo lets nobody else begin a test meanwhile.
const WITHOUT_BUILD: Lane =
    &[(TestPart::Terraform, "terraform", terraform), (TestPart::Rust, "rust", rust), (TestPart::Unit, "unit", unit)];

/// Run once the integration tests are built. The first two wait most of the time, and take longest: what they do between two waits
/// comes before the work of the others.
const BUILT: [Lane; 3] = [
    &[(TestPart::Aws, "aws", integration)],
    &[(TestPart::Docker, "docker", integration)],
    &[(TestPart::CommandLine, "command_line", integration), (TestPart::Guards, "guards", integration)],
];

/// How many random trials are made, by the variables that the tests read: usually, and in a thorough run.
const TRIALS: [(&str, u32, u32); 2] = [("INFRA_TESTS_CHANGES", 50, 1000), ("INFRA_TESTS_INTERRUPTIONS", 3, 100)];

/// Shared by all parts.
struct Run<'a> {
    context: &'a Context,
    arguments: &'a TestInfraArgs,
}

/// Runs the parts that were asked for, all by default. One that fails does not stop the others: a run takes long, and one that told
/// only of the first mistake would be followed by others.
///
/// # Errors
/// A part failed, or the run was asked to stop.
pub(crate) fn run(context: &Context, arguments: &TestInfraArgs) -> Result<()> {
    let run = Run { context, arguments };
    if run.wants(&[TestPart::Guards, TestPart::Docker, TestPart::Aws]) {
        run.supply()?;
    }
    let ended = run.side_by_side();
    console::say(&ended.iter().map(|part| part.summary.as_str()).collect::<Vec<_>>().join("\n"));
    verdict(ended)
}

impl Run<'_> {
    /// True when one of these parts was asked for.
    fn wants(&self, parts: &[TestPart]) -> bool {
        self.arguments.only.is_none_or(|only| parts.contains(&only) || parts.iter().any(|part| group(only).contains(part)))
    }

    /// Gets what the integration tests need on this machine.
    fn supply(&self) -> Result<()> {
        let supply = self.context.supply()?;
        supply.engine()?;
        supply.provider()?;
        for (reference, failure) in supply.everything(&[])? {
            console::say(&format!("{reference} cannot be tested here: {failure}"));
        }
        shutdown::check("the images were got")
    }

    /// Runs every lane to its end. A run that is asked to stop leaves nothing running.
    fn side_by_side(&self) -> Vec<Ended> {
        let before = Before::now();
        let _finishing = Finishing::begin("ending what the tests have started");
        let ended = thread::scope(|scope| {
            let begin = |lane: Lane| {
                scope.spawn(move || {
                    if lane.iter().all(|(part, ..)| ![TestPart::Aws, TestPart::Docker].contains(part)) {
                        give_way();
                    }
                    self.lane(lane)
                })
            };
            let without_build = begin(WITHOUT_BUILD);
            let mut ended = Vec::new();
            if self.wants(group(TestPart::Integration)) {
                ended.push(self.part("build", build));
            }
            let is_built = ended.iter().all(|part| part.error.is_none());
            let lanes = BUILT.into_iter().filter(|_| is_built).map(begin).collect::<Vec<_>>();
            let lanes = lanes.into_iter().chain([without_build]);
            ended.extend(lanes.flat_map(|lane| lane.join().expect("no part panics")));
            ended
        });
        if shutdown::requested() {
            before.end_others();
        }
        ended
    }

    fn lane(&self, lane: Lane) -> Vec<Ended> {
        let wanted = lane.iter().filter(|(part, ..)| self.wants(&[*part]));
        wanted.map_while(|(_, name, work)| (!shutdown::requested()).then(|| self.part(name, *work))).collect()
    }

    fn part(&self, name: &'static str, work: Work) -> Ended {
        let mut part = Part::begin(name, self.context.checkout.root());
        let outcome = work(self, &mut part);
        part.end(outcome)
    }

    /// `cargo test` of these targets. A thorough run includes the tests that are otherwise ignored, and makes more random trials;
    /// a number that the caller has set counts more.
    fn tests(&self, targets: &[&str]) -> Tool {
        let thorough = self.arguments.thorough;
        let unset = TRIALS.iter().filter(|(name, ..)| env::var_os(name).is_none());
        let tool = unset.fold(cargo().arg("test").args(targets), |tool, (name, usual, many)| {
            tool.env(name, if thorough { many } else { usual }.to_string())
        });
        if thorough { tool.args(["--", "--include-ignored"]) } else { tool }
    }
}

/// The parts of a group; empty for a single part.
fn group(part: TestPart) -> &'static [TestPart] {
    match part {
        TestPart::Static => &[TestPart::Rust, TestPart::Terraform],
        TestPart::Integration => &[TestPart::CommandLine, TestPart::Guards, TestPart::Docker, TestPart::Aws],
        _ => &[],
    }
}

fn build(_: &Run, part: &mut Part) -> Result<()> {
    part.run(cargo().args(["test", "--package", "infra-tests", "--no-run"]))
}

fn rust(_: &Run, part: &mut Part) -> Result<()> {
    part.run(cargo().args(["fmt", "--all", "--check"]))?;
    part.run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))
}

fn terraform(run: &Run, part: &mut Part) -> Result<()> {
    code::check(run.context, part)
}

fn unit(run: &Run, part: &mut Part) -> Result<()> {
    part.run(run.tests(&["--workspace", "--exclude", "infra-tests"]))
}

/// Runs the program of the integration tests that is called as the part, against this xtask and its engine.
fn integration(run: &Run, part: &mut Part) -> Result<()> {
    let at_a_time = match part.name() {
        // These wait for containers most of the time. Each may have a stack of half a gigabyte: no more than eight of them at once.
        "docker" => (3 * processors()).min(8),
        // All at once: each waits for AWS, or what stands for it, nearly all of the time.
        "aws" => 16,
        _ => processors(),
    };
    let mut tool = run.tests(&["--package", "infra-tests", "--test", part.name()]);
    tool = tool.env("XTASK", env::current_exe()?).env("DOCKER_HOST", Endpoint::resolve()?.host());
    if run.context.global.bootstrap {
        // Programs that only tests use, they install themselves.
        tool = tool.env("INFRA_TESTS_INSTALL", "1");
    }
    // How many a caller has asked for counts more.
    if env::var_os("RUST_TEST_THREADS").is_none() {
        tool = tool.env("RUST_TEST_THREADS", at_a_time.to_string());
    }
    part.run(tool)
}

/// Lowers the priority of this thread and of all that it starts; elsewhere than on Linux it would be that of the whole run (nice(2)).
fn give_way() {
    if cfg!(target_os = "linux") {
        // Refused, it costs time and nothing else.
        let _ = rustix::process::nice(5);
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(2, NonZero::get)
}

/// Cargo, as it names itself to what it runs; by that name a toolchain override is kept.
pub(super) fn cargo() -> Tool {
    Tool::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The end of the whole run.
fn verdict(ended: Vec<Ended>) -> Result<()> {
    shutdown::check("the tests ran")?;
    let (names, mut errors): (Vec<_>, Vec<_>) = ended.into_iter().filter_map(|part| Some((part.name, part.error?))).unzip();
    match errors.len() {
        0 => Ok(()),
        1 => Err(errors.remove(0)),
        count => {
            let message = format!("{count} parts failed: {}", names.join(", "));
            Err(Failure::new(message).hint("what each printed above says why").into())
        }
    }
}
