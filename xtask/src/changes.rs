//! Planning and applying changes, for every command that makes some: the plan, the images it needs, the guards, the apply.

mod free_ports;
mod preflight;

pub(crate) use self::preflight::{check, check_destroy};

use std::path::Path;
use std::thread;

use anyhow::Result;

use crate::applied::Applied;
use crate::docker::inspect::Container;
use crate::failure::{Ending, Failure};
use crate::guards::plan::data_loss;
use crate::half_made;
use crate::in_the_way::InTheWay;
use crate::interrupt;
use crate::private_file;
use crate::provenance;
use crate::report::console::{self, Style};
use crate::report::progress::{Progress, Step};
use crate::session::{Context, Session};
use crate::terraform::events::Event;
use crate::terraform::plan::{Action, Change, Plan};
use crate::terraform::run::Planned;
use crate::terraform::state;
use crate::terraform::tally::Tally;
use crate::terraform::unsaved::Watch;

/// What came of planning.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What would be done; none when there is nothing to change.
    pub(crate) plan: Option<Plan>,
    /// Hash of the configuration that it was made from.
    pub(crate) configuration: String,
}

/// Plans into the instance's plan file and makes every image present that the plan needs.
///
/// # Errors
/// Terraform's, or an image that cannot be had.
pub(crate) fn plan(context: &Context, session: &mut Session) -> Result<Prepared> {
    let file = session.environment.plan_file();
    loop {
        session.terraform.initialise()?;
        let configuration = session.configuration(context);
        // Terraform needs half a second; the question about the images is answered meanwhile.
        let (planned, outdated) = thread::scope(|scope| {
            let outdated = scope.spawn(|| outdated_images(session));
            let planned = session.terraform.plan(&file, false);
            (planned, outdated.join().expect("asking does not panic"))
        });
        let announced = match (planned?, &session.supply) {
            (Planned::Changes(changes), _) => changes,
            (Planned::NoChanges, Some(supply)) if !outdated.as_ref().is_ok_and(Vec::is_empty) => {
                supply.images(&outdated?)?;
                continue;
            }
            (Planned::NoChanges, _) => return Ok(Prepared { plan: None, configuration }),
        };
        let Some(supply) = &session.supply else {
            // Reading a plan takes as long as a third of making it, with a provider as large as AWS'. Only of what goes more
            // has to be known than its address.
            let goes = announced.iter().any(|change| change.action.takes_away());
            let plan = if goes { session.terraform.show(&file)? } else { Plan::of(announced) };
            preflight::planned(context, session, &plan)?;
            return Ok(Prepared { plan: Some(plan), configuration });
        };
        let plan = match made_again(context, session, &announced, &configuration)? {
            Some(plan) => plan,
            None => session.terraform.show(&file)?,
        };
        preflight::planned(context, session, &plan)?;
        if keep_broken_off_volumes(session, &plan)? {
            continue;
        }
        let images = plan.images();
        if supply.has(&images)? {
            return Ok(Prepared { plan: Some(plan), configuration });
        }
        // What was pulled or built just now may have another id than the plan thought: plan again.
        let replaced = supply.images(&images)?;
        if replaced.is_empty() {
            continue;
        }
        // Some images come from elsewhere than the plan thought: write down where from, and plan with that.
        for image in session.instance.images.values_mut() {
            if let Some(other) = replaced.get(&image.reference) {
                *image = other.clone();
            }
        }
        session.instance.save(&session.environment, &context.directories)?;
    }
}

/// The plan that makes again what was there when this configuration was applied last, and nothing else: none for any other.
fn made_again(context: &Context, session: &Session, announced: &[Change], configuration: &str) -> Result<Option<Plan>> {
    let (Some(applied), Some(state)) = (Applied::remembered(&session.environment, &context.directories)?, session.terraform.local_state()?)
    else {
        return Ok(None);
    };
    Ok(if applied.left(&state, configuration) { Plan::again(announced, &state) } else { None })
}

/// Keeps volumes that a plan would replace because an interrupted run has made them and not read them back; true when there were some.
/// A volume that was there before, with data, may be one of them: it was lost from the state, and was being found again.
fn keep_broken_off_volumes(session: &Session, plan: &Plan) -> Result<bool> {
    const KIND: &str = "docker_volume";
    let state = session.terraform.local_state()?.unwrap_or_default();
    let names = state::broken_off(&state, KIND, "mountpoint");
    let replaced = plan.changes.iter().filter(|change| change.kind == KIND && change.action == Action::Replace);
    let mut kept = Vec::new();
    for change in replaced {
        if let Some(name) = change.attribute_before("name").filter(|name| names.contains(name)) {
            session.terraform.untaint(&change.address)?;
            kept.push(name);
        }
    }
    if !kept.is_empty() {
        console::say(&format!("kept volumes that an interrupted run had not seen finished: {}", kept.join(", ")));
    }
    Ok(!kept.is_empty())
}

/// The images of the recorded services whose recipes have changed since, which Terraform cannot see.
fn outdated_images(session: &Session) -> Result<Vec<String>> {
    let Some(supply) = &session.supply else {
        return Ok(Vec::new());
    };
    let services = session.outputs()?.services;
    let images: Vec<String> = services.into_values().filter_map(|service| service.image).collect();
    Ok(if supply.has(&images)? { Vec::new() } else { images })
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
    let unfinished = half_made::expected(&session.environment);
    let applied = Applied::remembered(&session.environment, &context.directories)?.unwrap_or_default();
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

/// Applies a saved plan, once what is in its way is gone, showing each resource as it comes, and removes the plan as soon as something
/// of it was begun: it can be applied once.
///
/// # Errors
/// Terraform's, or no room on the disk; of an interrupted run, what became of each change.
pub(crate) fn apply(session: &Session, file: &Path, in_the_way: &InTheWay, progress: &Progress) -> Result<()> {
    // Before anything is touched: without room for its state the plan stays to be applied later.
    let watch = Watch::begin(&session.environment)?;
    in_the_way.clear(session)?;
    let mut open: Vec<(String, &str, Step)> = Vec::new();
    let mut tally = Tally::default();
    let outcome = session.terraform.apply(file, watch, |event| {
        tally.note(event);
        match event {
            Event::Started { address, action } => {
                let outcome = if action == "delete" { "removed" } else { "" };
                open.push((address.clone(), outcome, progress.step(address, false)));
            }
            Event::Finished { address, .. } => close(&mut open, address, Step::done),
            Event::Failed { address } => close(&mut open, address, |step, _| step.failed(interrupt::word_for_failed())),
            _ => {}
        }
    });
    drop(open);
    // One of which nothing was begun is as good as before.
    if outcome.is_ok() || !tally.is_untouched() {
        discard_plan(file)?;
    }
    let headline = || tally.headline(&session.environment.title());
    match outcome.map_err(|error| error.downcast::<Failure>()) {
        // What is said already of a state that could not be written stays said.
        Err(Ok(failure)) if failure.ending() == Ending::Interrupted => return Err(failure.retold(headline(), tally.lines()).into()),
        Err(Ok(failure)) => return Err(free_ports::explain(session, failure, &in_the_way.ports).into()),
        Err(Err(error)) => return Err(error),
        Ok(()) if interrupt::requested() => return Err(interrupt::failure(headline()).details(tally.lines()).into()),
        Ok(()) => {}
    }
    half_made::forget(&session.environment)
}

/// Removes a plan and what is written beside it.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn discard_plan(file: &Path) -> Result<()> {
    private_file::remove(file)?;
    private_file::remove(&provenance::beside(file))
}

fn close(open: &mut Vec<(String, &str, Step)>, address: &str, end: impl FnOnce(Step, &str)) {
    if let Some(at) = open.iter().position(|(candidate, ..)| candidate == address) {
        let (_, outcome, step) = open.swap_remove(at);
        end(step, outcome);
    }
}

/// `2 to create, 1 to replace`, or that no resource is touched.
pub(crate) fn summary(plan: &Plan) -> String {
    let count = |action: Action| plan.changes.iter().filter(|change| change.action == action).count();
    let actions = [Action::Create, Action::Update, Action::Replace, Action::Delete];
    let parts: Vec<String> = actions
        .into_iter()
        .map(|action| (count(action), action))
        .filter(|(count, _)| *count > 0)
        .map(|(count, action)| format!("{count} to {action}"))
        .collect();
    match parts.as_slice() {
        [] if plan.changes_outputs => "only outputs change".to_owned(),
        [] => "no changes".to_owned(),
        parts => parts.join(", "),
    }
}

/// The plan as a list, first what loses data, then the most destructive, and its summary.
pub(crate) fn describe(plan: &Plan) -> String {
    let line = |change: &&Change| {
        let style = if matches!(change.action, Action::Delete | Action::Replace) { Style::Error } else { Style::Good };
        let mark = if data_loss::is_loss(change) { Style::Error.paint("  ! its data goes with it") } else { String::new() };
        format!("{} {}{mark}\n", style.paint(&format!("{:>3}", change.action.sign())), change.address)
    };
    let mut changes = plan.effective();
    changes.sort_by_key(|change| !data_loss::is_loss(change));
    changes.iter().map(line).collect::<String>() + &summary(plan) + "\n"
}
