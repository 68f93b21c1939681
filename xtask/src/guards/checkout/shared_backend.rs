//! Two environments whose states are in one place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::guards::facts::address::Address;
use crate::guards::facts::backend::Backend;
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "shared-address",
    looks_at: "backend blocks, override files, .tfbackend files and what `init` remembered, resolved for every workspace",
    danger: "each apply of the one would plan to destroy what the other has made",
    can_be_allowed: false,
    only_in_check: false,
    find,
};

/// One address with where it comes from.
struct Used<'a> {
    environment: &'a EnvironmentFacts,
    backend: &'a Backend,
    address: Address,
}

/// A path in small letters without empty parts; a wildcard is `*`, which stands in no name of a workspace.
type Key = Vec<String>;

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let used: Vec<Used> = facts.environments.iter().flat_map(addresses).collect();
    let mut findings: Vec<Finding> = candidates(&used)
        .into_iter()
        .filter(|(one, other)| used[*one].environment.name != used[*other].environment.name || is_own(&used[*one], &used[*other]))
        .filter_map(|(one, other)| compare(guard, facts, &used[one], &used[other]))
        .collect();
    // The same two environments meet once in the default workspace and once in the others: one sentence is enough.
    findings
        .sort_by(|left, right| (&left.environments, left.severity, &left.place).cmp(&(&right.environments, right.severity, &right.place)));
    findings.dedup_by(|later, earlier| later.environments == earlier.environments);
    findings
}

/// True for the addresses of one backend: several `.tfbackend` files of an environment may well name one place.
fn is_own(one: &Used, other: &Used) -> bool {
    std::ptr::eq(one.backend, other.backend)
}

fn addresses(environment: &EnvironmentFacts) -> Vec<Used<'_>> {
    let of = |backend| -> Vec<Used> {
        let addresses = Backend::addresses(backend, &environment.directory);
        addresses.into_iter().map(|address| Used { environment, backend, address }).collect()
    };
    environment.backends.all().flat_map(of).collect()
}

/// Pairs that may meet, by looking up and not by comparing each with each: thousands of environments take a moment.
fn candidates(used: &[Used]) -> BTreeSet<(usize, usize)> {
    let mut by_key: HashMap<(&str, Key), Vec<usize>> = HashMap::new();
    for (at, one) in used.iter().enumerate() {
        by_key.entry((&one.address.store, key(&one.address))).or_default().push(at);
    }
    let mut pairs = BTreeSet::new();
    let mut pair = |one: usize, other: usize| {
        pairs.insert((one.min(other), one.max(other)));
    };
    // Two workspaces' names in different parts of the path: by what remains when both are left out.
    let mut by_two: HashMap<(&str, Key), BTreeMap<usize, Vec<usize>>> = HashMap::new();
    for (at, one) in used.iter().enumerate() {
        let key = key(&one.address);
        for other in by_key.get(&(&*one.address.store, key.clone())).into_iter().flatten().filter(|other| **other != at) {
            pair(at, *other);
        }
        let wildcard = key.iter().position(|part| part == "*");
        for part in 0..key.len() {
            let mut wider = key.clone();
            wider[part] = "*".to_owned();
            match wildcard {
                None => by_key.get(&(&*one.address.store, wider)).into_iter().flatten().for_each(|other| pair(at, *other)),
                Some(wildcard) if wildcard != part => {
                    by_two.entry((&one.address.store, wider)).or_default().entry(wildcard).or_default().push(at);
                }
                Some(_) => {}
            }
        }
    }
    for by_place in by_two.values().filter(|by_place| by_place.len() > 1) {
        let groups: Vec<&Vec<usize>> = by_place.values().collect();
        for (at, group) in groups.iter().enumerate() {
            for other in groups[at + 1..].iter().copied().flatten() {
                group.iter().for_each(|one| pair(*one, *other));
            }
        }
    }
    pairs
}

fn key(address: &Address) -> Key {
    let parts = address.path.iter().filter(|part| part.as_deref() != Some(""));
    parts.map(|part| part.as_ref().map_or_else(|| "*".to_owned(), |part| part.to_ascii_lowercase())).collect()
}

fn compare(guard: &Guard, facts: &Facts, one: &Used, other: &Used) -> Option<Finding> {
    let is_written = |used: &Used| used.backend.is_written(&used.environment.directory);
    // What somebody has written is what somebody can correct.
    let (at, from) = if !is_written(one) && is_written(other) { (other, one) } else { (one, other) };
    let place = at.backend.place.clone();
    let names = [one.environment.name.as_str(), other.environment.name.as_str()];
    if is_own(one, other) {
        let hint = "keep the state of the default instance outside the directory of the others";
        let what = format!("the instances of `{}` have one state, {}", names[0], one.address);
        return one.address.meets(&other.address).then(|| guard.refusal(&names[..1], place, what, hint));
    }
    let from = format!("{}:{}", facts.shown(&from.backend.place.file), from.backend.place.line);
    if one.address.meets(&other.address) {
        let what = format!("`{}` and `{}` have one state, {} (also {from})", names[0], names[1], at.address);
        let hint = "give each environment a key or path of its own, in a bucket or directory that may be shared";
        return Some(guard.refusal(&names, place, what, hint));
    }
    one.address.looks_like(&other.address).then(|| {
        let what = format!(
            "the states of `{}` and `{}` differ in capitals or slashes alone: {} and {} (also {from})",
            names[0], names[1], one.address, other.address
        );
        guard.warning(&names, place, what, "name them so that nobody takes the one for the other")
    })
}
