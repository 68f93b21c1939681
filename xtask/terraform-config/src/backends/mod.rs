//! Where a root keeps its state, as Terraform itself would resolve it.

mod completion;
mod computed;
mod remembered;
#[cfg(test)]
mod tests;

use std::env;
use std::path::Path;

pub use self::completion::Shared;
use crate::backend::{self, Location, Setting, Settings, Surroundings};
use crate::block::{Block, Place};
use crate::code::Program;
use crate::configuration::Configuration;
use crate::paths::resolved;

/// One configuration of a backend: kind and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// `local`, `s3`, ...
    pub kind: String,
    /// Settings by name; those of nested blocks with the block's name and a dot before them.
    pub settings: Settings,
    /// What they come from: the block, a file of settings, or what `init` remembered.
    pub place: Place,
    /// Where that keeps its states.
    pub location: Location,
}

/// What a root declares and what `init` has remembered.
#[derive(Debug, Clone, Default)]
pub struct Backends {
    /// Block and override files alone, as each program reads them.
    pub written: Vec<Backend>,
    /// The same, completed in each way that there is: by what `init` is given, or else by each file of settings; one without any.
    pub declared: Vec<Backend>,
    /// `.terraform/terraform.tfstate`.
    pub remembered: Option<Backend>,
    /// The files of settings that complete it, each as one block of attributes.
    pub files: Vec<Block>,
    /// What could not be understood.
    pub mistakes: Vec<(Place, String)>,
    /// What OpenTofu would take, and Terraform does not, where nothing says whose code it is.
    pub of_opentofu: Option<(Place, String)>,
}

impl Backends {
    /// Reads both for a root directory. `data` is its data directory, which is not always there; `given` is what `init` is given,
    /// where that is known.
    pub fn read(directory: &Path, data: &Path, configuration: &Configuration, given: &[String], shared: &Shared) -> Self {
        let mut backends = Self::default();
        match remembered::read(directory, data) {
            Ok(remembered) => backends.remembered = remembered,
            Err(mistake) => backends.mistakes.push(mistake),
        }
        for reading in &configuration.readings {
            let block = reading.code.backend();
            let filled = match reading.code.program {
                Program::Terraform => block.and_then(|block| backends.computed(block, reading)),
                Program::OpenTofu => block.map(|block| reading.evaluator().filled(block)),
            };
            let base = match filled.as_ref().or(block) {
                Some(block) => {
                    Source { directory, kind: backend::kind_of(block), settings: backend::settings_of(block), place: block.place.clone() }
                }
                None => Source { directory, kind: "local", settings: Settings::new(), place: Place::top_of(directory) },
            };
            let written = base.clone().located();
            let declared = backends.completed(&base, &written, given, shared);
            let new: Vec<Backend> = declared.into_iter().filter(|declared| !backends.declared.contains(declared)).collect();
            backends.declared.extend(new);
            backends.written.push(written);
        }
        backends
    }

    /// Every configuration that a run may meet.
    pub fn all(&self) -> impl Iterator<Item = &Backend> {
        self.declared.iter().chain(&self.remembered)
    }

    /// Those of which it is known where they keep their states.
    pub fn known(&self) -> impl Iterator<Item = &Backend> {
        self.all().filter(|backend| backend.location.is_known())
    }
}

impl Backend {
    /// True where somebody has written it down: without a block Terraform keeps the state beside the code.
    pub fn is_written(&self, directory: &Path) -> bool {
        self.place.file != directory
    }

    /// A setting that the code says in full.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.settings.get(name) {
            Some(Setting::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// A configuration that is still being put together.
#[derive(Debug, Clone)]
struct Source<'a> {
    directory: &'a Path,
    kind: &'a str,
    settings: Settings,
    place: Place,
}

impl Source<'_> {
    fn located(self) -> Backend {
        let location = locate(self.directory, self.kind, &self.settings);
        Backend { kind: self.kind.to_owned(), settings: self.settings, place: self.place, location }
    }
}

/// Where a backend of these settings keeps its states, for a root in this directory.
pub fn locate(directory: &Path, kind: &str, settings: &Settings) -> Location {
    let variable = |name: &str| env::var(name).ok();
    backend::locate(kind, settings, &Surroundings { directory, variable: &variable, resolve: &resolved })
}
