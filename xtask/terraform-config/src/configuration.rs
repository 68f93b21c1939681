//! A root module with the modules that it uses.

use std::path::Path;
use std::sync::Arc;

use crate::block::Block;
use crate::code::Code;
use crate::evaluate::{Evaluator, Scopes};
use crate::modules::{Cache, modules};
use crate::value::Value;
use crate::variables::inputs;

/// Modules that call each other deeper than this are not followed.
const DEPTH: usize = 16;

/// A root module with the modules that it uses, once for each program that has something else to read there, Terraform's first.
#[derive(Debug, Default)]
pub struct Configuration {
    /// One, or two where OpenTofu finds something else than Terraform.
    pub readings: Vec<Reading>,
}

/// The code of a root and of its modules, as one program reads it.
#[derive(Debug, Default)]
pub struct Reading {
    /// The root's own code.
    pub code: Arc<Code>,
    /// Code of the modules on this machine that it uses, however deep.
    pub modules: Vec<Arc<Code>>,
    /// What the variables of its modules are set to, and its own.
    scopes: Scopes,
}

impl Reading {
    /// Finds the modules of a root, whose data directory and loaded variable files these are.
    fn of(code: &Arc<Code>, data: &Path, loaded: &[&Block], cache: &Cache) -> Self {
        let (modules, calls) = modules(code, data, cache);
        let all: Vec<&Code> = std::iter::once(code).chain(&modules).map(|code| &**code).collect();
        let scopes = Scopes::follow(&code.directory, inputs(loaded.iter().copied()), &all, &calls);
        Self { scopes, modules, code: Arc::clone(code) }
    }

    /// The root's code and that of its modules.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Code>> {
        std::iter::once(&self.code).chain(&self.modules)
    }

    /// True where this block is part of it, in the same words.
    fn has(&self, block: &Block) -> bool {
        self.all().any(|code| code.directory == block.directory() && code.blocks.contains(block))
    }

    /// Finds out what values in it come to.
    pub(crate) fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(&self.code.directory, self.all().map(|code| &**code).collect(), &self.scopes)
    }
}

impl Configuration {
    /// Reads the modules of a root, whose code, data directory and loaded variable files these are.
    pub fn read(code: &[Arc<Code>], data: &Path, loaded: &[&Block], cache: &Cache) -> Self {
        Self { readings: code.iter().map(|code| Reading::of(code, data, loaded, cache)).collect() }
    }

    /// The root's blocks and its modules', each once: those that one program reads, and what another one reads beside.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.readings.iter().enumerate().flat_map(move |(at, reading)| {
            let is_new = move |block: &&Block| !self.readings[..at].iter().any(|earlier| earlier.has(block));
            reading.all().flat_map(|code| &code.blocks).filter(is_new)
        })
    }

    /// The same of one kind: `resource`, `provider`.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks().filter(move |block| block.kind == kind)
    }

    /// The blocks of the root alone.
    pub fn root_blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks().filter(|block| self.is_in_root(block))
    }

    /// True for a block of the root itself.
    pub fn is_in_root(&self, block: &Block) -> bool {
        self.readings.first().is_some_and(|reading| reading.code.directory == block.directory())
    }

    /// The code of its modules; of one that holds something for OpenTofu alone, as each program reads it.
    pub fn modules(&self) -> impl Iterator<Item = &Arc<Code>> {
        self.readings.iter().enumerate().flat_map(move |(at, reading)| {
            let known = move || self.readings[..at].iter().flat_map(|earlier| &earlier.modules);
            reading.modules.iter().filter(move |module| !known().any(|it| Arc::ptr_eq(it, module)))
        })
    }

    /// Every text that `value`, in this block, may come to; empty where that takes more than reading, and where the block is never
    /// made. See [`Evaluator::texts`].
    pub fn texts(&self, block: &Block, value: &Value) -> Vec<String> {
        self.evaluator(block).texts(block, value)
    }

    /// The same of an attribute, empty ones aside.
    pub fn texts_of(&self, block: &Block, attribute: &str) -> Vec<String> {
        let texts = block.value(attribute).map(|value| self.texts(block, value)).unwrap_or_default();
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// The same of attributes that belong together; nothing where one of them is missing. See [`Evaluator::texts_together`].
    pub fn texts_together(&self, block: &Block, attributes: &[&str]) -> Vec<Vec<String>> {
        let values: Option<Vec<&Value>> = attributes.iter().map(|attribute| block.value(attribute)).collect();
        values.map(|values| self.evaluator(block).texts_together(block, &values)).unwrap_or_default()
    }

    /// Everything that `value`, in this block, comes to, with what is unknown of it. See [`Evaluator::values`].
    pub fn values(&self, block: &Block, value: &Value) -> Vec<Value> {
        self.evaluator(block).values(block, value)
    }

    /// What `value` comes to, where that is one thing. See [`Evaluator::one`].
    pub fn one(&self, block: &Block, value: &Value) -> Value {
        self.evaluator(block).one(block, value)
    }

    /// True where it is known what an attribute, such as `count`, comes to; also where there is none.
    pub fn is_known(&self, block: &Block, attribute: &str) -> bool {
        let is_unknown = |value: &Value| matches!(value, Value::Unknown(_));
        !block.value(attribute).is_some_and(|value| self.values(block, value).iter().any(is_unknown))
    }

    /// For a block that only one program reads, as that program does.
    fn evaluator(&self, block: &Block) -> Evaluator<'_> {
        let (first, others) = self.readings.split_first().expect("a root has code");
        let reading = if others.is_empty() || first.has(block) { None } else { others.iter().find(|reading| reading.has(block)) };
        reading.unwrap_or(first).evaluator()
    }

    /// The `provider` blocks that a resource is made by, whose provider is usually called so; several where its module is called with
    /// several.
    pub fn providers_of(&self, resource: &Block, usual: &str) -> Vec<&Block> {
        let named = resource.value("provider").and_then(provider_name).unwrap_or_else(|| usual.to_owned());
        let mut found = Vec::new();
        self.follow_provider(resource.directory(), &named, DEPTH, &mut found);
        found
    }

    /// `aws.london` in a directory: declared there, given by the calls of its module, or inherited
    /// (<https://developer.hashicorp.com/terraform/language/modules/develop/providers>).
    fn follow_provider<'a>(&'a self, directory: &Path, named: &str, depth: usize, found: &mut Vec<&'a Block>) {
        let (kind, alias) = named.split_once('.').map_or((named, None), |(kind, alias)| (kind, Some(alias)));
        let is_it = |block: &&Block| block.label() == kind && block.text("alias") == alias && block.directory() == directory;
        let declared: Vec<&Block> = self.of_kind("provider").filter(is_it).collect();
        let is_root = self.readings.iter().any(|reading| reading.code.directory == directory);
        if !declared.is_empty() || depth == 0 || is_root {
            found.extend(declared.into_iter().filter(|one| !found.contains(one)).collect::<Vec<_>>());
            return;
        }
        for call in self.of_kind("module").filter(|call| self.leads_to(call, directory)) {
            let given = call.value("providers").map(Value::entries).unwrap_or_default();
            let given = given.iter().find(|entry| provider_name(&entry.key).as_deref() == Some(named));
            let inherited = || Some(named.to_owned()).filter(|_| alias.is_none());
            if let Some(named) = given.map_or_else(inherited, |entry| provider_name(&entry.value)) {
                self.follow_provider(call.directory(), &named, depth - 1, found);
            }
        }
    }

    fn leads_to(&self, call: &Block, directory: &Path) -> bool {
        let key = (call.directory().to_owned(), call.label().to_owned());
        let places = self.readings.iter().filter_map(|reading| reading.scopes.calls.get(&key));
        places.flatten().any(|place| place == directory)
    }
}

/// `aws` or `aws.london`, as a name or as a text.
fn provider_name(value: &Value) -> Option<String> {
    match value {
        Value::Reference(reference) => {
            let alias = reference.name().map(|alias| format!(".{alias}")).unwrap_or_default();
            Some(format!("{}{alias}", reference.root))
        }
        value => value.text().map(ToOwned::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::Configuration;
    use crate::{Cache, Code};
    use std::fs;
    use std::sync::Arc;

    #[test]
    fn a_resource_of_a_module_is_made_by_what_the_calls_give_or_leave_to_it() {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().canonicalize().unwrap();
        let fetched = r#"{"Modules": [{"Key": "far", "Source": "registry.terraform.io/x/y/z", "Dir": ".terraform/modules/far"}]}"#;
        let of_aws = "resource \"aws_x\" \"r\" {}\n";
        for (file, text) in [
            (
                "root/main.tf",
                "provider \"aws\" {}\nprovider \"aws\" {\n  alias = \"west\"\n}\nresource \"aws_x\" \"own\" {\n  provider = aws.west\n}\n",
            ),
            (
                "root/calls.tf",
                "module \"given\" {\n  source = \"./given\"\n  providers = { aws = aws.west }\n}\nmodule \"left\" {\n  source = \"./left\"\n}\nmodule \"far\" {\n  source = \"x/y/z\"\n  providers = { aws = aws.west }\n}\n",
            ),
            ("root/given/main.tf", of_aws),
            ("root/left/main.tf", of_aws),
            ("root/.terraform/modules/far/main.tf", of_aws),
            ("root/.terraform/modules/modules.json", fetched),
        ] {
            fs::create_dir_all(top.join(file).parent().unwrap()).unwrap();
            fs::write(top.join(file), text).unwrap();
        }
        let root = top.join("root");
        let code = [Arc::new(Code::read(&root))];
        let configuration = Configuration::read(&code, &root.join(".terraform"), &[], &Cache::default());
        let made_by = |resource: &crate::Block| {
            let aliases = configuration.providers_of(resource, "aws").into_iter().map(|provider| provider.text("alias").unwrap_or("usual"));
            format!("{} {}", resource.directory().strip_prefix(&top).unwrap().display(), aliases.collect::<Vec<_>>().join(" "))
        };
        let mut found: Vec<String> = configuration.of_kind("resource").map(made_by).collect();
        found.sort();
        assert_eq!(found, ["root west", "root/.terraform/modules/far west", "root/given west", "root/left usual"]);
    }
}
