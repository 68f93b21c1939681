//! The Docker engine, through its own interface, and its command line client where that knows more.

pub(crate) mod api;
pub(crate) mod endpoint;
pub(crate) mod engine;
pub(crate) mod image;
pub(crate) mod inspect;
