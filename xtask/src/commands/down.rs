//! `infra down ENV`: the containers go, the data stays.

use std::thread;

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::docker::endpoint::Endpoint;
use crate::host::console;
use crate::host::file_lock::FileLock;
use crate::host::shutdown::{self, Finishing};
use crate::run::blockers::{GRACE_SECONDS, REMOVAL};
use crate::run::context::Context;
use crate::run::session::Session;
use crate::ui::progress::Step;

/// Stops and removes the containers of an instance.
///
/// # Errors
/// The environment has no containers, or the engine does not answer.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let environment = context.environment(&arguments.environment)?;
    // Reading files takes as long as the engine needs to say which it is.
    let (apart, found) = thread::scope(|scope| {
        let apart = scope.spawn(|| context.require_apart(&environment));
        let found = look(context, arguments);
        (apart.join().expect("the guards do not panic"), found)
    });
    apart?;
    let (session, endpoint) = found?;
    let title = session.environment.display_name();
    let _lock = FileLock::take(&session.environment.lock_file(), &format!("`{title}`"))?;
    context.take_possession(&session.environment)?;
    session.require_same_engine(context)?;
    let containers = endpoint.labelled_container_ids(&session.instance.owner_label())?;
    if containers.is_empty() {
        console::say(&format!("{title} is down already"));
        return Ok(());
    }
    shutdown::check("looking for containers; nothing was changed")?;
    let _finishing = Finishing::begin(REMOVAL);
    let step = Step::begin(&format!("{title}: {} containers", containers.len()));
    endpoint.remove(&containers, GRACE_SECONDS)?;
    step.done("removed, data kept");
    Ok(())
}

/// The instance and its engine, which has said which it is.
fn look(context: &Context, arguments: &EnvironmentArgs) -> Result<(Session, Endpoint)> {
    let session = context.open_read_only(&arguments.environment)?;
    let destroy = format!("`cargo xtask infra destroy {}` removes everything it has, data included", session.environment.cli_args());
    let endpoint = session.require_docker("down", &destroy)?.clone();
    context.require_own(&session.environment)?;
    endpoint.require()?;
    session.daemon()?;
    Ok((session, endpoint))
}
