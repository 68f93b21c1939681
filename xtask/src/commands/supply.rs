//! `supply`: gets the Docker provider and the images, or says what is there.

use anyhow::Result;

use crate::cli::SupplyArgs;
use crate::host::console;
use crate::host::error::Failure;
use crate::supply::{State, Supply};
use crate::ui::table;

/// Sets the source if one was named, then checks or gets what was asked for.
///
/// # Errors
/// With `--check`: something is missing. Otherwise: something could not be had.
pub(crate) fn run(supply: &Supply, arguments: &SupplyArgs) -> Result<()> {
    if let Some(source) = arguments.images {
        supply.choose(source)?;
    }
    if arguments.check {
        return check(supply, &arguments.only);
    }
    supply.engine()?;
    if arguments.only.is_empty() {
        supply.provider()?;
    }
    let unavailable = supply.everything(&arguments.only)?;
    if arguments.only.is_empty() {
        for (_, failure) in &unavailable {
            console::warn(&format!("left out: {failure}"));
        }
    } else if let Some((_, failure)) = unavailable.into_iter().next() {
        return Err(failure.into());
    }
    console::say("everything asked for that the chosen source has is there");
    Ok(())
}

fn check(supply: &Supply, engines: &[String]) -> Result<()> {
    let items = supply.inventory(engines)?;
    let rows: Vec<[String; 3]> =
        items.iter().map(|item| [item.name.clone(), item.reference.clone(), item.state.word().to_owned()]).collect();
    console::answer(&table::render(["item", "reference", "state"], &rows))?;
    let missing = items.iter().filter(|item| matches!(item.state, State::Missing | State::Outdated)).count();
    match missing {
        0 => Ok(()),
        missing => Err(Failure::new(format!("{missing} of {} are missing or outdated", items.len()))
            .hint(format!("`cargo xtask infra {}` gets them", [&["supply".to_owned()], engines].concat().join(" ")))
            .into()),
    }
}
