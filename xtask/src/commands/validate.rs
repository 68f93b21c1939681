//! `infra validate ENV`: the Terraform code, and nothing of what it describes.

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::report::console;
use crate::session::Context;

/// Validates an environment's code.
///
/// # Errors
/// What Terraform says is wrong.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let session = context.prepare(&arguments.environment)?;
    session.terraform.initialise()?;
    session.terraform.validate()?;
    console::say(&format!("{} is valid", session.environment.name));
    Ok(())
}
