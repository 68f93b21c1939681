//! Rendering only: nothing here decides anything.

pub(crate) mod progress;
pub(crate) mod prompt;
pub(crate) mod size;
pub(crate) mod table;
