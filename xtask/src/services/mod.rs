//! The services an application connects to: what the outputs say of them, and whether they answer.

pub(crate) mod contract;
pub(crate) mod login;
pub(crate) mod made_with;
mod postgres;
pub(crate) mod probe;
pub(crate) mod readiness;
mod s3;
mod scram;
