//! Guards over a plan, before it is applied.

pub(crate) mod data_loss;
pub(crate) mod deletion_protection;
pub(crate) mod lost_state;
pub(crate) mod name_conflict;
pub(crate) mod port_conflict;
pub(crate) mod unreadable_mount;
