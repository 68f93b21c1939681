//! Where a root keeps its state, as Terraform itself would resolve it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use terraform_config::{Block, Code, Place, Value, parse_values};

use super::address::Address;
use super::path::{resolved, without_dots};
use crate::masking;
use crate::unreadable;

/// Terraform's name of the first workspace, and what it calls a local state (backend/local).
pub(super) const DEFAULT_WORKSPACE: &str = "default";
const LOCAL_FILE: &str = "terraform.tfstate";
const LOCAL_DIRECTORY: &str = "terraform.tfstate.d";
/// The S3 backend's prefix of other workspaces, unless one is set.
const S3_PREFIX: &str = "env:";

/// The settings of other kinds that say where a state is; what else they have says how one gets there. Of a kind that is not
/// here, the same settings are the same place.
const PLACES: [(&str, &[&str]); 10] = [
    ("azurerm", &["storage_account_name", "container_name", "key"]),
    ("consul", &["address", "datacenter", "path"]),
    ("cos", &["bucket", "prefix", "key"]),
    ("gcs", &["bucket", "prefix"]),
    ("http", &["address"]),
    ("kubernetes", &["namespace", "secret_suffix", "host", "config_context"]),
    ("oci", &["bucket", "namespace", "key"]),
    ("oss", &["bucket", "prefix", "key"]),
    ("pg", &["conn_str", "schema_name"]),
    ("remote", &["hostname", "organization", "workspaces.name", "workspaces.prefix", "workspaces"]),
];

/// One configuration of a backend: kind and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    /// `local`, `s3`, ...
    pub(crate) kind: String,
    /// Settings by name; nested ones as they are written.
    pub(crate) settings: BTreeMap<String, String>,
    /// What they come from: the block, a `.tfbackend` file, or what `init` remembered.
    pub(crate) place: Place,
}

/// What a root declares and what `init` has remembered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backends {
    /// Block and override files, completed by each `.tfbackend` file beside them; one without any.
    pub(crate) declared: Vec<Backend>,
    /// `.terraform/terraform.tfstate`.
    pub(crate) remembered: Option<Backend>,
    /// What could not be understood.
    pub(crate) mistakes: Vec<(Place, String)>,
}

impl Backends {
    /// Reads both for a root directory. `data` is its data directory, which is not always there.
    pub(crate) fn read(directory: &Path, data: &Path, code: &Code) -> Self {
        let mut backends = Self::default();
        let block = declared_block(code);
        let base = block.map_or_else(
            || Backend { kind: "local".to_owned(), settings: BTreeMap::new(), place: Place { file: directory.to_owned(), line: 1 } },
            Backend::of_block,
        );
        backends.mistakes.extend(block.and_then(unresolved));
        let mut partial = Vec::new();
        for file in partial_configurations(directory) {
            let text = unreadable::read_text(&file).map_err(|error| (1, error.to_string()));
            match text.and_then(|text| parse_values(&file, &text).map_err(|error| (error.line, error.message))) {
                Ok(settings) => partial.push(base.completed_by(&settings)),
                Err((line, why)) => backends.mistakes.push((Place { file, line }, why)),
            }
        }
        backends.declared = if partial.is_empty() { vec![base] } else { partial };
        let remembered = data.join(LOCAL_FILE);
        if let Ok(text) = fs::read_to_string(&remembered) {
            match serde_json::from_str::<Json>(&text) {
                Ok(json) => backends.remembered = Backend::of_memory(&remembered, &json),
                Err(error) => backends.mistakes.push((Place { file: remembered, line: error.line() }, error.to_string())),
            }
        }
        for (name, value) in backends.all().flat_map(|backend| &backend.settings) {
            masking::learn_setting(name, value);
        }
        backends
    }

    /// Every configuration that a run may meet.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Backend> {
        self.declared.iter().chain(&self.remembered)
    }
}

impl Backend {
    fn of_block(block: &Block) -> Self {
        let kind = if block.kind == "cloud" { "cloud".to_owned() } else { block.labels.first().cloned().unwrap_or_default() };
        let mut backend = Self { kind, settings: BTreeMap::new(), place: block.place.clone() };
        backend.take(block, "");
        backend
    }

    fn take(&mut self, block: &Block, prefix: &str) {
        for (name, (value, _)) in &block.attributes {
            if *value != Value::Null {
                let text = value.text().map_or_else(|| value.to_string(), ToOwned::to_owned);
                self.settings.insert(format!("{prefix}{name}"), text);
            }
        }
        for inner in &block.blocks {
            self.take(inner, &format!("{prefix}{}.", inner.kind));
        }
    }

    fn completed_by(&self, settings: &Block) -> Self {
        let mut backend = Self { place: settings.place.clone(), ..self.clone() };
        backend.take(settings, "");
        backend
    }

    fn of_memory(file: &Path, json: &Json) -> Option<Self> {
        let kind = json["backend"]["type"].as_str()?.to_owned();
        let config = json["backend"]["config"].as_object()?;
        let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let settings = config.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), text(value))).collect();
        Some(Self { kind, settings, place: Place { file: file.to_owned(), line: 1 } })
    }

    /// True where somebody has written it down: without a block Terraform keeps the state beside the code.
    pub(crate) fn is_written(&self, directory: &Path) -> bool {
        self.place.file != directory
    }

    /// Addresses of the default workspace and of any other; paths of the local backend are relative to `directory`.
    pub(crate) fn addresses(&self, directory: &Path) -> Vec<Address> {
        let setting = |name: &str| self.settings.get(name).map(String::as_str).filter(|text| !text.is_empty());
        match self.kind.as_str() {
            "local" => {
                let path = |parts: PathBuf| Address { store: "local".to_owned(), path: parts_of(&resolved(&parts)) };
                // Terraform joins this one as a text, and `linked/..` is then where the link is, not where it leads.
                let mut others = path(directory.join(without_dots(Path::new(setting("workspace_dir").unwrap_or(LOCAL_DIRECTORY)))));
                others.path.extend([None, Some(LOCAL_FILE.to_owned())]);
                vec![path(directory.join(setting("path").unwrap_or(LOCAL_FILE))), others]
            }
            "s3" => {
                let (Some(bucket), Some(key)) = (setting("bucket"), setting("key")) else {
                    // Without them there is no address yet, and nothing that could be shared.
                    return Vec::new();
                };
                let endpoint = setting("endpoints").or(setting("endpoint")).unwrap_or_default();
                let store = format!("s3 {bucket} {endpoint}").trim_end().to_owned();
                let raw = |text: &str| text.split('/').map(|part| Some(part.to_owned())).collect::<Vec<_>>();
                // Joined as Go's path.Join does it: empty parts disappear.
                let clean = |text: &str| raw(text).into_iter().filter(|part| part.as_deref() != Some("")).collect::<Vec<_>>();
                let prefix = clean(setting("workspace_key_prefix").unwrap_or(S3_PREFIX));
                let others = prefix.into_iter().chain([None]).chain(clean(key)).collect();
                vec![Address { store: store.clone(), path: raw(key) }, Address { store, path: others }]
            }
            other => {
                let identity = PLACES.iter().find(|(kind, _)| *kind == other).map(|(_, names)| *names);
                let is_of_place = |name: &str| identity.is_none_or(|names| names.contains(&name));
                let places = self.settings.iter().filter(|(name, value)| is_of_place(name) && !value.is_empty());
                // Google's prefix is one part of a path that Terraform joins.
                let plain = |value: &String| value.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
                let shown = |(name, value): (&String, &String)| {
                    if other == "gcs" { format!("{name}={}", plain(value)) } else { format!("{name}={value}") }
                };
                vec![Address { store: other.to_owned(), path: vec![Some(places.map(shown).collect::<Vec<_>>().join(" "))] }]
            }
        }
    }
}

/// The last `backend` or `cloud` block wins: override files come last, and replace the whole of it.
fn declared_block(code: &Code) -> Option<&Block> {
    let inner = code.of_kind("terraform").flat_map(|terraform| &terraform.blocks);
    inner.filter(|block| block.kind == "backend" || block.kind == "cloud").last()
}

/// A setting that takes more than reading: Terraform takes none, and another program's place is not known here.
fn unresolved(block: &Block) -> Option<(Place, String)> {
    let own = block
        .attributes
        .iter()
        .find(|(_, (value, _))| !value.is_literal())
        .map(|(name, (value, _))| (block.place_of(name), format!("a backend takes no variables, and `{name}` is {value}")));
    own.or_else(|| block.blocks.iter().find_map(unresolved))
}

/// What people give to `init -backend-config`, by the names that Terraform's pages have had for it.
fn partial_configurations(directory: &Path) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_partial = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_hcl = name.ends_with(".hcl") && name.contains("backend") && !name.starts_with('.');
        name.ends_with(".tfbackend") || name.ends_with(".tfbackend.json") || is_hcl
    };
    let mut files: Vec<PathBuf> = entries.filter(is_partial).collect();
    files.sort();
    files
}

/// Files of a directory by extension, sorted.
pub(crate) fn files_with_extension(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn parts_of(path: &Path) -> Vec<Option<String>> {
    path.components().map(|part| Some(part.as_os_str().to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Address, Backend, Backends};
    use std::fs;
    use std::path::Path;
    use terraform_config::Code;

    fn backends(directory: &Path, files: &[(&str, &str)]) -> Backends {
        fs::create_dir_all(directory.join(".terraform")).unwrap();
        for (name, text) in files {
            fs::write(directory.join(name), text).unwrap();
        }
        Backends::read(directory, &directory.join(".terraform"), &Code::read(directory))
    }

    fn s3(settings: &[(&str, &str)]) -> Vec<Address> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let place = super::Place { file: "x".into(), line: 1 };
        Backend { kind: "s3".to_owned(), settings, place }.addresses(Path::new("/"))
    }

    #[test]
    fn the_last_block_wins_and_tfbackend_files_complete_it() {
        let directory = tempfile::tempdir().unwrap();
        let found = backends(
            directory.path(),
            &[
                ("main.tf", "terraform {\n  backend \"local\" {}\n}\n"),
                ("x_override.tf", "terraform {\n  backend \"s3\" {\n    key = \"k\"\n  }\n}\n"),
                ("a.tfbackend", "bucket = \"a\"\n"),
                ("b.tfbackend", "bucket = \"b\"\nkey = \"other\"\n"),
                (".terraform/terraform.tfstate", r#"{"backend": {"type": "s3", "config": {"bucket": "c", "key": "k", "region": null}}}"#),
            ],
        );
        let shown: Vec<String> =
            found.all().flat_map(|backend| backend.addresses(directory.path())).map(|address| address.to_string()).collect();
        assert_eq!(
            shown,
            ["s3 a k", "s3 a env:/<workspace>/k", "s3 b other", "s3 b env:/<workspace>/other", "s3 c k", "s3 c env:/<workspace>/k"]
        );
    }

    #[test]
    fn addresses_meet_where_terraform_would_write_one_state() {
        for (left, right, meets, looks) in [
            (s3(&[("bucket", "b"), ("key", "k")]), s3(&[("bucket", "b"), ("key", "k")]), true, false),
            (s3(&[("bucket", "b"), ("key", "k")]), s3(&[("bucket", "c"), ("key", "k")]), false, false),
            (s3(&[("bucket", "b"), ("key", "k")]), s3(&[("bucket", "b"), ("key", "K")]), false, true),
            // The default workspaces are apart, any other is not: Terraform cleans the joined path.
            (s3(&[("bucket", "b"), ("key", "a/k")]), s3(&[("bucket", "b"), ("key", "a//k")]), true, false),
            (s3(&[("bucket", "b"), ("key", "k")]), s3(&[("bucket", "b"), ("key", "j")]), false, false),
            (s3(&[("bucket", "b"), ("key", "k")]), s3(&[("bucket", "b"), ("key", "env:/prod/k")]), true, false),
            (s3(&[("bucket", "b"), ("key", "k"), ("workspace_key_prefix", "p")]), s3(&[("bucket", "b"), ("key", "p/x/k")]), true, false),
            (s3(&[("bucket", "b"), ("key", "k"), ("endpoint", "e")]), s3(&[("bucket", "b"), ("key", "k")]), false, false),
        ] {
            let any = |test: fn(&Address, &Address) -> bool| left.iter().any(|one| right.iter().any(|other| test(one, other)));
            assert_eq!(any(Address::meets), meets, "{left:?} {right:?}");
            assert_eq!(any(Address::looks_like) && !meets, looks, "{left:?} {right:?}");
        }
    }

    #[test]
    fn local_paths_are_the_files_they_lead_to() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        for environment in ["a", "b"] {
            fs::create_dir_all(root.join(environment)).unwrap();
        }
        std::os::unix::fs::symlink(root.join("a"), root.join("linked")).unwrap();
        let local = |environment: &str, path: &str| {
            let code = format!("terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n");
            let directory = root.join(environment);
            backends(&directory, &[("main.tf", &code)]).declared[0].addresses(&directory)[0].clone()
        };
        let own = local("a", "terraform.tfstate");
        for path in [
            "../a/terraform.tfstate",
            "../linked/terraform.tfstate",
            ".././a/./terraform.tfstate",
            &root.join("a/terraform.tfstate").to_string_lossy(),
        ] {
            assert!(local("b", path).meets(&own), "{path}");
        }
        assert!(!local("b", "terraform.tfstate").meets(&own));
    }
}
