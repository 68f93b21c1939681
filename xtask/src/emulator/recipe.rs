//! emulator.toml, typed: how the emulator is started, and what it may start in turn.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use crate::project::infra_toml::read_toml;

/// The whole of emulator.toml.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipe {
    /// The port inside its container.
    pub(super) port: u16,
    /// The path that answers 200 once it serves.
    pub(super) health: String,
    /// Memory that it may use.
    pub(super) memory_mb: u64,
    /// Its settings.
    pub(super) environment: BTreeMap<String, String>,
    /// The variable that takes each port of an instance at which databases are published.
    pub(super) database_ports: BTreeMap<String, String>,
    /// The containers that it starts.
    pub(super) databases: Databases,
}

/// The containers that the emulator may start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Databases {
    /// Memory that each may use.
    pub(super) memory_mb: u64,
    /// Beginning of an image's name as the emulator knows it, and the table of images.toml that replaces it.
    pub(super) images: BTreeMap<String, String>,
}

impl Recipe {
    /// Reads emulator.toml from its folder.
    ///
    /// # Errors
    /// A file that cannot be read, or a mistake in it: named with file, line and what is expected.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        read_toml(&folder.join("emulator.toml"))
    }
}

#[cfg(test)]
mod tests {
    use super::Recipe;
    use std::path::Path;

    #[test]
    fn the_recipe_of_this_repository_is_good() {
        let recipe = Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../infrastructure/emulator")).unwrap();
        assert!(!recipe.databases.images.is_empty());
    }

    #[test]
    fn a_mistake_is_reported_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("emulator.toml"), "port = 4566\nhaelth = \"/\"\n").unwrap();
        let message = format!("{:#}", Recipe::load(folder.path()).unwrap_err());
        assert!(message.contains("emulator.toml:2:1: unknown field `haelth`"), "{message}");
    }
}
