//! The plan of a change, with every image that it needs.

use std::thread;

use anyhow::Result;

use super::context::Context;
use super::preflight;
use super::session::Session;
use crate::host::console;
use crate::terraform::plan::{Action, Change, Plan};
use crate::terraform::run::Planned;
use crate::terraform::state;

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
pub(crate) fn prepare(context: &Context, session: &mut Session) -> Result<Prepared> {
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
    let (Some(applied), Some(state)) = (session.last_applied(context)?, session.terraform.local_state()?) else {
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
