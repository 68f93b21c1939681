//! The modules that a root calls, as far as their code is on this machine.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::block::Block;
use crate::code::{Code, Program};
use crate::json::Json;

/// Code of modules that was read for one root, for the next ones: parsing is most of the work.
#[derive(Debug, Default)]
pub struct Cache(Mutex<HashMap<(PathBuf, Program), ReadOnce>>);

/// What the first to ask has read.
type ReadOnce = Arc<OnceLock<Arc<Code>>>;

/// Where each call leads to, by the directory that it is in and its name.
pub type Calls = HashMap<(PathBuf, String), Vec<PathBuf>>;

/// Modules that `init` has fetched: the last part of each one's key, which is the name in the call, and where it is.
type Installed = Vec<(String, PathBuf)>;

impl Cache {
    fn read(&self, program: Program, directory: &Path) -> Arc<Code> {
        if program == Program::OpenTofu {
            // Most modules have nothing that is OpenTofu's alone.
            let common = self.read(Program::Terraform, directory);
            if common.tofu.is_empty() {
                return common;
            }
        }
        let key = (directory.to_owned(), program);
        let place = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        Arc::clone(place.get_or_init(|| Arc::new(Code::read_for(program, directory))))
    }
}

/// Code of the modules that lie beside a root or that `init` has fetched into its data directory, each directory once, as the
/// program reads it that the root was read for; and all calls, the root's own among them.
pub fn modules(root: &Code, data: &Path, cache: &Cache) -> (Vec<Arc<Code>>, Calls) {
    let mut seen = BTreeSet::new();
    let mut calls = Calls::new();
    let mut installed = None;
    let mut sources = |code: &Code| -> Vec<PathBuf> {
        let mut all = Vec::new();
        for call in code.of_kind("module") {
            let places = called(code, call, || installed.get_or_insert_with(|| fetched(&root.directory, data)));
            all.extend(places.iter().cloned());
            calls.entry((code.directory.clone(), call.label().to_owned())).or_default().extend(places);
        }
        all
    };
    let mut waiting = sources(root);
    let mut modules = Vec::new();
    while let Some(module) = waiting.pop() {
        if seen.insert(module.clone()) {
            let code = cache.read(root.program, &module);
            waiting.extend(sources(&code));
            modules.push(code);
        }
    }
    (modules, calls)
}

/// Where the code is that a call leads to; nowhere for what was never fetched.
fn called<'a>(code: &Code, call: &Block, installed: impl FnOnce() -> &'a mut Installed) -> Vec<PathBuf> {
    let Some(source) = call.text("source") else {
        return Vec::new();
    };
    if source.starts_with("./") || source.starts_with("../") || source.starts_with('/') {
        return code.directory.join(source).canonicalize().into_iter().collect();
    }
    installed().iter().filter(|(key, _)| key == call.label()).map(|(_, place)| place.clone()).collect()
}

/// `.terraform/modules/modules.json`; a manifest that cannot be read is written anew by the next `init`.
fn fetched(directory: &Path, data: &Path) -> Installed {
    let text = fs::read_to_string(data.join("modules/modules.json")).unwrap_or_default();
    let manifest = Json::parse(&text).unwrap_or(Json::Null);
    let modules = if let Some(Json::List(modules)) = manifest.get("Modules") { modules.as_slice() } else { &[] };
    let place = |module: &Json| {
        let text = |name: &str| module.get(name).and_then(Json::text);
        let source = text("Source").filter(|source| !source.is_empty() && !source.starts_with('.'));
        let name = text("Key")?.rsplit('.').next()?.to_owned();
        Some((name, source.and_then(|_| directory.join(text("Dir")?).canonicalize().ok())?))
    };
    modules.iter().filter_map(place).collect()
}
