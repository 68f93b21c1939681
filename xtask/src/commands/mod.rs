//! One file for each verb: a short story in calls to the rooms below.

pub(crate) mod adopt;
pub(crate) mod apply;
pub(crate) mod bench_infra;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod create_backend;
pub(crate) mod destroy;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod env;
pub(crate) mod init;
pub(crate) mod interruption_hint;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod output;
pub(crate) mod plan;
pub(crate) mod reset;
pub(crate) mod status;
pub(crate) mod supply;
pub(crate) mod test_infra;
pub(crate) mod unlock;
pub(crate) mod up;
pub(crate) mod validate;

use anyhow::Result;

use crate::cli::{Cli, Infra, Task};
use crate::host::error::Ending;
use crate::project::checkout::Checkout;
use crate::run::context::Context;
use crate::run::session::Session;
use crate::services::contract::Outputs;

/// Does what the command line asks for, and says how it ended, if not simply well.
///
/// # Errors
/// Whatever the command fails with.
pub(crate) fn run(cli: Cli) -> Result<Option<Ending>> {
    let context = || Context::open(cli.global);
    match cli.task {
        Task::Infra(Infra::Check(arguments)) if !arguments.path.is_empty() => {
            let (checkout, config) = Checkout::of_directories(&arguments.path)?;
            check::run(&checkout, &config, &arguments)
        }
        Task::Infra(verb) => infra(&context()?, verb),
        Task::TestInfra(arguments) => test_infra::run(&context()?, &arguments).map(|()| None),
        // It needs no checkout, and an rc file that loads completions must not break over a mistake in infra.toml.
        Task::Completions(arguments) => completions::run(&arguments).map(|()| None),
        Task::BenchInfra(arguments) => bench_infra::run(&context()?, &arguments),
    }
}

fn infra(context: &Context, verb: Infra) -> Result<Option<Ending>> {
    // State, plans and credentials are for their owner alone, whoever writes them.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match verb {
        Infra::Plan(arguments) => return plan::run(context, &arguments),
        Infra::Check(arguments) => return check::run(&context.checkout, &context.config, &arguments),
        Infra::Up(arguments) => up::run(context, &arguments),
        Infra::Adopt(arguments) => adopt::run(context, &arguments),
        Infra::Unlock(arguments) => unlock::run(context, &arguments),
        Infra::CreateBackend(arguments) => create_backend::run(context, &arguments),
        Infra::Init(arguments) => init::run(context, &arguments),
        Infra::Apply(arguments) => apply::run(context, &arguments),
        Infra::Down(arguments) => down::run(context, &arguments),
        Infra::Destroy(arguments) => destroy::run(context, &arguments),
        Infra::Reset(arguments) => reset::run(context, &arguments),
        Infra::Validate(arguments) => validate::run(context, &arguments),
        Infra::Logs(arguments) => logs::run(context, &arguments),
        Infra::Doctor(arguments) => doctor::run(context, &arguments),
        Infra::Output(arguments) => output::run(context, &arguments),
        Infra::Env(arguments) => env::run(context, &arguments),
        Infra::Status(arguments) => status::run(context, &arguments),
        Infra::List(arguments) => list::run(context, &arguments),
        Infra::Supply(arguments) => supply::run(&context.supply()?, &arguments),
    }
    .map(|()| None)
}

/// The outputs of what was applied, for verbs that have nothing to show without any.
fn outputs(session: &Session) -> Result<Outputs> {
    let outputs = session.outputs()?;
    if outputs.is_empty() { Err(session.nothing_applied().into()) } else { Ok(outputs) }
}
