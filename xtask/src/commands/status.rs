//! `infra status ENV`: what runs, how it is and since when, what it takes up, and whether it is as it was applied.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::cli::StatusArgs;
use crate::docker::api::side_by_side;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Container;
use crate::docker::usage::VolumeSizes;
use crate::host::console::{self, Style};
use crate::host::shutdown;
use crate::run::context::Context;
use crate::run::session::Session;
use crate::services::contract::Outputs;
use crate::status::{self, Comparison, ContainersRecord, Row};

/// How long the engine may add up the sizes of its volumes: on a full disk it needs much longer than all the rest.
const SIZES_LIMIT: Duration = Duration::from_secs(3);

/// Shows the state's services with Docker's containers, compared with what was applied.
///
/// # Errors
/// Nothing was applied yet, or the engine does not answer.
pub(crate) fn run(context: &Context, arguments: &StatusArgs) -> Result<()> {
    let session = context.open_read_only(&arguments.environment)?;
    let outputs = super::outputs(&session)?;
    let (rows, reason) = match &session.endpoint {
        Some(endpoint) => {
            endpoint.require()?;
            look_at_engine(context, &session, endpoint, &outputs)?
        }
        None => (status::rows(&outputs.services, Vec::new(), None), None),
    };
    let has_engine = session.endpoint.is_some();
    if arguments.json {
        console::answer_json(status::as_json(&rows, has_engine, reason.as_deref()))?;
    } else {
        console::answer(&status::as_table(&rows, has_engine))?;
    }
    if session.environment.target.emulated {
        console::say(&format!("{} is on an emulator: nothing of it is on AWS", session.environment.display_name()));
    }
    if let Some(reason) = &reason {
        let typed = session.environment.cli_args();
        console::warn(&format!(
            "what runs is not compared with what was applied: {reason}\nhint: `cargo xtask infra up {typed}` records what it leaves"
        ));
    }
    if let Some(hint) = hint(&rows, &session.environment.cli_args()) {
        console::say(&format!("{} {hint}", Style::Hint.paint("hint:")));
    }
    Ok(())
}

/// A row for everything there is, and why nothing could be compared.
fn look_at_engine(context: &Context, session: &Session, endpoint: &Endpoint, outputs: &Outputs) -> Result<(Vec<Row>, Option<String>)> {
    let sizes = endpoint.ask_for_volume_sizes();
    let names: Vec<String> = outputs.services.values().filter_map(|service| service.container.clone()).collect();
    let described = endpoint.containers_of(&names, &session.instance.owner_label())?;
    let containers = described.iter().map(Container::read).collect::<Result<Vec<_>>>()?;
    let running: Vec<&Value> =
        described.iter().zip(&containers).filter(|(_, it)| it.is_running()).map(|(described, _)| described).collect();
    let (memory, compared) = thread::scope(|scope| {
        let memory = scope.spawn(|| side_by_side(&running, |container| endpoint.memory(container)));
        let compared = compare(context, session, endpoint, &running, outputs);
        (memory.join().expect("asking does not panic"), compared)
    });
    // A comparison that was asked to stop is no reason to go on.
    shutdown::check("the containers were compared with what was applied")?;
    let (compared, reason) = compared.unwrap_or_else(|error| (None, Some(format!("{error:#}"))));
    let mut rows = status::rows(&outputs.services, containers, compared.as_ref());
    let running = running.iter().map(|container| status::name_of(container).to_owned());
    let memory = running.zip(memory).map(|(name, memory)| Ok((name, memory?))).collect::<Result<BTreeMap<_, _>>>()?;
    let volumes = volume_sizes(sizes);
    rows.iter_mut().for_each(|row| row.takes_up(&memory, &volumes));
    Ok((rows, reason))
}

/// Compares what runs with what was applied, or says why it cannot; both are `None` if nothing runs.
fn compare(
    context: &Context,
    session: &Session,
    endpoint: &Endpoint,
    running: &[&Value],
    outputs: &Outputs,
) -> Result<(Option<Comparison>, Option<String>)> {
    if running.is_empty() {
        return Ok((None, None));
    }
    if session.daemon()?.is_some_and(|daemon| !daemon.limits_memory) {
        console::warn("this Docker engine has no control group for memory: no service's memory limit is in force");
    }
    let Some(record) = ContainersRecord::read(session, context)? else {
        return Ok((None, Some("what was applied is not on record".to_owned())));
    };
    if let Some(reason) = record.unfit(session)? {
        return Ok((None, Some(reason)));
    }
    let comparison = record.compare(endpoint, running, &outputs.services, &session.configuration(context))?;
    Ok((Some(comparison), None))
}

/// Bytes of each volume by its name; without them there is still enough to say.
fn volume_sizes(sizes: VolumeSizes) -> BTreeMap<String, u64> {
    let complaint = match sizes.within(SIZES_LIMIT) {
        Ok(Some(sizes)) => return sizes,
        Ok(None) => format!(
            "the engine needs more than {} s to add up its volumes; `docker system df --verbose` waits for it",
            SIZES_LIMIT.as_secs()
        ),
        Err(error) => format!("{error:#}"),
    };
    console::warn(&format!("the sizes of the volumes are not known: {complaint}"));
    BTreeMap::new()
}

/// How to undo differences, or how to see what an edited configuration would change. A plan sees all differences but two: the provider does
/// not read back files and networks.
fn hint(rows: &[Row], environment: &str) -> Option<String> {
    let mut differences = rows.iter().flat_map(Row::differences).peekable();
    if differences.peek().is_none() {
        let is_edited = rows.iter().any(Row::is_edited);
        return is_edited.then(|| format!("`cargo xtask infra plan {environment}` says what the edited configuration would change"));
    }
    let is_unseen = |attribute: &str| attribute.starts_with("content of ") || attribute.starts_with("network ");
    let is_by_hand = differences.any(|difference| is_unseen(&difference.attribute));
    let first = if is_by_hand {
        format!(" (after `cargo xtask infra down {environment}`, where a file or a network was changed by hand)")
    } else {
        String::new()
    };
    Some(format!("`cargo xtask infra up {environment}` puts it right{first}"))
}
