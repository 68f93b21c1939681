//! `infra unlock ENV`: a lock that a killed run has left, explained, and taken away after a yes.

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::failure::Failure;
use crate::report::{console, question};
use crate::session::Context;

/// Says who holds the state's lock, since when and for what, and takes it away if that is wanted.
///
/// # Errors
/// A no; a lock that is no file's to leave: it ends with its process.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let session = context.prepare(&arguments.environment)?;
    session.terraform.initialise()?;
    let title = session.environment.title();
    let Some(holder) = session.terraform.lock_holder()? else {
        console::say(&format!("the state of `{title}` is not locked"));
        return Ok(());
    };
    if session.environment.has_local_state() {
        return Err(Failure::refused(format!("the state of `{title}` is locked by {holder}, who runs on this machine"))
            .hint("this lock is the operating system's and ends with its process: wait for that, or end it")
            .into());
    }
    question::confirm(
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
