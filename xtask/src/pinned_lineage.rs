//! `lineage.toml` beside a protected environment's code, committed: which state is its own, for whoever has never applied
//! it from their machine.

use std::fs;

use anyhow::{Context as _, Result};

use crate::environment::{DEFAULT_INSTANCE, Environment};
use crate::failure::Failure;
use crate::guards::facts::pins;
use crate::private_file;
use crate::report::console;
use crate::unreadable;

/// The lineage that is pinned for an instance. An emulator's state is nobody's to share.
///
/// # Errors
/// The file cannot be understood.
pub(crate) fn of(environment: &Environment) -> Result<Option<String>> {
    if environment.target.emulated {
        return Ok(None);
    }
    match pins::read(&environment.directory) {
        None => Ok(None),
        Some(Ok(pins)) => Ok(pins.get(&environment.instance).map(|(lineage, _)| lineage.clone())),
        Some(Err((place, why))) => {
            let hint = unreadable::correct(&place.file, &why);
            Err(Failure::new(format!("{}:{}: {why}", place.file.display(), place.line)).hint(hint).into())
        }
    }
}

/// Pins the state of a protected environment, the first time that it is applied or when another one is adopted.
/// Instances come and go: only the default one is pinned.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn pin(environment: &Environment, lineage: Option<&str>) -> Result<()> {
    if !environment.is_protected() || environment.instance != DEFAULT_INSTANCE {
        return Ok(());
    }
    let Some(lineage) = lineage else {
        // It was adopted that there is none: the next apply begins another line.
        return unpin(environment);
    };
    if of(environment)?.as_deref() == Some(lineage) {
        return Ok(());
    }
    let file = pins::path(&environment.directory);
    let text = format!(
        "# Which state is this environment's own, by its lineage. Written by `cargo xtask infra apply` and `adopt`; commit it:\n\
         # a machine that has never applied this environment knows by it whether the state it sees is the right one.\n\
         {DEFAULT_INSTANCE} = \"{lineage}\"\n"
    );
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    console::say(&format!("{}: its state is pinned in {}; commit that file", environment.title(), file.display()));
    Ok(())
}

/// Takes the pin away, when what it was of is destroyed.
///
/// # Errors
/// The file cannot be removed.
pub(crate) fn unpin(environment: &Environment) -> Result<()> {
    if of(environment)?.is_none() {
        return Ok(());
    }
    let file = pins::path(&environment.directory);
    console::say(&format!("{}: {} is removed with it; commit that", environment.title(), file.display()));
    private_file::remove(&file)
}
