//! Finding the repository from wherever the command was typed, and the environments in it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::failure::Failure;

/// A checkout: the directory that holds `infrastructure/infra.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The checkout around the working directory, else the one this binary was built in.
    ///
    /// # Errors
    /// Neither has an `infrastructure/infra.toml`.
    pub(crate) fn discover() -> Result<Self> {
        let here = std::env::current_dir().context("reading the working directory")?;
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"));
        Self::containing(&here).or_else(|| Self::containing(built_in)).ok_or_else(|| {
            Failure::new(format!("no infrastructure/infra.toml in {} or any directory above it", here.display()))
                .hint("run this inside a checkout of the repository")
                .into()
        })
    }

    fn containing(directory: &Path) -> Option<Self> {
        let root = directory.ancestors().find(|candidate| candidate.join("infrastructure/infra.toml").is_file())?;
        Some(Self { root: root.canonicalize().ok()? })
    }

    /// A checkout that a test has made.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `infrastructure/`.
    pub(crate) fn infrastructure(&self) -> PathBuf {
        self.root.join("infrastructure")
    }

    /// `infrastructure/infra.toml`.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.infrastructure().join("infra.toml")
    }

    /// The directory of an environment, whether it exists or not.
    pub(crate) fn environment_directory(&self, name: &str) -> PathBuf {
        self.infrastructure().join("environments").join(name)
    }

    /// Names of the environments: directories of `infrastructure/environments` that hold Terraform code, sorted.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub(crate) fn environments(&self) -> Result<Vec<String>> {
        let directory = self.infrastructure().join("environments");
        let entries = directory.read_dir().with_context(|| format!("reading {}", directory.display()))?;
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| holds_terraform(&entry.path()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names)
    }
}

/// A directory that may not be read may well hold some: it counts, and whoever reads it says so.
fn holds_terraform(directory: &Path) -> bool {
    let is_code = |path: PathBuf| path.extension().is_some_and(|extension| extension == "tf");
    match directory.read_dir() {
        Ok(entries) => entries.filter_map(Result::ok).any(|entry| is_code(entry.path())),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}
