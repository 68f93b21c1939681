//! Where a root keeps its state, as Terraform itself would resolve it.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;
use terraform_config::backend::files::{self, For, Name};
use terraform_config::backend::{self, Location, Setting, Settings, Surroundings};
use terraform_config::{Block, Code, Place, Program, Value, parse_values};

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
    /// What OpenTofu would take, and Terraform does not, where nothing says whose code it is.
    pub(crate) of_opentofu: Option<(Place, String)>,
}

/// What gives the rest of several roots' backends: files in the directories that roots are in, each of which is read once and not for
/// every root, and the shell.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The top of the checkout, above which nothing is looked for.
    top: PathBuf,
    /// What `init` is given by the shell: `NAME=VALUE`, or a file.
    options: Vec<String>,
    /// By directory, and whether it is far from the roots.
    read: Mutex<HashMap<(PathBuf, bool), Files>>,
}

type Files = Arc<[PathBuf]>;

impl Backends {
    /// Reads both for a root directory. `data` is its data directory, which is not always there; `given` is what infra.toml says
    /// that `init` is given.
    pub(crate) fn read(directory: &Path, data: &Path, readings: &[Reading], given: &[String], shared: &Shared) -> Self {
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

    /// A block that Terraform cannot take because something in it is computed, as OpenTofu reads it if that takes it.
    fn computed(&mut self, block: &Block, reading: &Reading) -> Option<Block> {
        let (place, name, value) = computed_in(block)?;
        if !is_static(value, &reading.code, &mut BTreeSet::new()) {
            self.mistakes.push((place, format!("a backend takes no variables, and `{name}` is {value}")));
            return None;
        }
        if reading.code.tofu.is_empty() {
            self.of_opentofu = Some((place, format!("Terraform takes no variables in a backend, as OpenTofu does: `{name}` is {value}")));
        }
        Some(reading.evaluator().filled(block))
    }

    /// Every way in which the block may be completed.
    fn completed(&mut self, base: &Source<'_>, written: &Backend, given: &[String], shared: &Shared) -> Vec<Backend> {
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
        let mut common = Settings::new();
        for (distance, above) in base.directory.ancestors().skip(1).enumerate() {
            if distance > 0 && !above.starts_with(&shared.top) {
                break;
            }
            let (mut own, mut of_all) = (Vec::new(), Vec::new());
            for file in shared.files(above, distance > 0).iter() {
                match files::is_for(above, base.directory, file) {
                    For::This => own.extend(self.settings_in(base, file, Name::Open)),
                    For::All => of_all.extend(self.settings_in(base, file, Name::Open)),
                    For::Another => {}
                }
            }
            let is_found = !own.is_empty() || !of_all.is_empty();
            if distance == 0 {
                alternatives.append(&mut own);
                common.extend(of_all.into_iter().flat_map(|source| source.settings));
            } else if let [one] = if own.is_empty() { of_all.as_slice() } else { own.as_slice() } {
                // So far from the roots a file is for many, and the name of a state in it is none of theirs.
                common.extend(of_store(base.kind, &one.settings));
            }
            if is_found {
                break;
            }
        }
        let common = merged(&base.settings, &common);
        // Of what the shell holds, a name of a state is for the root that somebody is about to work in.
        let by_shell = shared.options.iter().filter(|option| option.contains('=') || base.directory.join(option).is_file());
        let by_shell =
            by_shell.fold(Source { settings: Settings::new(), ..base.clone() }, |source, option| self.with_option(source, option));
        let by_shell = of_store(base.kind, &by_shell.settings);
        for source in &mut alternatives {
            source.settings = merged(&merged(&common, &source.settings), &by_shell);
        }
        or_else(alternatives, &Source { settings: merged(&common, &by_shell), ..base.clone() })
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

/// A setting that takes more than reading.
fn computed_in(block: &Block) -> Option<(Place, &str, &Value)> {
    let own = block.attributes.iter().find(|(_, (value, _))| !value.is_literal());
    let own = own.map(|(name, (value, _))| (block.place_of(name), name.as_str(), value));
    own.or_else(|| block.blocks.iter().find_map(computed_in))
}

/// True for what is made of variables and locals alone, which OpenTofu takes in a backend; `seen` are the locals on the way here.
/// https://opentofu.org/docs/intro/whats-new/#early-variablelocals-evaluation
fn is_static<'a>(value: &'a Value, code: &'a Code, seen: &mut BTreeSet<&'a str>) -> bool {
    let mut given = Vec::new();
    value.walk(&mut |part| {
        if let Value::For(each) = part {
            given.extend(each.names.iter().map(String::as_str));
        }
    });
    value.references().into_iter().all(|reference| match (reference.root.as_str(), reference.name().unwrap_or_default()) {
        ("var", name) => code.variable(name).is_some(),
        ("local", name) => {
            let local = code.of_kind("locals").filter_map(|locals| locals.value(name)).last();
            local.is_some_and(|local| !seen.insert(name) || is_static(local, code, seen))
        }
        ("terraform" | "tofu" | "path", _) => true,
        (other, _) => given.contains(&other),
    })
}

impl Shared {
    /// For the roots of a checkout, with what the shell gives to `init`
    /// (<https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_args-and-tf_cli_args_name>).
    pub(crate) fn of(top: &Path) -> Self {
        let options = options_of(&env::var("TF_CLI_ARGS_init").unwrap_or_default());
        Self { top: top.to_owned(), options, ..Self::default() }
    }

    /// The files in a directory above roots, and in the directories for such that are there.
    fn files(&self, directory: &Path, is_far: bool) -> Files {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let found = || if is_far { files::further_up(directory) } else { files::above(directory) }.into();
        Arc::clone(read.entry((directory.to_owned(), is_far)).or_insert_with(found))
    }
}

/// The values of `-backend-config` on a command line, whose words may have quotes.
fn options_of(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for character in line.chars() {
        match character {
            '"' | '\'' if quote.is_none() => quote = Some(character),
            end if quote == Some(end) => quote = None,
            blank if blank.is_whitespace() && quote.is_none() => words.push(String::new()),
            other => words.last_mut().expect("there is one from the beginning").push(other),
        }
    }
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        match word.trim_start_matches('-').strip_prefix("backend-config") {
            Some("") => options.extend(words.next()),
            Some(rest) => options.extend(rest.strip_prefix('=').map(ToOwned::to_owned)),
            None => {}
        }
    }
    options
}

/// Those of these settings that say what holds states, and not which of them it is.
fn of_store(kind: &str, settings: &Settings) -> Settings {
    settings.iter().filter(|(name, _)| backend::is_store(kind, name)).map(|(name, value)| (name.clone(), value.clone())).collect()
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
    use super::{Backends, Shared, options_of};
    use std::fs;
    use std::path::Path;
    use terraform_config::{Block, Cache, is_loaded, read_values, readings, variable_files};

    /// Reads `root/own`, where these files are, relative to `root`.
    fn backends(root: &Path, files: &[(&str, &str)], given: &[&str]) -> Backends {
        backends_of(root, "own", files, given, &[])
    }

    fn backends_of(root: &Path, own: &str, files: &[(&str, &str)], given: &[&str], shell: &[&str]) -> Backends {
        for (name, text) in files {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let directory = root.join(own);
        let owned = |options: &[&str]| options.iter().map(|option| (*option).to_owned()).collect::<Vec<_>>();
        let shared = Shared { top: root.to_owned(), options: owned(shell), ..Shared::default() };
        let data = directory.join(".terraform");
        let files: Vec<Block> = variable_files(&directory).iter().filter_map(|file| read_values(file).ok()).collect();
        let loaded = || files.iter().filter(|file| is_loaded(&file.place.file));
        let reading = |code| Reading::of(std::sync::Arc::new(code), &data, loaded(), &Cache::default());
        let readings: Vec<Reading> = readings(&directory).into_iter().map(reading).collect();
        Backends::read(&directory, &data, &readings, &owned(given), &shared)
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
    fn what_lies_further_up_or_in_the_shell_says_what_holds_the_states_and_not_which_it_is() {
        const BUCKET: &str = "bucket = \"b\"\nkey = \"never\"\nregion = \"r\"\n";
        for (files, shell, expected) in [
            (&[("backend.hcl", BUCKET)][..], &[][..], "s3 b k"),
            (&[("live/backends/prod.hcl", BUCKET)], &[], "s3 b k"),
            (&[("live/config/prod-eu.s3.tfbackend", BUCKET), ("backend.hcl", "bucket = \"far\"\n")], &[], "s3 b k"),
            (&[("live/prod/backend.hcl", "bucket = \"near\"\n"), ("backend.hcl", BUCKET)], &[], "s3 near k"),
            // Another's, two that may be meant, those of another root, and what may be anybody's.
            (&[("live/backends/staging.hcl", BUCKET)], &[], "s3 k"),
            (&[("backend.hcl", BUCKET), ("backend.conf", "bucket = \"c\"\n")], &[], "s3 k"),
            (&[("backend.hcl", BUCKET), ("main.tf", "locals {}\n")], &[], "s3 k"),
            (&[("other/backend.hcl", BUCKET)], &[], "s3 k"),
            (&[], &["bucket=b", "key=never"], "s3 b k"),
            (&[("own.hcl", BUCKET)], &["../../../own.hcl", "nowhere.hcl"], "s3 b k"),
            (&[("live/prod/backend.hcl", "bucket = \"near\"\n")], &["bucket=b"], "s3 b k"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let files: Vec<_> = files.iter().copied().chain([("live/prod/eu/main.tf", CODE.1)]).collect();
            let found = backends_of(directory.path(), "live/prod/eu", &files, &[], shell);
            assert_eq!((shown(&found), found.mistakes.len()), (vec![expected.to_owned()], 0), "{files:?} {shell:?}");
        }
    }

    #[test]
    fn options_are_taken_from_a_command_line() {
        for (line, expected) in [
            ("-backend-config=a=b -input=false --backend-config ../x.hcl", &["a=b", "../x.hcl"][..]),
            ("-backend-config='a=b c' \"-backend-config=d\"", &["a=b c", "d"]),
            ("-backend=false -backend-config", &[]),
        ] {
            assert_eq!(options_of(line), expected, "{line}");
        }
    }

    #[test]
    fn variables_are_read_as_opentofu_reads_them() {
        let names = "variable \"side\" {\n  default = \"a\"\n}\nvariable \"unset\" {}\nlocals {\n  key = \"${var.side}/k\"\n  id = data.x.y.id\n}\n";
        let tofu = ("own/versions.tofu", "");
        let lock = ("own/.terraform.lock.hcl", "provider \"registry.opentofu.org/hashicorp/aws\" {\n}\n");
        let side = ("own/terraform.tfvars", "side = \"b\"\n");
        for (key, more, expected, is_of_opentofu, mistakes) in [
            ("local.key", None, "s3 b a/k", true, 0),
            ("local.key", Some(tofu), "s3 b a/k", false, 0),
            ("local.key", Some(lock), "s3 b a/k", false, 0),
            ("\"${var.side}/k\"", Some(side), "s3 b b/k", true, 0),
            ("join(\"\", [for each in [\"k\"] : each])", None, "s3 b k", true, 0),
            ("var.unset", None, "s3 b", true, 0),
            ("\"${terraform.workspace}/k\"", None, "s3 b", true, 0),
            // What neither takes.
            ("var.undeclared", None, "s3 b", false, 1),
            ("local.id", None, "s3 b", false, 1),
            ("data.x.y.id", Some(tofu), "s3 b", false, 1),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let code = format!("{names}terraform {{\n  backend \"s3\" {{\n    bucket = \"b\"\n    key = {key}\n  }}\n}}\n");
            let files: Vec<_> = [("own/main.tf", code.as_str())].into_iter().chain(more).collect();
            let found = backends(directory.path(), &files, &[]);
            let is_said = found.of_opentofu.is_some();
            assert_eq!((shown(&found), is_said, found.mistakes.len()), (vec![expected.to_owned()], is_of_opentofu, mistakes), "{key}");
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
