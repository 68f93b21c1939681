//! Which of many names of states may be one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::path::Path;

/// The pairs of these that may be one name, capitals aside, by their places in the list. They are looked up and not compared each with
/// each: of thousands that takes a moment.
#[must_use]
pub fn meeting<'a>(paths: impl Iterator<Item = &'a Path>) -> BTreeSet<(usize, usize)> {
    let folded: Vec<Path> = paths.map(Path::folded).collect();
    let mut fixed: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    // By what stands before a workspace's name, and behind it.
    let mut of_any: BTreeMap<&str, HashMap<&str, Vec<usize>>> = BTreeMap::new();
    for (at, path) in folded.iter().enumerate() {
        match path.after() {
            Some(after) => of_any.entry(path.before()).or_default().entry(after).or_default().push(at),
            None => fixed.entry(path.before()).or_default().push(at),
        }
    }
    let mut pairs = BTreeSet::new();
    let mut pair = |one: &[usize], other: &[usize]| {
        let all = one.iter().flat_map(|one| other.iter().map(move |other| (*one.min(other), *one.max(other))));
        pairs.extend(all.filter(|(one, other)| one != other && folded[*one].meets(&folded[*other])));
    };
    fixed.values().for_each(|group| pair(group, group));
    for (before, by_after) in &of_any {
        by_after.values().for_each(|group| pair(group, group));
        // Without a prefix every directory of the store could be a workspace's: that alone says nothing.
        if before.is_empty() {
            continue;
        }
        let is_below = |longer: &str| longer.starts_with(before);
        for (path, names) in fixed.range(*before..).take_while(|(path, _)| is_below(path)) {
            // What follows a name either begins with a slash, or there is no slash in the name and behind it.
            let rest = &path[before.len()..];
            let behind = rest.find('/').and_then(|at| by_after.get(&rest[at..]));
            let ends = by_after.iter().filter(|(after, _)| !after.starts_with('/') && rest.ends_with(**after)).map(|(_, group)| group);
            behind.into_iter().chain(ends).for_each(|group| pair(names, group));
        }
        for (_, others) in of_any.range(*before..).skip(1).take_while(|(longer, _)| is_below(longer)) {
            by_after.values().for_each(|group| others.values().for_each(|other| pair(group, other)));
        }
    }
    pairs
}
