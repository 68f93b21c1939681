//! `infra reset ENV [SERVICE]`: the data goes, and the service starts again on nothing.

use std::time::Instant;

use anyhow::Result;

use super::up;
use crate::cli::ResetArgs;
use crate::host::console;
use crate::host::error::Failure;
use crate::host::shutdown::{self, Finishing};
use crate::records::pending_volumes;
use crate::run::blockers::{self, GRACE_SECONDS, REMOVAL};
use crate::run::context::Context;
use crate::run::session::Session;
use crate::run::{apply, describe, plan, preflight};
use crate::services::contract::Outputs;
use crate::terraform::plan::Plan;
use crate::terraform::unsaved::Watch;
use crate::ui::prompt;

/// Containers to remove and volumes to wipe.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wipe {
    containers: Vec<String>,
    volumes: Vec<String>,
}

/// Asks, wipes and brings up.
///
/// # Errors
/// A no, a service that does not exist or has no data of its own, or what `up` fails with.
pub(crate) fn run(context: &Context, arguments: &ResetArgs) -> Result<()> {
    let started = Instant::now();
    let mut session = context.open_for_change(&arguments.environment)?;
    let endpoint = session.require_docker("reset", "change its data with the tools of its services")?.clone();
    session.require_same_state_and_engine(context)?;
    let wipe = match &arguments.service {
        Some(service) => of_service(&session.outputs()?, service)?,
        None => of_everything(&session)?,
    };
    // Before anything is removed: whatever keeps `up` from making it again.
    let planned = rehearse(context, &mut session, &wipe.volumes);
    apply::discard_plan(&session.environment.plan_file())?;
    let planned = planned?;
    blockers::require_unused(&endpoint, &wipe.volumes, |container| wipe.containers.contains(&container.name))?;
    let title = session.environment.display_name();
    let what = arguments.service.as_ref().map_or_else(|| "all services".to_owned(), |service| format!("`{service}`"));
    let question = format!("this wipes the data of {what} of `{title}`: {}", wipe.volumes.join(", "));
    if session.environment.is_protected() {
        if let Some(plan) = &planned {
            console::say(describe::list(plan).trim_end());
        }
        prompt::confirm_by_name(&question, &title, context.global.yes)?;
    } else {
        prompt::confirm(&question, context.global.yes)?;
    }
    let room = Watch::begin(&session.environment)?;
    shutdown::check("looking for the data; nothing was changed")?;
    // Gone on purpose, also when this run goes no further.
    pending_volumes::expect(&session.environment, &wipe.volumes.iter().cloned().collect())?;
    let finishing = Finishing::begin(REMOVAL);
    let existing = endpoint.containers(&wipe.containers)?.into_iter().map(|container| container.name).collect::<Vec<_>>();
    endpoint.remove(&existing, GRACE_SECONDS)?;
    let existing = endpoint.volumes(&wipe.volumes)?.into_iter().map(|volume| volume.name).collect::<Vec<_>>();
    endpoint.remove_volumes(&existing)?;
    session.made_with(context).forget(&existing)?;
    drop(finishing);
    drop(room);
    console::say(&format!("wiped {}", wipe.volumes.join(", ")));
    up::bring_up(context, &mut session, started, true)
}

/// Asks all that `up` asks: the plan, its images and its guards. What would change beside the data.
fn rehearse(context: &Context, session: &mut Session, going: &[String]) -> Result<Option<Plan>> {
    let planned = plan::prepare(context, session)?.plan;
    if let Some(plan) = &planned {
        session.check_logins(context, plan, going)?;
        preflight::check(context, session, plan, context.global.yes)?;
    }
    Ok(planned)
}

fn of_service(outputs: &Outputs, name: &str) -> Result<Wipe> {
    let known = || outputs.services.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let service = outputs
        .services
        .get(name)
        .ok_or_else(|| Failure::usage(format!("there is no service `{name}`")).hint(format!("services that are up: {}", known())))?;
    match (&service.container, &service.volume) {
        (Some(container), Some(volume)) => Ok(Wipe { containers: vec![container.clone()], volumes: vec![volume.clone()] }),
        _ => Err(Failure::refused(format!("`{name}` ({}) has no data of its own", service.engine))
            .hint("its data is another service's: reset that one")
            .into()),
    }
}

/// Everything that carries our label: also the data of engines that are not chosen now.
fn of_everything(session: &Session) -> Result<Wipe> {
    let Some(endpoint) = &session.endpoint else {
        return Ok(Wipe::default());
    };
    let label = session.instance.owner_label();
    let containers = endpoint.labelled_containers(&label)?.into_iter().map(|container| container.name).collect();
    Ok(Wipe { containers, volumes: endpoint.labelled_volumes(&label)? })
}

#[cfg(test)]
mod tests {
    use super::{Wipe, of_service};
    use crate::services::contract::Outputs;
    use serde_json::json;

    #[test]
    fn wipes_exactly_the_named_service_and_refuses_what_has_no_data_of_its_own() {
        let service = |container: Option<&str>| {
            json!({"engine": "e", "version": "1", "host": "h", "port": 1, "tls": false, "image": null, "container": container,
                "volume": container.map(|_| "v"), "probe": null})
        };
        let outputs = Outputs::parse(json!({"services": {"value": {"redis": service(Some("c")), "vectorstore": service(None)}}})).unwrap();
        assert_eq!(of_service(&outputs, "redis").unwrap(), Wipe { containers: vec!["c".to_owned()], volumes: vec!["v".to_owned()] });
        for (name, expected) in [("vectorstore", "has no data of its own"), ("mysql", "services that are up: redis, vectorstore")] {
            let message = of_service(&outputs, name).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
