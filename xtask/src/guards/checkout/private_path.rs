//! Paths in code to what is private to another environment: its state, its instance files.

use std::collections::BTreeSet;

use terraform_config::{Block, resolved};

use crate::guards::facts::{EnvironmentFacts, Facts};

/// An environment, among all others.
pub(super) struct Private<'a> {
    facts: &'a Facts,
    names: &'a BTreeSet<&'a str>,
    environment: &'a EnvironmentFacts,
}

impl<'a> Private<'a> {
    /// `environment`, among all that have these names.
    pub(super) fn of(facts: &'a Facts, names: &'a BTreeSet<&'a str>, environment: &'a EnvironmentFacts) -> Self {
        Self { facts, names, environment }
    }

    /// True for a text, in a block, with a path to what is another environment's; in a command, which may fetch it, also with an address
    /// that has its name. Elsewhere such an address is only spoken of: in a policy, or in settings that are written.
    pub(super) fn is_in(&self, block: &Block, text: &str, is_run: bool) -> bool {
        if !is_private(text) {
            return false;
        }
        let is_path = |path: &str| ["./", "../", "${path.", "/"].iter().any(|start| path.starts_with(start));
        text.split(['"', ' ', '(', ')', ','])
            .filter(|path| is_private(path))
            .any(|path| (is_run || is_path(path)) && self.names_another(path) || is_path(path) && self.leads_into_another(block, path))
    }

    /// By a directory on its way that is called as another environment is.
    fn names_another(&self, path: &str) -> bool {
        let is_other = |part: &&str| *part != self.environment.name && self.names.contains(part);
        path.split('/').skip_while(|part| !is_other(part)).any(is_private)
    }

    /// By where it leads to from the root, or from the module that it stands in.
    fn leads_into_another(&self, block: &Block, path: &str) -> bool {
        let of_root = self.environment.directory.as_path();
        let (from, path) = match path.strip_prefix("${path.module}/") {
            Some(path) => (block.directory(), path),
            None => (of_root, path.strip_prefix("${path.root}/").unwrap_or(path)),
        };
        let owner = self.facts.environment_at(&resolved(&from.join(path)));
        owner.is_some_and(|owner| owner.name != self.environment.name)
    }
}

fn is_private(text: &str) -> bool {
    text.contains("tfstate") || text.contains(".instances")
}
