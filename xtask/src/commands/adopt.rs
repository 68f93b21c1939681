//! `infra adopt ENV`: accepts the current state and engine as what was applied, with a reason.

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::guards::allowance;
use crate::host::console;
use crate::host::error::Failure;
use crate::project::environment::Environment;
use crate::project::instance;
use crate::run::context::Context;
use crate::ui::prompt;

/// Asks, records the reason, and remembers the current state and engine.
///
/// # Errors
/// No reason was given, or the answer was no.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let environment = context.environment(&arguments.environment)?;
    let title = environment.display_name();
    let unknown = context.unknown_origin(&environment)?;
    let was_elsewhere = unknown.is_some();
    if let Some((refusal, copy)) = unknown {
        let what = refusal.parts().0;
        agree(context, &environment, &what, "from now on this directory is accepted as its place")?;
        instance::take_over(&copy, &environment.instance_file(), &context.directories)?;
    }
    let session = context.open_to_adopt(&arguments.environment)?;
    let now = session.applied_now()?;
    let Some(difference) = session.difference(context, &now)? else {
        let outcome = if was_elsewhere { "adopted" } else { "nothing to adopt, all is as it was applied" };
        console::say(&format!("{title}: {outcome}"));
        return Ok(());
    };
    let what = difference.refusal(&title, &environment.cli_args()).parts().0;
    agree(context, &environment, &what, "from now on the current state and engine are accepted")?;
    session.remember_applied(context, None)?;
    console::say(&format!("{title}: adopted"));
    Ok(())
}

/// Asks whether `what` is meant, and records why.
fn agree(context: &Context, environment: &Environment, what: &str, consequence: &str) -> Result<()> {
    let Some(reason) = context.global.reason.as_deref().filter(|reason| !reason.trim().is_empty()) else {
        return Err(Failure::usage("adopt needs a reason").hint("add --reason TEXT: it is recorded for whoever asks later").into());
    };
    prompt::confirm(&format!("{what}\n{consequence}"), context.global.yes)?;
    allowance::record(&context.directories, environment, "adopt", what, reason)
}
