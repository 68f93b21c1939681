//! Whether code is right in itself: without a backend, a state, credentials, or anything that it would work on.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use super::diagnostic::{self, Diagnostic};
use super::invocation::option;
use super::{environment_variables, events, printed, warnings};
use crate::aws::caller::Caller;
use crate::host::command::Tool;
use crate::host::digest::Digest;
use crate::host::file_lock::FileLock;
use crate::host::shutdown;
use crate::project::user_dirs::UserDirs;

/// Where Terraform keeps providers and modules while the code of `directory` is checked: outside it, so that what `init` has left
/// there stays as it is, and another for each checkout.
pub(crate) fn data_directory(directories: &UserDirs, directory: &Path) -> PathBuf {
    let key = Digest::default().part(directory.as_os_str().as_encoded_bytes()).finish();
    directories.cache.join("static").join(&key[..16])
}

/// Terraform without anything that a person's shell tells it.
pub(crate) fn undirected() -> Tool {
    // Where there is no code no input is declared, so that none of the shell's counts.
    environment_variables::withheld(Path::new(""), false).into_iter().fold(Tool::new("terraform"), Tool::env_remove)
}

/// A call of it on the code of `directory`.
pub(crate) fn terraform(directory: &Path, data: &Path, cli_config: &Path) -> Tool {
    let tool = undirected().arg(option("-chdir=", directory)).env("TF_DATA_DIR", data).env("TF_CLI_CONFIG_FILE", cli_config);
    // The schema of a large provider is read once and kept: at Go's usual 100, a third of the time goes into collecting garbage.
    tool.env("CHECKPOINT_DISABLE", "1").env("GOGC", "400")
}

/// Gets the providers and modules of the code in `directory`, and nothing of its backend.
///
/// # Errors
/// What Terraform says is wrong with it, or a provider that cannot be had.
pub(crate) fn initialise(directory: &Path, data: &Path, cli_config: &Path) -> Result<()> {
    run(directory, data, cli_config, &["init", "-json", "-backend=false", "-input=false"], events::diagnostics).map(drop)
}

/// Checks the code of `directory`, a root or a module.
///
/// # Errors
/// What Terraform says is wrong with it, or a provider that cannot be had.
pub(crate) fn validate(directory: &Path, data: &Path, cli_config: &Path) -> Result<()> {
    initialise(directory, data, cli_config)?;
    let said = run(directory, data, cli_config, &["validate", "-json"], in_answer)?;
    match answer(&said)["valid"] == true {
        true => Ok(()),
        false => Err(diagnostic::unfinished("validate", "exit status 0", &said).into()),
    }
}

/// Runs Terraform on the code; returns what it has printed.
fn run(directory: &Path, data: &Path, cli_config: &Path, arguments: &[&str], diagnostics: fn(&str) -> Vec<Diagnostic>) -> Result<String> {
    let verb = arguments[0];
    let _lock = FileLock::take(&data.with_extension("lock"), "the check of this code")?;
    shutdown::check(&format!("`terraform {verb}` was about to run"))?;
    let output = terraform(directory, data, cli_config).args(arguments).output()?;
    let (said, words) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let diagnostics = diagnostics(&said);
    warnings::show(&diagnostics);
    if output.status.success() {
        return Ok(said.into_owned());
    }
    shutdown::check(&format!("`terraform {verb}` ran"))?;
    // Nothing of AWS is asked here, and so nobody was seen.
    let caller = Caller::new(&|| None);
    Err(diagnostic::failure(verb, &diagnostics, &words, &caller).into())
}

fn in_answer(said: &str) -> Vec<Diagnostic> {
    serde_json::from_value(answer(said)["diagnostics"].clone()).unwrap_or_default()
}

fn answer(said: &str) -> Value {
    serde_json::from_slice(printed::document(said.as_bytes())).unwrap_or_default()
}
