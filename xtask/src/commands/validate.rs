//! `infra validate ENV`: the Terraform code, and nothing of what it describes.

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::host::console;
use crate::run::context::Context;
use crate::terraform::validation;

/// Validates an environment's code, wherever it could be applied.
///
/// # Errors
/// What Terraform says is wrong.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let environment = context.environment(&arguments.environment)?;
    let data = validation::data_directory(&context.directories, &environment.directory);
    validation::validate(&environment.directory, &data, &context.provider_for(&environment)?)?;
    context.warn_of_settings(&environment)?;
    console::say(&format!("{} is valid", environment.name));
    Ok(())
}
