//! `infra env ENV`: the variables an application connects with.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use crate::cli::{EnvArgs, EnvFormat};
use crate::host::error::Failure;
use crate::host::quoting::{Dotenv, dotenv, shell_quoted};
use crate::host::{console, private_file};
use crate::run::context::Context;

/// Prints the variables, or writes them to a private file.
///
/// # Errors
/// Nothing was applied yet, a value has no place in a `.env` file, or the file cannot be written.
pub(crate) fn run(context: &Context, arguments: &EnvArgs) -> Result<()> {
    let session = context.open_read_only(&arguments.environment)?;
    let outputs = super::outputs(&session)?;
    let text = match arguments.format {
        EnvFormat::Json => serde_json::to_string_pretty(&outputs.env).context("writing JSON")? + "\n",
        EnvFormat::Shell => outputs.env.iter().map(|(name, value)| format!("export {name}={}\n", shell_quoted(value))).collect(),
        EnvFormat::Dotenv => env_file(&outputs.env, &session.environment.cli_args())?,
    };
    match &arguments.write {
        None => console::answer_with_secrets(&text),
        Some(path) => {
            private_file::write(&std::path::absolute(path)?, text.as_bytes())?;
            console::say(&format!("wrote {} variables to {}", outputs.env.len(), path.display()));
            Ok(())
        }
    }
}

/// The lines of a `.env` file, which every reader reads alike; `typed` is the environment, for a hint.
fn env_file(env: &BTreeMap<String, String>, typed: &str) -> Result<String> {
    let (mut text, mut quoted, mut impossible) = (String::new(), Vec::new(), Vec::new());
    for (name, value) in env {
        match dotenv(value) {
            Dotenv::Plain if is_a_name(name) => text += &format!("{name}={value}\n"),
            Dotenv::Quoted(value) if is_a_name(name) => {
                text += &format!("{name}={value}\n");
                quoted.push(name.as_str());
            }
            _ => impossible.push(format!("`{name}`")),
        }
    }
    if !impossible.is_empty() {
        let names = impossible.join(", ");
        return Err(Failure::new(format!(
            "{names} cannot be written to a .env file: sh, python-dotenv, node, docker and systemd would not read the same"
        ))
        .hint(format!(
            "`cargo xtask infra env {typed} --format json` prints every value as it is; letters and digits can always be written"
        ))
        .into());
    }
    if !quoted.is_empty() {
        console::warn(&format!(
            "{} stands between quotes, which `docker --env-file` keeps as a part of the value (`--format json` has it without)",
            quoted.join(", ")
        ));
    }
    Ok(text)
}

/// True for a name that a shell accepts for a variable.
fn is_a_name(name: &str) -> bool {
    let word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    name.chars().all(word) && name.starts_with(|first: char| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::env_file;

    fn written(variables: &[(&str, &str)]) -> Result<String, String> {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        env_file(&env, "local").map_err(|error| error.to_string())
    }

    #[test]
    fn one_line_a_variable_sorted_by_name() {
        assert_eq!(written(&[("B", "2"), ("A", "1"), ("C", ""), ("D", "a b")]), Ok("A=1\nB=2\nC=\nD=\"a b\"\n".to_owned()));
    }

    #[test]
    fn what_cannot_be_written_is_named_and_never_shown() {
        let error = written(&[("A", "1"), ("KEY", "a$b"), ("SECRET", "c\nd"), ("a-b", "1"), ("1A", "1")]).unwrap_err();
        assert!(error.starts_with("`1A`, `KEY`, `SECRET`, `a-b` cannot be written to a .env file"), "{error}");
        assert!(!error.contains("a$b"), "{error}");
    }
}
