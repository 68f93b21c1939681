//! What a row of the [table](super::table) says.

use super::Surroundings;
use super::spelling::exact;

/// What is known of one kind.
pub(super) struct Row {
    /// What stands behind `backend`.
    pub(super) kind: &'static str,
    /// The kind whose states these are: `cloud` and `remote` are one service.
    pub(super) family: &'static str,
    /// What holds the states.
    pub(super) store: &'static [Field],
    /// What they are called in there.
    pub(super) naming: Naming,
    /// Settings whose values may be shown: they say where a state is, and no password fits into them.
    pub(super) shown: &'static [&'static str],
    /// All other settings.
    pub(super) others: &'static [&'static str],
}

/// One part of an address.
pub(super) struct Field {
    /// The setting, and older names of it: the first that is set counts.
    pub(super) names: &'static [&'static str],
    /// Environment variables that give it where no setting does, in their order.
    pub(super) variables: &'static [&'static str],
    /// What holds where neither does.
    pub(super) absent: Absent,
    /// One spelling for what is one place.
    pub(super) spelling: fn(&str, &Surroundings<'_>) -> String,
    /// True for a way to the store, of which there may be several.
    pub(super) is_way: bool,
}

/// What a setting that is left out comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// It has to be given: to `init`, if not in the code.
    Required,
    /// This.
    Default(&'static str),
    /// Whatever this machine is set up for.
    OfMachine,
}

/// How the names of states are made.
pub(super) enum Naming {
    /// Files of this machine.
    Files,
    /// The key, and `PREFIX/WORKSPACE/KEY` for other workspaces.
    Joined { prefix: Field, key: Field, default_below_prefix: bool },
    /// The key, and the key with a marker and the workspace behind it.
    Appended { key: Field, marker: &'static str },
    /// `PREFIX/WORKSPACE` with an ending.
    Directory { prefix: Field, ending: &'static str },
    /// One name, below which the workspaces are told apart.
    One(Field),
    /// Workspaces of a service: by name, by prefix or by tags.
    Workspaces { name: Field },
}

impl Row {
    /// Every part of its addresses.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        let naming = match &self.naming {
            Naming::Files => [Some(&LOCAL_PATH), Some(&LOCAL_DIRECTORY)],
            Naming::Joined { prefix, key, .. } => [Some(prefix), Some(key)],
            Naming::Appended { key: field, .. } | Naming::Directory { prefix: field, .. } => [Some(field), None],
            Naming::One(field) | Naming::Workspaces { name: field } => [Some(field), None],
        };
        self.store.iter().chain(naming.into_iter().flatten())
    }
}

/// One that no variable gives, in the only spelling that it has.
pub(super) const fn field(names: &'static [&'static str], absent: Absent) -> Field {
    Field { names, variables: &[], absent, spelling: exact, is_way: false }
}

impl Field {
    /// The same, given by these variables too.
    pub(super) const fn or(self, variables: &'static [&'static str]) -> Self {
        Self { variables, ..self }
    }

    /// The same, in spellings that this makes one.
    pub(super) const fn spelled(self, spelling: fn(&str, &Surroundings<'_>) -> String) -> Self {
        Self { spelling, ..self }
    }

    /// The same as a way to the store.
    pub(super) const fn way(self) -> Self {
        Self { is_way: true, ..self }
    }
}

/// <https://github.com/hashicorp/terraform/blob/main/internal/backend/local/backend.go>
pub(super) const LOCAL_PATH: Field = field(&["path"], Absent::Default("terraform.tfstate"));
pub(super) const LOCAL_DIRECTORY: Field = field(&["workspace_dir"], Absent::Default("terraform.tfstate.d"));
