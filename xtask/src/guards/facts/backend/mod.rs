//! Where a root keeps its state, as Terraform itself would resolve it.

mod completion;
mod computed;
mod memory;
#[cfg(test)]
mod tests;

use std::env;
use std::path::Path;

use terraform_config::backend::{self, Location, Setting, Settings, Surroundings};
use terraform_config::{Block, Place, Program};

use super::path::resolved;
use super::reading::Reading;
use crate::masking;

pub(crate) use self::completion::Shared;

/// One configuration of a backend: kind and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    /// `local`, `s3`, ...
    pub(crate) kind: String,
    /// Settings by name; those of nested blocks with the block's name and a dot before them.
    pub(crate) settings: Settings,
    /// What they come from: the block, a file of settings, or what `init` remembered.
    pub(crate) place: Place,
    /// Where that keeps its states.
    pub(crate) location: Location,
}

/// What a root declares and what `init` has remembered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backends {
    /// Block and override files alone, as each program reads them.
    pub(crate) written: Vec<Backend>,
    /// The same, completed in each way that there is: by infra.toml, or else by each file of settings; one without any.
    pub(crate) declared: Vec<Backend>,
    /// `.terraform/terraform.tfstate`.
    pub(crate) remembered: Option<Backend>,
    /// The files of settings that complete it, each as one block of attributes.
    pub(crate) files: Vec<Block>,
    /// What could not be understood.
    pub(crate) mistakes: Vec<(Place, String)>,
    /// What OpenTofu would take, and Terraform does not, where nothing says whose code it is.
    pub(crate) of_opentofu: Option<(Place, String)>,
}

impl Backends {
    /// Reads both for a root directory. `data` is its data directory, which is not always there; `given` is what infra.toml says
    /// that `init` is given.
    pub(crate) fn read(directory: &Path, data: &Path, readings: &[Reading], given: &[String], shared: &Shared) -> Self {
        let mut backends = Self::default();
        match memory::read(directory, data) {
            Ok(remembered) => backends.remembered = remembered,
            Err(mistake) => backends.mistakes.push(mistake),
        }
        for reading in readings {
            let block = reading.code.backend();
            let filled = match reading.code.program {
                Program::Terraform => block.and_then(|block| backends.computed(block, reading)),
                Program::OpenTofu => block.map(|block| reading.evaluator().filled(block)),
            };
            let base = match filled.as_ref().or(block) {
                Some(block) => {
                    Source { directory, kind: backend::kind_of(block), settings: backend::settings_of(block), place: block.place.clone() }
                }
                None => {
                    Source { directory, kind: "local", settings: Settings::new(), place: Place { file: directory.to_owned(), line: 1 } }
                }
            };
            let written = base.clone().located();
            let declared = backends.completed(&base, &written, given, shared);
            let new: Vec<Backend> = declared.into_iter().filter(|declared| !backends.declared.contains(declared)).collect();
            backends.declared.extend(new);
            backends.written.push(written);
        }
        for (name, value) in backends.all().flat_map(|backend| &backend.settings) {
            if let Setting::Text(text) = value {
                masking::learn_setting(name, text);
            }
        }
        backends
    }

    /// Every configuration that a run may meet.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Backend> {
        self.declared.iter().chain(&self.remembered)
    }

    /// Those of which it is known where they keep their states.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Backend> {
        self.all().filter(|backend| backend.location.is_known())
    }
}

impl Backend {
    /// True where somebody has written it down: without a block Terraform keeps the state beside the code.
    pub(crate) fn is_written(&self, directory: &Path) -> bool {
        self.place.file != directory
    }

    /// A setting that the code says in full.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
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
pub(crate) fn locate(directory: &Path, kind: &str, settings: &Settings) -> Location {
    let variable = |name: &str| env::var(name).ok();
    backend::locate(kind, settings, &Surroundings { directory, variable: &variable, resolve: &resolved })
}
