//! Waiting until every service answers and lets an application in, and giving up at once where waiting longer does not help.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Error, Result};

use super::contract::{Outputs, Service};
use super::login::Refusal;
use super::{made_with, probe};
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Container;
use crate::host::error::Failure;
use crate::host::{console, shutdown};
use crate::ui::progress::{Step, seconds};

/// Between two questions to one service.
const POLL: Duration = Duration::from_millis(20);
/// Between two looks at its container.
const LOOK: Duration = Duration::from_millis(500);
/// Between two words about one that takes long.
const WORD: Duration = Duration::from_secs(30);
/// Between two logins after one that was refused.
const RETRY: Duration = Duration::from_millis(500);
/// A refusal that lasts is meant: an engine may refuse while it loads its users, and Milvus has done so for over two seconds on a busy
/// machine.
const SETTLING: Duration = Duration::from_secs(10);
/// Restarts after which a container counts as failed: its engine starts it again for ever.
const RESTARTS: u32 = 3;

/// How a service was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It answered after this time.
    Ready(Duration),
    /// Its port took a connection after this time. It speaks TLS, which only a client of TLS could ask more of.
    Reachable(Duration),
    /// Its output says not to ask.
    NotProbed,
}

/// What is waited for, and what is known of it already.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    /// The services, and what to log in with.
    pub(crate) outputs: &'a Outputs,
    /// Where their containers are.
    pub(crate) endpoint: Option<&'a Endpoint>,
    /// The environment as it is typed.
    pub(crate) typed: String,
    /// A service that has not answered by then will not.
    pub(crate) limit: Duration,
    /// The containers as they were when this run began: restarts of before do not count.
    pub(crate) earlier: &'a [Container],
    /// Names of the containers that have let us in since they were started: they are only asked whether they answer.
    pub(crate) settled: BTreeSet<String>,
    /// When this run began.
    pub(crate) began: SystemTime,
}

impl Waiting<'_> {
    /// Asks every service at the same time until each has answered.
    ///
    /// # Errors
    /// A container that exited, with the last lines of its log; a login that is refused; a service that never answers.
    pub(crate) fn wait(&self) -> Result<BTreeMap<String, Readiness>> {
        let (sharing, own): (Vec<_>, Vec<_>) = self.outputs.services.iter().partition(|(_, service)| self.host_of(service).is_some());
        let mut found: Vec<(String, Result<Readiness>)> = thread::scope(|scope| {
            let wait = |(name, service): (&String, &Service)| self.wait_for(name, service, Step::begin(name));
            let waiting: Vec<_> = own.into_iter().map(|service| (service.0, scope.spawn(move || wait(service)))).collect();
            waiting.into_iter().map(|(name, handle)| (name.clone(), handle.join().expect("waiting does not panic"))).collect()
        });
        for (name, service) in sharing {
            // What its host failed with is said there.
            let host = self.host_of(service).and_then(|host| found.iter().find(|(name, _)| name == host));
            if let Some(readiness) = host.and_then(|(_, outcome)| outcome.as_ref().ok().copied()) {
                found.push((name.clone(), Ok(readiness)));
            }
        }
        let (answering, silent): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, outcome)| outcome.is_ok());
        if shutdown::requested() && !silent.is_empty() {
            let names = |found: &[(String, Result<Readiness>)]| found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            return Err(interruption(&names(&answering), &names(&silent)));
        }
        // Each is told: who mends the first alone would only uncover the next.
        for error in silent.iter().skip(1).filter_map(|(_, outcome)| outcome.as_ref().err()) {
            console::warn(&format!("{error:#}"));
        }
        answering.into_iter().chain(silent).map(|(name, outcome)| Ok((name, outcome?))).collect()
    }

    /// The service in whose container this one is, by its address: pgvector is Postgres under another name.
    fn host_of(&self, service: &Service) -> Option<&String> {
        let is_host = |other: &Service| other.container.is_some() && other.address() == service.address();
        let mut hosts = self.outputs.services.iter().filter(|(_, other)| service.container.is_none() && is_host(other));
        hosts.next().map(|(name, _)| name)
    }

    fn wait_for(&self, name: &str, service: &Service, step: Step) -> Result<Readiness> {
        let Some(probe) = &service.probe else {
            return Ok(Readiness::NotProbed);
        };
        let is_settled = service.container.as_ref().is_some_and(|container| self.settled.contains(container));
        let env = (!is_settled).then_some(&self.outputs.env);
        let started = Instant::now();
        let (mut looked, mut spoken, mut refused) = (started, started, None);
        loop {
            let asked = if service.tls {
                probe::reach(&service.host, probe.port).map(|()| Readiness::Reachable(started.elapsed()))
            } else {
                probe::ask(&service.host, probe, env).map(|()| Readiness::Ready(started.elapsed()))
            };
            let reason = match asked {
                Ok(readiness) => return Ok(readiness),
                Err(reason) => reason,
            };
            shutdown::check("waiting")?;
            if let Some(refusal) = reason.downcast_ref::<Refusal>() {
                if refused.get_or_insert_with(Instant::now).elapsed() >= SETTLING {
                    return Err(self.refused(name, service, refusal).into());
                }
                thread::sleep(RETRY);
                continue;
            }
            refused = None;
            // What a socket says while the other side starts changes with every question, and tells nothing.
            step.now(&if reason.is::<std::io::Error>() { "starting".to_owned() } else { format!("starting: {reason}") });
            if let (Some(container), Some(endpoint), true) = (&service.container, self.endpoint, looked.elapsed() >= LOOK) {
                looked = Instant::now();
                self.check_container(name, service, container, endpoint)?;
            }
            if started.elapsed() >= self.limit {
                return Err(self.never_answered(name, service, &format!("{reason:#}")).into());
            }
            if spoken.elapsed() >= WORD {
                spoken = Instant::now();
                let words = self.last_words(service).filter(|_| reason.is::<std::io::Error>());
                let words = words.map_or_else(|| format!("{reason:#}"), |words| format!("its log ends with `{words}`"));
                console::say(&format!("{name} is still starting after {}: {words}", seconds(started.elapsed())));
            }
            thread::sleep(POLL);
        }
    }

    fn check_container(&self, name: &str, service: &Service, container: &str, endpoint: &Endpoint) -> Result<()> {
        let found = endpoint.containers(&[container.to_owned()])?;
        let Some(trouble) = trouble(found.first(), self.earlier) else {
            return Ok(());
        };
        let (log, docker) = (self.log_end(container, 30), endpoint.typed_client());
        let hint = match service.repair_after(&log, &docker) {
            Some(repair) => {
                format!("its data has to be mended; this asks before it cuts off what cannot be read: `{repair}`; then run again")
            }
            None => format!("the whole log: `{docker} logs {container}`"),
        };
        Err(Failure::new(format!("{name} cannot come up: container `{container}` {trouble}; the last lines of its log:"))
            .details(log)
            .hint(hint)
            .into())
    }

    fn never_answered(&self, name: &str, service: &Service, reason: &str) -> Failure {
        let limit = self.limit.as_secs();
        let failure = Failure::new(format!("{name} at {} did not answer within {limit} s: {reason}", service.address()));
        match &service.container {
            Some(container) => failure.details(self.log_end(container, 30)).hint(format!(
                "the whole log: `{} logs {container}`; one that needs longer is waited for longer with `ready_timeout = \"{}m\"` in its table of infra.toml, and `up` again goes on waiting",
                self.docker(),
                limit.div_ceil(60) * 2
            )),
            _ => failure.hint("check that this machine can reach that address"),
        }
    }

    fn refused(&self, name: &str, service: &Service, refusal: &Refusal) -> Failure {
        let account = service.probe.as_ref().and_then(|probe| probe.login.as_ref()?.account(&self.outputs.env));
        Failure::new(format!("{name} at {} does not let in what `env` prints: {refusal}", service.address())).hint(made_with::way_on(
            name,
            service,
            refusal.refused,
            account.as_ref(),
            &self.docker(),
            &self.typed,
        ))
    }

    /// The client as a person types it for this engine.
    fn docker(&self) -> String {
        self.endpoint.map_or_else(|| "docker".to_owned(), Endpoint::typed_client)
    }

    fn last_words(&self, service: &Service) -> Option<String> {
        self.log_end(service.container.as_ref()?, 1).pop().filter(|line| !line.is_empty())
    }

    /// The end of what a container wrote since this run began; of one that has been silent since, of what it wrote before.
    fn log_end(&self, container: &str, count: usize) -> Vec<String> {
        let since = self.began.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let log = |since| self.endpoint.and_then(|endpoint| endpoint.log_end(container, count, since).ok()).unwrap_or_default();
        let now = log(Some(since));
        if now.is_empty() { log(None) } else { now }
    }
}

fn interruption(answering: &[String], silent: &[String]) -> Error {
    let answering = if answering.is_empty() { String::new() } else { format!("; {} answer already", answering.join(", ")) };
    shutdown::failure(format!("interrupted while waiting for {}: everything was made{answering}", silent.join(", "))).into()
}

/// Why a container will not come up by waiting longer. That it is unhealthy does not say so: it is while it runs long init files.
fn trouble(container: Option<&Container>, earlier: &[Container]) -> Option<String> {
    let Some(container) = container else {
        return Some("is gone".to_owned());
    };
    let before = earlier.iter().find(|earlier| earlier.id == container.id).map_or(0, |earlier| earlier.restarts);
    let restarts = container.restarts.saturating_sub(before);
    match container.status.as_str() {
        "exited" | "dead" => Some(format!("exited with status {}", container.exit_code)),
        // While it runs once more, its last status is not known, and it may come up.
        "restarting" if restarts >= RESTARTS => Some(format!("was restarted {restarts} times, last exit status {}", container.exit_code)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::trouble;
    use crate::docker::inspect::Container;

    #[test]
    fn knows_when_waiting_is_no_use() {
        let container = |status: &str, health: Option<&str>, restarts| Container {
            status: status.to_owned(),
            health: health.map(ToOwned::to_owned),
            restarts,
            exit_code: 3,
            ..Container::default()
        };
        let killed_before = [container("running", None, 3)];
        for (found, earlier, expected) in [
            (None, &[][..], Some("is gone")),
            (Some(container("running", None, 0)), &[], None),
            (Some(container("running", Some("starting"), 1)), &[], None),
            (Some(container("running", Some("unhealthy"), 0)), &[], None),
            (Some(container("exited", None, 0)), &[], Some("exited with status 3")),
            (Some(container("restarting", None, 1)), &[], None),
            (Some(container("running", None, 3)), &[], None),
            (Some(container("restarting", None, 3)), &[], Some("was restarted 3 times, last exit status 3")),
            (Some(container("running", None, 3)), &killed_before, None),
            (Some(container("restarting", None, 5)), &killed_before, None),
            (Some(container("restarting", None, 6)), &killed_before, Some("was restarted 3 times, last exit status 3")),
            (
                Some(Container { id: "another".to_owned(), ..container("restarting", None, 3) }),
                &killed_before,
                Some("was restarted 3 times, last exit status 3"),
            ),
        ] {
            assert_eq!(trouble(found.as_ref(), earlier).as_deref(), expected, "{found:?}");
        }
    }
}
