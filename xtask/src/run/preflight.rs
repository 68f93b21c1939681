//! The guards over a plan: what they look at is looked up, then each is asked.

use std::collections::BTreeSet;

use anyhow::Result;

use super::blockers::{self, Blockers};
use super::context::Context;
use super::session::Session;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Container;
use crate::guards::checkout::foreign_reference;
use crate::guards::facts::Facts;
use crate::guards::plan::{self, Docker, PlanFacts, When, data_loss, name_conflict, port_conflict};
use crate::host::console;
use crate::host::ports::{self, Port};
use crate::project::instance::owner_key;
use crate::records::pending_volumes;
use crate::terraform::plan::Plan;
use crate::terraform::state;
use crate::ui::prompt;

/// Refuses a plan that must not even be shown.
///
/// # Errors
/// A guard's refusal.
pub(super) fn planned(context: &Context, session: &Session, plan: &Plan) -> Result<()> {
    let checkout = || Facts::read(&context.checkout, &context.config);
    let taken = foreign_reference::taken(plan, &session.environment.name, checkout);
    let facts = PlanFacts { taken, in_aws: session.in_aws(plan), ..PlanFacts::of(plan, session.environment.display_name()) };
    ask(context, session, When::Planned, &facts)
}

/// Refuses, or asks unless all is `agreed` to, before a plan is applied; removes nothing.
///
/// # Errors
/// A guard's refusal, or a no.
pub(crate) fn check(context: &Context, session: &Session, plan: &Plan, agreed: bool) -> Result<Blockers> {
    let facts = PlanFacts::of(plan, session.environment.display_name());
    let Some(endpoint) = &session.endpoint else {
        ask(context, session, When::Applied, &facts)?;
        confirm_losses(context, session, plan, &BTreeSet::new(), agreed)?;
        return Ok(Blockers::default());
    };
    let half_made = pending_volumes::find(endpoint, &session.environment, &plan.named("docker_volume"))?;
    let created = plan.created("docker_volume");
    let (nameless, volumes) = pending_volumes::split(endpoint.volumes(&created)?, &half_made);
    let missing = created.into_iter().filter(|name| !volumes.iter().any(|volume| volume.name == *name));
    let expected = half_made.iter().cloned().chain(missing).collect();
    let facts = PlanFacts { docker: Docker { volumes, ..look_up(session, endpoint, plan)? }, ..facts };
    ask(context, session, When::Applied, &facts)?;
    blockers::require_unused(endpoint, &plan.removed("docker_volume"), |user| name_conflict::is_ours(&facts.docker, &user.labels))?;
    confirm_losses(context, session, plan, &half_made, agreed)?;
    Ok(Blockers { strays: name_conflict::strays(&facts), half_made: nameless, expected, ports: port_conflict::wanted(plan) })
}

/// Refuses to destroy what is protected against it.
///
/// # Errors
/// It is.
pub(crate) fn check_destroy(context: &Context, session: &Session, plan: &Plan) -> Result<()> {
    ask(context, session, When::Applied, &PlanFacts::of(plan, session.environment.display_name()))
}

fn ask(context: &Context, session: &Session, when: When, facts: &PlanFacts) -> Result<()> {
    for guard in plan::ALL.iter().filter(|guard| guard.when == when) {
        match (guard.find)(facts) {
            Some(refusal) if guard.can_be_allowed && context.allows(guard.name) => {
                context.pass(&session.environment, guard.name, &refusal.sentence())?;
            }
            Some(refusal) if guard.can_be_allowed => {
                let refusal = refusal.details([guard.danger]);
                return Err(refusal.with_hint(|hint| format!("{hint}; if it is meant: --allow {} --reason TEXT", guard.name)).into());
            }
            Some(refusal) => return Err(refusal.into()),
            None => {}
        }
    }
    Ok(())
}

fn confirm_losses(context: &Context, session: &Session, plan: &Plan, empty: &BTreeSet<String>, agreed: bool) -> Result<()> {
    let mut losses = data_loss::find(plan, empty);
    losses.extend(gone_volumes(context, session, plan)?);
    if losses.is_empty() {
        return Ok(());
    }
    let title = session.environment.display_name();
    prompt::confirm(&format!("this change to `{title}` puts data at risk:\n  {}", losses.join("\n  ")), agreed)
}

/// What the engine has, but for the volumes.
fn look_up(session: &Session, endpoint: &Endpoint, plan: &Plan) -> Result<Docker> {
    let mut containers = endpoint.labelled_containers(&session.instance.owner_label())?;
    let mut named = endpoint.containers(&plan.created("docker_container"))?;
    endpoint.name_images(&mut named)?;
    let ours: Vec<String> = containers.iter().map(|container| container.id.clone()).collect();
    containers.extend(named.into_iter().filter(|container| !ours.contains(&container.id)));
    let docker = Docker {
        owner: (owner_key(&session.instance.project), session.instance.owner.clone()),
        containers,
        in_state: containers_in_state(session)?,
        mounts_our_files: endpoint.socket().is_some() && cfg!(target_os = "linux"),
        ..Docker::default()
    };
    let mut busy_ports = port_conflict::wanted(plan);
    busy_ports.retain(|port| is_busy(*port));
    if busy_ports.is_empty() {
        return Ok(docker);
    }
    let mut running = endpoint.running_containers()?;
    endpoint.name_images(&mut running)?;
    let listening = busy_ports.iter().filter_map(|port| Some((*port, ports::listening_process(*port)?))).collect();
    let other_ports = port_conflict::way_on(&session.environment, &session.instance, &busy_ports);
    Ok(Docker { busy_ports, running, listening, other_ports, ..docker })
}

fn is_busy(port: u16) -> bool {
    match ports::look_at(port) {
        Port::Free => false,
        Port::Taken => true,
        Port::Unknown(error) => {
            console::warn(&format!("whether port {port} is free is for Docker to say: {error}"));
            false
        }
    }
}

/// A sentence for each volume that held a service's data, is gone, and would be made anew. One that an interrupted run was about to
/// make never held any.
///
/// # Errors
/// The engine does not answer, or a record cannot be read.
pub(crate) fn gone_volumes(context: &Context, session: &Session, plan: &Plan) -> Result<Vec<String>> {
    let created = plan.created("docker_volume");
    let Some(endpoint) = session.endpoint.as_ref().filter(|_| !created.is_empty()) else {
        return Ok(Vec::new());
    };
    let existing: Vec<String> = endpoint.volumes(&created)?.into_iter().map(|volume| volume.name).collect();
    let unfinished = pending_volumes::expected(&session.environment);
    let applied = session.last_applied(context)?.unwrap_or_default();
    let mut used = applied.volumes_in_use(session.terraform.local_state()?.as_ref());
    used.retain(|name| created.contains(name) && !existing.contains(name) && !unfinished.contains(name));
    Ok(used.iter().map(|name| data_loss::gone(name)).collect())
}

/// Containers of ours that the state does not know.
///
/// # Errors
/// The state cannot be read, or the engine does not answer.
pub(crate) fn unknown_to_state(session: &Session) -> Result<Vec<Container>> {
    let Some(endpoint) = &session.endpoint else {
        return Ok(Vec::new());
    };
    let known = containers_in_state(session)?;
    let mut containers = endpoint.labelled_containers(&session.instance.owner_label())?;
    containers.retain(|container| !known.contains(&container.id));
    Ok(containers)
}

fn containers_in_state(session: &Session) -> Result<Vec<String>> {
    Ok(session.terraform.local_state()?.map(|state| state::attributes(&state, "docker_container", "id")).unwrap_or_default())
}
