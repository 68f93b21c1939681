//! What this machine is asked for, one small thing in each file; nothing here knows of Terraform or of this project.

mod canvas;
pub(crate) mod codes;
pub(crate) mod command;
pub(crate) mod console;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod file_lock;
pub(crate) mod masking;
pub(crate) mod ports;
pub(crate) mod private_file;
pub(crate) mod quoting;
pub(crate) mod secret;
pub(crate) mod shutdown;
pub(crate) mod temporary;
pub(crate) mod time_limit;
pub(crate) mod tree;
pub(crate) mod unreadable;
