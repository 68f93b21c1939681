//! `test-infra`: the checks and tests in order, with a summary line for each.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;

use crate::cli::{TestInfraArgs, TestPart};
use crate::docker::endpoint::Endpoint;
use crate::failure::Failure;
use crate::process::{Tool, describe_status};
use crate::report::console;
use crate::report::progress::seconds;
use crate::session::Context;

/// Runs the parts that were asked for, all by default, and stops at the first that fails.
///
/// # Errors
/// A part failed.
pub(crate) fn run(context: &Context, arguments: &TestInfraArgs) -> Result<()> {
    let parts = [
        (TestPart::Static, "static", checks as fn(&Context) -> Result<()>),
        (TestPart::Unit, "unit", unit),
        (TestPart::Integration, "integration", integration),
    ];
    let mut summary = Vec::new();
    for (part, name, test) in parts {
        if arguments.only.is_some_and(|only| only != part) {
            continue;
        }
        console::say(&format!("== {name}"));
        let started = Instant::now();
        let outcome = test(context);
        let word = if outcome.is_ok() { "passed" } else { "FAILED" };
        summary.push(format!("{name}: {word} in {}", seconds(started.elapsed())));
        if outcome.is_err() {
            console::say(&summary.join("\n"));
            return outcome;
        }
    }
    console::say(&summary.join("\n"));
    Ok(())
}

fn checks(context: &Context) -> Result<()> {
    pass(context, cargo().args(["fmt", "--all", "--check"]))?;
    pass(context, cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))?;
    pass(context, Tool::new("terraform").args(["fmt", "-check", "-recursive", "-diff"]).arg(context.repository.infrastructure()))?;
    for name in context.repository.environments()? {
        validate(context, &name)?;
    }
    Ok(())
}

/// Validates an environment without touching its backend, its state or what `init` left in its directory.
fn validate(context: &Context, name: &str) -> Result<()> {
    let environment = context.environment(name)?;
    let cli_config = context.provider_for(&environment)?;
    let data = context.directories.cache.join("validate").join(name);
    let mut chdir = std::ffi::OsString::from("-chdir=");
    chdir.push(&environment.directory);
    let terraform =
        || Tool::new("terraform").arg(&chdir).env("TF_DATA_DIR", &data).env("TF_CLI_CONFIG_FILE", &cli_config).env_remove("TF_WORKSPACE");
    // Only its failure is of interest.
    terraform().args(["init", "-backend=false", "-input=false", "-no-color"]).read()?;
    pass(context, terraform().args(["validate", "-no-color"]))
}

fn unit(context: &Context) -> Result<()> {
    pass(context, cargo().args(["test", "--package", "xtask"]))
}

fn integration(context: &Context) -> Result<()> {
    let endpoint = Endpoint::resolve()?;
    let supply = context.supply()?;
    supply.engine()?;
    supply.provider()?;
    for (reference, failure) in supply.everything(&[])? {
        console::say(&format!("{reference} cannot be tested here: {failure}"));
    }
    let this: PathBuf = std::env::current_exe()?;
    pass(context, cargo().args(["test", "--package", "infra-tests"]).env("XTASK", this).env("DOCKER_HOST", endpoint.host()))
}

fn cargo() -> Tool {
    // Cargo names itself to what it runs; by that name a toolchain override is kept.
    Tool::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn pass(context: &Context, tool: Tool) -> Result<()> {
    let tool = tool.directory(context.repository.root());
    let status = tool.status()?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` ended with {}", tool.name(), describe_status(status))).hint("what it printed above says why").into())
}
