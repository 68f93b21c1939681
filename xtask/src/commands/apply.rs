//! `infra apply ENV [PLAN]`: exactly the plan that was saved.

use std::path::Path;

use anyhow::{Error, Result};

use crate::cli::ApplyArgs;
use crate::host::error::{Ending, Failure};
use crate::host::quoting::shell_quoted;
use crate::host::{console, shutdown};
use crate::project::environment::Environment;
use crate::records::plan_record::PlanRecord;
use crate::run::context::Context;
use crate::run::{apply, describe, preflight};
use crate::status::ContainersRecord;
use crate::ui::prompt;

/// Applies a saved plan.
///
/// # Errors
/// There is no plan, it is stale, a guard refuses it, or Terraform fails.
pub(crate) fn run(context: &Context, arguments: &ApplyArgs) -> Result<()> {
    let session = context.open_for_change(&arguments.environment)?;
    let environment = &session.environment;
    let file = match &arguments.plan {
        Some(plan) => std::path::absolute(plan)?,
        None => environment.plan_file(),
    };
    if !file.is_file() {
        return Err(Failure::new(format!("there is no plan {}", file.display()))
            .hint(format!("make one: cargo xtask infra plan {}", environment.cli_args()))
            .into());
    }
    session.terraform.initialise()?;
    session.require_same_state_and_engine(context)?;
    let made = PlanRecord::read_beside(&file, &environment.cli_args())?;
    let now = session.provenance(&file, session.configuration(context))?;
    let configuration = made.require_same(now, &environment.cli_args())?;
    let plan = session.terraform.show(&file)?;
    // Images are got when a plan is made: what is missing now was removed since, or its recipe has changed.
    if let Some(supply) = &session.supply
        && !supply.has(&plan.images())?
    {
        return Err(Failure::refused("images that the plan names are not there as they were when it was made")
            .hint(format!("plan again: cargo xtask infra plan {}", environment.cli_args()))
            .into());
    }
    if environment.is_protected() {
        console::say(describe::list(&plan).trim_end());
        prompt::confirm(&format!("apply this to `{}`?", environment.display_name()), context.global.yes)?;
    }
    session.check_logins(context, &plan, &[])?;
    let blockers = preflight::check(context, &session, &plan, context.global.yes)?;
    apply::saved_plan(&session, &file, &blockers).map_err(|error| with_kept_plan(error, &file, &session.environment))?;
    session.remember_applied(context, Some(configuration.clone()))?;
    ContainersRecord::remember(&session, context, &configuration)?;
    console::say(&format!("{}: applied, {}", environment.display_name(), describe::summary(&plan).replace("to ", "")));
    Ok(())
}

/// Says so of an apply that was not begun: the plan is still there.
fn with_kept_plan(error: Error, file: &Path, environment: &Environment) -> Error {
    match error.downcast::<Failure>() {
        // One that is refused is stale; one that found no room says so itself.
        Ok(failure) if failure.ending() != Ending::Refused && !failure.message().ends_with("nothing was changed") && file.is_file() => {
            let named = if file == environment.plan_file() { String::new() } else { format!(" {}", shell_quoted(&file.to_string_lossy())) };
            let again = format!("the plan is kept: `cargo xtask infra apply {}{named}` tries again", environment.cli_args());
            // The usual way on is for a plan that is used up.
            if failure.has_hint(shutdown::way_on()) {
                failure.details(["nothing of the plan was begun"]).hint(again).into()
            } else {
                failure.details([format!("nothing of the plan was begun; {again}")]).into()
            }
        }
        Ok(failure) => failure.into(),
        Err(error) => error,
    }
}
