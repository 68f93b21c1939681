//! `infra env ENV`: the variables an application connects with.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use crate::cli::{EnvArgs, EnvFormat};
use crate::private_file;
use crate::report::console;
use crate::report::quoting::{dotenv_quoted, shell_quoted};
use crate::session::Context;

/// Prints the variables, or writes them to a private file.
///
/// # Errors
/// Nothing was applied yet, or the file cannot be written.
pub(crate) fn run(context: &Context, arguments: &EnvArgs) -> Result<()> {
    let session = context.look(&arguments.environment)?;
    let outputs = session.terraform.outputs()?;
    if outputs.is_empty() {
        return Err(session.nothing_applied().into());
    }
    let text = render(&outputs.env, arguments.format)?;
    match &arguments.write {
        None => console::answer(&text),
        Some(path) => {
            private_file::write(&std::path::absolute(path)?, text.as_bytes())?;
            console::say(&format!("wrote {} variables to {}", outputs.env.len(), path.display()));
            Ok(())
        }
    }
}

fn render(env: &BTreeMap<String, String>, format: EnvFormat) -> Result<String> {
    let lines = |line: fn(&str, &str) -> String| env.iter().map(|(name, value)| line(name, value)).collect();
    Ok(match format {
        EnvFormat::Json => serde_json::to_string_pretty(env).context("writing JSON")? + "\n",
        EnvFormat::Dotenv => lines(|name, value| format!("{name}={}\n", dotenv_quoted(value))),
        EnvFormat::Shell => lines(|name, value| format!("export {name}={}\n", shell_quoted(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::cli::EnvFormat;

    #[test]
    fn one_line_a_variable_sorted_by_name() {
        let env = [("B".to_owned(), "2".to_owned()), ("A".to_owned(), "1".to_owned())].into();
        assert_eq!(render(&env, EnvFormat::Dotenv).unwrap(), "A=1\nB=2\n");
        assert_eq!(render(&env, EnvFormat::Shell).unwrap(), "export A='1'\nexport B='2'\n");
        assert_eq!(render(&env, EnvFormat::Json).unwrap(), "{\n  \"A\": \"1\",\n  \"B\": \"2\"\n}\n");
    }
}
