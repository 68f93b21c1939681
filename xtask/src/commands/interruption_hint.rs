//! What to type after a run was interrupted.

use crate::cli::{Cli, Infra, Task};
use crate::project::environment::DEFAULT_INSTANCE;
use crate::run::options::Global;

/// The hint of every interruption of this command.
pub(crate) fn hint(cli: &Cli) -> String {
    let infra = |words: &str, environment: &str| format!("`cargo xtask infra {words} {environment}{}`", options(&cli.global));
    match &cli.task {
        Task::Infra(Infra::Up(arguments)) => {
            format!("{} goes on from here and repairs what is half done", infra("up", &arguments.environment))
        }
        Task::Infra(Infra::Apply(arguments)) => {
            format!("the plan is used up; {} makes what is missing", infra("up", &arguments.environment))
        }
        Task::Infra(Infra::Reset(arguments)) => {
            let environment = &arguments.environment;
            let service = arguments.service.as_ref().map(|service| format!(" {service}")).unwrap_or_default();
            format!(
                "{} begins again, {} starts what is there",
                infra("reset", &format!("{environment}{service}")),
                infra("up", environment)
            )
        }
        Task::Infra(Infra::Plan(arguments)) => format!("{} begins again", infra("plan", &arguments.environment)),
        Task::Infra(Infra::Init(arguments)) => format!("{} goes on from here", infra("init", &arguments.environment)),
        Task::Infra(Infra::Down(arguments)) => format!("{} goes on from here", infra("down", &arguments.environment)),
        Task::Infra(Infra::Destroy(arguments)) => format!("{} goes on from here", infra("destroy", &arguments.environment)),
        Task::Infra(Infra::Supply(_)) => "run it again: what is finished is kept".to_owned(),
        _ => "run it again".to_owned(),
    }
}

/// The options that say which instance, and what may be done to the machine.
fn options(global: &Global) -> String {
    let instance = global.instance.as_deref().filter(|name| *name != DEFAULT_INSTANCE);
    let instance = instance.map(|name| format!(" --instance {name}")).unwrap_or_default();
    let emulated = if global.emulated { " --emulated" } else { "" };
    let bootstrap = if global.bootstrap { " --bootstrap" } else { "" };
    format!("{instance}{emulated}{bootstrap}")
}

#[cfg(test)]
mod tests {
    use super::hint;
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn the_way_on_is_for_the_instance_that_was_typed() {
        for (typed, expected) in [
            ("infra up local", "`cargo xtask infra up local` goes on from here and repairs"),
            ("infra up local --instance default --bootstrap", "`cargo xtask infra up local --bootstrap` goes on"),
            ("infra destroy local --instance pr-12 --yes", "`cargo xtask infra destroy local --instance pr-12` goes on"),
            ("infra apply local x.tfplan", "the plan is used up; `cargo xtask infra up local` makes"),
            (
                "infra reset local redis --instance a",
                "`cargo xtask infra reset local redis --instance a` begins again, `cargo xtask infra up local",
            ),
            ("infra supply redis", "run it again: what is finished is kept"),
            ("test-infra", "run it again"),
        ] {
            let cli = Cli::try_parse_from(["xtask"].into_iter().chain(typed.split(' '))).unwrap();
            let hint = hint(&cli);
            assert!(hint.starts_with(expected), "{typed}: {hint}");
        }
    }
}
