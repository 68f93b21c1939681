//! A port that went between the question whether it is free and the apply.

use crate::failure::Failure;
use crate::guards::plan::port_conflict;
use crate::ports;
use crate::session::Session;

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
