//! Rendering only: nothing here decides anything.

mod canvas;
pub(crate) mod console;
pub(crate) mod progress;
pub(crate) mod question;
pub(crate) mod quoting;
pub(crate) mod size;
pub(crate) mod table;
