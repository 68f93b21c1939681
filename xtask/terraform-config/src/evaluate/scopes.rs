//! What the variables of a root and of its modules are set to.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{DEPTH, Evaluation, MOST, Program};
use crate::code::Code;
use crate::modules::Calls;
use crate::value::Value;

/// One call of a module: what its variables are set to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scope {
    /// By name; of those that are left out, nothing.
    pub(super) variables: BTreeMap<String, Value>,
}

/// Every call of every module of a root, by the module's directory. The root is called once, with what its files set.
#[derive(Debug, Clone, Default)]
pub struct Scopes {
    pub(super) by_directory: HashMap<PathBuf, Vec<Arc<Scope>>>,
    /// Where each call leads to.
    pub(crate) calls: Calls,
}

impl Scopes {
    /// Follows every call from the root, whose variables have these values.
    pub fn follow(root: &Path, inputs: BTreeMap<String, Value>, code: &[&Code], calls: &Calls) -> Self {
        let mut scopes = Self { calls: calls.clone(), ..Self::default() };
        let mut waiting = VecDeque::from([(root.to_owned(), Arc::new(Scope { variables: inputs }), 0)]);
        let mut count = 0;
        while let Some((directory, scope, depth)) = waiting.pop_front() {
            count += 1;
            let found = of_directory(code, &directory).filter(|_| depth < DEPTH);
            for call in found.into_iter().flat_map(|code| code.of_kind("module")) {
                let places = calls.get(&(directory.clone(), call.label().to_owned())).map(Vec::as_slice).unwrap_or_default();
                if places.is_empty() || count + waiting.len() > MOST {
                    continue;
                }
                let program = Program { code, calls, root };
                let evaluation = Evaluation::new(program, found, Arc::clone(&scope), &directory);
                for counted in evaluation.repetitions(call) {
                    let given = Arc::new(Evaluation { counted, ..evaluation.clone() }.given(call));
                    for place in places {
                        waiting.push_back((place.clone(), Arc::clone(&given), depth + 1));
                    }
                }
            }
            let known = scopes.by_directory.entry(directory).or_default();
            if !known.contains(&scope) {
                known.push(scope);
            }
        }
        scopes
    }
}

/// Arguments of a call that are no variables of the module.
pub(super) const META: [&str; 6] = ["source", "version", "providers", "count", "for_each", "depends_on"];

/// The code of a directory.
pub(super) fn of_directory<'a>(code: &[&'a Code], directory: &Path) -> Option<&'a Code> {
    code.iter().find(|code| code.directory == directory).copied()
}
