//! What this project calls its things: the checkout, infra.toml, environments, their instances, and the user's directories.

pub(crate) mod checkout;
pub(crate) mod environment;
pub(crate) mod infra_toml;
pub(crate) mod instance;
pub(crate) mod roots;
pub(crate) mod side;
pub(crate) mod target;
pub(crate) mod user_dirs;
