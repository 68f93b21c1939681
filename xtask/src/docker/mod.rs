//! The Docker engine, through its own interface, and its command line client where that knows more.

pub(crate) mod api;
pub(crate) mod client;
pub(crate) mod described;
pub(crate) mod endpoint;
pub(crate) mod engine;
pub(crate) mod file;
pub(crate) mod identity;
pub(crate) mod image;
pub(crate) mod inspect;
pub(crate) mod log;
pub(crate) mod sweep;
pub(crate) mod usage;
