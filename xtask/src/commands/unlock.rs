//! `infra unlock ENV`: shows a stale lock and removes it if you confirm.

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::host::console;
use crate::host::error::Failure;
use crate::run::context::Context;
use crate::ui::prompt;

/// Says who holds the state's lock, since when and for what, and removes the lock if you confirm.
///
/// # Errors
/// You do not confirm, or the lock is one of the operating system's, which ends with its process.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let session = context.open_for_change(&arguments.environment)?;
    session.terraform.initialise()?;
    let title = session.environment.display_name();
    let Some(holder) = session.terraform.lock_holder()? else {
        console::say(&format!("the state of `{title}` is not locked"));
        return Ok(());
    };
    if session.environment.has_local_state() {
        return Err(Failure::refused(format!("the state of `{title}` is locked by {holder}, who runs on this machine"))
            .hint("this lock is the operating system's and ends with its process: wait for that, or end it")
            .into());
    }
    prompt::confirm(
        &format!(
            "the state of `{title}` is locked by {holder}\n  lock {} of {}\n\
             if that run still goes on somewhere, two would write to one state, and one of them would lose what it made",
            holder.id, holder.path
        ),
        context.global.yes,
    )?;
    session.terraform.force_unlock(&holder.id)?;
    console::say(&format!("the state of `{title}` is free again; plan before you apply: what that run made may be missing from it"));
    Ok(())
}
