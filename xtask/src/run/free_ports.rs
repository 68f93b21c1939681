//! A port that went between the question whether it is free and the apply.

use super::session::Session;
use crate::docker::inspect::Container;
use crate::guards::plan::port_conflict;
use crate::host::error::Failure;
use crate::host::ports;
use crate::project::instance::owner_key;

/// The failure of an apply, in our words if one of the `wanted` ports, which were free when they were asked for, is somebody else's
/// now: then Docker could not publish it.
pub(super) fn explain(session: &Session, failure: Failure, wanted: &[u16]) -> Failure {
    let running = session.endpoint.as_ref().and_then(|endpoint| endpoint.running_containers().ok()).unwrap_or_default();
    let key = owner_key(&session.instance.project);
    let is_ours = |container: &Container| container.labels.get(&key) == Some(&session.instance.owner);
    let publish = |port: &u16| running.iter().any(|container| is_ours(container) && container.host_ports.contains(port));
    let Some(port) = wanted.iter().copied().find(|port| ports::is_taken(*port) && !publish(port)) else {
        return failure;
    };
    let holder = ports::listening_process(port).map(|holder| format!(" by {holder}")).unwrap_or_default();
    failure.restated(format!("port {port} was taken{holder} after it had been looked at")).hint(port_conflict::way_on(
        &session.environment,
        &session.instance,
        &[port],
    ))
}
