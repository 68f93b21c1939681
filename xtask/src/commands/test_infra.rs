//! `test-infra`: the checks and tests in order, with a summary line for each.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::cli::{TestInfraArgs, TestPart};
use crate::docker::endpoint::Endpoint;
use crate::failure::Failure;
use crate::interrupt;
use crate::process::{Tool, describe_status};
use crate::report::console;
use crate::report::progress::seconds;
use crate::session::Context;
use crate::terraform::{surroundings, validation};

/// How many random trials a thorough run makes, by the variables that the tests read.
const MANY_TRIALS: [(&str, &str); 2] = [("INFRA_TESTS_CHANGES", "1000"), ("INFRA_TESTS_INTERRUPTIONS", "100")];

/// Runs the parts that were asked for, all by default, and stops at the first that fails.
///
/// # Errors
/// A part failed.
pub(crate) fn run(context: &Context, arguments: &TestInfraArgs) -> Result<()> {
    let parts = [
        (TestPart::Static, "static", checks as fn(&Context, bool) -> Result<()>),
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
        let outcome = test(context, arguments.thorough);
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

fn checks(context: &Context, _thorough: bool) -> Result<()> {
    pass(context, cargo().args(["fmt", "--all", "--check"]))?;
    pass(context, cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))?;
    surroundings::warn_of_withheld(&context.repository.infrastructure(), false);
    pass(context, validation::undirected().args(["fmt", "-check", "-recursive", "-diff"]).arg(context.repository.infrastructure()))?;
    let cli_config = context.supply()?.provider()?;
    for directory in terraform_directories(context)? {
        check_terraform(context, &directory, &cli_config)?;
    }
    Ok(())
}

/// Every root and every module of our own.
fn terraform_directories(context: &Context) -> Result<Vec<PathBuf>> {
    let environments = context.repository.environments()?;
    let mut directories: Vec<PathBuf> = environments.iter().map(|name| context.repository.environment_directory(name)).collect();
    for parent in ["modules", "state-backend"] {
        let parent = context.repository.infrastructure().join(parent);
        let entries = parent.read_dir().with_context(|| format!("reading {}", parent.display()))?;
        directories.extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    directories.sort();
    Ok(directories)
}

/// Validates one directory and runs its tests, without touching a backend, a state or what `init` left there.
fn check_terraform(context: &Context, directory: &Path, cli_config: &Path) -> Result<()> {
    let name = directory.strip_prefix(context.repository.infrastructure()).unwrap_or(directory);
    let data = validation::data_directory(&context.directories, directory);
    console::say(&format!("-- {}", name.display()));
    validation::validate(directory, &data, cli_config)?;
    let test = || validation::terraform(directory, &data, cli_config).args(["test", "-no-color"]);
    if directory.join("tests").is_dir() { pass(context, test()) } else { Ok(()) }
}

fn unit(context: &Context, thorough: bool) -> Result<()> {
    pass(context, tests(&["--workspace", "--exclude", "infra-tests"], thorough))
}

fn integration(context: &Context, thorough: bool) -> Result<()> {
    let endpoint = Endpoint::resolve()?;
    let supply = context.supply()?;
    supply.engine()?;
    supply.provider()?;
    supply.registry_for_tests()?;
    for (reference, failure) in supply.everything(&[])? {
        console::say(&format!("{reference} cannot be tested here: {failure}"));
    }
    let this: PathBuf = std::env::current_exe()?;
    // All of it, also after a failure: a run takes long, and one that told only of the first would be followed by others.
    pass(context, tests(&["--package", "infra-tests", "--no-fail-fast"], thorough).env("XTASK", this).env("DOCKER_HOST", endpoint.host()))
}

/// `cargo test` of these packages. A thorough run includes the tests that are otherwise ignored, and widens the random ones.
fn tests(packages: &[&str], thorough: bool) -> Tool {
    let tool = cargo().arg("test").args(packages);
    if !thorough {
        return tool;
    }
    MANY_TRIALS.iter().fold(tool.args(["--", "--include-ignored"]), |tool, (name, count)| tool.env(name, count))
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
    interrupt::check(&format!("`{}` ran", tool.name()))?;
    Err(Failure::new(format!("`{}` ended with {}", tool.name(), describe_status(status))).hint("what it printed above says why").into())
}
