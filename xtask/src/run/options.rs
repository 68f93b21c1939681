//! What the command line says to every task.

use clap::Args;

use crate::host::console::ColorChoice;

/// Options that every task understands.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Use another copy of the environment, with its own state, containers, data, credentials and ports
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) instance: Option<String>,
    /// Use an emulator in place of AWS, with its own state and plans
    #[arg(long, global = true)]
    pub(crate) emulated: bool,
    /// Install and start what is missing (Docker engine, mmdebstrap) with the system's package manager
    #[arg(long, global = true)]
    pub(crate) bootstrap: bool,
    /// Allow once what this guard refuses, with a --reason; never where data would be lost
    #[arg(long, global = true, value_name = "GUARD", requires = "reason")]
    pub(crate) allow: Vec<String>,
    /// Why `--allow` or `adopt` is right; it is recorded
    #[arg(long, global = true, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Answer yes to every question
    #[arg(long, short = 'y', global = true)]
    pub(crate) yes: bool,
    /// When messages are coloured
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Print only errors, warnings, and the output you asked for
    #[arg(long, short = 'q', global = true)]
    pub(crate) quiet: bool,
    /// Print every command that is run and Terraform's own output, secrets masked
    #[arg(long, short = 'v', global = true)]
    pub(crate) verbose: bool,
}
