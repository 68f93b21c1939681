//! Names of states in a store, where the name of a workspace may be part of one.

use std::fmt;

/// Stands for the name of any workspace but the default one; no path has it in it.
pub(super) const WORKSPACE: &str = "\0";

/// The name of one state, or of the states of all workspaces but the default one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    before: String,
    /// What follows a workspace's name; none where no such name is in it.
    after: Option<String>,
}

impl Path {
    pub(super) fn fixed(path: String) -> Self {
        Self { before: path, after: None }
    }

    pub(super) fn of_any(before: String, after: String) -> Self {
        Self { before, after: Some(after) }
    }

    /// Joined as Go's `path.Join` does it: without empty parts and dots.
    pub(super) fn joined(parts: &[&str]) -> Self {
        let mut clean: Vec<&str> = Vec::new();
        for part in parts.iter().flat_map(|part| part.split('/')) {
            match part {
                "" | "." => {}
                ".." if clean.last().is_some_and(|last| *last != "..") => {
                    clean.pop();
                }
                part => clean.push(part),
            }
        }
        let clean = clean.join("/");
        match clean.split_once(WORKSPACE) {
            Some((before, after)) => Self::of_any(before.to_owned(), after.to_owned()),
            None => Self::fixed(clean),
        }
    }

    /// The same with a marker and a workspace's name behind it.
    pub(super) fn followed_by(&self, marker: &str) -> Self {
        Self::of_any(format!("{}{marker}", self.before), String::new())
    }

    /// What stands before a workspace's name, or all of it.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.before
    }

    /// What stands behind a workspace's name; none for a single state.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The same in small letters.
    pub(super) fn folded(&self) -> Self {
        Self { before: self.before.to_lowercase(), after: self.after.as_ref().map(|after| after.to_lowercase()) }
    }

    /// True when some workspace of the one has the same name of a state as some workspace of the other.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        match (&self.after, &other.after) {
            (None, None) => self.before == other.before,
            (None, Some(after)) => is_between(&self.before, &other.before, after),
            (Some(after), None) => is_between(&other.before, &self.before, after),
            (Some(after), Some(other_after)) => {
                let (own, others) = ((self.before.as_str(), after.as_str()), (other.before.as_str(), other_after.as_str()));
                both_between(own, others) || both_between(others, own)
            }
        }
    }
}

/// A name that a workspace other than the default one can have.
fn is_workspace(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "default"
}

fn is_between(text: &str, before: &str, after: &str) -> bool {
    text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(is_workspace)
}

/// Two names `w` and `v` so that `before w after` is `longer v other`, where `longer` begins with `before`.
fn both_between((before, after): (&str, &str), (longer, other): (&str, &str)) -> bool {
    let Some(begin) = longer.strip_prefix(before) else { return false };
    let is_part_of_name = |text: &str| !text.contains('/');
    // `w` is `begin v end`.
    if other.strip_suffix(after).is_some_and(|end| is_part_of_name(begin) && is_part_of_name(end)) {
        return true;
    }
    let Some(end) = after.strip_suffix(other) else { return false };
    // `w end` is `begin v`: `w` is `begin` and more, or the two have an end and a beginning in common.
    is_part_of_name(begin) && is_part_of_name(end)
        || begin.char_indices().any(|(at, _)| {
            let (name, common) = begin.split_at(at);
            is_workspace(name) && end.strip_prefix(common).is_some_and(is_workspace)
        })
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.after {
            Some(after) => write!(formatter, "{}<workspace>{after}", self.before),
            None => formatter.write_str(&self.before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, WORKSPACE};

    #[test]
    fn paths_are_joined_as_go_does_it() {
        for (parts, expected) in [
            (&["env:", WORKSPACE, "a/k"][..], "env:/<workspace>/a/k"),
            (&["p//q/", WORKSPACE, "./x/../k"], "p/q/<workspace>/k"),
            (&["", WORKSPACE, "k"], "<workspace>/k"),
            (&["p", WORKSPACE, "../k"], "p/k"),
            (&["./a/../b//c/"], "b/c"),
            (&["../a"], "../a"),
        ] {
            assert_eq!(Path::joined(parts).to_string(), expected, "{parts:?}");
        }
    }

    #[test]
    fn paths_meet_where_two_workspaces_could_have_one_name() {
        let path = |text: &str| match text.split_once('*') {
            Some((before, after)) => Path::of_any(before.to_owned(), after.to_owned()),
            None => Path::fixed(text.to_owned()),
        };
        for (one, other, meets) in [
            ("a/k", "a/k", true),
            ("a/k", "a/K", false),
            ("env:/*/k", "env:/prod/k", true),
            ("env:/*/k", "env:/default/k", false),
            ("env:/*/k", "env:/a/b/k", false),
            ("env:/*/k", "env:/*/k", true),
            ("env:/*/k", "env:/*/j", false),
            ("p/*/w1/k", "p/q/*/k", true),
            ("p/*/k", "q/*/k", false),
            ("p/*/a/k", "p/q/*/b/k", false),
            ("p/*/x/y/k", "p/q/x/*/k", true),
            ("p/*/x/y/k", "p/q/z/*/k", false),
            ("p/*/x/y/k", "p/q/*/k", false),
            ("kenv:*", "kenv:prod", true),
            ("kenv:*", "kenv:", false),
            ("app-*", "app-web-*", true),
            ("app-*", "web-*", false),
            ("app-*", "app-prod", true),
            ("*/k", "p/*/k", false),
            ("*/q/k", "p/*/k", true),
            ("p/default/*", "p/*/x", false),
        ] {
            assert_eq!(path(one).meets(&path(other)), meets, "{one} {other}");
            assert_eq!(path(other).meets(&path(one)), meets, "{other} {one}");
        }
    }
}
