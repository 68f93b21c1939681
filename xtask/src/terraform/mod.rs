//! Terraform: its requests, the one place that starts it, and its answers.

pub(crate) mod apply_summary;
pub(crate) mod backend;
pub(crate) mod cli_config;
pub(crate) mod diagnostic;
pub(crate) mod environment_variables;
pub(crate) mod events;
pub(crate) mod explain_aws;
mod identity;
pub(crate) mod initialisation;
pub(crate) mod invocation;
mod orphaned_providers;
mod outputs;
pub(crate) mod plan;
mod plan_from_state;
pub(crate) mod printed;
pub(crate) mod provider_environment;
mod put_back;
pub(crate) mod run;
mod run_error;
pub(crate) mod state;
pub(crate) mod state_lock;
mod tagged_resources;
mod unlock;
pub(crate) mod unsaved;
pub(crate) mod validation;
pub(crate) mod version;
mod warnings;
