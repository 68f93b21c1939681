//! `infra down ENV`: the containers go, the data stays.

use std::thread;

use anyhow::Result;

use crate::changes::{GRACE_SECONDS, REMOVAL, require_docker};
use crate::cli::EnvironmentArgs;
use crate::interrupt::{self, Finishing};
use crate::lock::Lock;
use crate::report::console;
use crate::report::progress::Progress;
use crate::session::Context;

/// Stops and removes the containers of an instance.
///
/// # Errors
/// The environment has no containers, or the engine does not answer.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    context.require_apart(&context.environment(&arguments.environment)?)?;
    let session = context.look(&arguments.environment)?;
    require_docker(&session, "down", "`destroy` removes everything it has, data included")?;
    let _lock = Lock::take(&session.environment.lock_file(), &format!("`{}`", session.environment.title()))?;
    let Some(endpoint) = &session.endpoint else {
        return Ok(());
    };
    endpoint.require()?;
    // Two questions to the engine, each a good part of the whole: asked at once.
    let (same_engine, containers) = thread::scope(|scope| {
        let same_engine = scope.spawn(|| session.require_same_engine(context));
        let containers = endpoint.labelled_containers(&session.instance.owner_label());
        (same_engine.join().expect("asking does not panic"), containers)
    });
    same_engine?;
    let containers = containers?;
    let title = session.environment.title();
    if containers.is_empty() {
        console::say(&format!("{title} is down already"));
        return Ok(());
    }
    interrupt::check("looking for containers; nothing was changed")?;
    let _finishing = Finishing::begin(REMOVAL);
    let step = Progress::new().step(&format!("{title}: {} containers", containers.len()), false);
    endpoint.remove(&containers.into_iter().map(|container| container.id).collect::<Vec<_>>(), GRACE_SECONDS)?;
    step.done("removed, data kept");
    Ok(())
}
