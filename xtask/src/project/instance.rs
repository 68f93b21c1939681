//! The instance file: who owns this copy of an environment, its credentials, ports and images.
//! Terraform reads the same file, so plain Terraform and the xtask agree.

mod aws;
mod copies;
mod image;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use self::aws::{Aws, EmulatedAws};
pub(crate) use self::copies::{Claim, RecordFile, claim, copy_path, root_of, take_over};
pub(crate) use self::image::ImageReference;
use super::environment::Environment;
use super::user_dirs::UserDirs;
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::masking::Secret;
use crate::host::{ports, private_file, secret, unreadable};

/// Length of a generated credential: 190 bits, and short enough for MinIO's 40-character limit on secret keys.
const CREDENTIAL_LENGTH: usize = 32;

/// The account that emulators of AWS answer for.
pub(crate) const EMULATED_ACCOUNT: &str = "000000000000";
/// The name of the emulator's port among an instance's.
pub(crate) const EMULATOR_PORT: &str = "emulator";

/// The content of `.instances/NAME.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instance {
    format: u32,
    /// The project that infra.toml names.
    pub(crate) project: String,
    /// The environment's name, with `-` for `/`: Terraform makes other names of it.
    pub(crate) environment: String,
    /// The instance's name, which is the workspace's.
    pub(crate) instance: String,
    /// Random, one a checkout and instance: what carries it as a label is ours.
    pub(crate) owner: String,
    /// Secrets by name.
    pub(crate) credentials: BTreeMap<String, Secret>,
    /// Ports by name; empty for the default instance, which has the usual ones.
    pub(crate) ports: BTreeMap<String, u16>,
    /// The image of every engine.
    pub(crate) images: BTreeMap<String, ImageReference>,
    /// Where on AWS; none for an environment without AWS.
    #[serde(flatten)]
    pub(crate) aws: Option<Aws>,
}

/// Where an instance file came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was there.
    Found,
    /// It was gone, and its copy in the user's state directory was taken.
    Restored,
    /// It was made.
    Created,
}

impl Instance {
    /// The instance file of `environment`, if it has one.
    ///
    /// # Errors
    /// It cannot be read or understood.
    pub(crate) fn load(environment: &Environment) -> Result<Option<Self>> {
        read(&environment.instance_file())
    }

    /// The instance file, or its copy where it is gone, as after a `git clean`; nothing is written.
    ///
    /// # Errors
    /// Either cannot be read or understood.
    pub(crate) fn recall(environment: &Environment, directories: &UserDirs) -> Result<Option<Self>> {
        match Self::load(environment)? {
            None => read(&copy_path(environment, directories)),
            found => Ok(found),
        }
    }

    /// The instance file, restored from its copy or made when it is missing, and completed when something new is asked for.
    /// `images` gives those to add or to take in place of the ones it has.
    ///
    /// # Errors
    /// It cannot be read, understood or written; there are no free ports.
    pub(crate) fn open_or_create(
        environment: &Environment,
        project: &str,
        directories: &UserDirs,
        images: impl FnOnce(&BTreeMap<String, ImageReference>) -> Result<BTreeMap<String, ImageReference>>,
    ) -> Result<(Self, Origin)> {
        let (mut instance, origin) = match Self::load(environment)? {
            Some(instance) => (instance, Origin::Found),
            None => match read(&copy_path(environment, directories))? {
                Some(instance) => (instance, Origin::Restored),
                None => (Self::blank(environment, project)?, Origin::Created),
            },
        };
        let before = instance.clone();
        // infra.toml is where policy is written: what stands here is only a copy for Terraform.
        instance.aws = environment.policy.region.as_ref().map(|region| Aws {
            region: region.clone(),
            allowed_account_ids: if environment.target.emulated {
                vec![EMULATED_ACCOUNT.to_owned()]
            } else {
                environment.policy.allowed_account_ids.clone()
            },
            emulator: None,
        });
        for name in &environment.policy.credentials {
            if !instance.credentials.contains_key(name) {
                instance.credentials.insert(name.clone(), secret::password(CREDENTIAL_LENGTH)?.into());
            }
        }
        instance.images.extend(images(&instance.images)?);
        let usual = if environment.is_default_instance() { &[] } else { environment.policy.ports.as_slice() };
        let emulated = if environment.target.emulated { environment.policy.emulator_ports.as_slice() } else { &[] };
        let wanted = usual.iter().chain(emulated);
        let missing: Vec<&String> = wanted.filter(|name| !instance.ports.contains_key(*name)).collect();
        if missing.is_empty() {
            instance.name_emulator(environment);
            // What a person has written into the file, such as another port, belongs into the copy too.
            let is_current = copies::is_current(&instance, &environment.instance_file(), directories)?;
            if origin != Origin::Found || instance != before || !is_current {
                instance.save(environment, directories)?;
            }
        } else {
            // Held until the ports are written down, so that no two instances are given the same one.
            let _lock = FileLock::take(&directories.state.join("ports.lock"), "the list of ports")?;
            let free = ports::allocate(missing.len(), &reserved_ports(directories), &instance.owner)?;
            instance.ports.extend(missing.into_iter().cloned().zip(free));
            instance.name_emulator(environment);
            instance.save(environment, directories)?;
        }
        Ok((instance, origin))
    }

    /// Writes the file and its copy.
    ///
    /// # Errors
    /// One of them cannot be written.
    pub(crate) fn save(&self, environment: &Environment, directories: &UserDirs) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("writing JSON")? + "\n";
        let file = environment.instance_file();
        // The copy first: credentials that exist only beside the code would be lost by `git clean`.
        copies::write(self, &file, directories)?;
        // A file that says this already keeps its form, and what was proven of it.
        if read::<Self>(&file)?.as_ref() == Some(self) { Ok(()) } else { private_file::write(&file, text.as_bytes()) }
    }

    /// Removes the file and its copy.
    ///
    /// # Errors
    /// One of them cannot be removed.
    pub(crate) fn forget(environment: &Environment, directories: &UserDirs) -> Result<()> {
        let file = environment.instance_file();
        private_file::remove(&file)?;
        copies::forget(&file, directories)
    }

    /// The label that marks what is ours, as Docker's filters take it.
    pub(crate) fn owner_label(&self) -> String {
        format!("{}={}", owner_key(&self.project), self.owner)
    }

    /// The label that marks an emulator and what it started. Not the owner's: that marks what Terraform has made.
    pub(crate) fn emulator_label(&self) -> (String, String) {
        (emulator_key(&self.project), self.owner.clone())
    }

    fn blank(environment: &Environment, project: &str) -> Result<Self> {
        Ok(Self {
            format: 1,
            project: project.to_owned(),
            environment: environment.label(),
            instance: environment.instance.clone(),
            owner: secret::identifier()?,
            credentials: BTreeMap::new(),
            ports: BTreeMap::new(),
            images: BTreeMap::new(),
            aws: None,
        })
    }

    /// Writes down where the emulator answers, once its port is known.
    fn name_emulator(&mut self, environment: &Environment) {
        let port = self.ports.get(EMULATOR_PORT).filter(|_| environment.target.emulated);
        if let (Some(aws), Some(port)) = (&mut self.aws, port) {
            aws.emulator = Some(EmulatedAws { endpoint: format!("http://127.0.0.1:{port}"), account: EMULATED_ACCOUNT.to_owned() });
        }
    }
}

/// The key of the label with the owner id.
pub(crate) fn owner_key(project: &str) -> String {
    format!("io.{project}.owner")
}

/// The key of the label that an emulator carries, with the owner id.
pub(crate) fn emulator_key(project: &str) -> String {
    format!("io.{project}.emulator")
}

/// Names of the instances that have a file in this directory, sorted.
pub(crate) fn names(instances_directory: &Path) -> Vec<String> {
    let Ok(entries) = instances_directory.read_dir() else {
        return Vec::new();
    };
    let mut names: Vec<String> =
        entries.filter_map(Result::ok).filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned())).collect();
    names.sort();
    names
}

/// What an instance file or a copy of one says.
fn read<File: DeserializeOwned>(path: &Path) -> Result<Option<File>> {
    let text = match unreadable::read_text(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    // serde_json's message names what is missing and where; the values, which are secret, it leaves out.
    let unusable = |error| {
        Failure::new(format!("{} is not an instance file: {error}", path.display()))
            .hint("put back what it held: without its credentials the data of its volumes cannot be reached; a copy is in the user's state directory")
    };
    let Head { format, .. } = serde_json::from_str(&text).map_err(unusable)?;
    if format != 1 {
        return Err(Failure::new(format!("{} has format {format}, and this xtask knows format 1", path.display()))
            .hint("a newer version of this repository wrote it: update this checkout")
            .into());
    }
    Ok(Some(serde_json::from_str(&text).map_err(unusable)?))
}

/// What is read of a file of any format, whose credentials are secret too.
#[derive(Deserialize)]
struct Head {
    format: u32,
    #[serde(default, rename = "credentials")]
    _credentials: BTreeMap<String, Secret>,
}

/// Every instance of every checkout of this user, by its copy; one that cannot be read is left out.
pub(crate) fn all(directories: &UserDirs) -> impl Iterator<Item = Instance> {
    copies::all(directories).map(|(_, copy)| copy.instance)
}

/// Ports that are somebody's even while nobody listens there. An unreadable copy reserves none: ports are tried before they are given.
fn reserved_ports(directories: &UserDirs) -> Vec<u16> {
    all(directories).flat_map(|instance| instance.ports.into_values()).collect()
}
