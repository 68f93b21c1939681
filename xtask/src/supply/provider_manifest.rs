//! provider.toml: which Docker provider this repository pins, and where a mirror keeps it.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Deserialize;

use super::go::{Program, architecture, system};
use crate::project::infra_toml::read_toml;

/// The registry that a source without a host is of.
const REGISTRY: &str = "registry.terraform.io";

/// The pinned provider, and how it is compiled: provider.toml.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    /// As in `required_providers`.
    source: String,
    /// Exactly this version.
    version: String,
    /// The Go package to compile; go.mod and go.sum beside this file pin its module.
    package: String,
    ldflags: Option<String>,
    tags: Option<String>,
    /// The folder of that file.
    #[serde(skip)]
    module: PathBuf,
}

impl Pin {
    /// Reads provider.toml in `module`, the folder with its go.mod and go.sum.
    ///
    /// # Errors
    /// The file cannot be read, or has a mistake in it.
    pub(crate) fn load(module: &Path) -> Result<Self> {
        Ok(Self { module: module.to_owned(), ..read_toml(&module.join("provider.toml"))? })
    }

    /// True when this mirror has it for this machine, packed or not.
    pub(crate) fn is_in(&self, mirror: &Path) -> bool {
        let has_files = |path: PathBuf| path.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        mirror.join(self.packed()).is_file() || has_files(mirror.join(self.unpacked()))
    }

    /// What to compile.
    pub(crate) fn program(&self) -> Program<'_> {
        Program {
            module: &self.module,
            package: &self.package,
            output: self.name(),
            ldflags: self.ldflags.as_deref(),
            tags: self.tags.as_deref(),
            system: system(),
        }
    }

    /// A root that requires it and nothing else.
    pub(crate) fn root(&self) -> String {
        let (address, version) = (self.address(), &self.version);
        format!(
            "terraform {{\n  required_providers {{\n    wanted = {{\n      source  = \"{address}\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n"
        )
    }

    /// The name of the executable, as Terraform looks for it.
    pub(crate) fn file_name(&self) -> String {
        format!("terraform-provider-{}_v{}", self.name(), self.version)
    }

    /// Its archive in a mirror.
    pub(crate) fn packed(&self) -> String {
        format!("{}/terraform-provider-{}_{}_{}.zip", self.address(), self.name(), self.version, platform())
    }

    /// Its directory in a mirror.
    pub(crate) fn unpacked(&self) -> String {
        format!("{}/{}/{}", self.address(), self.version, platform())
    }

    fn address(&self) -> String {
        format!("{REGISTRY}/{}", self.source)
    }

    fn name(&self) -> &str {
        self.source.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.source, self.version)
    }
}

/// Terraform's name of this machine's kind: `linux_amd64`.
pub(crate) fn platform() -> String {
    format!("{}_{}", system(), architecture())
}

#[cfg(test)]
mod tests {
    use super::{Pin, platform};
    use std::fs;
    use std::path::Path;

    fn pin() -> Pin {
        let [source, version, package] = ["a/docker", "4.6.0", "p"].map(ToOwned::to_owned);
        Pin { source, version, package, ldflags: None, tags: None, module: "m".into() }
    }

    #[test]
    fn finds_itself_in_a_packed_and_in_an_unpacked_mirror_and_in_no_other() {
        let (pin, platform) = (pin(), platform());
        for (file, expected) in [
            (format!("registry.terraform.io/a/docker/terraform-provider-docker_4.6.0_{platform}.zip"), true),
            (format!("registry.terraform.io/a/docker/4.6.0/{platform}/terraform-provider-docker_v4.6.0"), true),
            (format!("registry.terraform.io/a/docker/4.5.0/{platform}/terraform-provider-docker_v4.5.0"), false),
            ("registry.terraform.io/a/docker/4.6.0/plan9_mips/terraform-provider-docker_v4.6.0".to_owned(), false),
            (format!("registry.terraform.io/b/docker/4.6.0/{platform}/terraform-provider-docker_v4.6.0"), false),
        ] {
            let mirror = tempfile::tempdir().unwrap();
            let path = mirror.path().join(&file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
            assert_eq!(pin.is_in(mirror.path()), expected, "{file}");
        }
    }

    #[test]
    fn the_pin_of_this_repository_is_what_its_roots_require() {
        let infrastructure = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infrastructure");
        let pin = Pin::load(&infrastructure.join("images/provider")).unwrap();
        let root = fs::read_to_string(infrastructure.join("environments/local/terraform.tf")).unwrap();
        for expected in [format!("source  = \"{}\"", pin.source), format!("version = \"{}\"", pin.version)] {
            assert!(root.contains(&expected), "{root}\ndoes not contain\n{expected}");
        }
    }
}
