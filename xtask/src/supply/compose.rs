//! Docker Compose, for bench-infra alone: compiled from its pinned Go module, so that everybody measures against the same one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Supply;
use super::build_log::BuildLog;
use super::compile::{Program, system};
use crate::config::parse_toml;
use crate::interrupt;
use crate::lock::Lock;
use crate::report::progress::Progress;

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
        let path = module.join("compose.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let pin: Pin = parse_toml(&path, &text)?;
        let program = Program {
            module,
            package: &pin.package,
            output: "docker-compose",
            ldflags: pin.ldflags.as_deref(),
            tags: None,
            system: system(),
        };
        let _lock = Lock::take(&self.directories.cache.join("locks/compose.lock"), "Docker Compose")?;
        let step = Progress::new().step(&format!("docker compose {}", pin.version), true);
        let compiled = program.compile(&self.directories, &BuildLog::begin(&self.directories, "compose")?);
        match compiled {
            Ok(compiled) => {
                step.done("is there");
                Ok(compiled)
            }
            Err(error) => {
                step.failed(interrupt::word_for_failed());
                Err(interrupt::instead_of(error, "compiling Docker Compose"))
            }
        }
    }
}
