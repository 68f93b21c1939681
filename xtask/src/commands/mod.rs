//! One file a verb, each a short story in calls to the rooms below.

pub(crate) mod apply;
pub(crate) mod bench_infra;
pub(crate) mod completions;
pub(crate) mod destroy;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod env;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod output;
pub(crate) mod plan;
pub(crate) mod reset;
pub(crate) mod status;
pub(crate) mod supply;
pub(crate) mod test_infra;
pub(crate) mod up;
pub(crate) mod validate;
