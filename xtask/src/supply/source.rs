//! Where this machine gets things from: what infra.toml pins, what a person chose, what a refusing network left.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::private_file;
use crate::project::infra_toml::ImageSource;
use crate::project::user_dirs::UserDirs;

/// The two kinds of things that are supplied, each with a registry of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SupplyKind {
    /// Container images.
    Images,
    /// The Docker provider.
    Provider,
}

/// What decides, in the order of precedence: the team, this machine's memory, nothing yet.
#[derive(Debug)]
pub(crate) struct Choice {
    pinned: ImageSource,
    path: PathBuf,
    lock: PathBuf,
    memory: Mutex<Memory>,
    /// Held while the network's refusal is written down, so that of two threads that meet it one speaks.
    deciding: Mutex<()>,
}

/// The content of supply.json.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    format: u32,
    #[serde(flatten)]
    decisions: BTreeMap<SupplyKind, Decision>,
}

/// A source, and who made it the one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Decision {
    source: ImageSource,
    /// In words; read by earlier versions alone, which another checkout of this machine may be of.
    #[serde(default)]
    because: String,
    /// Made by a refusing network, not by a person.
    #[serde(default)]
    fallback: bool,
}

impl Decision {
    fn of_a_person(source: ImageSource) -> Self {
        Self { source, because: "chosen with --images".to_owned(), fallback: false }
    }

    fn of_the_network() -> Self {
        Self { source: ImageSource::Packages, because: "the registry cannot be reached".to_owned(), fallback: true }
    }
}

impl Choice {
    /// `pinned` is what infra.toml says; the rest is read from the user's state directory.
    ///
    /// # Errors
    /// The memory is there and cannot be understood.
    pub(crate) fn load(pinned: ImageSource, directories: &UserDirs) -> Result<Self> {
        let path = directories.state.join("supply.json");
        let memory = Mutex::new(read(&path)?);
        Ok(Self { pinned, path, lock: directories.cache.join("locks/supply.lock"), memory, deciding: Mutex::new(()) })
    }

    /// The source in force; `Auto` while nothing has decided.
    pub(crate) fn source(&self, kind: SupplyKind) -> ImageSource {
        match self.pinned {
            ImageSource::Auto => self.memory().decisions.get(&kind).map_or(ImageSource::Auto, |decision| decision.source),
            pinned => pinned,
        }
    }

    /// True when people have decided: then what happens to be there already does not count.
    pub(crate) fn is_firm(&self, kind: SupplyKind) -> bool {
        self.pinned != ImageSource::Auto || self.memory().decisions.get(&kind).is_some_and(|decision| !decision.fallback)
    }

    /// What a person has chosen on this machine, and the team lets them.
    pub(crate) fn chosen(&self, kind: SupplyKind) -> Option<ImageSource> {
        let decision = self.memory().decisions.get(&kind).cloned().filter(|decision| !decision.fallback)?;
        (self.pinned == ImageSource::Auto || self.pinned == decision.source).then_some(decision.source)
    }

    /// Remembers a person's choice for this machine; `Auto` forgets, so that the registries are asked again.
    ///
    /// # Errors
    /// infra.toml pins another one, or the memory cannot be written.
    pub(crate) fn set(&self, source: ImageSource) -> Result<()> {
        if self.pinned != ImageSource::Auto && self.pinned != source {
            return Err(Failure::new(format!("infra.toml says images = \"{}\" for everybody", name(self.pinned)))
                .hint("write images = \"auto\" there to let each machine choose")
                .into());
        }
        let kinds = [SupplyKind::Images, SupplyKind::Provider].into_iter().filter(|_| source != ImageSource::Auto);
        self.update(|decisions| *decisions = kinds.map(|kind| (kind, Decision::of_a_person(source))).collect())
    }

    /// Remembers that the registry of `kind` cannot be reached; true the first time in this run.
    ///
    /// # Errors
    /// The memory cannot be written.
    pub(crate) fn fall_back(&self, kind: SupplyKind) -> Result<bool> {
        let _deciding = self.deciding.lock().unwrap_or_else(PoisonError::into_inner);
        if self.source(kind) != ImageSource::Auto {
            return Ok(false);
        }
        self.update(|decisions| decisions.extend([(kind, Decision::of_the_network())]))?;
        Ok(true)
    }

    /// Changes the file as it is now, not as it was read: another run may have added to it.
    fn update(&self, change: impl FnOnce(&mut BTreeMap<SupplyKind, Decision>)) -> Result<()> {
        let _lock = FileLock::take(&self.lock, "the memory of supply")?;
        let mut memory = read(&self.path)?;
        memory.format = 1;
        change(&mut memory.decisions);
        let text = serde_json::to_string_pretty(&memory).context("writing JSON")? + "\n";
        private_file::write(&self.path, text.as_bytes())?;
        *self.memory() = memory;
        Ok(())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A thread that panicked left whole values behind: they are only ever replaced.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The word for `source` in infra.toml and on the command line.
pub(crate) fn name(source: ImageSource) -> &'static str {
    match source {
        ImageSource::Registry => "registry",
        ImageSource::Packages => "packages",
        ImageSource::Auto => "auto",
    }
}

fn read(path: &PathBuf) -> Result<Memory> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Memory::default()),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        Ok(text) => serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("{}: {error}", path.display()))
                .hint("remove the file: it only remembers where images come from, and `supply --images` writes it anew")
                .into()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, SupplyKind};
    use crate::project::infra_toml::ImageSource::{Auto, Packages, Registry};
    use crate::project::user_dirs::UserDirs;

    fn directories() -> (tempfile::TempDir, UserDirs) {
        let temporary = tempfile::tempdir().unwrap();
        let directories = UserDirs { cache: temporary.path().join("cache"), state: temporary.path().join("state") };
        (temporary, directories)
    }

    #[test]
    fn a_fallback_is_remembered_for_its_kind_alone_and_never_taken_back_by_itself() {
        let (_temporary, directories) = directories();
        let choice = Choice::load(Auto, &directories).unwrap();
        assert_eq!(choice.source(SupplyKind::Images), Auto);
        assert!(choice.fall_back(SupplyKind::Images).unwrap(), "the first time");
        assert!(!choice.fall_back(SupplyKind::Images).unwrap(), "the second time");
        let later = Choice::load(Auto, &directories).unwrap();
        assert_eq!((later.source(SupplyKind::Images), later.source(SupplyKind::Provider)), (Packages, Auto));
        assert!(!later.is_firm(SupplyKind::Images), "nobody chose it");
        later.set(Auto).unwrap();
        assert_eq!(Choice::load(Auto, &directories).unwrap().source(SupplyKind::Images), Auto);
    }

    #[test]
    fn what_the_team_pins_wins_over_what_a_person_chose() {
        let (_temporary, directories) = directories();
        Choice::load(Auto, &directories).unwrap().set(Registry).unwrap();
        for (pinned, expected) in [(Auto, Registry), (Registry, Registry), (Packages, Packages)] {
            let choice = Choice::load(pinned, &directories).unwrap();
            assert_eq!((choice.source(SupplyKind::Provider), choice.is_firm(SupplyKind::Provider)), (expected, true), "{pinned:?}");
        }
        let refusal = Choice::load(Packages, &directories).unwrap().set(Registry).unwrap_err();
        assert!(format!("{refusal:#}").contains("images = \"packages\" for everybody"), "{refusal:#}");
        assert!(!Choice::load(Registry, &directories).unwrap().fall_back(SupplyKind::Images).unwrap(), "pinned is pinned");
    }

    #[test]
    fn two_that_write_at_once_keep_what_the_other_wrote() {
        let (_temporary, directories) = directories();
        let (one, other) = (Choice::load(Auto, &directories).unwrap(), Choice::load(Auto, &directories).unwrap());
        one.fall_back(SupplyKind::Images).unwrap();
        other.fall_back(SupplyKind::Provider).unwrap();
        let later = Choice::load(Auto, &directories).unwrap();
        assert_eq!((later.source(SupplyKind::Images), later.source(SupplyKind::Provider)), (Packages, Packages));
    }

    #[test]
    fn an_earlier_version_finds_the_reason_that_it_asks_for() {
        let (_temporary, directories) = directories();
        let choice = Choice::load(Auto, &directories).unwrap();
        choice.set(Registry).unwrap();
        let text = std::fs::read_to_string(directories.state.join("supply.json")).unwrap();
        assert_eq!(text.matches("\"because\": \"chosen with --images\"").count(), 2, "{text}");
    }

    #[test]
    fn a_broken_memory_is_named_with_what_to_do() {
        let (_temporary, directories) = directories();
        std::fs::create_dir_all(&directories.state).unwrap();
        for text in ["{", r#"{"format": 1, "wheels": {"source": "registry"}}"#, r#"{"images": {"source": "registry"}}"#] {
            std::fs::write(directories.state.join("supply.json"), text).unwrap();
            let message = format!("{:#}", Choice::load(Auto, &directories).unwrap_err());
            assert!(message.contains("supply.json: ") && message.contains("hint: remove the file"), "{message}");
        }
    }
}
