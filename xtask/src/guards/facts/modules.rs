//! The modules that a root calls, as far as their code is on this machine.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use serde::Deserialize;
use terraform_config::{Block, Code};

/// Code of modules that was read for one environment, for the next ones: parsing is most of the work.
pub(super) type Read = Mutex<HashMap<PathBuf, Arc<OnceLock<Arc<Code>>>>>;

/// Modules that `init` has fetched: the last part of each one's key, which is the name in the call, and where it is.
pub(crate) type Installed = Vec<(String, PathBuf)>;

/// Where each call leads to, by the directory that it is in and its name.
pub(crate) type Calls = HashMap<(PathBuf, String), Vec<PathBuf>>;

/// Code of the modules that lie in the checkout or were fetched, each directory once, and all calls.
pub(super) fn read(directory: &Path, root: &Code, installed: &Installed, read: &Read) -> (Vec<Arc<Code>>, Calls) {
    let mut seen = BTreeSet::new();
    let mut calls = Calls::new();
    let mut sources = |directory: &Path, blocks: &[Block]| -> Vec<PathBuf> {
        let mut all = Vec::new();
        for call in blocks.iter().filter(|block| block.kind == "module") {
            let places = called(directory, call, installed);
            all.extend(places.iter().cloned());
            calls.entry((directory.to_owned(), call.labels.first().cloned().unwrap_or_default())).or_default().extend(places);
        }
        all
    };
    let mut waiting = sources(directory, &root.blocks);
    let mut modules = Vec::new();
    while let Some(module) = waiting.pop() {
        if seen.insert(module.clone()) {
            let place = Arc::clone(read.lock().expect("reading does not panic").entry(module.clone()).or_default());
            let code = place.get_or_init(|| Arc::new(Code::read(&module)));
            waiting.extend(sources(&module, &code.blocks));
            modules.push(Arc::clone(code));
        }
    }
    (modules, calls)
}

/// Where the code is that a call in `directory` leads to; nowhere for what was never fetched.
fn called(directory: &Path, call: &Block, installed: &Installed) -> Vec<PathBuf> {
    let Some(source) = call.text("source") else {
        return Vec::new();
    };
    if source.starts_with("./") || source.starts_with("../") || source.starts_with('/') {
        return directory.join(source).canonicalize().into_iter().collect();
    }
    let name = call.labels.first();
    installed.iter().filter(|(key, _)| Some(key) == name).map(|(_, place)| place.clone()).collect()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Manifest {
    modules: Vec<Fetched>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Fetched {
    key: String,
    source: String,
    dir: String,
}

/// `.terraform/modules/modules.json`; a manifest that cannot be read is written anew by the next `init`.
pub(super) fn installed(directory: &Path, data: &Path) -> Installed {
    let text = fs::read(data.join("modules/modules.json")).unwrap_or_default();
    let manifest: Manifest = serde_json::from_slice(&text).unwrap_or_default();
    let is_fetched = |module: &Fetched| !module.source.is_empty() && !module.source.starts_with('.');
    let fetched = manifest.modules.into_iter().filter(is_fetched);
    let place = |module: Fetched| {
        let name = module.key.rsplit('.').next().unwrap_or_default().to_owned();
        Some((name, directory.join(module.dir).canonicalize().ok()?))
    };
    fetched.filter_map(place).collect()
}
