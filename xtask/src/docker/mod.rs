//! The Docker engine, through its own interface, and its command line client where that knows more.

pub(crate) mod api;
pub(crate) mod availability;
pub(crate) mod client;
pub(crate) mod container_files;
pub(crate) mod daemon_id;
pub(crate) mod endpoint;
pub(crate) mod image;
pub(crate) mod inspect;
pub(crate) mod inspect_raw;
pub(crate) mod log;
pub(crate) mod remove_labelled;
pub(crate) mod usage;
