//! The verbs of `infra` in groups: clap lists subcommands in one column only.

use clap::{Command, CommandFactory};

use super::Cli;

/// Every verb once, in the order of the help and of README.md. What a verb does is said by its doc comment in `Infra`.
const GROUPS: &[(&str, &[&str])] = &[
    ("Every day", &["up", "env", "status", "logs", "down", "reset", "destroy", "list"]),
    ("Plan and apply", &["plan", "apply", "output", "init", "validate"]),
    ("Guards and states", &["check", "adopt", "unlock", "create-backend"]),
    ("This machine", &["doctor", "supply"]),
];

/// The command line, with the help of `infra` in groups.
pub(crate) fn command() -> Command {
    Cli::command().mut_subcommand("infra", |infra| {
        let verbs = grouped(&infra);
        infra.help_template(format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{verbs}\nOptions:\n{{options}}{{after-help}}"))
    })
}

/// A heading and a line for each verb, a group at a time.
fn grouped(infra: &Command) -> String {
    let width = GROUPS.iter().flat_map(|(_, verbs)| *verbs).map(|verb| verb.len()).max().unwrap_or_default();
    let line = |verb: &&str| {
        let about = infra.find_subcommand(verb).and_then(Command::get_about).map(ToString::to_string).unwrap_or_default();
        format!("  {verb:width$}  {about}\n")
    };
    let group = |(title, verbs): &(&str, &[&str])| {
        let lines: String = verbs.iter().map(line).collect();
        format!("{title}:\n{lines}")
    };
    GROUPS.iter().map(group).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, command, grouped};
    use std::collections::BTreeSet;

    #[test]
    fn every_verb_is_in_one_group() {
        let command = command();
        let infra = command.find_subcommand("infra").unwrap();
        let mut verbs: Vec<&str> = infra.get_subcommands().map(clap::Command::get_name).collect();
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, verbs)| *verbs).copied().collect();
        verbs.sort_unstable();
        listed.sort_unstable();
        assert_eq!(verbs, listed);
    }

    #[test]
    fn the_help_and_the_readme_list_the_verbs_in_the_same_words() {
        let mut command = command();
        let infra = command.find_subcommand_mut("infra").unwrap();
        let verbs = grouped(infra);
        let help = infra.render_help().to_string();
        assert!(help.contains(&verbs), "{help}");
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(&format!("```\n{verbs}```\n")), "README.md lacks this block:\n{verbs}");
    }

    #[test]
    fn the_reference_has_every_verb_with_its_options() {
        let command = command();
        let infra = command.find_subcommand("infra").unwrap();
        let tasks = command.get_subcommands().filter(|task| task.get_name() != "infra");
        let reference = include_str!("../../../docs/reference.md");
        for verb in infra.get_subcommands().chain(tasks) {
            let start = format!("| `{}", verb.get_name());
            let is_row = |line: &&str| line.strip_prefix(&start).is_some_and(|rest| rest.starts_with(['`', ' ']));
            let row = reference.lines().find(is_row).unwrap_or_else(|| panic!("docs/reference.md has no row for {}", verb.get_name()));
            let options = verb.get_arguments().filter(|option| !option.is_hide_set() && !option.is_global_set());
            let missing: BTreeSet<_> =
                options.filter_map(|option| option.get_long()).filter(|long| !row.contains(&format!("--{long}"))).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", verb.get_name());
        }
        for global in command.get_arguments().filter_map(|option| option.get_long()) {
            assert!(reference.contains(&format!("`--{global}")), "docs/reference.md lacks --{global}");
        }
    }
}
