//! `cargo xtask`: the portfolio tracker's infrastructure, by Terraform.

use std::process::ExitCode;

use clap::FromArgMatches;

mod applied;
mod aws;
mod changes;
mod cli;
mod codes;
mod commands;
mod config;
mod directories;
mod docker;
mod emulator;
mod environment;
mod failure;
mod fingerprint;
mod guards;
mod half_made;
mod hash;
mod in_the_way;
mod inputs;
mod instance;
mod interrupt;
mod lock;
mod masking;
mod needs;
mod pinned_lineage;
mod ports;
mod private_file;
mod process;
mod provenance;
mod report;
mod repository;
mod roots;
mod secret;
mod services;
mod session;
mod status;
mod supply;
mod target;
mod temporary;
mod terraform;
mod time_limit;
mod tree;
mod unreadable;

use cli::Cli;
use failure::Ending;

fn main() -> ExitCode {
    let cli = match cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        // Help and version are answers; all else is a mistake on the command line. A closed pipe changes neither.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Ending::Usage.exit_code() } else { 0 });
        }
    };
    masking::learn_environment();
    report::console::configure(cli.global.quiet, cli.global.verbose, cli.global.color);
    match interrupt::listen(commands::way_on::way_on(&cli)).and_then(|()| commands::run(cli)) {
        Ok(ending) => ExitCode::from(ending.map_or(0, Ending::exit_code)),
        Err(error) => {
            let (text, ending) = failure::describe(&error);
            report::console::error(&text);
            ExitCode::from(ending.exit_code())
        }
    }
}
