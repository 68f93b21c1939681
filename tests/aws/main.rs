//! The AWS environment on its emulator, and its state on another S3 than that.
#![allow(clippy::unwrap_used, reason = "a step that cannot be done fails its test")]

mod contract;
mod hybrid;
mod locks;
mod lost_state;
mod refusals;
mod services;
mod state_bucket;
mod whole_life;
