//! `infra destroy ENV`: everything goes, data included.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::docker::endpoint::Endpoint;
use crate::emulator::Emulator;
use crate::host::console;
use crate::host::error::{Ending, Failure};
use crate::host::file_lock::FileLock;
use crate::host::shutdown::{self, Finishing};
use crate::project::environment::Environment;
use crate::project::instance::Instance;
use crate::records::pending_volumes;
use crate::run::blockers::{self, Blockers, GRACE_SECONDS, REMOVAL};
use crate::run::context::Context;
use crate::run::session::Session;
use crate::run::teardown::forget;
use crate::run::{apply, preflight};
use crate::terraform::run::Planned;
use crate::ui::prompt;

/// Destroys an instance after its name was typed.
///
/// # Errors
/// The name was not typed, or something could not be removed.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let environment = context.environment(&arguments.environment)?;
    let title = environment.display_name();
    // A state that is kept elsewhere is there whether or not this machine has ever seen it; an emulator's is not. And after a
    // `git clean` the copy in the user's state directory still knows whose the containers and volumes are.
    let may_be_elsewhere = !environment.target.emulated && !environment.has_local_state();
    let is_known = Instance::recall(&environment, &context.directories)?.is_some();
    if !may_be_elsewhere && !is_known && !environment.local_state_file().exists() {
        let others =
            Endpoint::resolve().and_then(|endpoint| namesakes(&endpoint, &context.config.project, &environment, "")).unwrap_or_default();
        console::say(&format!("{title}: nothing to destroy{}", of_others(&others)));
        return Ok(());
    }
    context.require_own(&environment)?;
    if environment.target.emulated {
        return discard_emulated(context, environment);
    }
    prompt::confirm_by_name(&format!("this removes `{title}` with all its data"), &title, context.global.yes)?;
    let session = context.open_for_change(&arguments.environment)?;
    session.require_same_state_and_engine(context)?;
    let outcome = remove_what_the_state_knows(context, &session);
    // Also of a run that was interrupted or refused: `apply` would take it for one that somebody has saved.
    apply::discard_plan(&environment.plan_file())?;
    let had_resources = outcome?;
    let had_leftovers = remove_leftovers(&session)?;
    delete_workspace(&session)?;
    forget(&session.environment, &context.directories)?;
    if had_resources || had_leftovers {
        console::say(&format!("{title} is destroyed"));
        return Ok(());
    }
    let others = match &session.endpoint {
        Some(endpoint) => namesakes(endpoint, &session.instance.project, &session.environment, &session.instance.owner)?,
        None => Vec::new(),
    };
    console::say(&format!("{title} had nothing, and only its own files were removed{}", of_others(&others)));
    Ok(())
}

/// Containers and volumes of this environment's and instance's name with another owner.
fn namesakes(endpoint: &Endpoint, project: &str, environment: &Environment, owner: &str) -> Result<Vec<String>> {
    let key = |name: &str| format!("io.{project}.{name}");
    let has = |labels: &BTreeMap<String, String>, name: &str, value: &str| labels.get(&key(name)).is_some_and(|found| found == value);
    let name = environment.label();
    let is_namesake = |labels: &BTreeMap<String, String>| has(labels, "environment", &name) && !has(labels, "owner", owner);
    let label = format!("{}={}", key("instance"), environment.instance);
    let containers = endpoint.labelled_containers(&label)?.into_iter().filter(|found| is_namesake(&found.labels));
    let volumes = endpoint.volumes(&endpoint.labelled_volumes(&label)?)?.into_iter();
    let volumes = volumes.filter(|found| is_namesake(&found.labels.clone().unwrap_or_default()));
    let containers = containers.map(|found| format!("container `{}`", found.name));
    Ok(containers.chain(volumes.map(|found| format!("volume `{}`", found.name))).collect())
}

/// The part of the message that names them.
fn of_others(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; not touched, because another checkout owns them: {}", names.join(", ")) }
}

/// An emulator goes with everything that was applied to it, and with its state: there is nothing that Terraform had to remove.
fn discard_emulated(context: &Context, environment: Environment) -> Result<()> {
    let title = environment.display_name();
    prompt::confirm(&format!("this removes the emulator of `{title}` with all that was applied to it"), context.global.yes)?;
    let _lock = FileLock::take(&environment.lock_file(), &format!("`{title}`"))?;
    context.take_possession(&environment)?;
    if let Some(instance) = Instance::recall(&environment, &context.directories)?
        && let Some(emulator) = Emulator::of(&environment, &instance)
    {
        let endpoint = Endpoint::resolve()?;
        if context.global.bootstrap {
            context.supply()?.engine()?;
        }
        endpoint.require()?;
        emulator.remove(&endpoint)?;
    }
    forget(&environment, &context.directories)?;
    console::say(&format!("{title} is destroyed, its emulator and its state with it"));
    Ok(())
}

/// False when it knows nothing.
fn remove_what_the_state_knows(context: &Context, session: &Session) -> Result<bool> {
    session.terraform.initialise()?;
    let file = session.environment.plan_file();
    let planned = session.terraform.plan(&file, true)?;
    if session.environment.target.aws && planned != Planned::NoChanges {
        preflight::check_destroy(context, session, &session.terraform.show(&file)?)?;
    }
    if let Some(endpoint) = &session.endpoint {
        let label = session.instance.owner_label();
        let ours = endpoint.labelled_container_ids(&label)?;
        blockers::require_unused(endpoint, &endpoint.labelled_volumes(&label)?, |container| ours.contains(&container.id))?;
        pending_volumes::clear_all(endpoint, &session.environment)?;
    }
    if planned == Planned::NoChanges {
        return Ok(false);
    }
    // A container that the state does not know would hold on to a volume that it does.
    let blockers = Blockers { strays: preflight::unknown_to_state(session)?, ..Blockers::default() };
    apply::saved_plan(session, &file, &blockers)?;
    Ok(true)
}

/// Removes the workspace with its state, which is empty. The policy for a team lets nobody delete a state in a bucket: then it
/// stays, and is no reason to keep the rest.
fn delete_workspace(session: &Session) -> Result<()> {
    match session.terraform.delete_workspace().map_err(|error| error.downcast::<Failure>()) {
        Err(Ok(failure)) if failure.ending() != Ending::Interrupted && !session.environment.has_local_state() => {
            let title = session.environment.display_name();
            console::warn(&format!("the state of `{title}` is empty and stays where it is: {}", failure.sentence()));
            Ok(())
        }
        Err(Ok(failure)) => Err(failure.into()),
        Err(Err(error)) => Err(error),
        Ok(()) => Ok(()),
    }
}

/// Removes what carries our label and was in no state, left by a killed run or a lost state; false if there was nothing.
fn remove_leftovers(session: &Session) -> Result<bool> {
    let Some(endpoint) = &session.endpoint else {
        return Ok(false);
    };
    shutdown::check("looking for what is left; all that the state knew is removed")?;
    let _finishing = Finishing::begin(REMOVAL);
    let label = session.instance.owner_label();
    let containers: Vec<String> = endpoint.labelled_containers(&label)?.into_iter().map(|container| container.name).collect();
    endpoint.remove(&containers, GRACE_SECONDS)?;
    let volumes = endpoint.labelled_volumes(&label)?;
    endpoint.remove_volumes(&volumes)?;
    let found = [containers, volumes].concat();
    if !found.is_empty() {
        console::say(&format!("removed too, though no state knew of it: {}", found.join(", ")));
    }
    Ok(!found.is_empty())
}
