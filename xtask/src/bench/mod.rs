//! Timing ours against theirs: the other tool, its configuration made from ours, and the statistics.

pub(crate) mod compose;
pub(crate) mod many_environments;
pub(crate) mod statistics;
