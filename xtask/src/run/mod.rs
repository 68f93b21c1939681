//! One run on one instance: opened, planned, guarded, applied, and remembered. Nothing else changes what an environment has.

pub(crate) mod apply;
pub(crate) mod blockers;
mod checkout_guards;
pub(crate) mod context;
mod continuity;
pub(crate) mod describe;
mod free_ports;
mod inputs;
pub(crate) mod no_op;
pub(crate) mod options;
mod ownership;
pub(crate) mod plan;
pub(crate) mod preflight;
pub(crate) mod prerequisites;
pub(crate) mod session;
pub(crate) mod teardown;
