//! Checks that run before Terraform does and refuse: one file a family of accidents, each a pure function over facts.
//!
//! Those in [`plan`], listed in [`plan::ALL`], look at a plan; those in [`checkout`], listed in [`ALL`], at the files of all environments.

pub(crate) mod acceptance;
pub(crate) mod allowance;
pub(crate) mod checkout;
pub(crate) mod facts;
pub(crate) mod finding;
pub(crate) mod plan;

use self::checkout::{
    committed_secret, copied_checkout, copied_state, copied_variables, fixed_name, foreign_reference, git, identity, initialised_backend,
    locked_state, overwritten_state, pinned_lineage, provider_target, settings, shared_backend, shared_directory, state_writer, unparsable,
    workspace,
};
use self::facts::Facts;
use self::finding::{Finding, Guard, Severity};
use crate::host::error::Failure;

/// Every guard over files, in the order `check` lists them.
pub(crate) const ALL: [Guard; 27] = [
    unparsable::CODE,
    unparsable::STATE,
    shared_backend::GUARD,
    initialised_backend::GUARD,
    copied_state::LINEAGE,
    copied_state::OWNERSHIP,
    pinned_lineage::GUARD,
    identity::GUARD,
    copied_checkout::GUARD,
    workspace::GUARD,
    shared_directory::GUARD,
    provider_target::GUARD,
    git::TRACKED,
    git::HISTORY,
    committed_secret::GUARD,
    copied_variables::GUARD,
    fixed_name::GUARD,
    overwritten_state::GUARD,
    foreign_reference::READS,
    foreign_reference::LOOKS_UP,
    foreign_reference::TAKES,
    state_writer::WRITER,
    state_writer::ERRORED,
    locked_state::GUARD,
    settings::UNDECLARED,
    settings::ATTRIBUTE,
    settings::UNREAD,
];

/// The guards that `check` lists: those over files, and the one over what is accepted of their findings.
pub(crate) fn listed(facts: &Facts) -> impl Iterator<Item = &'static Guard> {
    const OVER_FINDINGS: &Guard = &acceptance::GUARD;
    over_files(facts).chain([OVER_FINDINGS])
}

/// Those that compare with what infra.toml says of a project, its environments and their instances.
const OVER_POLICY: [&str; 3] = [identity::GUARD.name, workspace::GUARD.name, provider_target::GUARD.name];

/// The guards that can say something: without an infra.toml there is nothing to compare with for some.
fn over_files(facts: &Facts) -> impl Iterator<Item = &'static Guard> {
    const OVER_FILES: &[Guard] = &ALL;
    OVER_FILES.iter().filter(|guard| facts.has_policy() || !OVER_POLICY.contains(&guard.name))
}

/// Those at whose files a run looks itself, more closely, and can put them right.
const ONLY_IN_CHECK: [&str; 4] =
    [unparsable::STATE.name, copied_checkout::GUARD.name, state_writer::ERRORED.name, locked_state::GUARD.name];

/// What all guards find, in their order, with what the repository accepts marked.
pub(crate) fn find_all(facts: &Facts) -> Vec<Finding> {
    let findings = over_files(facts).flat_map(|guard| guard.found(facts)).collect();
    finding::merge(acceptance::apply(facts, findings, true))
}

/// What stops or accompanies a run on this environment, without what the repository accepts.
pub(crate) fn find_for_run(environment: &str, facts: &Facts) -> Vec<Finding> {
    let findings = ALL.iter().filter(|guard| !ONLY_IN_CHECK.contains(&guard.name)).flat_map(|guard| guard.found(facts)).collect();
    let mut findings = acceptance::apply(facts, findings, false);
    findings.retain(|finding| finding.accepted.is_none() && finding.environments.iter().any(|name| name == environment));
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::RunRefusal) {
        finding.severity = Severity::Refusal;
    }
    // Of several places, the one that whoever runs this can go to, unless the sentence names its file.
    for finding in &mut findings {
        let own = finding.occurrences.iter().find(|part| part.environment == environment).map(|part| &part.place);
        if let Some(own) = own.filter(|own| !finding.what.contains(&*facts.shown(&own.file))) {
            finding.place = own.clone();
        }
    }
    findings
}

/// What `--allow` and an acceptance have to know of a guard.
pub(crate) struct Named {
    /// Its name.
    pub(crate) name: &'static str,
    /// Why what it finds is dangerous.
    pub(crate) danger: &'static str,
    /// Whether that can be passed.
    pub(crate) can_be_allowed: bool,
}

/// Every guard that a refusal can name: those over files, and those over a plan.
fn all_named() -> impl Iterator<Item = Named> {
    let over_files = ALL.iter().map(|guard| Named { name: guard.name, danger: guard.danger, can_be_allowed: guard.can_be_allowed });
    let over_plans = plan::ALL.iter().map(|guard| Named { name: guard.name, danger: guard.danger, can_be_allowed: guard.can_be_allowed });
    over_files.chain(over_plans)
}

/// The names of those that can be passed.
fn allowable() -> Vec<String> {
    all_named().filter(|guard| guard.can_be_allowed).map(|guard| guard.name.to_owned()).collect()
}

/// The names given with `--allow`, checked.
///
/// # Errors
/// There is no such guard, or what it finds cannot be passed.
pub(crate) fn check_allowed(names: &[String]) -> Result<(), Failure> {
    for name in names {
        match all_named().find(|guard| guard.name == name) {
            Some(guard) if guard.can_be_allowed => {}
            Some(guard) => {
                return Err(Failure::usage(format!("`{name}` cannot be passed: {}", guard.danger)).hint("do what its refusal says"));
            }
            None => {
                return Err(Failure::usage(format!("there is no guard `{name}`"))
                    .hint(format!("those that can be passed: {}", allowable().join(", "))));
            }
        }
    }
    Ok(())
}

/// One refusal for all that were found; `None` if there are only warnings.
pub(crate) fn refusal(facts: &Facts, findings: &[Finding]) -> Option<Failure> {
    let refusals: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Refusal).collect();
    let (first, others) = refusals.split_first()?;
    let shown = |finding: &Finding| format!("{}:{}: {}", facts.shown(&finding.place.file), finding.place.line, finding.what);
    let failure = Failure::refused(shown(first)).details([first.guard.danger]);
    let failure = failure.details(others.iter().map(|other| format!("also {}", shown(other))));
    let Guard { name, can_be_allowed, .. } = first.guard;
    let allow = if *can_be_allowed { format!("; if it is meant: --allow {name} --reason TEXT") } else { String::new() };
    Some(failure.hint(format!("{}{allow}", first.hint)))
}

#[cfg(test)]
mod tests {
    use super::{ALL, check_allowed};

    #[test]
    fn what_would_lose_data_cannot_be_passed() {
        for (name, expected) in [("fixed-name", None), ("copied-state", Some("cannot be passed")), ("x", Some("there is no guard"))] {
            let message = check_allowed(&[name.to_owned()]).err().map(|failure| failure.to_string());
            assert_eq!(message.is_some(), expected.is_some(), "{name}");
            assert!(message.unwrap_or_default().contains(expected.unwrap_or_default()), "{name}");
        }
    }

    #[test]
    fn every_guard_has_a_row_in_the_docs() {
        let docs = include_str!("../../../docs/guards.md");
        let acceptance = super::acceptance::GUARD;
        let acceptance = super::Named { name: acceptance.name, danger: acceptance.danger, can_be_allowed: acceptance.can_be_allowed };
        for guard in super::all_named().chain([acceptance]) {
            let row = docs.lines().find(|line| line.starts_with(&format!("| `{}` |", guard.name)));
            let cells: Vec<&str> = row.unwrap_or_else(|| panic!("no row for {}", guard.name)).split('|').map(str::trim).collect();
            assert_eq!(cells.iter().filter(|cell| !cell.is_empty()).count(), 5, "{}", guard.name);
            let says = |word: &str| cells[2].contains(word);
            assert!(says("certain") || says("suspected") || says("harmless"), "{}: {}", guard.name, cells[2]);
            assert_eq!(cells[5].contains("no `--allow`"), !guard.can_be_allowed, "{}", guard.name);
        }
    }

    #[test]
    fn every_guard_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|guard| guard.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
