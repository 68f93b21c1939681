//! `cargo xtask`: the portfolio tracker's infrastructure, by Terraform.

use std::process::ExitCode;

use clap::Parser;

mod bench;
mod changes;
mod cli;
mod commands;
mod config;
mod directories;
mod docker;
mod environment;
mod failure;
mod fingerprint;
mod guard;
mod hash;
mod instance;
mod interrupt;
mod lock;
mod ports;
mod private_file;
mod process;
mod report;
mod repository;
mod secret;
mod services;
mod session;
mod supply;
mod terraform;

use cli::{Cli, Infra, Task};
use failure::exit;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version are answers; all else is a mistake on the command line. A closed pipe changes neither.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { 0 });
        }
    };
    report::console::configure(cli.global.quiet, cli.global.verbose, cli.global.color);
    match interrupt::listen().and_then(|()| run(cli)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let (text, code) = failure::describe(&error);
            report::console::error(&text);
            ExitCode::from(code)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    let context = session::Context::open(cli.global)?;
    match cli.task {
        Task::Infra(verb) => infra(&context, verb),
        Task::TestInfra(arguments) => commands::test_infra::run(&context, &arguments).map(|()| 0),
        Task::Completions(arguments) => commands::completions::run(&arguments).map(|()| 0),
        Task::BenchInfra(arguments) => commands::bench_infra::run(&context, &arguments).map(|()| 0),
    }
}

fn infra(context: &session::Context, verb: Infra) -> anyhow::Result<u8> {
    // State, plans and credentials are for their owner alone, whoever writes them.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match verb {
        Infra::Plan(arguments) => return commands::plan::run(context, &arguments),
        Infra::Up(arguments) => commands::up::run(context, &arguments),
        Infra::Init(arguments) => commands::init::run(context, &arguments),
        Infra::Apply(arguments) => commands::apply::run(context, &arguments),
        Infra::Down(arguments) => commands::down::run(context, &arguments),
        Infra::Destroy(arguments) => commands::destroy::run(context, &arguments),
        Infra::Reset(arguments) => commands::reset::run(context, &arguments),
        Infra::Validate(arguments) => commands::validate::run(context, &arguments),
        Infra::Logs(arguments) => commands::logs::run(context, &arguments),
        Infra::Doctor(arguments) => commands::doctor::run(context, &arguments),
        Infra::Output(arguments) => commands::output::run(context, &arguments),
        Infra::Env(arguments) => commands::env::run(context, &arguments),
        Infra::Status(arguments) => commands::status::run(context, &arguments),
        Infra::List(arguments) => commands::list::run(context, &arguments),
        Infra::Supply(arguments) => commands::supply::run(&context.supply()?, &arguments),
    }
    .map(|()| 0)
}
