//! Python wheels, downloaded by pip into the cache, each checked against its hash.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::build_log::BuildLog;
use super::checkout_file;
use super::go::architecture;
use super::staging_dir::Unfinished;
use super::subprocess::{OnParentDeath, child};
use crate::host::command::{Tool, find_on_path};
use crate::host::digest::Digest;
use crate::project::user_dirs::UserDirs;

/// The directory with the wheels that `requirements` pins, downloaded now unless it is there.
///
/// # Errors
/// Python or pip is missing, the index does not answer, or a hash is not the one in the file.
pub(crate) fn download(requirements: &Path, directories: &UserDirs, log: &BuildLog) -> Result<PathBuf> {
    let text = checkout_file::read(requirements)?;
    let home = directories.cache.join("python").join(Digest::default().part(text).part(architecture()).finish());
    let cached = home.join("wheels");
    if cached.is_dir() {
        return Ok(cached);
    }
    let downloading = Unfinished::begin(home.join(".unfinished"))?;
    let download = child("python3", OnParentDeath::Asked)
        .args(["-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--require-hashes", "--no-deps"])
        .args(["--only-binary", ":all:", "--dest"])
        .arg(downloading.path())
        .arg("--requirement")
        .arg(requirements);
    log.run(&download, &format!("downloading the wheels of {}", requirements.display()))?;
    fs::rename(downloading.path(), &cached).with_context(|| format!("writing {}", cached.display()))?;
    Ok(cached)
}

/// Unpacks every wheel of `wheels` into `target`.
///
/// # Errors
/// A wheel is damaged.
pub(crate) fn unpack(wheels: &Path, target: &Path, log: &BuildLog) -> Result<()> {
    for entry in wheels.read_dir().with_context(|| format!("reading {}", wheels.display()))? {
        let wheel = entry.with_context(|| format!("reading {}", wheels.display()))?.path();
        let unpack = child("python3", OnParentDeath::Asked).args(["-m", "zipfile", "-e"]).arg(&wheel).arg(target);
        log.run(&unpack, &format!("unpacking {}", wheel.display()))?;
    }
    Ok(())
}

/// True when pip can be run.
///
/// # Errors
/// Python is there and cannot be started.
pub(crate) fn has_pip() -> Result<bool> {
    Ok(find_on_path("python3").is_some() && Tool::new("python3").args(["-m", "pip", "--version"]).output()?.status.success())
}
