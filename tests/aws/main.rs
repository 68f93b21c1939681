//! The AWS environment on its emulator, and its state on another S3 than that.
#![allow(clippy::unwrap_used, reason = "a step that cannot be done fails its test")]

mod contract;
mod locks;
mod refusals;
mod whole_life;
