//! `completions SHELL`: from the same types as the command line, so that they never disagree with it.

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::{Cli, CompletionShell, CompletionsArgs};
use crate::host::console;

/// Prints the completions.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn run(arguments: &CompletionsArgs) -> Result<()> {
    let shell = match arguments.shell {
        CompletionShell::Bash => Shell::Bash,
        CompletionShell::Zsh => Shell::Zsh,
        CompletionShell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    // The help's `cargo xtask` is two words; what a shell completes is one.
    generate(shell, &mut Cli::command().bin_name(&arguments.command), &arguments.command, &mut script);
    console::answer(&String::from_utf8_lossy(&script))
}
