//! Where a backend keeps its states: the settings that address them, by kind ([`table`]), and whether two are one place.
//!
//! Pure: from settings, environment variables and a directory to a [`Location`]. Nothing is opened and nothing is asked.

pub mod files;
mod meeting;
mod object;
mod path;
mod row;
mod settings;
mod spelling;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path as File, PathBuf};

use crate::paths::without_dots;

pub use self::meeting::meeting;
pub use self::object::Object;
pub use self::path::Path;
use self::row::{Absent, Field, Naming, Row};
pub use self::settings::{kind_of, settings_in, settings_of};

/// The value of a setting, as far as the code says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// This text, after evaluation.
    Text(String),
    /// It is set, but only a run would know to what.
    Unknown,
}

/// Settings by name, those of nested blocks and objects as `workspaces.name`. A missing name is a setting that is left out.
pub type Settings = BTreeMap<String, Setting>;

/// What a backend's address depends on beside its settings.
pub struct Surroundings<'a> {
    /// The root's directory, which paths of the local backend are relative to.
    pub directory: &'a File,
    /// An environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The file that a path leads to, links followed.
    pub resolve: &'a dyn Fn(&File) -> PathBuf,
}

/// One part of what holds the states: a bucket, an account, a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    /// This one.
    Known(String),
    /// This one, where this machine has another or the same for those that say nothing.
    Chosen(String),
    /// By this way: another one may lead to the same place.
    Way(String),
    /// Whatever this machine is set up for: the same for every backend that does not say.
    OfMachine,
    /// Given elsewhere: to `init`, or by a variable that is not set here.
    Elsewhere,
}

/// Where the states of one backend are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// `remote` for `cloud` too: both are workspaces of one service.
    kind: String,
    store: Vec<Part>,
    /// The states in there: of the default workspace, and of any other. None where only a run would know.
    states: Option<Vec<Path>>,
    /// The store in words.
    label: String,
    /// Settings of the store that are given elsewhere.
    missing: Vec<&'static str>,
}

/// Whether two backends have a state in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Some workspace of the one has the state of some workspace of the other.
    Same,
    /// None has.
    Different,
    /// What is known does not contradict either.
    CannotBeKnown,
}

/// Finds where a backend of this kind keeps its states.
#[must_use]
pub fn locate(kind: &str, settings: &Settings, surroundings: &Surroundings<'_>) -> Location {
    match table::row(kind) {
        Some(row) => of_row(row, settings, surroundings),
        None => of_another_kind(kind, settings),
    }
}

/// True when the value of this setting may be shown: it addresses a state and can hold no credentials.
#[must_use]
pub fn may_be_shown(kind: &str, setting: &str) -> bool {
    table::row(kind).is_some_and(|row| row.shown.contains(&setting))
}

/// True when a backend of this kind has a setting or a block of this name.
#[must_use]
pub fn is_setting(kind: &str, name: &str) -> bool {
    table::row(kind).is_some_and(|row| row.shown.iter().chain(row.others).any(|setting| setting.split('.').next() == Some(name)))
}

/// True when this setting of a kind says where a state is.
#[must_use]
pub fn is_address(kind: &str, name: &str) -> bool {
    table::row(kind).is_some_and(|row| row.fields().any(|field| field.names.iter().any(|setting| setting.split('.').next() == Some(name))))
}

/// True when this setting of a kind says what holds the states, and not which of them it is.
#[must_use]
pub fn is_store(kind: &str, name: &str) -> bool {
    table::row(kind).is_some_and(|row| row.store.iter().any(|field| field.names.contains(&name)))
}

impl Location {
    /// Whether all of it is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.states.is_some() && !self.store.contains(&Part::Elsewhere)
    }

    /// Whether a state is named, if not the store that holds it.
    #[must_use]
    pub fn names_a_state(&self) -> bool {
        self.states.is_some()
    }

    /// The states, the default workspace's first; nothing where they are not known.
    #[must_use]
    pub fn states(&self) -> &[Path] {
        self.states.as_deref().unwrap_or_default()
    }

    /// What holds the states, in words that may be shown.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The settings that would have to be known to tell what holds the states.
    #[must_use]
    pub fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    /// Whether both have a state in common.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Answer {
        let pairs = || self.store.iter().zip(&other.store);
        let differs = |(one, other): (&Part, &Part)| match (one, other) {
            (Part::Known(one), Part::Known(other)) | (Part::Chosen(one), Part::Chosen(other)) => one != other,
            _ => false,
        };
        if self.kind != other.kind || self.store.len() != other.store.len() || pairs().any(differs) {
            return Answer::Different;
        }
        match (&self.states, &other.states) {
            (Some(own), Some(others)) if !own.iter().any(|state| others.iter().any(|other| state.meets(other))) => Answer::Different,
            (Some(_), Some(_)) if self.store == other.store && self.is_known() => Answer::Same,
            _ => Answer::CannotBeKnown,
        }
    }

    /// Equal for backends whose states may be in one store: nothing but the way there is different, or left to this machine. `None`
    /// where all that says where it is counts.
    #[must_use]
    pub fn whatever_the_way(&self) -> Option<impl Ord + use<'_>> {
        let is_way = |part: &&Part| matches!(part, Part::Way(_) | Part::Chosen(_) | Part::OfMachine);
        let others = self.store.iter().map(|part| Some(part).filter(|part| !is_way(part))).collect::<Vec<_>>();
        self.store.iter().any(|part| is_way(&part)).then_some((self.kind.as_str(), others))
    }

    /// The parts of that way; `None` for what is left to this machine.
    #[must_use]
    pub fn way(&self) -> Vec<Option<&str>> {
        let part = |part| match part {
            &Part::OfMachine => Some(None),
            Part::Way(text) | Part::Chosen(text) => Some(Some(text.as_str())),
            Part::Known(_) | Part::Elsewhere => None,
        };
        self.store.iter().filter_map(part).collect()
    }

    /// Equal for backends whose states are in one store.
    #[must_use]
    pub fn store(&self) -> impl Ord + std::hash::Hash + Clone + use<'_> {
        (self.kind.as_str(), self.store.as_slice())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.states().first() {
            Some(state) => write!(formatter, "{} {state}", self.label),
            None => formatter.write_str(&self.label),
        }
    }
}

fn of_row(row: &Row, settings: &Settings, surroundings: &Surroundings<'_>) -> Location {
    let value = |field: &Field| field.value(settings, surroundings);
    let stored = |field: &Field| if field.waits_for_a_name(settings) { Part::Elsewhere } else { value(field) };
    let mut store: Vec<Part> = row.store.iter().map(stored).collect();
    let is_elsewhere = |(part, field): (&Part, &Field)| (*part == Part::Elsewhere).then(|| field.names[0]);
    let missing: Vec<&str> = store.iter().zip(row.store).filter_map(is_elsewhere).collect();
    let is_known = missing.is_empty();
    let unusual = |(part, field): (&Part, &Field)| match part {
        Part::Known(text) | Part::Chosen(text) | Part::Way(text) if !matches!(field.absent, Absent::Default(usual) if usual == text) => {
            Some(text.clone())
        }
        _ => None,
    };
    let label = store.iter().zip(row.store).filter_map(unusual).fold(row.family.to_owned(), |label, part| format!("{label} {part}"));
    // What is left out of an unfinished block may be given with the rest: its default counts where nothing else is missing.
    let text = |field: &Field| match value(field) {
        Part::Known(text) if is_known || field.is_given(settings, surroundings) => Some(text),
        _ => None,
    };
    let states = match &row.naming {
        Naming::Files => Some(files(settings, surroundings)),
        Naming::Joined { prefix, key, default_below_prefix } => text(key).and_then(|key| {
            // A prefix that is left out of a block which names a key is the usual one.
            let Part::Known(prefix) = value(prefix) else { return None };
            let default = if *default_below_prefix { Path::joined(&[&prefix, &key]) } else { Path::joined(&[&key]) };
            Some(vec![default, Path::joined(&[&prefix, path::WORKSPACE, &key])])
        }),
        Naming::Appended { key, marker } => text(key).map(|key| {
            let default = Path::joined(&[&key]);
            let others = default.followed_by(marker);
            vec![default, others]
        }),
        Naming::Directory { prefix, ending } => text(prefix).map(|prefix| {
            let of = |workspace: &str| Path::joined(&[&prefix, &format!("{workspace}{ending}")]);
            vec![of("default"), of(path::WORKSPACE)]
        }),
        Naming::One(field) => text(field).map(|name| vec![Path::fixed(name)]),
        Naming::Workspaces { name } => workspaces(settings, text(name), &mut store),
    };
    Location { kind: row.family.to_owned(), store, states, label, missing }
}

/// The local backend's files: <https://github.com/hashicorp/terraform/blob/main/internal/backend/local/backend.go>, `StatePaths`.
fn files(settings: &Settings, surroundings: &Surroundings<'_>) -> Vec<Path> {
    let of = |field: &Field| match field.value(settings, surroundings) {
        Part::Known(text) => text,
        // Only a run would know: the usual place is as good as any.
        Part::Chosen(_) | Part::Way(_) | Part::OfMachine | Part::Elsewhere => String::new(),
    };
    let file = |path: &File| (surroundings.resolve)(&surroundings.directory.join(path)).to_string_lossy().into_owned();
    let default = Path::fixed(file(File::new(&of(&row::LOCAL_PATH))));
    // Terraform joins this one as a text, and `linked/..` is then where the link is, not where it leads.
    let directory = file(&without_dots(File::new(&of(&row::LOCAL_DIRECTORY))));
    vec![default, Path::of_any(format!("{directory}/"), "/terraform.tfstate".to_owned())]
}

/// Workspaces of HCP Terraform or Terraform Enterprise: one by its name, all that begin alike, or all with the same tags.
fn workspaces(settings: &Settings, name: Option<String>, store: &mut Vec<Part>) -> Option<Vec<Path>> {
    let text = |setting: &Setting| if let Setting::Text(text) = setting { Some(text.clone()) } else { None };
    if let Some(name) = name {
        return Some(vec![Path::fixed(name)]);
    }
    if let Some(prefix) = settings.get("workspaces.prefix").and_then(text).filter(|prefix| !prefix.is_empty()) {
        return Some(vec![Path::of_any(prefix, String::new())]);
    }
    let tags = settings.iter().filter(|(name, _)| *name == "workspaces.tags" || name.starts_with("workspaces.tags."));
    let tags: Option<Vec<String>> =
        tags.map(|(name, value)| Some(format!("{} {}", name.trim_start_matches("workspaces."), text(value)?))).collect();
    let tags = tags.filter(|tags| !tags.is_empty())?;
    // Which of them a run works in is chosen outside the code.
    store.push(Part::Elsewhere);
    Some(vec![Path::fixed(tags.join(", "))])
}

/// A kind that no row describes: where all settings are the same, so is the place. None of them may be shown.
fn of_another_kind(kind: &str, settings: &Settings) -> Location {
    let part = |(name, value): (&String, &Setting)| match value {
        Setting::Text(value) => Part::Known(format!("{name}={value}")),
        Setting::Unknown => Part::Elsewhere,
    };
    let store: Vec<Part> = settings.iter().map(part).collect();
    let states = (!store.is_empty()).then(|| vec![Path::fixed(String::new())]);
    Location { kind: kind.to_owned(), store, states, label: kind.to_owned(), missing: Vec::new() }
}

impl Field {
    fn given<'a>(&self, settings: &'a Settings) -> Option<&'a Setting> {
        let is_set = |setting: &&Setting| !matches!(setting, Setting::Text(text) if text.is_empty());
        self.names.iter().find_map(|name| settings.get(*name).filter(is_set))
    }

    fn variable(&self, surroundings: &Surroundings<'_>) -> Option<String> {
        self.variables.iter().find_map(|name| (surroundings.variable)(name).filter(|text| !text.is_empty()))
    }

    fn is_given(&self, settings: &Settings, surroundings: &Surroundings<'_>) -> bool {
        self.given(settings).is_some() || self.variable(surroundings).is_some()
    }

    /// True where a bucket or account is called as none can be, which a person or `-backend-config` replaces: `tfstate-ACCOUNT_NUMBER`,
    /// `<bucket>`. Their names have no capitals: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>,
    /// <https://cloud.google.com/storage/docs/buckets#naming>.
    fn waits_for_a_name(&self, settings: &Settings) -> bool {
        let has_capitals = |word: &str| {
            let is_long = word.contains('_') || ["PLACEHOLDER", "REPLACEME", "CHANGEME", "YOUR", "REPLACE"].contains(&word);
            is_long && word.split('_').all(|part| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
        };
        let is_name = ["bucket", "storage_account_name", "container_name"].contains(&self.names[0]);
        match self.given(settings).filter(|_| is_name) {
            Some(Setting::Text(text)) => text.contains(['<', '>', '{', '}']) || text.split(['-', '.', ' ']).any(has_capitals),
            _ => false,
        }
    }

    fn value(&self, settings: &Settings, surroundings: &Surroundings<'_>) -> Part {
        let part = match (self.is_way, self.absent) {
            (true, _) => Part::Way,
            (false, Absent::OfMachine) => Part::Chosen,
            (false, _) => Part::Known,
        };
        let spelled = |text: &str| part((self.spelling)(text, surroundings));
        match self.given(settings) {
            Some(Setting::Text(text)) => spelled(text),
            Some(Setting::Unknown) => Part::Elsewhere,
            None => match (self.variable(surroundings), &self.absent) {
                (Some(text), _) => spelled(&text),
                (None, Absent::Required) => Part::Elsewhere,
                (None, Absent::OfMachine) => Part::OfMachine,
                (None, Absent::Default(text)) => part((*text).to_owned()),
            },
        }
    }
}

#[cfg(test)]
mod tests;
