//! Waiting until every service answers, and giving up at once when a container cannot come up any more.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};

use super::contract::{Outputs, Service};
use super::probe;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Container;
use crate::failure::Failure;
use crate::interrupt;
use crate::report::console;
use crate::report::progress::Progress;

/// Between two questions to one service.
const POLL: Duration = Duration::from_millis(20);
/// Between two looks at its container.
const LOOK: Duration = Duration::from_millis(500);
/// A service that has not answered by then will not; Weaviate after a crash needs the longest, some 20 s.
const LIMIT: Duration = Duration::from_secs(120);
/// Restarts after which a container counts as failed: its engine starts it again for ever.
const RESTARTS: u32 = 3;

/// How a service was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It answered after this time.
    Ready(Duration),
    /// It answered in TLS after this time, which is all that was asked.
    InTls(Duration),
    /// Its output says not to ask.
    NotProbed,
}

/// Asks every service at the same time until each has answered.
///
/// # Errors
/// A container that exited or is unhealthy, with the last lines of its log; a service that never answers.
pub(crate) fn wait(outputs: &Outputs, endpoint: Option<&Endpoint>, progress: &Progress) -> Result<BTreeMap<String, Readiness>> {
    let password = outputs.env.get("REDIS_URL").and_then(|url| password_of(url));
    thread::scope(|scope| {
        let waiting: Vec<_> = outputs
            .services
            .iter()
            .map(|(name, service)| {
                let progress = progress.clone();
                (name, scope.spawn(move || wait_for(name, service, password, endpoint, &progress)))
            })
            .collect();
        let found = waiting.into_iter().map(|(name, handle)| (name.clone(), handle.join().expect("waiting does not panic")));
        let (answering, silent): (Vec<_>, Vec<_>) = found.partition(|(_, outcome)| outcome.is_ok());
        if interrupt::requested() && !silent.is_empty() {
            let names = |found: &[(String, Result<Readiness>)]| found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            return Err(interruption(&names(&answering), &names(&silent)));
        }
        // Each is told: who mends the first alone would only uncover the next.
        for error in silent.iter().skip(1).filter_map(|(_, outcome)| outcome.as_ref().err()) {
            console::warn(&format!("{error:#}"));
        }
        answering.into_iter().chain(silent).map(|(name, outcome)| Ok((name, outcome?))).collect()
    })
}

fn interruption(answering: &[String], silent: &[String]) -> Error {
    let answering = if answering.is_empty() { String::new() } else { format!("; {} answer already", answering.join(", ")) };
    interrupt::failure(format!("interrupted while waiting for {}: everything was made{answering}", silent.join(", "))).into()
}

fn wait_for(name: &str, service: &Service, password: Option<&str>, endpoint: Option<&Endpoint>, progress: &Progress) -> Result<Readiness> {
    let Some(probe) = &service.probe else {
        return Ok(Readiness::NotProbed);
    };
    let step = progress.step(name, false);
    let started = Instant::now();
    let mut looked = started;
    loop {
        let asked = if service.tls {
            probe::ask_in_tls(&service.host, probe).map(|()| Readiness::InTls(started.elapsed()))
        } else {
            probe::ask(&service.host, probe, password).map(|()| Readiness::Ready(started.elapsed()))
        };
        let reason = match asked {
            Ok(readiness) => return Ok(readiness),
            Err(reason) => reason,
        };
        interrupt::check("waiting")?;
        // What a socket says while the other side starts changes with every question, and tells nothing.
        step.now(&if reason.is::<std::io::Error>() { "starting".to_owned() } else { format!("starting: {reason}") });
        if let (Some(container), Some(endpoint), true) = (&service.container, endpoint, looked.elapsed() >= LOOK) {
            looked = Instant::now();
            check_container(name, service, container, endpoint)?;
        }
        if started.elapsed() >= LIMIT {
            return Err(never_answered(name, service, endpoint, &format!("{reason:#}")).into());
        }
        thread::sleep(POLL);
    }
}

fn check_container(name: &str, service: &Service, container: &str, endpoint: &Endpoint) -> Result<()> {
    let found = endpoint.containers(&[container.to_owned()])?;
    let Some(trouble) = trouble(found.first()) else {
        return Ok(());
    };
    let log = endpoint.log_end(container, 30, None).unwrap_or_default();
    let docker = endpoint.typed_client();
    let hint = match service.repair_after(&log, &docker) {
        Some(repair) => format!("its data has to be mended; this asks before it cuts off what cannot be read: `{repair}`; then run again"),
        None => format!("the whole log: `{docker} logs {container}`"),
    };
    Err(Failure::new(format!("{name} cannot come up: container `{container}` {trouble}; the last lines of its log:"))
        .details(log)
        .hint(hint)
        .into())
}

/// Why a container will not come up by waiting longer.
fn trouble(container: Option<&Container>) -> Option<String> {
    let Some(container) = container else {
        return Some("is gone".to_owned());
    };
    match container.state() {
        "exited" | "dead" => Some(format!("exited with status {}", container.exit_code)),
        "unhealthy" => Some("is unhealthy".to_owned()),
        _ if container.restarts >= RESTARTS => {
            Some(format!("was restarted {} times, last exit status {}", container.restarts, container.exit_code))
        }
        _ => None,
    }
}

fn never_answered(name: &str, service: &Service, endpoint: Option<&Endpoint>, reason: &str) -> Failure {
    let failure = Failure::new(format!("{name} at {} did not answer within {} s: {reason}", service.address(), LIMIT.as_secs()));
    match (&service.container, endpoint) {
        (Some(container), Some(endpoint)) => {
            let whole = format!("the whole log: `{} logs {container}`", endpoint.typed_client());
            failure.details(endpoint.log_end(container, 30, None).unwrap_or_default()).hint(whole)
        }
        _ => failure.hint("check that this machine can reach that address"),
    }
}

/// The password in `scheme://user:password@host`; ours need no percent-decoding.
fn password_of(url: &str) -> Option<&str> {
    let (user, _) = url.split_once("://")?.1.split_once('@')?;
    Some(user.split_once(':')?.1).filter(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{password_of, trouble};
    use crate::docker::inspect::Container;

    #[test]
    fn finds_the_password_of_a_url() {
        for (url, expected) in [
            ("redis://default:pw@127.0.0.1:6379/0", Some("pw")),
            ("redis://127.0.0.1:6379/0", None),
            ("rediss://iam-user@host", None),
            ("nonsense", None),
        ] {
            assert_eq!(password_of(url), expected, "{url}");
        }
    }

    #[test]
    fn knows_when_waiting_is_no_use() {
        let container = |status: &str, health: Option<&str>, restarts| Container {
            status: status.to_owned(),
            health: health.map(ToOwned::to_owned),
            restarts,
            exit_code: 3,
            ..Container::default()
        };
        for (found, expected) in [
            (None, Some("is gone")),
            (Some(container("running", None, 0)), None),
            (Some(container("running", Some("starting"), 1)), None),
            (Some(container("running", Some("unhealthy"), 0)), Some("is unhealthy")),
            (Some(container("exited", None, 0)), Some("exited with status 3")),
            (Some(container("restarting", None, 1)), None),
            (Some(container("restarting", None, 3)), Some("was restarted 3 times, last exit status 3")),
        ] {
            assert_eq!(trouble(found.as_ref()).as_deref(), expected, "{found:?}");
        }
    }
}
