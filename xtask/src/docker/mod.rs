//! The Docker engine, through its own command line client.

pub(crate) mod endpoint;
pub(crate) mod engine;
pub(crate) mod inspect;
