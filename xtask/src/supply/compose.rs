//! Docker Compose, for bench-infra alone: compiled from its pinned Go module, so that everybody measures against the same one.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Deserialize;

use super::Supply;
use super::build_log::BuildLog;
use super::go::{Program, system};
use crate::host::file_lock::FileLock;
use crate::host::shutdown;
use crate::project::infra_toml::read_toml;
use crate::ui::progress::Step;

/// compose.toml; go.mod and go.sum beside it pin the module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    version: String,
    package: String,
    ldflags: Option<String>,
}

impl Supply {
    /// The program, compiled now unless it is in the cache.
    ///
    /// # Errors
    /// Go is missing, or it does not compile.
    pub(crate) fn compose(&self, module: &Path) -> Result<PathBuf> {
        let pin: Pin = read_toml(&module.join("compose.toml"))?;
        let program = Program {
            module,
            package: &pin.package,
            output: "docker-compose",
            ldflags: pin.ldflags.as_deref(),
            tags: None,
            system: system(),
        };
        let _lock = FileLock::take(&self.directories.cache.join("locks/compose.lock"), "Docker Compose")?;
        let step = Step::announce(&format!("docker compose {}", pin.version));
        let compiled = program.compile(&self.directories, &BuildLog::begin(&self.directories, "compose")?);
        step.end(compiled, "is there").map_err(|error| shutdown::instead_of(error, "compiling Docker Compose"))
    }
}
