//! The Docker provider: from the Terraform registry, or compiled from its Go module, into a private filesystem mirror.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::build_log::BuildLog;
use super::child::{TIMED_OUT, limited};
use super::choice::{Choice, Kind};
use super::compile::{Program, architecture, system};
use super::refusal::{Refusal, classify};
use crate::config::{ImageSource, parse_toml};
use crate::directories::Directories;
use crate::failure::Failure;
use crate::lock::Lock;
use crate::private_file;
use crate::process::find_on_path;
use crate::report::console;
use crate::report::progress::{Progress, Step};
use crate::terraform::cli_config::{private_mirror, usual_places};
use crate::terraform::surroundings;

/// The registry that a source without a host is of.
const REGISTRY: &str = "registry.terraform.io";

/// How long the download of its 25 MB may take.
const DOWNLOAD: Duration = Duration::from_secs(300);

/// The provider that this repository pins, and how it is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    pin: Pin,
    module: PathBuf,
}

/// provider.toml.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    /// As in `required_providers`.
    source: String,
    /// Exactly this version.
    version: String,
    /// The Go package to compile; go.mod and go.sum beside this file pin its module.
    package: String,
    ldflags: Option<String>,
    tags: Option<String>,
}

impl Provider {
    /// Reads provider.toml in `module`, the folder with its go.mod and go.sum.
    ///
    /// # Errors
    /// The file cannot be read, or has a mistake in it.
    pub(crate) fn load(module: &Path) -> Result<Self> {
        let path = module.join("provider.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(Self { pin: parse_toml(&path, &text)?, module: module.to_owned() })
    }

    /// True when Terraform can install it from this machine.
    ///
    /// # Errors
    /// Its module's folder cannot be read.
    pub(crate) fn is_at_hand(&self, directories: &Directories) -> Result<bool> {
        Ok(usual_places().iter().any(|place| self.is_in(place)) || self.is_current(directories)?)
    }

    /// True when this mirror has it for this machine, packed or not.
    fn is_in(&self, mirror: &Path) -> bool {
        let has_files = |path: PathBuf| path.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        mirror.join(self.packed()).is_file() || has_files(mirror.join(self.unpacked()))
    }

    /// Gets it into the private mirror, unless it is there.
    ///
    /// # Errors
    /// It can be had in no way that the chosen source allows.
    pub(crate) fn obtain(&self, directories: &Directories, choice: &Choice) -> Result<()> {
        if self.is_at_hand(directories)? {
            return Ok(());
        }
        let _lock = Lock::take(&directories.cache.join("locks/provider.lock"), "the Docker provider")?;
        if self.is_at_hand(directories)? {
            return Ok(());
        }
        let step = Progress::new().step(&format!("provider {self}"), true);
        let outcome = self.obtain_by(choice.source(Kind::Provider), directories, choice, &step);
        match outcome {
            Ok(words) => step.done(words),
            Err(error) => {
                step.failed();
                return Err(error);
            }
        }
        Ok(())
    }

    fn obtain_by(&self, source: ImageSource, directories: &Directories, choice: &Choice, step: &Step) -> Result<&'static str> {
        if source != ImageSource::Packages {
            step.now("downloading");
            match self.download(directories)? {
                None => return Ok("downloaded"),
                Some((Refusal::Network, messages)) if source == ImageSource::Auto => {
                    if choice.fall_back(Kind::Provider, &gist(&messages))? {
                        console::say(
                            "the network refuses the Terraform registry: the Docker provider is compiled from its Go module, now and from now on",
                        );
                    }
                }
                Some((refusal, messages)) => {
                    let elsewhere = "compile it: `cargo xtask infra supply --images packages`";
                    return Err(refusal.failure(&format!("provider {self}"), &messages, elsewhere).into());
                }
            }
        }
        step.now("compiling");
        self.compile(directories)?;
        Ok("compiled")
    }

    /// Downloads the official package, whose signature Terraform checks. Some refusal, in Terraform's words, when it cannot be had.
    fn download(&self, directories: &Directories) -> Result<Option<(Refusal, String)>> {
        if find_on_path("terraform").is_none() {
            return Err(Failure::new("`terraform` was not found on PATH")
                .hint("install Terraform 1.11 or later (https://developer.hashicorp.com/terraform/install)")
                .into());
        }
        private_file::create_directory(&directories.cache)?;
        let place = tempfile::Builder::new().prefix(".provider-").tempdir_in(&directories.cache);
        let place = place.with_context(|| format!("writing in {}", directories.cache.display()))?;
        let root = format!(
            "terraform {{\n  required_providers {{\n    wanted = {{\n      source  = \"{}\"\n      version = \"{}\"\n    }}\n  }}\n}}\n",
            self.address(),
            self.pin.version
        );
        fs::write(place.path().join("main.tf"), root).with_context(|| format!("writing in {}", place.path().display()))?;
        let target = place.path().join("mirror");
        let mut tool = limited("terraform", DOWNLOAD).args(["providers", "mirror", "-no-color", &format!("-platform={}", platform())]);
        for name in surroundings::withheld(place.path()) {
            tool = tool.env_remove(name);
        }
        // A registry that is silent is refused by the network; two tries of 10 s are enough to know.
        let tool = tool
            .arg(&target)
            .directory(place.path())
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("TF_REGISTRY_CLIENT_TIMEOUT", "10")
            .env("TF_REGISTRY_DISCOVERY_RETRY", "1")
            .env("CHECKPOINT_DISABLE", "1");
        let output = tool.output()?;
        if output.status.code() == Some(TIMED_OUT) {
            return Ok(Some((Refusal::Network, format!("no package after {} s", DOWNLOAD.as_secs()))));
        }
        if !output.status.success() {
            let messages = String::from_utf8_lossy(&output.stderr).into_owned();
            return Ok(Some((classify(&messages), messages)));
        }
        let packed = private_mirror(directories).join(self.packed());
        private_file::create_directory(packed.parent().unwrap_or(Path::new(".")))?;
        fs::rename(target.join(self.packed()), &packed).with_context(|| format!("writing {}", packed.display()))?;
        Ok(None)
    }

    /// Compiles it and puts it into the mirror.
    fn compile(&self, directories: &Directories) -> Result<()> {
        let program = self.program();
        let log = BuildLog::begin(directories, "provider")?;
        let compiled = program.compile(directories, &log)?;
        let home = private_mirror(directories).join(self.unpacked());
        let above = home.parent().unwrap_or(Path::new("."));
        private_file::create_directory(above)?;
        // Hidden from Terraform's search until it is whole: a name that is no platform.
        let unfinished =
            tempfile::Builder::new().prefix(".unfinished-").tempdir_in(above).with_context(|| format!("writing in {}", above.display()))?;
        let new = unfinished.path().join("new");
        let moved = fs::create_dir(&new)
            .and_then(|()| fs::copy(&compiled, new.join(self.file_name())))
            // What was made of other inputs, if there is something, goes with the temporary directory.
            .and_then(|_| if home.exists() { fs::rename(&home, unfinished.path().join("old")) } else { Ok(()) })
            .and_then(|()| fs::rename(&new, &home));
        moved.with_context(|| format!("writing {}", home.display()))?;
        private_file::write(&self.inputs_file(directories), program.inputs()?.as_bytes())
    }

    /// True when the private mirror has the official package, or one compiled from what the repository holds now.
    fn is_current(&self, directories: &Directories) -> Result<bool> {
        let mirror = private_mirror(directories);
        if mirror.join(self.packed()).is_file() {
            return Ok(true);
        }
        let made_from = fs::read_to_string(self.inputs_file(directories)).unwrap_or_default();
        Ok(self.is_in(&mirror) && self.program().inputs()? == made_from)
    }

    /// Where it is written down what the compiled one was made from: outside the mirror, which holds packages only.
    fn inputs_file(&self, directories: &Directories) -> PathBuf {
        directories.cache.join(format!("provider-inputs/{}_{}", self.file_name(), platform()))
    }

    fn program(&self) -> Program<'_> {
        Program {
            module: &self.module,
            package: &self.pin.package,
            output: self.pin.source.rsplit('/').next().unwrap_or_default(),
            ldflags: self.pin.ldflags.as_deref(),
            tags: self.pin.tags.as_deref(),
            system: system(),
        }
    }

    /// `registry.terraform.io/kreuzwerker/docker`.
    fn address(&self) -> String {
        format!("{REGISTRY}/{}", self.pin.source)
    }

    /// The name of the executable, as Terraform looks for it.
    fn file_name(&self) -> String {
        format!("terraform-provider-{}_v{}", self.pin.source.rsplit('/').next().unwrap_or_default(), self.pin.version)
    }

    /// Its archive in a mirror.
    fn packed(&self) -> String {
        let name = self.pin.source.rsplit('/').next().unwrap_or_default();
        format!("{}/terraform-provider-{name}_{}_{}.zip", self.address(), self.pin.version, platform())
    }

    /// Its directory in a mirror.
    fn unpacked(&self) -> String {
        format!("{}/{}/{}", self.address(), self.pin.version, platform())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.pin.source, self.pin.version)
    }
}

/// Terraform's first complaint on one line, without the headings around it.
fn gist(messages: &str) -> String {
    let text = messages.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split("Error: ").find(|part| !part.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

/// `linux_amd64`.
fn platform() -> String {
    format!("{}_{}", system(), architecture())
}

#[cfg(test)]
mod tests {
    use super::{Pin, Provider, gist, platform};
    use std::fs;
    use std::path::Path;

    fn provider() -> Provider {
        let pin = Pin { source: "a/docker".to_owned(), version: "4.6.0".to_owned(), package: "p".to_owned(), ldflags: None, tags: None };
        Provider { pin, module: "m".into() }
    }

    #[test]
    fn finds_itself_in_a_packed_and_in_an_unpacked_mirror_and_in_no_other() {
        let (provider, platform) = (provider(), platform());
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
            assert_eq!(provider.is_in(mirror.path()), expected, "{file}");
        }
    }

    #[test]
    fn the_gist_is_the_first_error_on_one_line() {
        for (messages, expected) in [
            (
                "\nError: Not available\n\nFailed to\nreach x.\n\n\nError: Failed to update indexes\n\nmore\n",
                "Not available Failed to reach x.",
            ),
            ("no package after 300 s", "no package after 300 s"),
            ("", ""),
        ] {
            assert_eq!(gist(messages), expected);
        }
    }

    #[test]
    fn the_pin_of_this_repository_is_what_its_roots_require() {
        let infrastructure = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infrastructure");
        let provider = Provider::load(&infrastructure.join("images/provider")).unwrap();
        let root = fs::read_to_string(infrastructure.join("environments/local/terraform.tf")).unwrap();
        for expected in [format!("source  = \"{}\"", provider.pin.source), format!("version = \"{}\"", provider.pin.version)] {
            assert!(root.contains(&expected), "{root}\ndoes not contain\n{expected}");
        }
    }
}
