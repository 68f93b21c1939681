//! Where a root keeps its state, as Terraform itself would resolve it.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;
use terraform_config::backend::files::{self, For, Name};
use terraform_config::backend::{self, Location, Setting, Settings, Surroundings};
use terraform_config::{Block, Place, Program, parse_values};

use super::path::resolved;
use super::reading::Reading;
use crate::masking;
use crate::unreadable;

/// Where `init` remembers what it was given, in the data directory.
const REMEMBERED: &str = "terraform.tfstate";

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
}

/// Files of settings in the directories that roots are in: each of those is read once, and not for every root.
#[derive(Debug, Default)]
pub(crate) struct Above(Mutex<HashMap<PathBuf, Arc<[PathBuf]>>>);

impl Backends {
    /// Reads both for a root directory. `data` is its data directory, which is not always there; `given` is what infra.toml says
    /// that `init` is given.
    pub(crate) fn read(directory: &Path, data: &Path, readings: &[Reading], given: &[String], above: &Above) -> Self {
        let mut backends = Self::default();
        let remembered = data.join(REMEMBERED);
        if let Ok(text) = fs::read_to_string(&remembered) {
            match serde_json::from_str::<Json>(&text) {
                Ok(json) => backends.remembered = of_memory(directory, &remembered, &json),
                Err(error) => backends.mistakes.push((Place { file: remembered, line: error.line() }, error.to_string())),
            }
        }
        for reading in readings {
            let block = reading.code.backend();
            let filled = match reading.code.program {
                Program::Terraform => {
                    backends.mistakes.extend(block.and_then(unresolved));
                    None
                }
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
            let declared = backends.completed(&base, &written, given, above);
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

    /// Every way in which the block may be completed.
    fn completed(&mut self, base: &Source<'_>, written: &Backend, given: &[String], above: &Above) -> Vec<Backend> {
        if !given.is_empty() {
            return vec![given.iter().fold(base.clone(), |source, option| self.with_option(source, option)).located()];
        }
        let own = files::within(base.directory, None);
        let (told, open): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, name)| *name == Name::Telling);
        let mut alternatives: Vec<Source> = told.iter().filter_map(|(file, _)| self.settings_in(base, file, Name::Telling)).collect();
        // What `init` was given goes before what only looks as if it could be.
        let is_given = self.remembered.as_ref().is_some_and(|remembered| remembered.kind == written.kind && agrees(written, remembered));
        if written.location.is_known() || is_given {
            alternatives.iter_mut().for_each(|source| source.settings = merged(&base.settings, &source.settings));
            return or_else(alternatives, base);
        }
        let inner = files::inside(base.directory);
        alternatives
            .extend(open.into_iter().chain(inner).filter_map(|(file, name)| self.settings_in(base, &file, name)).collect::<Vec<_>>());
        let mut shared = Settings::new();
        for file in above.of(base.directory).iter() {
            match files::is_for(base.directory, file) {
                For::This => alternatives.extend(self.settings_in(base, file, Name::Open)),
                For::All => shared.extend(self.settings_in(base, file, Name::Open).into_iter().flat_map(|source| source.settings)),
                For::Another => {}
            }
        }
        let shared = merged(&base.settings, &shared);
        alternatives.iter_mut().for_each(|source| source.settings = merged(&shared, &source.settings));
        or_else(alternatives, &Source { settings: shared, ..base.clone() })
    }

    /// One that `init` is given: `NAME=VALUE`, or a file.
    fn with_option<'a>(&mut self, source: Source<'a>, option: &str) -> Source<'a> {
        if let Some((name, value)) = option.split_once('=') {
            let value = Setting::Text(value.trim().to_owned());
            return Source { settings: merged(&source.settings, &Settings::from([(name.trim().to_owned(), value)])), ..source };
        }
        let file = source.directory.join(option);
        match settings_of(&file) {
            Ok(found) => {
                let settings = merged(&source.settings, &backend::settings_of(&found));
                Source { settings, place: self.kept(found), ..source }
            }
            Err((line, why)) => {
                self.mistakes.push((Place { file, line }, why));
                source
            }
        }
    }

    /// What is in a file of settings for a backend of this kind, if it is one.
    fn settings_in<'a>(&mut self, base: &Source<'a>, file: &Path, name: Name) -> Option<Source<'a>> {
        match settings_of(file) {
            Ok(found) if name == Name::Telling || files::holds_settings(base.kind, &found) => {
                Some(Source { settings: backend::settings_of(&found), place: self.kept(found), ..base.clone() })
            }
            Err((line, why)) if name == Name::Telling => {
                self.mistakes.push((Place { file: file.to_owned(), line }, why));
                None
            }
            _ => None,
        }
    }

    fn kept(&mut self, file: Block) -> Place {
        let place = file.place.clone();
        self.files.push(file);
        place
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

fn or_else(alternatives: Vec<Source>, base: &Source) -> Vec<Backend> {
    let sources = if alternatives.is_empty() { vec![base.clone()] } else { alternatives };
    sources.into_iter().map(Source::located).collect()
}

fn merged(below: &Settings, above: &Settings) -> Settings {
    below.iter().chain(above).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// True where nothing that is written says otherwise than what `init` remembered.
fn agrees(written: &Backend, remembered: &Backend) -> bool {
    written
        .settings
        .iter()
        .all(|(name, value)| *value == Setting::Unknown || remembered.settings.get(name).is_none_or(|other| other == value))
}

fn settings_of(file: &Path) -> Result<Block, (usize, String)> {
    let text = unreadable::read_text(file).map_err(|error| (1, error.to_string()))?;
    parse_values(file, &text).map_err(|error| (error.line, error.message))
}

fn of_memory(directory: &Path, file: &Path, json: &Json) -> Option<Backend> {
    let mut settings = Settings::new();
    json["backend"]["config"].as_object()?.iter().for_each(|(name, value)| put(&mut settings, name, value));
    let place = Place { file: file.to_owned(), line: 1 };
    Some(Source { directory, kind: json["backend"]["type"].as_str()?, settings, place }.located())
}

fn put(settings: &mut Settings, name: &str, value: &Json) {
    let text = match value {
        Json::Null => return,
        Json::Object(fields) => return fields.iter().for_each(|(key, value)| put(settings, &format!("{name}.{key}"), value)),
        // How older versions wrote a nested block.
        Json::Array(items) if items.len() == 1 && items[0].is_object() => return put(settings, name, &items[0]),
        Json::Array(items) => {
            let mut items: Vec<String> = items.iter().map(Json::to_string).collect();
            items.sort();
            format!("[{}]", items.join(", "))
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    settings.insert(name.to_owned(), Setting::Text(text));
}

/// A setting that takes more than reading: Terraform takes none, and another program's place is not known here.
fn unresolved(block: &Block) -> Option<(Place, String)> {
    let own = block.attributes.iter().find(|(_, (value, _))| !value.is_literal());
    let own = own.map(|(name, (value, _))| (block.place_of(name), format!("a backend takes no variables, and `{name}` is {value}")));
    own.or_else(|| block.blocks.iter().find_map(unresolved))
}

impl Above {
    /// The files one above a root, and in the directories for such that are there.
    fn of(&self, directory: &Path) -> Arc<[PathBuf]> {
        let Some(parent) = directory.parent() else { return Arc::new([]) };
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = || files::above(parent).into();
        Arc::clone(read.entry(parent.to_owned()).or_insert_with(found))
    }
}

/// Files of a directory by extension, sorted.
pub(crate) fn files_with_extension(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::super::reading::Reading;
    use super::{Above, Backends};
    use std::fs;
    use std::path::Path;
    use terraform_config::{Cache, readings};

    /// Reads `root/own`, where these files are, relative to `root`.
    fn backends(root: &Path, files: &[(&str, &str)], given: &[&str]) -> Backends {
        for (name, text) in files {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let directory = root.join("own");
        let given: Vec<String> = given.iter().map(|option| (*option).to_owned()).collect();
        let data = directory.join(".terraform");
        let reading = |code| Reading::of(std::sync::Arc::new(code), &data, std::iter::empty(), &Cache::default());
        let readings: Vec<Reading> = readings(&directory).into_iter().map(reading).collect();
        Backends::read(&directory, &data, &readings, &given, &Above::default())
    }

    fn shown(backends: &Backends) -> Vec<String> {
        backends.all().map(|backend| backend.location.to_string()).collect()
    }

    const CODE: (&str, &str) = ("own/main.tf", "terraform {\n  backend \"s3\" {\n    key = \"k\"\n  }\n}\n");

    #[test]
    fn the_last_block_wins_and_tfbackend_files_complete_it() {
        let directory = tempfile::tempdir().unwrap();
        let files = [
            ("own/main.tf", "terraform {\n  backend \"local\" {}\n}\n"),
            ("own/x_override.tf", CODE.1),
            ("own/a.tfbackend", "bucket = \"a\"\n"),
            ("own/b.tfbackend", "bucket = \"b\"\nkey = \"other\"\n"),
            ("own/.terraform/terraform.tfstate", r#"{"backend": {"type": "s3", "config": {"bucket": "c", "key": "k", "region": null}}}"#),
        ];
        assert_eq!(shown(&backends(directory.path(), &files, &[])), ["s3 a k", "s3 b other", "s3 c k"]);
    }

    #[test]
    fn settings_are_found_where_people_keep_them_and_told_by_what_they_hold() {
        let bucket = "bucket = \"b\"\nregion = \"r\"\n";
        for (file, text, expected) in [
            ("own/backend.conf", bucket, "s3 b k"),
            ("own/backend.tfvars", bucket, "s3 b k"),
            ("own/backend.json", "{\"bucket\": \"b\"}", "s3 b k"),
            ("own/config/prod.tfbackend", bucket, "s3 b k"),
            ("own/backends/prod.hcl", bucket, "s3 b k"),
            ("own/env/prod.conf", bucket, "s3 b k"),
            ("own/tfvars/backends/prod.tfvars", bucket, "s3 b k"),
            ("own/environments/prod/backend.tfvars", bucket, "s3 b k"),
            ("backend.hcl", bucket, "s3 b k"),
            ("backends/own.hcl", bucket, "s3 b k"),
            ("config/own.s3.tfbackend", bucket, "s3 b k"),
            // Another root's, another kind's, and none.
            ("backends/other.hcl", bucket, "s3 k"),
            ("own/backend.conf", "storage_account_name = \"a\"\n", "s3 k"),
            ("own/backend.conf", "not = = parsed", "s3 k"),
            ("own/env/prod.tfvars", bucket, "s3 k"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let found = backends(directory.path(), &[CODE, (file, text)], &[]);
            assert_eq!((shown(&found), found.mistakes.len()), (vec![expected.to_owned()], 0), "{file} {text}");
        }
    }

    #[test]
    fn what_lies_in_another_root_is_that_ones() {
        let directory = tempfile::tempdir().unwrap();
        let files = [
            CODE,
            ("main.tf", "locals {}\n"),
            ("backend.hcl", "bucket = \"b\"\n"),
            ("own/config/main.tf", ""),
            ("own/config/a.tfbackend", "bucket = \"c\"\n"),
        ];
        assert_eq!(shown(&backends(directory.path(), &files, &[])), ["s3 k"]);
    }

    #[test]
    fn what_is_shared_is_completed_by_what_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let files = [
            ("own/main.tf", "terraform {\n  backend \"s3\" {}\n}\n"),
            ("backend.hcl", "bucket = \"b\"\n"),
            ("own/backend.conf", "key = \"own\"\n"),
        ];
        assert_eq!(shown(&backends(directory.path(), &files, &[])), ["s3 b own"]);
    }

    #[test]
    fn what_init_was_given_goes_before_what_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let memory = r#"{"backend": {"type": "s3", "config": {"bucket": "c", "key": "k", "endpoints": {"s3": "http://m:9000"}}}}"#;
        let files = [CODE, ("own/backend.conf", "bucket = \"b\"\n"), ("own/.terraform/terraform.tfstate", memory)];
        let found = backends(directory.path(), &files, &[]);
        assert_eq!(found.known().map(|backend| backend.location.to_string()).collect::<Vec<_>>(), ["s3 c m:9000 k"]);
    }

    #[test]
    fn what_infra_toml_says_goes_before_all_files() {
        let directory = tempfile::tempdir().unwrap();
        let files = [CODE, ("own/a.tfbackend", "bucket = \"a\"\n"), ("given.hcl", "bucket = \"b\"\nkey = \"other\"\n")];
        for (given, expected) in [
            (&["bucket=x"][..], "s3 x k"),
            (&["../given.hcl"], "s3 b other"),
            (&["../given.hcl", "key=y"], "s3 b y"),
            (&["../none.hcl"], "s3 k"),
        ] {
            let found = backends(directory.path(), &files, given);
            assert_eq!((shown(&found), found.mistakes.len()), (vec![expected.to_owned()], usize::from(expected == "s3 k")), "{given:?}");
        }
    }

    #[test]
    fn workspaces_are_remembered_in_either_form() {
        for workspaces in ["{\"name\": \"w\", \"prefix\": null}", "[{\"name\": \"w\", \"prefix\": null}]"] {
            let directory = tempfile::tempdir().unwrap();
            let memory = format!(r#"{{"backend": {{"type": "remote", "config": {{"organization": "o", "workspaces": {workspaces}}}}}}}"#);
            let found = backends(directory.path(), &[("own/.terraform/terraform.tfstate", &memory)], &[]);
            assert_eq!(found.remembered.unwrap().location.to_string(), "remote o w", "{workspaces}");
        }
    }

    #[test]
    fn local_paths_are_the_files_they_lead_to() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        for environment in ["a", "own"] {
            fs::create_dir_all(root.join(environment)).unwrap();
        }
        std::os::unix::fs::symlink(root.join("a"), root.join("linked")).unwrap();
        let local = |path: &str| {
            let code = format!("terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n");
            backends(&root, &[("own/main.tf", &code)], &[]).declared[0].location.clone()
        };
        let expected = format!("local {}", root.join("a/terraform.tfstate").display());
        for path in [
            "../a/terraform.tfstate",
            "../linked/terraform.tfstate",
            ".././a/./terraform.tfstate",
            &root.join("a/terraform.tfstate").to_string_lossy(),
        ] {
            assert_eq!(local(path).to_string(), expected, "{path}");
        }
        assert_ne!(local("terraform.tfstate").to_string(), expected);
    }
}
