//! The accidents that the guards refuse, each made for real: bare Terraform would have gone ahead, the xtask refuses, and
//! nothing has changed. And layouts that are unusual and right, none of which is refused.
#![allow(clippy::unwrap_used, reason = "a step that cannot be done fails its test")]

mod accepted;
mod addresses;
mod backends;
mod check;
mod check_path;
mod committed_keys;
mod content_in_git;
mod copied_variables;
mod directories;
mod fixed_names;
mod healthy;
mod initialised_backend;
mod layout;
mod locks;
mod on_docker;
mod pinned_lineage;
mod plans;
mod provider_world;
mod references;
mod roots;
mod shared_address;
mod shared_state;
mod state_objects;
mod state_server;
mod version_control;
mod ways_apart;
mod wiring;
mod writers;
