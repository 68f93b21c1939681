//! The files that people give to `init -backend-config`, by the names and places that they have for them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{is_address, is_setting};
use crate::{Block, is_code};

/// Directories with nothing but such files in them.
const OF_BACKENDS: [&str; 6] = ["backend", "backends", "backend-config", "backend-configs", "backend_config", "tfbackend"];

/// Directories with other files beside them.
const OF_SETTINGS: [&str; 5] = ["config", "configs", "env", "envs", "vars"];

/// Words in a file's path that say nothing of which root it is for.
const COMMON: [&str; 24] = [
    "azurerm",
    "backend",
    "backends",
    "base",
    "common",
    "conf",
    "config",
    "configs",
    "default",
    "env",
    "environments",
    "envs",
    "gcs",
    "hcl",
    "init",
    "remote",
    "s3",
    "shared",
    "state",
    "terraform",
    "tf",
    "tfbackend",
    "tfvars",
    "vars",
];

/// How a file can be told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// By its name: nobody calls another one so.
    Telling,
    /// By what is in it.
    Open,
}

/// Whether a file in a directory of this name may hold a backend's settings. `directory` is none for a root's own directory and
/// for the one above it.
#[must_use]
pub fn name(directory: Option<&str>, file: &str) -> Option<Name> {
    if file.starts_with('.') || file.ends_with(".tf.json") || file.ends_with(".tftest.json") {
        return None;
    }
    if file.ends_with(".tfbackend") || file.ends_with(".tfbackend.json") {
        return Some(Name::Telling);
    }
    let (stem, ending) = file.rsplit_once('.')?;
    let says_backend = stem.to_lowercase().contains("backend");
    match (directory, ending) {
        (None, "hcl") if says_backend => Some(Name::Telling),
        (_, "backend") => Some(Name::Open),
        (_, "hcl" | "conf" | "config" | "tfvars" | "json") if says_backend => Some(Name::Open),
        (Some(directory), "hcl" | "conf" | "config" | "tfvars" | "json") if OF_BACKENDS.contains(&directory) => Some(Name::Open),
        (Some(directory), "hcl" | "conf" | "config") if OF_SETTINGS.contains(&directory) => Some(Name::Open),
        _ => None,
    }
}

/// Whether this is what `init` would take for a backend of this kind: settings of it, an address among them, and nothing else.
#[must_use]
pub fn holds_settings(kind: &str, file: &Block) -> bool {
    let names = || file.attributes.keys().map(String::as_str).chain(file.blocks.iter().map(|block| block.kind.as_str()));
    names().all(|name| is_setting(kind, name)) && names().any(|name| is_address(kind, name))
}

/// The files that may hold a backend's settings in the directories below one, as `config/backend.hcl` and `env/prod/backend.hcl`;
/// sorted. A directory with code in it is a root or a module, and what is in there is its own.
#[must_use]
pub fn inside(directory: &Path) -> Vec<(PathBuf, Name)> {
    let mut files = Vec::new();
    for inner in directories(directory) {
        let below = directories(&inner);
        for place in std::iter::once(inner).chain(below) {
            files.extend(within(&place, place.file_name().and_then(OsStr::to_str)));
        }
    }
    files
}

/// Those in a directory that hold no code, and that are not hidden; sorted.
fn directories(directory: &Path) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok);
    let seen = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).map(|entry| entry.path());
    let mut directories: Vec<PathBuf> = seen.filter(|path| path.is_dir() && !has_code(path)).collect();
    directories.sort();
    directories
}

/// The same in a directory above several roots, and in itself; none where that is a root too, whose own they are.
#[must_use]
pub fn above(directory: &Path) -> Vec<PathBuf> {
    if has_code(directory) {
        return Vec::new();
    }
    within(directory, None).into_iter().chain(inside(directory)).map(|(file, _)| file).collect()
}

fn has_code(directory: &Path) -> bool {
    let mut entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok);
    entries.any(|entry| is_code(&entry.file_name().to_string_lossy()))
}

/// The same further up, where there are other things beside: in the directory itself and in those for such files.
#[must_use]
pub fn further_up(directory: &Path) -> Vec<PathBuf> {
    if has_code(directory) {
        return Vec::new();
    }
    let places = OF_BACKENDS.iter().chain(&OF_SETTINGS).map(|name| (directory.join(name), Some(*name)));
    let places = std::iter::once((directory.to_owned(), None)).chain(places);
    places
        .filter(|(place, called)| called.is_none() || !has_code(place))
        .flat_map(|(place, called)| within(&place, called))
        .map(|(file, _)| file)
        .collect()
}

/// Those in this directory alone.
#[must_use]
pub fn within(directory: &Path, called: Option<&str>) -> Vec<(PathBuf, Name)> {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok);
    let named = entries.filter_map(|entry| Some((entry.path(), name(called, &entry.file_name().to_string_lossy())?)));
    let mut files: Vec<(PathBuf, Name)> = named.filter(|(path, _)| path.is_file()).collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

/// Which root a file above several is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// For all of them.
    All,
    /// For the one of this name.
    This,
    /// For another one.
    Another,
}

/// Which root a file above several is for, by the words in its path: `prod.hcl`, `backend-prod.conf`, `backend.hcl`; both paths are
/// below `above`, whose own name says nothing that is not true of all roots in it. One that names a directory above the root, as
/// `prod.hcl` for `prod/eu`, is for all in that.
#[must_use]
pub fn is_for(above: &Path, root: &Path, file: &Path) -> For {
    let words = |path: &Path| -> Vec<String> {
        let text = path.to_string_lossy().to_lowercase();
        text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    };
    let below = |path: &Path| path.strip_prefix(above).unwrap_or(path).to_owned();
    let directory = above.file_name().map(|name| words(Path::new(name))).unwrap_or_default();
    // `backend.prod.hcl` says it behind the first dot, `prod/backend.hcl` before.
    let named = words(&below(file).with_extension(""));
    let mut own: Vec<Vec<String>> = below(root).components().map(|part| words(Path::new(part.as_os_str()))).collect();
    if own.len() > 1 {
        own.retain(|part| !part.iter().all(|word| COMMON.contains(&word.as_str())));
    }
    let is_named = |part: &&Vec<String>| part.iter().all(|word| named.contains(word));
    let is_own = |word: &String| own.iter().filter(is_named).any(|part| part.contains(word));
    let says_nothing = |word: &String| COMMON.contains(&word.as_str()) || directory.contains(word);
    let telling: Vec<&String> = named.iter().filter(|word| own.iter().flatten().any(|own| own == *word) || !says_nothing(word)).collect();
    if !telling.iter().all(|word| is_own(word)) {
        For::Another
    } else if !telling.is_empty() && own.iter().all(|part| is_named(&part)) {
        For::This
    } else {
        For::All
    }
}

#[cfg(test)]
mod tests {
    use super::{For, Name, holds_settings, is_for, name};
    use crate::parse_values;
    use std::path::Path;

    #[test]
    fn settings_are_found_under_the_names_that_people_use() {
        for (directory, file, expected) in [
            (None, "prod.tfbackend", Some(Name::Telling)),
            (None, "prod.tfbackend.json", Some(Name::Telling)),
            (Some("env"), "prod.s3.tfbackend", Some(Name::Telling)),
            (None, "backend.hcl", Some(Name::Telling)),
            (None, "backend-prod.hcl", Some(Name::Telling)),
            (None, "backend.conf", Some(Name::Open)),
            (None, "backend.config", Some(Name::Open)),
            (None, "backend.tfvars", Some(Name::Open)),
            (None, "backend.json", Some(Name::Open)),
            (Some("config"), "backend.hcl", Some(Name::Open)),
            (Some("backends"), "prod.hcl", Some(Name::Open)),
            (Some("backend"), "prod.tfvars", Some(Name::Open)),
            (Some("env"), "prod.conf", Some(Name::Open)),
            (Some("env"), "prod.tfvars", None),
            (Some("prod"), "backend.tfvars", Some(Name::Open)),
            (Some("prod"), "prod.conf", None),
            (None, "backend.tf.json", None),
            (None, "backend.tf", None),
            (None, "terragrunt.hcl", None),
            (None, ".terraform.lock.hcl", None),
            (None, "prod.hcl", None),
        ] {
            assert_eq!(name(directory, file), expected, "{directory:?} {file}");
        }
    }

    #[test]
    fn a_file_is_told_by_what_it_holds() {
        for (kind, text, expected) in [
            ("s3", "bucket = \"b\"\nregion = \"r\"\n", true),
            ("s3", "bucket = \"b\"\nenvironment = \"prod\"\n", false),
            ("s3", "encrypt = true\n", false),
            ("s3", "", false),
            ("azurerm", "bucket = \"b\"\n", false),
            ("remote", "organization = \"o\"\nworkspaces {\n  name = \"w\"\n}\n", true),
            ("s3", "bucket = \"b\"\nendpoints = { s3 = \"e\" }\n", true),
            ("s3", "bucket = \"b\"\nremote_state {}\n", false),
        ] {
            let block = parse_values(Path::new("a.hcl"), text).unwrap();
            assert_eq!(holds_settings(kind, &block), expected, "{kind} {text}");
        }
    }

    #[test]
    fn a_file_above_several_roots_is_for_the_one_it_names() {
        for (root, file, expected) in [
            ("prod", "backend.hcl", For::All),
            ("prod", "s3.tfbackend", For::All),
            ("prod", "prod.hcl", For::This),
            ("prod", "backend-prod.conf", For::This),
            ("prod", "backend.prod.hcl", For::This),
            ("prod", "Prod.s3.tfbackend", For::This),
            ("prod", "staging.hcl", For::Another),
            ("prod", "prod-eu.hcl", For::Another),
            ("prod-eu", "prod-eu.hcl", For::This),
            ("prod-eu", "backend_prod_eu.hcl", For::This),
            ("prod-eu", "prod.hcl", For::Another),
            ("aws", "aws.tfbackend", For::This),
            ("staging", "aws.tfbackend", For::Another),
            ("account", "live.tfvars", For::All),
            ("prod", "backends/prod.hcl", For::This),
            ("prod", "env/prod/backend.hcl", For::This),
            ("staging", "prod/backend.hcl", For::Another),
            ("staging", "shared/config/backend.tfvars", For::All),
            ("prod", "prod.s3.tfbackend.json", For::This),
            ("live", "live.tfvars", For::This),
            ("backend", "backend.hcl", For::This),
            // Further up.
            ("prod/eu", "backend.hcl", For::All),
            ("prod/eu", "backends/prod.hcl", For::All),
            ("prod/eu", "backends/prod-eu.hcl", For::This),
            ("prod/eu", "backends/staging.hcl", For::Another),
            ("prod/eu", "backends/prod-us.hcl", For::Another),
            ("envs/prod", "prod.hcl", For::This),
            ("prod-a/eu", "backends/prod.hcl", For::Another),
        ] {
            let above = Path::new("/live");
            assert_eq!(is_for(above, &above.join(root), &above.join(file)), expected, "{root} {file}");
        }
    }
}
