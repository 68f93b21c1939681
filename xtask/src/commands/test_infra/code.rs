//! The checks of Terraform code: its form, whether it is right in itself, and its own tests.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::part::Part;
use crate::host::command::Tool;
use crate::run::context::Context;
use crate::terraform::{environment_variables, validation};

/// Checks every root and every module of our own, without touching a backend, a state or what `init` left there; and that the
/// environments are apart, without a warning.
pub(super) fn check(context: &Context, part: &mut Part) -> Result<()> {
    let infrastructure = context.checkout.infrastructure();
    part.run(Tool::new(env::current_exe()?).args(["infra", "check", "--strict"]))?;
    environment_variables::warn_of_withheld(&infrastructure, false);
    part.run(validation::undirected().args(["fmt", "-check", "-recursive", "-diff"]).arg(&infrastructure))?;
    let cli_config = context.supply()?.provider()?;
    let modules = infrastructure.join("modules");
    for directory in directories(context)? {
        part.say(&format!("-- {}", directory.strip_prefix(&infrastructure).unwrap_or(&directory).display()));
        let data = validation::data_directory(&context.directories, &directory);
        // Terraform validates what it tests, and with a root all modules that it calls.
        let is_tested = directory.join("tests").is_dir();
        let check = if is_tested && directory.starts_with(&modules) { validation::initialise } else { validation::validate };
        check(&directory, &data, &cli_config)?;
        if is_tested {
            part.run(validation::terraform(&directory, &data, &cli_config).args(["test", "-no-color"]))?;
        }
    }
    Ok(())
}

fn directories(context: &Context) -> Result<Vec<PathBuf>> {
    let mut directories: Vec<PathBuf> = context.checkout.environments().iter().map(|root| root.directory.clone()).collect();
    for parent in ["modules", "state-backend"] {
        let parent = context.checkout.infrastructure().join(parent);
        let entries = parent.read_dir().with_context(|| format!("reading {}", parent.display()))?;
        directories.extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    directories.sort();
    Ok(directories)
}
