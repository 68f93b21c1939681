//! `infra init ENV`: instance file, provider, `terraform init`.

use anyhow::Result;

use crate::cli::EnvironmentArgs;
use crate::host::console;
use crate::host::quoting::shell_quoted;
use crate::run::context::Context;

/// Prepares an environment and says how to go on with plain Terraform.
///
/// # Errors
/// What is missing and cannot be had.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let session = context.open_for_change(&arguments.environment)?;
    let initialised = session.terraform.initialise()?;
    let title = session.environment.display_name();
    console::say(&if initialised { format!("`{title}` is initialised") } else { format!("`{title}` was initialised already") });
    console::say("for plain Terraform in this shell:");
    for (name, value) in session.terraform.settings_by_hand() {
        console::say(&format!("  export {name}={}", shell_quoted(&value)));
    }
    console::say(&format!("  terraform -chdir={} plan", shell_quoted(&session.environment.directory.to_string_lossy())));
    Ok(())
}
