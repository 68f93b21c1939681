//! Checks that run before Terraform does and refuse: one file a family of accidents, each a pure function over facts.

pub(crate) mod data_loss;
pub(crate) mod deletion_protection;
pub(crate) mod ownership;
pub(crate) mod taken_port;
