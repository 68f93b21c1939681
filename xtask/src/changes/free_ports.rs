//! The ports that a plan would publish: asked for before it is applied, and explained where one goes in between.

use anyhow::Result;

use crate::docker::endpoint::Endpoint;
use crate::failure::Failure;
use crate::guards::plan::port_conflict;
use crate::instance::owner_key;
use crate::ports::{self, Port};
use crate::report::console;
use crate::session::Session;
use crate::terraform::plan::Plan;

/// Refuses when somebody else has one of them.
///
/// # Errors
/// A refusal, or the engine does not answer.
pub(super) fn require(session: &Session, endpoint: &Endpoint, plan: &Plan) -> Result<()> {
    let mut busy = Vec::new();
    for wanted in port_conflict::wanted(plan) {
        match ports::look_at(wanted.port) {
            Port::Free => {}
            Port::Taken => busy.push(wanted),
            Port::Unknown(error) => console::warn(&format!("whether port {} is free is for Docker to say: {error}", wanted.port)),
        }
    }
    if busy.is_empty() {
        return Ok(());
    }
    let mut running = endpoint.running_containers()?;
    endpoint.name_images(&mut running)?;
    let key = owner_key(&session.instance.project);
    let way_on = |taken: &[u16]| port_conflict::way_on(&session.environment, &session.instance, taken);
    Ok(port_conflict::check(&busy, &running, (&key, &session.instance.owner), ports::listening_process, way_on)?)
}

/// The failure of an apply, in our words if Docker could not publish a port that was free when it was asked for.
pub(super) fn explain(session: &Session, failure: Failure) -> Failure {
    let Some(port) = port_conflict::in_message(&failure.to_string()) else {
        return failure;
    };
    let holder = ports::listening_process(port).map(|holder| format!(" by {holder}")).unwrap_or_default();
    failure.restated(format!("port {port} was taken{holder} after it had been looked at")).hint(port_conflict::way_on(
        &session.environment,
        &session.instance,
        &[port],
    ))
}
