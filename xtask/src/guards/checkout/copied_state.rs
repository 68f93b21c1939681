//! States that are copies of each other, or own the same things.

use std::collections::BTreeMap;

use crate::guards::facts::code::Place;
use crate::guards::facts::state::StateFile;
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard};

pub(crate) const LINEAGE: Guard = Guard {
    name: "copied-state",
    looks_at: "the lineage of every state on this machine, backups aside",
    danger: "both believe that they own the same resources, and the next apply of one destroys the other's",
    can_be_allowed: false,
    only_in_check: false,
    find: find_copies,
};

pub(crate) const OWNERSHIP: Guard = Guard {
    name: "owned-twice",
    looks_at: "what each state manages: containers, volumes, networks, ARNs, buckets",
    danger: "a destroy or replacement in one takes it away from the other, data included",
    can_be_allowed: false,
    only_in_check: false,
    find: find_owned_twice,
};

/// A state with its environment.
type Held<'a> = (&'a EnvironmentFacts, &'a StateFile);

fn states(facts: &Facts) -> impl Iterator<Item = Held<'_>> {
    facts.environments.iter().flat_map(|environment| environment.states.iter().map(move |state| (environment, state)))
}

fn title((environment, state): Held) -> String {
    let emulated = if state.emulated { "emulated " } else { "" };
    if state.workspace == crate::environment::DEFAULT_INSTANCE {
        format!("{emulated}{}", environment.name)
    } else {
        format!("{emulated}{}/{}", environment.name, state.workspace)
    }
}

fn place((_, state): Held) -> Place {
    Place { file: state.path.clone(), line: 1 }
}

fn find_copies(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut by_lineage: BTreeMap<&str, Held> = BTreeMap::new();
    let mut findings = Vec::new();
    for held in states(facts).filter(|(_, state)| !state.lineage.is_empty()) {
        let Some(first) = by_lineage.get(held.1.lineage.as_str()) else {
            by_lineage.insert(&held.1.lineage, held);
            continue;
        };
        // One file for both is for the guards of addresses and links to name.
        if first.1.path == held.1.path {
            continue;
        }
        let what = format!(
            "the states of `{}` and `{}` are of one lineage: one is a copy of the other ({})",
            title(*first),
            title(held),
            facts.shown(&first.1.path)
        );
        let hint = "keep the one whose environment made it, and move the copy away: an environment without a state starts anew";
        findings.push(guard.refusal(&[&first.0.name, &held.0.name], place(held), what, hint));
    }
    findings
}

fn find_owned_twice(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut owners: BTreeMap<(&str, &str), Held> = BTreeMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for held in states(facts) {
        for (kind, id) in &held.1.owns {
            match owners.get(&(kind.as_str(), id.as_str())) {
                // Copies are the other guard's to name.
                // What is one thing by its name alone is two on two engines.
                Some(first) if first.1.lineage != held.1.lineage && !(id_is_a_name(kind) && first.0.is_elsewhere(held.0, kind)) => {
                    let what = format!("`{}` and `{}` both own {kind} `{id}` ({})", title(*first), title(held), facts.shown(&first.1.path));
                    let hint =
                        format!("take it out of the wrong one's state: terraform state rm, in `{}` or `{}`", title(*first), title(held));
                    findings.push(guard.refusal(&[&first.0.name, &held.0.name], place(held), what, hint));
                }
                Some(_) => {}
                None => {
                    owners.insert((kind, id), held);
                }
            }
        }
    }
    findings
}

/// True where an engine gives no id of its own.
fn id_is_a_name(kind: &str) -> bool {
    kind == "docker_volume"
}
