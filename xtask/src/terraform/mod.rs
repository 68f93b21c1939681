//! Terraform: its requests, the one place that starts it, and its answers.

mod again;
pub(crate) mod aws_errors;
pub(crate) mod backend;
pub(crate) mod cli_config;
pub(crate) mod diagnostic;
pub(crate) mod events;
mod identity;
pub(crate) mod initialisation;
pub(crate) mod invocation;
mod orphans;
mod outputs;
pub(crate) mod plan;
pub(crate) mod printed;
mod put_back;
pub(crate) mod reach;
pub(crate) mod run;
mod run_error;
pub(crate) mod state;
pub(crate) mod state_lock;
pub(crate) mod surroundings;
mod tagged;
pub(crate) mod tally;
mod unlock;
pub(crate) mod unsaved;
pub(crate) mod validation;
pub(crate) mod version;
mod warnings;
