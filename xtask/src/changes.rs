//! Planning and applying changes, for every command that makes some.

pub(crate) mod apply;
pub(crate) mod describe;
mod free_ports;
pub(crate) mod plan;
pub(crate) mod preflight;
