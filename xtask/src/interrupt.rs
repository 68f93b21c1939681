//! Ctrl-C: the first one lets what is under way end in order, the second ends at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::{Failure, exit};

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Takes over SIGINT and SIGTERM. A terminal sends Ctrl-C to the children too, so Terraform hears of it by itself.
///
/// # Errors
/// The system refuses the handlers.
pub(crate) fn listen() -> Result<()> {
    let seen = Arc::clone(INTERRUPTED.get_or_init(Arc::default));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag set, and ends the process.
        flag::register_conditional_shutdown(signal, i32::from(exit::INTERRUPTED), Arc::clone(&seen)).context("listening for signals")?;
        flag::register(signal, Arc::clone(&seen)).context("listening for signals")?;
    }
    Ok(())
}

/// True once the run was asked to stop.
pub(crate) fn requested() -> bool {
    INTERRUPTED.get().is_some_and(|seen| seen.load(Ordering::SeqCst))
}

/// Stops here when the run was asked to stop.
///
/// # Errors
/// The interruption, as a failure that exits 130.
pub(crate) fn check() -> Result<()> {
    if requested() { Err(Failure::interrupted().into()) } else { Ok(()) }
}
