//! `infra adopt ENV`: takes what is there now for what was applied, deliberately and with a reason.

use anyhow::Result;

use crate::applied::Applied;
use crate::cli::EnvironmentArgs;
use crate::failure::Failure;
use crate::guard::allowance;
use crate::report::{console, question};
use crate::session::Context;

/// Asks, records, and remembers the state and the world as they are.
///
/// # Errors
/// No reason was given, or the answer was no.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let session = context.prepare_to_adopt(&arguments.environment)?;
    let title = session.environment.title();
    let now = Applied::now(&session)?;
    let Some(difference) = session.difference(context, &now)? else {
        console::say(&format!("{title}: nothing to adopt, all is as it was applied"));
        return Ok(());
    };
    let (what, _) = difference.refusal(&title, &session.environment.typed()).parts();
    let Some(reason) = context.global.reason.as_deref().filter(|reason| !reason.trim().is_empty()) else {
        return Err(Failure::usage("adopt needs a reason").hint("add --reason TEXT: it is recorded for whoever asks later").into());
    };
    question::confirm(&format!("{what}\nfrom now on this is taken for the right one"), context.global.yes)?;
    allowance::record(&context.directories, &session.environment, "adopt", &what, reason)?;
    session.remember_world(context, None)?;
    console::say(&format!("{title}: adopted"));
    Ok(())
}
