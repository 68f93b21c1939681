//! Rendering only: nothing here decides anything.

pub(crate) mod console;
pub(crate) mod progress;
pub(crate) mod question;
pub(crate) mod quoting;
pub(crate) mod table;
