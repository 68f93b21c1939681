//! The code of one directory: what it declares, reads and gives to its modules.

use std::fs;
use std::path::Path;

use terraform_config::{Block, Code, Reference, Step, Value};

/// Variables that change nothing but what a module's outputs say.
const ONLY_SAID: [&str; 2] = ["postgres_url", "reachable"];

/// The code of one directory.
pub(super) struct Wiring<'a> {
    pub(super) code: &'a Code,
}

impl Wiring<'_> {
    pub(super) fn variables(&self) -> Vec<&str> {
        self.code.of_kind("variable").map(label).collect()
    }

    pub(super) fn local(&self, name: &str) -> Option<&Value> {
        self.code.of_kind("locals").find_map(|locals| locals.value(name))
    }

    /// Everything that is read to make something; not what outputs only say, and what declarations check.
    pub(super) fn reads(&self) -> Vec<String> {
        let others = |block: &&Block| block.kind != "variable" && block.kind != "output";
        self.code.blocks.iter().filter(others).flat_map(reads).collect()
    }

    /// Variables, and attributes of those that are given to a module of their name, that nothing reads.
    pub(super) fn unused(&self) -> Vec<String> {
        let (mut unused, read) = (Vec::new(), self.reads());
        for name in self.variables() {
            let whole = format!("var.{name}");
            if !read.iter().any(|path| within(path, &whole)) && !ONLY_SAID.contains(&name) {
                unused.push(format!("{whole} arrives nowhere"));
            }
            let Some(call) = self.call(name) else { continue };
            let given = reads(call);
            for attribute in self.attributes(name) {
                let (of_variable, of_local) = (format!("{whole}.{attribute}"), format!("local.{name}.{attribute}"));
                let elsewhere = [of_variable.as_str(), &format!("row.settings.{attribute}")];
                let arrives = given.iter().any(|path| *path == of_variable || *path == of_local)
                    || read.iter().any(|path| elsewhere.contains(&path.as_str()));
                if !arrives {
                    unused.push(format!("{of_variable} arrives nowhere"));
                }
            }
        }
        unused
    }

    /// Settings of one service that another one's module is given.
    pub(super) fn of_others(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for call in self.code.of_kind("module").filter(|call| self.code.variable(label(call)).is_some()) {
            for path in reads(call) {
                let owner = path.strip_prefix("var.").or_else(|| path.strip_prefix("local.")).and_then(|rest| rest.split('.').next());
                if owner.is_some_and(|owner| owner != label(call) && self.call(owner).is_some()) {
                    wrong.push(format!("module.{} has {path}", label(call)));
                }
            }
        }
        wrong
    }

    /// Variables of a root that a module has too and is not given, or is given with an attribute that it does not know.
    pub(super) fn not_passed_on(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for call in self.code.of_kind("module") {
            let module = Code::read(&self.code.directory.join(call.text("source").unwrap()));
            let module = Wiring { code: &module };
            let declared = module.variables();
            for name in self.variables().into_iter().filter(|name| declared.contains(name)) {
                let whole = format!("var.{name}");
                if call.value(name).and_then(Value::reference).map(path).as_ref() != Some(&whole) {
                    wrong.push(format!("module.{} has no {whole}", label(call)));
                }
                let known = module.attributes(name);
                for attribute in self.attributes(name).into_iter().filter(|attribute| !known.is_empty() && !known.contains(attribute)) {
                    wrong.push(format!("module.{} does not know {whole}.{attribute}", label(call)));
                }
            }
        }
        wrong
    }

    /// Ports and credentials that a module takes from the instance file for one of the root's services, where the root's own
    /// `ports` or its table in infra.toml lacks them.
    pub(super) fn not_in_instance_file(&self, infrastructure: &Path) -> Vec<String> {
        let policy = fs::read_to_string(infrastructure.join("infra.toml")).unwrap();
        let name = self.code.directory.file_name().unwrap().display();
        let table = policy.split("\n[").find_map(|table| table.strip_prefix(&format!("environments.{name}]\n"))).unwrap_or_default();
        let mut lacking = Vec::new();
        for call in self.code.of_kind("module") {
            let module = Code::read(&self.code.directory.join(call.text("source").unwrap()));
            let module = Wiring { code: &module };
            let instance = module.type_of("instance");
            for service in self.variables() {
                let ports = object(within_type(instance, &["ports"])).into_iter().filter(|port| is_port_of(service, port));
                let ports: Vec<String> = ports.map(ToOwned::to_owned).collect();
                let own = self.attributes("ports");
                lacking.extend(ports.iter().filter(|port| !own.contains(&port.as_str())).map(|port| format!("var.ports lacks {port}")));
                let secrets = object(within_type(instance, &["credentials", service])).into_iter();
                let names = ports.into_iter().chain(secrets.map(|secret| format!("{service}_{secret}")));
                lacking.extend(names.filter(|name| !table.contains(&format!("\"{name}\""))).map(|name| format!("infra.toml lacks {name}")));
            }
        }
        lacking
    }

    /// Settings that the root's file of them does not show, if it has one.
    pub(super) fn not_shown(&self) -> Vec<String> {
        let Ok(file) = fs::read_to_string(self.code.directory.join("terraform.tfvars")) else { return Vec::new() };
        let shown = |name: &&str| {
            file.lines().any(|line| line.trim_start_matches(['#', ' ']).split_once('=').is_some_and(|(key, _)| key.trim() == *name))
        };
        let settings = self.variables().into_iter().filter(|name| *name != "instance_directory" && !shown(name));
        settings.map(|name| format!("terraform.tfvars does not show {name}")).collect()
    }

    pub(super) fn call(&self, name: &str) -> Option<&Block> {
        self.code.of_kind("module").find(|call| label(call) == name)
    }

    /// The attributes of a variable that is an object.
    pub(super) fn attributes(&self, variable: &str) -> Vec<&str> {
        object(self.type_of(variable))
    }

    pub(super) fn type_of(&self, variable: &str) -> Option<&Value> {
        self.code.variable(variable).and_then(|variable| variable.value("type"))
    }
}

pub(super) fn label(block: &Block) -> &str {
    block.labels.first().unwrap()
}

/// `redis` and `vectorstore_http` are called after their services.
pub(super) fn is_port_of(service: &str, port: &str) -> bool {
    port == service || port.strip_prefix(service).is_some_and(|rest| rest.starts_with('_'))
}

/// Everything that a block reads, as paths.
pub(super) fn reads(block: &Block) -> Vec<String> {
    let own = block.attributes.values().flat_map(|(value, _)| value.references()).map(path);
    own.chain(block.blocks.iter().flat_map(reads)).collect()
}

/// `var.redis.memory_mb`; it ends where the name of an attribute is computed.
pub(super) fn path(reference: &Reference) -> String {
    let names = reference.steps.iter().map_while(|step| match step {
        Step::Attribute(name) => Some(name.as_str()),
        Step::Index(key) => key.text(),
        Step::Splat => None,
    });
    [reference.root.as_str()].into_iter().chain(names).collect::<Vec<_>>().join(".")
}

fn within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The attributes of an object type.
pub(super) fn object(declared: Option<&Value>) -> Vec<&str> {
    let Some(Value::Call(call)) = declared else { return Vec::new() };
    match call.name.as_str() {
        "object" => call.arguments[0].entries().iter().map(|entry| entry.key.text().unwrap()).collect(),
        "optional" => object(call.arguments.first()),
        _ => Vec::new(),
    }
}

/// The type of an attribute within an object type.
pub(super) fn within_type<'a>(declared: Option<&'a Value>, way: &[&str]) -> Option<&'a Value> {
    let Some((name, rest)) = way.split_first() else { return declared };
    let Some(Value::Call(call)) = declared else { return None };
    match call.name.as_str() {
        "object" => within_type(call.arguments[0].get(name).map(|entry| &entry.value), rest),
        "optional" => within_type(call.arguments.first(), way),
        _ => None,
    }
}
