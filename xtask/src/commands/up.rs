//! `infra up ENV`: init, plan, apply, and wait until every service answers.

use std::collections::BTreeMap;
use std::time::{Instant, SystemTime};

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::docker::inspect::Container;
use crate::host::console::{self, Style};
use crate::records::pending_volumes;
use crate::run::context::Context;
use crate::run::no_op::{self, Proof};
use crate::run::plan::{self, Prepared};
use crate::run::session::Session;
use crate::run::{apply, describe, preflight};
use crate::services::contract::{Outputs, Service};
use crate::services::readiness::{Readiness, Waiting};
use crate::status::ContainersRecord;
use crate::ui::progress::{Step, seconds};
use crate::ui::{prompt, table};

/// Brings an environment up.
///
/// # Errors
/// A guard's refusal, Terraform's error, or a service that does not answer.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let started = Instant::now();
    let mut session = context.open_for_change(&arguments.environment)?;
    bring_up(context, &mut session, started, context.global.yes)
}

/// Brings an opened environment up, unless a fingerprint proves that it is, and prints where everything is. Nothing is asked where
/// all is `agreed` to.
///
/// # Errors
/// A guard's refusal, Terraform's error, or a service that does not answer.
pub(crate) fn bring_up(context: &Context, session: &mut Session, started: Instant, agreed: bool) -> Result<()> {
    let began = SystemTime::now();
    let proof = no_op::take(session, context)?.and_then(|now| now.proof(session));
    let (outputs, earlier, changed) = match &proof {
        Some(proof) => {
            proof.warnings.iter().for_each(|warning| console::warn_once(warning));
            // Where nothing has changed, a plan that somebody has saved is of something else, or of nothing.
            apply::discard_plan(&session.environment.plan_file())?;
            (proof.fingerprint.outputs.clone(), proof.fingerprint.containers.clone(), false)
        }
        None => take_the_long_way(context, session, agreed)?,
    };
    let waiting = Waiting {
        outputs: &outputs,
        endpoint: session.endpoint.as_ref(),
        typed: session.environment.cli_args(),
        limit: session.environment.policy.ready_timeout(),
        earlier: &earlier,
        settled: proof.as_ref().map(|proof| proof.settled.clone()).unwrap_or_default(),
        began,
    };
    let readiness = waiting.wait()?;
    if !proof.as_ref().is_some_and(Proof::is_settled) {
        session.made_with(context).remember(&outputs)?;
        let success = match proof {
            Some(proof) => Some((proof.fingerprint, proof.warnings)),
            None => no_op::take(session, context)?.zip(session.terraform.standing_warnings()),
        };
        if let Some((now, warnings)) = success {
            now.remember(session, &warnings)?;
        }
    }
    let title = session.environment.display_name();
    console::say(describe(&outputs, &readiness).trim_end());
    let outcome = if changed { "is up" } else { "is up, nothing changed" };
    console::say(&format!("{title} {outcome} {}", Style::Faint.paint(&format!("({})", seconds(started.elapsed())))));
    if changed {
        console::say(&format!("connect: cargo xtask infra env {}", session.environment.cli_args()));
    }
    Ok(())
}

/// The long way, through Terraform; the outputs, the containers that were there before, and whether anything had to be changed.
fn take_the_long_way(context: &Context, session: &mut Session, agreed: bool) -> Result<(Outputs, Vec<Container>, bool)> {
    session.require_same_state_and_engine(context)?;
    let (earlier, started) = start_stopped_containers(session)?;
    let changed = apply_changes(context, session, agreed);
    // Also of a run that was interrupted or refused: `apply` would take it for one that somebody has saved.
    apply::discard_plan(&session.environment.plan_file())?;
    let changed = changed?;
    Ok((session.outputs()?, earlier, changed || started))
}

/// Plans and applies; whether there was something to apply.
fn apply_changes(context: &Context, session: &mut Session, agreed: bool) -> Result<bool> {
    let title = session.environment.display_name();
    let step = Step::begin("plan");
    let Prepared { plan, configuration } = plan::prepare(context, session)?;
    drop(step);
    let Some(plan) = &plan else {
        // An interrupted run has made all that it was about to make.
        pending_volumes::forget(&session.environment)?;
        session.remember_applied(context, Some(configuration.clone()))?;
        ContainersRecord::confirm(session, context, &configuration)?;
        return Ok(false);
    };
    if session.environment.is_protected() {
        console::say(describe::list(plan).trim_end());
        prompt::confirm(&format!("apply this to `{title}`?"), agreed)?;
    }
    session.check_logins(context, plan, &[])?;
    let blockers = preflight::check(context, session, plan, agreed)?;
    console::say(&format!("{title}: {}", describe::summary(plan)));
    apply::saved_plan(session, &session.environment.plan_file(), &blockers)?;
    session.remember_applied(context, Some(configuration.clone()))?;
    ContainersRecord::remember(session, context, &configuration)?;
    Ok(true)
}

/// Containers of ours that somebody stopped or paused are started, not replaced: their state is as Terraform left it. One that keeps
/// failing is started at once, in place of at the end of the engine's pause, which grows to a minute. Returns all as they are now,
/// and whether some were started.
fn start_stopped_containers(session: &Session) -> Result<(Vec<Container>, bool)> {
    let Some(endpoint) = &session.endpoint else {
        return Ok((Vec::new(), false));
    };
    let mut containers = endpoint.labelled_containers(&session.instance.owner_label())?;
    let with_status = |status: &str| -> Vec<String> {
        containers.iter().filter(|container| container.status == status).map(|container| container.name.clone()).collect()
    };
    let (stopped, paused, failing) = (with_status("exited"), with_status("paused"), with_status("restarting"));
    let waking = [stopped.as_slice(), &paused].concat();
    if !waking.is_empty() {
        console::say(&format!("starting what was stopped: {}", waking.join(", ")));
    }
    if !failing.is_empty() {
        console::say(&format!("starting at once what kept failing: {}", failing.join(", ")));
    }
    // One that cannot be started any more is for Terraform to replace.
    if let Err(error) = endpoint.start(&stopped).and_then(|()| endpoint.unpause(&paused)).and_then(|()| endpoint.restart(&failing)) {
        console::warn(&format!("{error:#}"));
    }
    // The engine counts from nothing after such a start.
    for container in containers.iter_mut().filter(|container| stopped.contains(&container.name) || failing.contains(&container.name)) {
        container.restarts = 0;
    }
    Ok((containers, !waking.is_empty()))
}

/// Terraform has waited for what its provider says; nobody has asked the service itself.
fn not_probed(service: &Service) -> String {
    let status = service.status.as_ref().map(|status| format!("{status}; ")).unwrap_or_default();
    format!("{status}not probed: it answers inside its network, or signed requests, only")
}

fn describe(outputs: &Outputs, readiness: &BTreeMap<String, Readiness>) -> String {
    let rows: Vec<[String; 5]> = outputs
        .services
        .iter()
        .map(|(name, service)| {
            let (state, time) = match readiness.get(name) {
                Some(Readiness::Ready(time)) => ("ready".to_owned(), format!("{:.2}", time.as_secs_f64())),
                Some(Readiness::Reachable(time)) => ("reachable".to_owned(), format!("{:.2}", time.as_secs_f64())),
                Some(Readiness::NotProbed) | None => (not_probed(service), String::new()),
            };
            [name.clone(), service.software(), service.address(), state, time]
        })
        .collect();
    table::render(["service", "engine", "address", "state", "seconds"], &rows)
}
