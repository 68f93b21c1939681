//! What is kept on disk between runs, and compared with what is there now.

pub(crate) mod last_applied;
pub(crate) mod lineage_pin;
pub(crate) mod pending_volumes;
pub(crate) mod plan_record;
