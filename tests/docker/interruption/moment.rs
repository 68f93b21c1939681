//! Moments of a run that anybody can see: what it has printed, made and started.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use infra_tests::docker;
use infra_tests::proc;
use infra_tests::process::Running;
use infra_tests::stack::Stack;

/// A moment of a run of `up`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The process has been started.
    Started,
    /// It holds the instance's lock.
    Locked,
    /// The instance file is there.
    InstanceFile,
    /// Terraform runs with this subcommand.
    Terraform(&'static str),
    /// A plan of this run is in the plan's file.
    Planned,
    /// It has said what will be changed.
    Announced,
    /// A volume is there.
    Volume,
    /// So many containers are there, running or not.
    Containers(usize),
    /// So many containers run.
    RunningContainers(usize),
    /// Terraform has ended, and what was made is waited for.
    Waiting,
    /// A service answers, not yet all of them.
    Answering,
    /// So long after the start.
    After(Duration),
}

/// The steps of a run on existing data. Terraform is asked to show a plan only where something else than `down` came before.
pub(super) const STEPS: [Moment; 11] = [
    Moment::Started,
    Moment::Locked,
    Moment::Terraform("plan"),
    Moment::Planned,
    Moment::Announced,
    Moment::Terraform("apply"),
    Moment::Containers(1),
    Moment::Containers(4),
    Moment::RunningContainers(4),
    Moment::Waiting,
    Moment::Answering,
];

/// The steps of a first run.
pub(super) const FIRST_RUN: [Moment; 9] = [
    Moment::Locked,
    Moment::InstanceFile,
    Moment::Terraform("init"),
    Moment::Terraform("plan"),
    Moment::Terraform("show"),
    Moment::Announced,
    Moment::Volume,
    Moment::Containers(1),
    Moment::Waiting,
];

impl Moment {
    /// Waits for it; false when the run has ended before.
    pub(super) fn wait(self, stack: &Stack, running: &mut Running) -> bool {
        let started = (SystemTime::now(), Instant::now());
        loop {
            if running.has_ended() {
                return false;
            }
            if self.has_come(stack, running, started) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn has_come(self, stack: &Stack, running: &Running, started: (SystemTime, Instant)) -> bool {
        let file = |kind: &str| stack.directory().join(".instances").join(format!("{}.{kind}", stack.name()));
        match self {
            Self::Started => true,
            Self::Locked => fs::read_to_string(file("lock")).is_ok_and(|holder| holder == running.id().to_string()),
            Self::InstanceFile => file("json").exists(),
            Self::Terraform(subcommand) => proc::of(stack.checkout().root()).iter().any(|process| process.is_terraform(subcommand)),
            Self::Planned => file("tfplan").metadata().is_ok_and(|found| found.modified().unwrap() > started.0),
            Self::Announced => running.said().contains(" to create"),
            Self::Volume => !docker::volumes(stack.name()).is_empty(),
            Self::Containers(count) => stack.containers().len() >= count,
            Self::RunningContainers(count) => stack.containers().iter().filter(|container| container.status == "running").count() >= count,
            Self::Waiting => {
                let terraform = || proc::of(stack.checkout().root()).iter().any(|process| process.line.contains("terraform"));
                running.said().contains(" to create") && !file("tfplan").exists() && !terraform()
            }
            Self::Answering => TcpStream::connect(("127.0.0.1", stack.port("postgres"))).is_ok(),
            Self::After(time) => started.1.elapsed() >= time,
        }
    }
}
