//! The place of a state, comparable whatever the backend.

use super::backend::DEFAULT_WORKSPACE;

/// Where the state of one workspace, or of any, is: equal addresses are one state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    /// What holds it: the kind, and for S3 bucket and endpoint.
    pub(crate) store: String,
    /// Path or key, in parts; none stands for the name of any workspace.
    pub(crate) path: Vec<Option<String>>,
}

impl Address {
    /// True when some workspace of the one has the same state as some workspace of the other.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.compare(other, |left, right| left == right)
    }

    /// True when they differ in case or in doubled slashes alone: other keys to S3, and easily taken for the same.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let plain = |address: &Self| Self {
            store: address.store.clone(),
            path: address.path.iter().filter(|part| part.as_deref() != Some("")).cloned().collect(),
        };
        !self.meets(other) && plain(self).compare(&plain(other), str::eq_ignore_ascii_case)
    }

    fn compare(&self, other: &Self, same: impl Fn(&str, &str) -> bool) -> bool {
        let parts_meet = |(left, right): (&Option<String>, &Option<String>)| match (left, right) {
            (Some(left), Some(right)) => same(left, right),
            // A workspace's name is never empty, and never `default` here: that one has an address of its own.
            (Some(name), None) | (None, Some(name)) => !name.is_empty() && name != DEFAULT_WORKSPACE,
            (None, None) => true,
        };
        self.store == other.store && self.path.len() == other.path.len() && self.path.iter().zip(&other.path).all(parts_meet)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path: Vec<&str> = self.path.iter().map(|part| part.as_deref().unwrap_or("<workspace>")).collect();
        // The first part of an absolute path is the root itself.
        write!(formatter, "{} {}", self.store, path.join("/").replacen("//", "/", usize::from(path.first() == Some(&"/"))))
    }
}
