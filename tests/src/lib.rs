//! What the integration tests stand on: the xtask as a person runs it, copies of the repository to run it in,
//! stacks that take themselves away again, and clients for what the stacks offer.
//!
//! Everything here fails the test it is called from, with what was seen; nothing returns an error.
#![allow(clippy::unwrap_used, reason = "a fixture that cannot do its work fails the test")]

pub mod bind_mount;
pub mod checkout;
pub mod clients;
pub mod dice;
pub mod docker;
pub mod emulated;
pub mod engine;
pub mod env_file;
pub mod fake_aws;
pub mod former;
pub mod minio;
pub mod net;
pub mod newer_engine;
pub mod official;
pub mod own_engine;
pub mod poll;
pub mod proc;
pub mod process;
pub mod screen;
pub mod small_disk;
pub mod snapshot;
pub mod stack;
mod sweep;
pub mod temporary;
pub mod terminal;
pub mod xtask;
