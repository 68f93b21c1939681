//! Guards over the files of all environments.

pub(crate) mod committed_secret;
pub(crate) mod copied_checkout;
pub(crate) mod copied_state;
pub(crate) mod copied_variables;
mod environment_names;
pub(crate) mod exposure;
pub(crate) mod fixed_name;
pub(crate) mod foreign_reference;
pub(crate) mod git;
pub(crate) mod identity;
pub(crate) mod initialised_backend;
pub(crate) mod locked_state;
pub(crate) mod overwritten_state;
pub(crate) mod pinned_lineage;
mod private_path;
pub(crate) mod provider_target;
mod remote_state;
mod resource_name;
pub(crate) mod settings;
pub(crate) mod shared_backend;
pub(crate) mod shared_directory;
mod state_object;
pub(crate) mod state_writer;
mod unique_names;
pub(crate) mod unparsable;
pub(crate) mod workspace;
