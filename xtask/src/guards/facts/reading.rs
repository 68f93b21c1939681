//! The code of a root and of its modules, as one program reads it.

use std::path::Path;
use std::sync::Arc;

use terraform_config::{Block, Cache, Code, Evaluator, Scopes, inputs, modules};

use super::EnvironmentFacts;

/// The code of a root and of its modules, as one program reads it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The root's own code.
    pub(crate) code: Arc<Code>,
    /// Code of the modules on this machine that it uses, however deep.
    pub(crate) modules: Vec<Arc<Code>>,
    /// What the variables of its modules are set to, and its own.
    scopes: Scopes,
}

impl Reading {
    /// Finds the modules of a root, whose data directory and loaded variable files these are.
    pub(super) fn of<'a>(code: Arc<Code>, data: &Path, loaded: impl Iterator<Item = &'a Block>, modules_read: &Cache) -> Self {
        let (modules, calls) = modules(&code, data, modules_read);
        let all: Vec<&Code> = std::iter::once(&code).chain(&modules).map(|code| &**code).collect();
        let scopes = Scopes::follow(&code.directory, inputs(loaded), &all, &calls);
        Self { scopes, modules, code }
    }

    /// The root's code and that of its modules.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Code>> {
        std::iter::once(&self.code).chain(&self.modules)
    }

    /// True where this block is part of it, in the same words.
    pub(super) fn has(&self, block: &Block) -> bool {
        let directory = block.place.file.parent();
        self.all().any(|code| Some(code.directory.as_path()) == directory && code.blocks.contains(block))
    }

    /// Finds out what values in it come to.
    pub(super) fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(&self.code.directory, self.all().map(|code| &**code).collect(), &self.scopes)
    }
}

impl EnvironmentFacts {
    /// The root's blocks and its modules', each once: those that one program reads, and what another one reads beside.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        let readings = self.readings.iter().enumerate();
        readings.flat_map(move |(at, reading)| {
            reading.all().flat_map(|code| &code.blocks).filter(move |block| !self.readings[..at].iter().any(|earlier| earlier.has(block)))
        })
    }

    /// The same of the root alone.
    pub(crate) fn root_blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks().filter(|block| block.place.file.parent() == Some(&self.directory))
    }

    /// The code of its modules; of one that holds something for OpenTofu alone, as each program reads it.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &Arc<Code>> {
        let readings = self.readings.iter().enumerate();
        readings.flat_map(move |(at, reading)| {
            let is_known =
                move |module: &Arc<Code>| self.readings[..at].iter().flat_map(|other| &other.modules).any(|it| Arc::ptr_eq(it, module));
            reading.modules.iter().filter(move |module| !is_known(module))
        })
    }
}
