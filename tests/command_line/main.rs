//! What needs no Docker engine: the command line, the files it reads, and what Terraform is started with.
#![allow(clippy::unwrap_used, reason = "a step that cannot be done fails its test")]

mod aws;
mod code;
mod contract;
mod endings;
mod engine;
mod env_file;
mod fake_terraform;
mod hints;
mod interruption;
mod invocation;
mod mistakes;
mod plain;
mod secrets;
mod states;
mod streams;
mod terraform;
mod test_infra;
mod warnings;
