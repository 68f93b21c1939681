//! States that are copies of each other, or own the same things.

use std::collections::BTreeMap;

use terraform_config::Place;

use crate::guards::facts::state::StateFile;
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, listed};

pub(crate) const LINEAGE: Guard = Guard {
    name: "copied-state",
    looks_at: "the lineage of every state on this machine, backups aside",
    danger: "both believe that they own the same resources, and the next apply of one destroys the other's",
    can_be_allowed: false,
    find: find_copies,
};

pub(crate) const OWNERSHIP: Guard = Guard {
    name: "owned-twice",
    looks_at: "what each state manages: containers, volumes, networks, ARNs, buckets",
    danger: "a destroy or replacement in one takes it away from the other, data included",
    can_be_allowed: false,
    find: find_owned_twice,
};

/// A state with its environment.
type Held<'a> = (&'a EnvironmentFacts, &'a StateFile);

fn states(facts: &Facts) -> impl Iterator<Item = Held<'_>> {
    facts.environments.iter().flat_map(|environment| environment.states.iter().map(move |state| (environment, state)))
}

fn title((environment, state): Held) -> String {
    let emulated = if state.emulated { "emulated " } else { "" };
    if state.workspace == crate::project::environment::DEFAULT_INSTANCE {
        format!("{emulated}{}", environment.name)
    } else {
        format!("{emulated}{}/{}", environment.name, state.workspace)
    }
}

fn place((_, state): Held) -> Place {
    Place::top_of(&state.path)
}

fn find_copies(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut by_lineage: BTreeMap<&str, Vec<Held>> = BTreeMap::new();
    for held in states(facts).filter(|(_, state)| !state.lineage.is_empty()) {
        let copies = by_lineage.entry(&held.1.lineage).or_default();
        // One file for both is for the guards of addresses and links to name.
        if copies.iter().all(|copy| copy.1.path != held.1.path) {
            copies.push(held);
        }
    }
    findings.extend(by_lineage.into_values().filter_map(|copies| {
        let (first, second) = (copies.first()?, copies.get(1)?);
        let which = if copies.len() > 2 { "all but one are copies" } else { "one is a copy of the other" };
        let what = format!("the states of {} are of one lineage: {which} ({})", titles(&copies), facts.shown(&first.1.path));
        let hint = "keep the one whose environment made it, and move the copy away: an environment without a state starts anew";
        Some(LINEAGE.refusal(&[], place(*second), what, hint).among(parts(&copies)))
    }));
}

fn find_owned_twice(facts: &Facts, findings: &mut Vec<Finding>) {
    let all: Vec<Held> = states(facts).collect();
    let mut owners: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, (_, state)) in all.iter().enumerate() {
        for (kind, id) in &state.owns {
            owners.entry((kind, id)).or_default().push(at);
        }
    }
    // States that meet in one thing mostly meet in many: that is one accident.
    let mut by_owners: BTreeMap<Vec<usize>, Vec<(&str, &str)>> = BTreeMap::new();
    for ((kind, id), owners) in owners.into_iter().filter(|(_, owners)| owners.len() > 1) {
        let first = all[owners[0]];
        // Copies are the other guard's to name. What is one thing by its name alone is two on two engines.
        let meets = |(environment, state): Held| {
            state.lineage != first.1.lineage && !(id_is_a_name(kind) && first.0.is_elsewhere(environment, kind))
        };
        let others: Vec<usize> = owners[1..].iter().copied().filter(|at| meets(all[*at])).collect();
        if !others.is_empty() {
            by_owners.entry([vec![owners[0]], others].concat()).or_default().push((kind, id));
        }
    }
    findings.extend(by_owners.into_iter().map(|(owners, things)| {
        let owners: Vec<Held> = owners.into_iter().map(|at| all[at]).collect();
        let (each, (kind, id)) = (if owners.len() > 2 { "all" } else { "both" }, things[0]);
        let more = if things.len() > 1 { format!(" and {} more", things.len() - 1) } else { String::new() };
        let what = format!("{} {each} own {kind} `{id}`{more} ({})", titles(&owners), facts.shown(&owners[0].1.path));
        let hint = format!("take it out of the wrong one's state: terraform state rm, in `{}` or `{}`", title(owners[0]), title(owners[1]));
        OWNERSHIP.refusal(&[], place(owners[1]), what, hint).among(parts(&owners))
    }));
}

fn titles(states: &[Held]) -> String {
    listed(&states.iter().map(|held| title(*held)).collect::<Vec<_>>())
}

fn parts<'a>(states: &[Held<'a>]) -> impl Iterator<Item = (&'a str, Place)> {
    states.iter().map(|held| (held.0.name.as_str(), place(*held)))
}

/// True where an engine gives no id of its own.
fn id_is_a_name(kind: &str) -> bool {
    kind == "docker_volume"
}

#[cfg(test)]
mod tests {
    use super::{LINEAGE, OWNERSHIP};
    use crate::guards::facts::state::StateFile;
    use crate::guards::facts::{EnvironmentFacts, Facts};
    use crate::guards::finding::Guard;

    fn state(lineage: &str, owns: &[&str]) -> StateFile {
        let owns = owns.iter().map(|id| ("aws_s3_bucket".to_owned(), (*id).to_owned())).collect();
        StateFile { lineage: lineage.to_owned(), workspace: "default".to_owned(), owns, ..StateFile::default() }
    }

    fn found(guard: &'static Guard, states: Vec<StateFile>) -> Vec<String> {
        let environment = |(at, state): (usize, StateFile)| {
            let state = StateFile { path: format!("/e{at}/terraform.tfstate").into(), ..state };
            EnvironmentFacts { name: format!("e{at}"), states: vec![state], ..EnvironmentFacts::default() }
        };
        let facts = Facts { environments: states.into_iter().enumerate().map(environment).collect(), ..Facts::default() };
        guard.found(&facts).into_iter().map(|finding| format!("{} [{}]", finding.what, finding.environments.join(" "))).collect()
    }

    #[test]
    fn all_copies_of_one_state_are_one_finding() {
        let states = ["l", "m", "l", "l", "l"].map(|lineage| state(lineage, &[]));
        let what = "the states of `e0`, `e2` and 2 others are of one lineage: all but one are copies (/e0/terraform.tfstate) [e0 e2 e3 e4]";
        assert_eq!(found(&LINEAGE, states.to_vec()), [what]);
    }

    #[test]
    fn all_that_two_states_both_own_is_one_finding() {
        let states = vec![state("l", &["a", "b", "c"]), state("m", &["a", "b", "d"]), state("n", &["c"])];
        let shown = "(/e0/terraform.tfstate)";
        let expected = [
            format!("`e0` and `e1` both own aws_s3_bucket `a` and 1 more {shown} [e0 e1]"),
            format!("`e0` and `e2` both own aws_s3_bucket `c` {shown} [e0 e2]"),
        ];
        assert_eq!(found(&OWNERSHIP, states), expected);
    }
}
