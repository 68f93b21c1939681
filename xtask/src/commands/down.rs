//! `infra down ENV`: the containers go, the data stays.

use std::thread;

use anyhow::Result;

use crate::changes::{GRACE_SECONDS, REMOVAL};
use crate::cli::EnvironmentArgs;
use crate::docker::endpoint::Endpoint;
use crate::interrupt::{self, Finishing};
use crate::lock::Lock;
use crate::report::console;
use crate::report::progress::Progress;
use crate::session::{Context, Session};

/// Stops and removes the containers of an instance.
///
/// # Errors
/// The environment has no containers, or the engine does not answer.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let environment = context.environment(&arguments.environment)?;
    // Reading files takes as long as the engine needs for its answers.
    let (apart, found) = thread::scope(|scope| {
        let apart = scope.spawn(|| context.require_apart(&environment));
        let found = find(context, arguments);
        (apart.join().expect("the guards do not panic"), found)
    });
    apart?;
    let Found { session, endpoint, containers, _lock } = found?;
    let title = session.environment.title();
    if containers.is_empty() {
        console::say(&format!("{title} is down already"));
        return Ok(());
    }
    interrupt::check("looking for containers; nothing was changed")?;
    let _finishing = Finishing::begin(REMOVAL);
    let step = Progress::new().step(&format!("{title}: {} containers", containers.len()), false);
    endpoint.remove(&containers, GRACE_SECONDS)?;
    step.done("removed, data kept");
    Ok(())
}

/// What is to go.
struct Found {
    session: Session,
    endpoint: Endpoint,
    /// Ids of the instance's containers.
    containers: Vec<String>,
    _lock: Lock,
}

/// Takes the instance's lock, and asks its engine for containers. Nothing is changed.
fn find(context: &Context, arguments: &EnvironmentArgs) -> Result<Found> {
    let session = context.look(&arguments.environment)?;
    let endpoint = session.require_docker("down", "`destroy` removes everything it has, data included")?.clone();
    let lock = Lock::take(&session.environment.lock_file(), &format!("`{}`", session.environment.title()))?;
    endpoint.require()?;
    // Two questions to the engine, each a good part of the whole: asked at once.
    let (same_engine, containers) = thread::scope(|scope| {
        let same_engine = scope.spawn(|| session.require_same_engine(context));
        let containers = endpoint.labelled_container_ids(&session.instance.owner_label());
        (same_engine.join().expect("asking does not panic"), containers)
    });
    same_engine?;
    Ok(Found { containers: containers?, session, endpoint, _lock: lock })
}
