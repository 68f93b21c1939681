//! Go programs, compiled from pinned modules into the cache.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::build_log::BuildLog;
use super::checkout_file;
use super::staging_dir::Unfinished;
use super::subprocess::{OnParentDeath, child};
use crate::host::command::find_on_path;
use crate::host::digest::Digest;
use crate::host::error::Failure;
use crate::project::user_dirs::UserDirs;

/// Held by the one compilation of this process: Go uses every core by itself, and two at once compile what they share twice.
static COMPILING: Mutex<()> = Mutex::new(());

/// What is compiled, and for which system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program<'a> {
    /// The folder with go.mod and go.sum.
    pub(crate) module: &'a Path,
    /// The package to compile.
    pub(crate) package: &'a str,
    /// The program's file name.
    pub(crate) output: &'a str,
    /// Flags for the linker.
    pub(crate) ldflags: Option<&'a str>,
    /// Build tags.
    pub(crate) tags: Option<&'a str>,
    /// Go's name of the operating system.
    pub(crate) system: &'a str,
}

impl Program<'_> {
    /// The hash of everything the program is made from.
    ///
    /// # Errors
    /// The module's folder cannot be read.
    pub(crate) fn inputs(&self) -> Result<String> {
        let mut hash = Digest::default();
        for part in
            [self.package, self.output, self.ldflags.unwrap_or_default(), self.tags.unwrap_or_default(), self.system, architecture()]
        {
            hash.part(part);
        }
        hash.files_as(self.module, checkout_file::read)?;
        Ok(hash.finish())
    }

    /// The program in the cache, compiled now unless it is there: a static one, without paths of this machine in it.
    ///
    /// go.sum says which modules are the right ones; Go refuses others.
    ///
    /// # Errors
    /// Go is missing, or the program does not compile.
    pub(crate) fn compile(&self, directories: &UserDirs, log: &BuildLog) -> Result<PathBuf> {
        let home = directories.cache.join("go").join(self.inputs()?);
        let program = home.join(self.output);
        if program.is_file() {
            return Ok(program);
        }
        if find_on_path("go").is_none() {
            return Err(Failure::new(format!("`go` was not found on PATH, and {} is compiled from a Go module", self.output))
                .hint("install Go (https://go.dev/dl/), or take images from the registries: `cargo xtask infra supply --images registry`")
                .into());
        }
        let _compiling = COMPILING.lock().unwrap_or_else(PoisonError::into_inner);
        // Beside its place, so that the last step is a rename.
        let building = Unfinished::begin(home.join(".unfinished"))?;
        let unfinished = building.path().join(self.output);
        let flags = [("-ldflags", self.ldflags), ("-tags", self.tags)].into_iter().filter_map(|(flag, value)| Some([flag, value?]));
        let tool = child("go", OnParentDeath::Asked)
            .args(["build", "-buildvcs=false", "-gcflags=all=-dwarf=false", "-o"])
            .arg(&unfinished)
            .args(flags.flatten())
            .arg(self.package)
            .directory(self.module)
            // An interrupted Go leaves its working directory behind.
            .env("GOTMPDIR", building.path())
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off")
            .env("GOOS", self.system)
            .env("GOARCH", architecture())
            // In place of what a person has set for their own builds, in the environment or in Go's own file.
            .env("GOFLAGS", "-mod=readonly -trimpath");
        log.run(&tool, &format!("compiling {}", self.package))?;
        let finish = |mode| fs::set_permissions(&unfinished, Permissions::from_mode(mode)).and_then(|()| fs::rename(&unfinished, &program));
        finish(0o755).with_context(|| format!("writing {}", program.display()))?;
        Ok(program)
    }
}

/// Go's, Debian's and Terraform's name of this machine's architecture.
pub(crate) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

/// Go's and Terraform's name of this machine's operating system.
pub(crate) fn system() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}
