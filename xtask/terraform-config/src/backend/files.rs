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

/// Which root a file above several is for, by the words in its path: `prod.hcl`, `backend-prod.conf`, `backend.hcl`. The name of the
/// directory above says nothing that is not true of all roots in it.
#[must_use]
pub fn is_for(root: &Path, file: &Path) -> For {
    let text = |path: Option<&OsStr>| path.unwrap_or_default().to_string_lossy().to_lowercase();
    let words = |text: &str| -> Vec<String> {
        text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    };
    let own = words(&text(root.file_name()));
    let directory = words(&text(root.parent().and_then(Path::file_name)));
    // `backend.prod.hcl` says it behind the first dot, `prod/backend.hcl` before.
    let below = root.parent().and_then(|above| file.strip_prefix(above).ok()).unwrap_or(file).with_extension("");
    let named = words(&text(Some(below.as_os_str())));
    let says_nothing = |word: &&String| COMMON.contains(&word.as_str()) || directory.contains(word);
    let telling: Vec<&String> = named.iter().filter(|word| own.contains(word) || !says_nothing(word)).collect();
    if telling.is_empty() {
        For::All
    } else if telling.iter().all(|word| own.contains(word)) && own.iter().all(|word| named.contains(word)) {
        For::This
    } else {
        For::Another
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
        ] {
            let above = Path::new("/live");
            assert_eq!(is_for(&above.join(root), &above.join(file)), expected, "{root} {file}");
        }
    }
}
