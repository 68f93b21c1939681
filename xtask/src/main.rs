//! `cargo xtask`: the portfolio tracker's infrastructure, by Terraform.

use std::process::ExitCode;

use clap::FromArgMatches;

mod aws;
mod cli;
mod commands;
mod docker;
mod emulator;
mod guards;
mod host;
mod project;
mod records;
mod run;
mod services;
mod status;
mod supply;
mod terraform;
mod ui;

use cli::Cli;
use host::error::Ending;

fn main() -> ExitCode {
    let cli = match cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        // Help and version are answers; all else is a mistake on the command line. A closed pipe changes neither.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Ending::Usage.exit_code() } else { 0 });
        }
    };
    host::masking::learn_environment();
    host::console::configure(cli.global.quiet, cli.global.verbose, cli.global.color);
    match host::shutdown::listen(commands::interruption_hint::hint(&cli)).and_then(|()| commands::run(cli)) {
        Ok(ending) => ExitCode::from(ending.map_or(0, Ending::exit_code)),
        Err(error) => {
            let (text, ending) = host::error::describe(&error);
            host::console::error(&text);
            ExitCode::from(ending.exit_code())
        }
    }
}
