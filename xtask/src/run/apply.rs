//! The apply of a saved plan.

use std::path::Path;

use anyhow::Result;

use super::blockers::Blockers;
use super::free_ports;
use super::session::Session;
use crate::host::error::{Ending, Failure};
use crate::host::{private_file, shutdown};
use crate::records::{pending_volumes, plan_record};
use crate::terraform::apply_summary::ApplySummary;
use crate::terraform::events::Event;
use crate::terraform::unsaved::Watch;
use crate::ui::progress::Step;

/// Applies a saved plan, once what is in its way is gone, showing each resource as it comes, and removes the plan as soon as something
/// of it was begun: it can be applied once.
///
/// # Errors
/// Terraform's, or no room on the disk; of an interrupted run, what became of each change.
pub(crate) fn saved_plan(session: &Session, file: &Path, blockers: &Blockers) -> Result<()> {
    // Before anything is touched: without room for its state the plan stays to be applied later.
    let watch = Watch::begin(&session.environment)?;
    blockers.clear(session)?;
    let mut open: Vec<(String, &str, Step)> = Vec::new();
    let mut tally = ApplySummary::default();
    let outcome = session.terraform.apply(file, watch, |event| {
        tally.note(event);
        match event {
            Event::ApplyStart { hook } => {
                let outcome = if hook.action == "delete" { "removed" } else { "" };
                open.push((hook.resource.addr.clone(), outcome, Step::begin(&hook.resource.addr)));
            }
            Event::ApplyComplete { hook } => close(&mut open, &hook.resource.addr, Step::done),
            Event::ApplyErrored { hook } => close(&mut open, &hook.resource.addr, |step, _| step.failed()),
            _ => {}
        }
    });
    drop(open);
    // One of which nothing was begun is as good as before.
    if outcome.is_ok() || !tally.is_untouched() {
        discard_plan(file)?;
    }
    let headline = || tally.headline(&session.environment.display_name());
    match outcome.map_err(|error| error.downcast::<Failure>()) {
        // What is said already of a state that could not be written stays said.
        Err(Ok(failure)) if failure.ending() == Ending::Interrupted => return Err(failure.retold(headline(), tally.lines()).into()),
        Err(Ok(failure)) => return Err(free_ports::explain(session, failure, &blockers.ports).into()),
        Err(Err(error)) => return Err(error),
        Ok(()) if shutdown::requested() => return Err(shutdown::failure(headline()).details(tally.lines()).into()),
        Ok(()) => {}
    }
    pending_volumes::forget(&session.environment)
}

/// Removes a plan and what is written beside it.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn discard_plan(file: &Path) -> Result<()> {
    private_file::remove(file)?;
    private_file::remove(&plan_record::beside(file))
}

fn close(open: &mut Vec<(String, &str, Step)>, address: &str, end: impl FnOnce(Step, &str)) {
    if let Some(at) = open.iter().position(|(candidate, ..)| candidate == address) {
        let (_, outcome, step) = open.swap_remove(at);
        end(step, outcome);
    }
}
