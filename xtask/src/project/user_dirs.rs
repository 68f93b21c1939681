//! The user's cache and state directories (XDG Base Directory Specification).

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::host::error::Failure;

/// Where this project keeps what is outside the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserDirs {
    /// Can be deleted at any time: downloads, builds, logs.
    pub(crate) cache: PathBuf,
    /// Must survive: credentials while their volumes live, choices made once.
    pub(crate) state: PathBuf,
}

impl UserDirs {
    /// The directories of `project` for the current user; nothing is created.
    ///
    /// # Errors
    /// HOME is not set.
    pub(crate) fn of(project: &str) -> Result<Self> {
        let name = format!("{project}-infra");
        let base = |variable: &str, below_home: &str| -> Result<PathBuf> {
            if let Some(base) = absolute(env::var_os(variable)) {
                return Ok(base.join(&name));
            }
            let home = absolute(env::var_os("HOME")).ok_or_else(|| {
                Failure::new(format!("neither HOME nor {variable} is set, so there is no place for this project's files")).hint("set HOME")
            })?;
            Ok(home.join(below_home).join(&name))
        };
        Ok(Self { cache: base("XDG_CACHE_HOME", ".cache")?, state: base("XDG_STATE_HOME", ".local/state")? })
    }
}

/// The specification says that a relative path is to be ignored.
fn absolute(value: Option<OsString>) -> Option<PathBuf> {
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}
