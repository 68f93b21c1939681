//! The Docker provider: from the Terraform registry, or compiled from its Go module, into a private filesystem mirror.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::build_log::BuildLog;
use super::provider_manifest::{Pin, platform};
use super::registry_error::{Refusal, classify};
use super::source::{Choice, SupplyKind};
use super::staging_dir::Unfinished;
use super::subprocess::{TIMED_OUT, limited};
use crate::host::command::Tool;
use crate::host::file_lock::FileLock;
use crate::host::shutdown::{self, StopSignal};
use crate::host::{console, private_file};
use crate::project::infra_toml::ImageSource;
use crate::project::user_dirs::UserDirs;
use crate::terraform::cli_config::{private_mirror, usual_places};
use crate::terraform::environment_variables;
use crate::ui::progress::Step;

/// How long the download of its 25 MB may take.
const DOWNLOAD: Duration = Duration::from_secs(300);

impl Pin {
    /// True when Terraform can install it from this machine.
    ///
    /// # Errors
    /// Its module's folder cannot be read.
    pub(crate) fn is_at_hand(&self, directories: &UserDirs) -> Result<bool> {
        Ok(usual_places().iter().any(|place| self.is_in(place)) || self.is_current(directories)?)
    }

    /// Gets it into the private mirror, unless it is there.
    ///
    /// # Errors
    /// It can be had in no way that the chosen source allows.
    pub(crate) fn obtain(&self, directories: &UserDirs, choice: &Choice) -> Result<()> {
        if self.is_at_hand(directories)? {
            return Ok(());
        }
        let _lock = FileLock::take(&directories.cache.join("locks/provider.lock"), "the Docker provider")?;
        if self.is_at_hand(directories)? {
            return Ok(());
        }
        let step = Step::announce(&format!("provider {self}"));
        let outcome = self.obtain_by(choice.source(SupplyKind::Provider), directories, choice, &step);
        match &outcome {
            Ok(how) => step.done(how),
            Err(_) => step.failed(),
        }
        outcome.map(drop).map_err(|error| shutdown::instead_of(error, &format!("getting provider {self}")))
    }

    fn obtain_by(&self, source: ImageSource, directories: &UserDirs, choice: &Choice, step: &Step) -> Result<&'static str> {
        if source != ImageSource::Packages {
            step.now("downloading");
            match self.download(directories)? {
                None => return Ok("downloaded"),
                Some((refusal, _)) if refusal.is_the_networks() && source == ImageSource::Auto => {
                    if choice.fall_back(SupplyKind::Provider)? {
                        let why = refusal.told("the Terraform registry");
                        console::say(&format!("{why}: the Docker provider is compiled from its Go module, now and from now on"));
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

    /// Downloads the official package, whose signature Terraform checks. If that fails: why, and Terraform's words.
    fn download(&self, directories: &UserDirs) -> Result<Option<(Refusal, String)>> {
        let place = unfinished(directories)?;
        fs::write(place.path().join("main.tf"), self.root()).with_context(|| format!("writing in {}", place.path().display()))?;
        let target = place.path().join("mirror");
        let withheld = environment_variables::withheld(place.path(), false);
        // A registry that is silent is refused by the network; two tries of 10 s are enough to know.
        let tool = withheld
            .into_iter()
            .fold(limited("terraform", DOWNLOAD), Tool::env_remove)
            .stop_signal(StopSignal::Terminate)
            .args(["providers", "mirror", "-no-color", &format!("-platform={}", platform())])
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
            shutdown::check(&format!("downloading provider {self}"))?;
            let messages = String::from_utf8_lossy(&output.stderr).into_owned();
            return Ok(Some((classify(&messages), messages)));
        }
        let packed = private_mirror(directories).join(self.packed());
        private_file::create_directory(packed.parent().unwrap_or(Path::new(".")))?;
        fs::rename(target.join(self.packed()), &packed).with_context(|| format!("writing {}", packed.display()))?;
        Ok(None)
    }

    /// Compiles it and puts it into the mirror.
    fn compile(&self, directories: &UserDirs) -> Result<()> {
        let program = self.program();
        let log = BuildLog::begin(directories, "provider")?;
        let compiled = program.compile(directories, &log)?;
        let home = private_mirror(directories).join(self.unpacked());
        let above = home.parent().unwrap_or(Path::new("."));
        private_file::create_directory(above)?;
        let unfinished = unfinished(directories)?;
        let new = unfinished.path().join("new");
        let moved = fs::create_dir(&new)
            .and_then(|()| fs::copy(&compiled, new.join(self.file_name())))
            // An older build, if there is one, is removed with the temporary directory.
            .and_then(|_| if home.exists() { fs::rename(&home, unfinished.path().join("old")) } else { Ok(()) })
            .and_then(|()| fs::rename(&new, &home));
        moved.with_context(|| format!("writing {}", home.display()))?;
        private_file::write(&self.inputs_file(directories), program.inputs()?.as_bytes())
    }

    /// True when the private mirror has the official package, or one compiled from what the repository holds now.
    fn is_current(&self, directories: &UserDirs) -> Result<bool> {
        let mirror = private_mirror(directories);
        if mirror.join(self.packed()).is_file() {
            return Ok(true);
        }
        let made_from = fs::read_to_string(self.inputs_file(directories)).unwrap_or_default();
        Ok(self.is_in(&mirror) && self.program().inputs()? == made_from)
    }

    /// Where it is written down what the compiled one was made from: outside the mirror, which holds packages only.
    fn inputs_file(&self, directories: &UserDirs) -> PathBuf {
        directories.cache.join(format!("provider-inputs/{}_{}", self.file_name(), platform()))
    }
}

/// Where it is put together, outside the mirror; the caller holds its lock.
fn unfinished(directories: &UserDirs) -> Result<Unfinished> {
    Unfinished::begin(directories.cache.join(".unfinished-provider"))
}
