//! The command line. No logic here: the doc comments are the help text.

mod help;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::help::command;
use crate::project::infra_toml::ImageSource;
use crate::run::options::Global;

/// Infrastructure of the portfolio tracker: bring it up, change it, check it, test it, tear it down.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Work on an environment, a root module below infrastructure/environments
    #[command(subcommand, arg_required_else_help = true)]
    Infra(Infra),
    /// Run the checks and tests, side by side
    TestInfra(TestInfraArgs),
    /// Print shell completions; docs/reference.md says how to load them
    Completions(CompletionsArgs),
    /// Measure this tool against Docker Compose and plain Terraform
    BenchInfra(BenchInfraArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Infra {
    /// Bring an environment up and wait until every service answers
    Up(EnvironmentArgs),
    /// Prepare an environment, and print the settings that plain `terraform` needs
    Init(EnvironmentArgs),
    /// Show what `apply` would change, and save the plan
    Plan(PlanArgs),
    /// Apply exactly the plan that was saved last, or the plan you name
    Apply(ApplyArgs),
    /// Stop and remove the containers; the data stays
    Down(EnvironmentArgs),
    /// Remove everything, data included, after you type the environment's name
    Destroy(EnvironmentArgs),
    /// Wipe the data of all services or of one, and start again
    Reset(ResetArgs),
    /// Check the Terraform code, without Docker, AWS or credentials
    Validate(EnvironmentArgs),
    /// Print the services' logs
    Logs(LogsArgs),
    /// Print Terraform's outputs, secrets masked
    Output(OutputArgs),
    /// Print the variables an application connects with
    Env(EnvArgs),
    /// Show what runs, how much it uses, and whether it is as it was applied
    Status(StatusArgs),
    /// Create or recover the bucket for states on AWS, and print the team's policies
    CreateBackend(EnvironmentArgs),
    /// Show who holds a state's lock, and remove the lock if you confirm
    Unlock(EnvironmentArgs),
    /// Run every guard over every environment, without Terraform or network
    Check(CheckArgs),
    /// Accept the current state and Docker engine, with a --reason
    Adopt(EnvironmentArgs),
    /// List the environments and their instances
    List(ListArgs),
    /// Get the Docker provider and the images ahead of time
    Supply(SupplyArgs),
    /// Check the prerequisites, and say how to fix what is missing
    Doctor(DoctorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EnvironmentArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
}

#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// Only this service
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// Only this service
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// Keep printing new output
    #[arg(long, short = 'f')]
    pub(crate) follow: bool,
    /// Only output since then: a time (2026-01-02T03:04:05Z) or how long ago (10m)
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// Save the plan here too
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit 2 when there are changes, as Terraform does
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// A plan saved by `plan --out`
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// Only this output, its value alone
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Do not mask secrets
    #[arg(long)]
    pub(crate) show_secrets: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// How the variables are written
    #[arg(long, value_enum, default_value_t = EnvFormat::Dotenv)]
    pub(crate) format: EnvFormat,
    /// Write to this file (mode 0600) instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) write: Option<PathBuf>,
}

/// Formats of `env`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EnvFormat {
    /// NAME=value lines of a .env file, which sh, python-dotenv, node, docker and systemd read alike
    Dotenv,
    /// One JSON object
    Json,
    /// `export` lines for eval
    Shell,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// An environment: its path below infrastructure/environments
    #[arg(value_name = "ENV")]
    pub(crate) environment: String,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Check the root modules in these directories of any repository; infra.toml is neither needed nor read
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub(crate) path: Vec<PathBuf>,
    /// Print as JSON
    #[arg(long, conflicts_with = "sarif")]
    pub(crate) json: bool,
    /// Print as SARIF 2.1.0, which code hosts show on the lines
    #[arg(long)]
    pub(crate) sarif: bool,
    /// Exit 3 for a warning, too
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SupplyArgs {
    /// Only these images of images.toml; all of them if you name none
    #[arg(value_name = "IMAGE")]
    pub(crate) only: Vec<String>,
    /// Where this machine gets images from, from now on
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub(crate) images: Option<ImageSource>,
    /// Get nothing: say what is there, and exit 1 if something is missing
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestInfraArgs {
    /// Run only this
    #[arg(long, value_enum, value_name = "PART")]
    pub(crate) only: Option<TestPart>,
    /// Also run the long tests, marked `#[ignore = "thorough: ..."]`, and many more random trials
    #[arg(long)]
    pub(crate) thorough: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: CompletionShell,
    /// The command to complete: an alias of `cargo xtask`
    #[arg(long, default_value = "xtask", value_name = "NAME")]
    pub(crate) command: String,
}

/// Shells that have completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompletionShell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct BenchInfraArgs {
    /// The environment to measure; by default the first unprotected one with containers. Of one without, only `plan` is measured
    #[arg(value_name = "ENV")]
    pub(crate) environment: Option<String>,
    /// Runs of each side
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(crate) runs: usize,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Wait until the services of the outputs on standard input answer: what the bench asks for in the place of Compose's wait
    #[arg(long, hide = true)]
    pub(crate) probe: bool,
}

/// What `test-infra` can be kept to: a group of its parts, or one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestPart {
    /// rust and terraform
    Static,
    /// rustfmt and clippy
    Rust,
    /// terraform fmt, validate and test of every root and module
    Terraform,
    /// The tests of every package but the integration tests
    Unit,
    /// command_line, guards, docker and aws
    Integration,
    /// The command line, with a Terraform that only records
    #[value(name = "command_line")]
    CommandLine,
    /// The accidents that guards refuse
    Guards,
    /// Real Terraform on real Docker
    Docker,
    /// The AWS environments, on their emulator
    Aws,
}
