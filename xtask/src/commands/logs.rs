//! `infra logs ENV [SERVICE]`: what the services wrote, interleaved, their names in front.

use std::sync::Mutex;
use std::thread;

use anyhow::{Error, Result};

use crate::cli::LogsArgs;
use crate::docker::endpoint::Endpoint;
use crate::host::command::Tool;
use crate::host::console;
use crate::host::error::Failure;
use crate::host::shutdown::{self, StopSignal};
use crate::run::context::Context;

/// A service and its container.
type Source = (String, String);

/// Prints the logs of one service or of all.
///
/// # Errors
/// Nothing is up, or there is no such service.
pub(crate) fn run(context: &Context, arguments: &LogsArgs) -> Result<()> {
    let session = context.open_read_only(&arguments.environment)?;
    let endpoint = session.require_docker("logs", "read its services' logs where they run")?;
    endpoint.require()?;
    let outputs = super::outputs(&session)?;
    let services = outputs.services.into_iter().filter_map(|(name, service)| Some((name, service.container?)));
    let all: Vec<Source> = services.collect();
    let known = all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let mut wanted: Vec<Source> =
        all.iter().filter(|(name, _)| arguments.service.as_ref().is_none_or(|only| only == name)).cloned().collect();
    if wanted.is_empty() {
        let name = arguments.service.as_deref().unwrap_or_default();
        return Err(Failure::usage(format!("there is no container of a service `{name}`"))
            .hint(format!("services with one: {known}"))
            .into());
    }
    let names: Vec<String> = wanted.iter().map(|(_, container)| container.clone()).collect();
    let existing: Vec<String> = endpoint.containers(&names)?.into_iter().map(|container| container.name).collect();
    wanted.retain(|(_, container)| existing.contains(container));
    let width = wanted.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let typed = session.environment.cli_args();
    if arguments.follow {
        follow(endpoint, &wanted, arguments, width, &typed)
    } else {
        print_sorted(endpoint, &wanted, arguments, width, &typed)
    }
}

fn call(endpoint: &Endpoint, container: &str, arguments: &LogsArgs) -> Tool {
    let follow = arguments.follow.then_some("--follow");
    let since = arguments.since.iter().flat_map(|since| ["--since", since]);
    let tool = endpoint.client().args(["container", "logs", "--timestamps"]).args(follow).args(since).arg(container);
    // Following ends only when it is stopped.
    tool.stop_signal(StopSignal::Terminate)
}

/// Everything so far, by the time at which it was written.
fn print_sorted(endpoint: &Endpoint, sources: &[Source], arguments: &LogsArgs, width: usize, environment: &str) -> Result<()> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (service, container) in sources {
        let tool = call(endpoint, container, arguments);
        let mut unread = Vec::new();
        let status = tool.stream_both(|line| match split_timestamp(line) {
            Some((time, text)) => lines.push((time.to_owned(), prefixed(service, width, text))),
            None => unread.push(line.to_owned()),
        })?;
        if !status.success() {
            return Err(unreadable(service, &unread, arguments, environment));
        }
    }
    lines.sort_by(|left, right| left.0.cmp(&right.0));
    console::answer(&lines.into_iter().map(|(_, line)| line).collect::<String>())
}

/// Each line as it comes, until Ctrl-C or until the containers end.
fn follow(endpoint: &Endpoint, sources: &[Source], arguments: &LogsArgs, width: usize, environment: &str) -> Result<()> {
    let printing = Mutex::new(());
    thread::scope(|scope| {
        let printing = &printing;
        let followers: Vec<_> = sources
            .iter()
            .map(|(service, container)| {
                scope.spawn(move || {
                    let mut unread = Vec::new();
                    let status = call(endpoint, container, arguments).stream_both(|line| {
                        let Some((_, text)) = split_timestamp(line) else {
                            return unread.push(line.to_owned());
                        };
                        let _one_line_at_a_time = printing.lock();
                        // The reader may have stopped reading.
                        let _ = console::answer(&prefixed(service, width, text));
                    })?;
                    // An end that was asked for is how following ends.
                    if status.success() || shutdown::requested() {
                        Ok(())
                    } else {
                        Err(unreadable(service, &unread, arguments, environment))
                    }
                })
            })
            .collect();
        followers.into_iter().try_for_each(|follower| follower.join().expect("printing does not panic"))
    })
}

/// The failure of a call for a service's log: what the client said of it has no time in front.
fn unreadable(service: &str, words: &[String], arguments: &LogsArgs, environment: &str) -> Error {
    if let Err(interruption) = shutdown::check(&format!("the log of `{service}` was read")) {
        return interruption;
    }
    let hint = match &arguments.since {
        Some(_) => "--since takes a time, such as 2026-01-02T03:04:05Z, or how long ago, such as 10m".to_owned(),
        None => format!("`cargo xtask infra status {environment}` says what runs"),
    };
    Failure::new(format!("the log of `{service}` cannot be read")).details(words.to_vec()).hint(hint).into()
}

fn prefixed(service: &str, width: usize, text: &str) -> String {
    format!("{service:<width$} | {text}\n")
}

/// The time that `--timestamps` puts in front, and the rest.
fn split_timestamp(line: &str) -> Option<(&str, &str)> {
    let (time, text) = line.split_once(' ').unwrap_or((line, ""));
    (time.len() >= 20 && time.as_bytes()[4] == b'-' && time.contains('T')).then_some((time, text))
}

#[cfg(test)]
mod tests {
    use super::{prefixed, split_timestamp};

    #[test]
    fn takes_the_time_off_and_puts_the_name_in_front() {
        let line = "2026-01-02T03:04:05.678901234Z ready to accept";
        let (time, text) = split_timestamp(line).unwrap();
        assert_eq!((time, text), ("2026-01-02T03:04:05.678901234Z", "ready to accept"));
        assert_eq!(prefixed("redis", 8, text), "redis    | ready to accept\n");
        assert_eq!(split_timestamp("Error response from daemon: no such container"), None);
        assert_eq!(split_timestamp("2026-01-02T03:04:05.678901234Z"), Some(("2026-01-02T03:04:05.678901234Z", "")));
    }
}
