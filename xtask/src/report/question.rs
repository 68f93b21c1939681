//! Questions to a person; where nobody can answer, the answer is no and the failure says which option gives it.

use std::io::{self, BufRead, Write};

use anyhow::{Context, Result};

use super::console;
use crate::failure::Failure;

/// Asks whether to go on, unless `--yes` was given.
///
/// # Errors
/// The answer was no, or nobody is there to give one.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !console::is_interactive() {
        return Err(Failure::refused(question.to_owned())
            .hint("nobody is here to ask: run it in a terminal, or add --yes if that is what you want")
            .into());
    }
    let answer = prompt(&format!("{question}\ngo on? [y/N] "))?;
    match answer.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::refused("stopped, as you answered; nothing was changed").into()),
    }
}

/// Asks for a name to be typed, unless `--yes` was given: for what cannot be undone.
///
/// # Errors
/// Something else was typed, or nobody is there to type.
pub(crate) fn confirm_by_name(question: &str, name: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !console::is_interactive() {
        return Err(Failure::refused(question.to_owned())
            .hint("nobody is here to ask: run it in a terminal, or add --yes if that is what you want")
            .into());
    }
    if prompt(&format!("{question}\ntype `{name}` to go on: "))? == name {
        return Ok(());
    }
    Err(Failure::refused(format!("that was not `{name}`; nothing was changed")).into())
}

fn prompt(text: &str) -> Result<String> {
    write!(io::stderr().lock(), "{text}").context("writing to the terminal")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("reading from the terminal")?;
    Ok(answer.trim().to_owned())
}
