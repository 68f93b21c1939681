//! Each service has what is its own, and each setting arrives: the code of `infrastructure/` is read, and nothing is made. Terraform
//! refuses a name that does not exist; one that exists and is another service's it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use infra_tests::checkout::Checkout;
use infra_tests::xtask::repository;
use terraform_config::{Block, Code, Reference, Step, Value, parse_expression};

/// Variables that change nothing but what a module's outputs say.
const ONLY_SAID: [&str; 2] = ["postgres_url", "reachable"];

#[test]
fn every_service_has_what_is_its_own_and_every_setting_arrives() {
    assert_eq!(wrong(&repository().join("infrastructure")), Vec::<String>::new());
}

#[test]
fn a_wrong_wiring_is_found() {
    let checkout = Checkout::new();
    let docker = "modules/docker/main.tf";
    for (file, from, to, expected) in [
        (docker, "local.volumes.redis", "local.volumes.minio", "modules/docker: module.redis has minio's volume"),
        (docker, "local.credentials.redis.password", "local.credentials.postgres.password", "module.redis has local.credentials.postgres"),
        (docker, "  host_port = var.instance.ports.redis\n", "", "modules/docker: module.redis lacks var.instance.ports.redis"),
        (docker, "local.images.redis", "local.images.postgres", "modules/docker: module.redis has postgres's image"),
        (docker, "  images  = local.images\n", "", "modules/docker: module.vectorstore lacks local.images"),
        (
            docker,
            "local.credentials.objectstore.secret_key",
            "local.credentials.objectstore.access_key",
            "lacks local.credentials.objectstore.secret_key",
        ),
        (docker, "local.labels.objectstore", "local.labels.redis", "modules/docker: labels of module.objectstore"),
        (docker, "  maxmemory        = var.redis.maxmemory\n", "", "modules/docker: var.redis.maxmemory arrives nowhere"),
        (
            docker,
            "settings = var.redis, engine = \"redis\"",
            "settings = var.postgres, engine = \"redis\"",
            "modules/docker: the settings of redis",
        ),
        (docker, "engines = [\"minio\"]", "engines = [\"minio\", \"redis\"]", "modules/docker: redis is an engine of two services"),
        (docker, "      objectstore = module.objectstore\n", "", "modules/docker: objectstore is not among those that run"),
        ("environments/local/main.tf", "  redis       = var.redis\n", "", "environments/local: var.redis arrives nowhere"),
        ("environments/local/main.tf", "= var.redis", "= var.postgres", "environments/local: module.docker has no var.redis"),
        ("environments/local/main.tf", "  ports     = var.ports\n", "", "environments/local: var.ports arrives nowhere"),
        ("environments/hybrid/main.tf", "  redis             = var.redis\n", "", "environments/hybrid: module.aws has no var.redis"),
        (
            "environments/local/variables.tf",
            "maxmemory_policy = optional",
            "eviction = optional",
            "module.docker does not know var.redis.eviction",
        ),
        ("modules/aws/main.tf", "local.postgres.backup_window", "null", "modules/aws: var.postgres.backup_window arrives nowhere"),
        ("modules/redis/main.tf", "host = var.host_port", "host = 6379", "modules/redis: var.host_port"),
    ] {
        let at = checkout.infrastructure(file);
        let code = fs::read_to_string(&at).unwrap();
        assert!(code.contains(from), "{file} has no {from}");
        fs::write(&at, code.replacen(from, to, 1)).unwrap();
        let found = wrong(&checkout.infrastructure(""));
        fs::write(&at, code).unwrap();
        assert!(found.iter().any(|line| line.contains(expected)), "{from} -> {to}: {expected} is not in\n{found:#?}");
    }
}

/// What is wired wrongly, a line each.
fn wrong(infrastructure: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for kind in ["modules", "environments"] {
        let mut directories: Vec<PathBuf> = fs::read_dir(infrastructure.join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
        directories.sort();
        for directory in directories {
            let name = format!("{kind}/{}", directory.file_name().unwrap().display());
            let code = Code::read(&directory);
            assert_eq!(code.mistakes, [], "{name}");
            let root = Wiring { code: &code };
            let mut found = root.unused();
            if kind == "environments" {
                found.extend(root.not_passed_on());
            }
            if let (Some(Value::For(services)), Some(Value::For(running))) = (root.local("services"), root.local("running")) {
                found.extend(root.of_services(&services.collection, &running.collection));
            }
            wrong.extend(found.into_iter().map(|line| format!("{name}: {line}")));
        }
    }
    wrong
}

/// The code of one directory.
struct Wiring<'a> {
    code: &'a Code,
}

impl Wiring<'_> {
    fn variables(&self) -> Vec<&str> {
        self.code.of_kind("variable").map(label).collect()
    }

    fn local(&self, name: &str) -> Option<&Value> {
        self.code.of_kind("locals").find_map(|locals| locals.value(name))
    }

    /// Everything that is read to make something; not what outputs only say, and what declarations check.
    fn reads(&self) -> Vec<String> {
        let others = |block: &&Block| block.kind != "variable" && block.kind != "output";
        self.code.blocks.iter().filter(others).flat_map(reads).collect()
    }

    /// Variables, and attributes of those that are given to a module of their name, that nothing reads.
    fn unused(&self) -> Vec<String> {
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

    /// Variables of a root that a module has too and is not given, or is given with an attribute that it does not know.
    fn not_passed_on(&self) -> Vec<String> {
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

    fn call(&self, name: &str) -> Option<&Block> {
        self.code.of_kind("module").find(|call| label(call) == name)
    }

    /// The attributes of a variable that is an object.
    fn attributes(&self, variable: &str) -> Vec<&str> {
        object(self.code.variable(variable).and_then(|variable| variable.value("type")))
    }

    /// Of the module that has all services.
    fn of_services(&self, services: &Value, running: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let rows: BTreeMap<&str, &Value> = services.entries().iter().map(|row| (row.key.text().unwrap(), &row.value)).collect();
        let called: BTreeSet<&str> = self.code.of_kind("module").map(label).collect();
        assert_eq!(rows.keys().copied().collect::<BTreeSet<_>>(), called, "services, and modules that are called");

        let engines =
            |row: &Value| -> BTreeSet<String> { row.get("engines").unwrap().value.texts().into_iter().map(ToOwned::to_owned).collect() };
        let mut of_others = BTreeSet::new();
        for (service, row) in &rows {
            let reads = |key: &str| row.get(key).and_then(|entry| entry.value.reference()).map(path);
            if reads("settings") != Some(format!("var.{service}")) {
                wrong.push(format!("the settings of {service} are {:?}", reads("settings")));
            }
            for engine in engines(row) {
                if !of_others.insert(engine.clone()) {
                    wrong.push(format!("{engine} is an engine of two services"));
                }
            }
            let runs = running.get(service).and_then(|entry| entry.value.reference()).map(path);
            if runs != Some(format!("module.{service}")) {
                wrong.push(format!("{service} is not among those that run"));
            }
            wrong.extend(self.of_service(service, &engines(row)));
        }
        wrong
    }

    /// Of one service in that module: everything that has a name of its own is this service's, and all that is this service's is there.
    fn of_service(&self, service: &str, engines: &BTreeSet<String>) -> Vec<String> {
        let (call, mut wrong) = (self.call(service).unwrap(), Vec::new());
        for (argument, expected) in
            [("name", format!("\"${{var.instance.name}}-{service}\"")), ("labels", format!("local.labels.{service}"))]
        {
            if call.value(argument) != Some(&parse_expression(&expected).unwrap()) {
                wrong.push(format!("{argument} of module.{service} is not {expected}"));
            }
        }
        let read = reads(call);
        for path in &read {
            let steps: Vec<&str> = path.split('.').collect();
            match steps.as_slice() {
                ["local", "volumes", engine] if !engines.contains(*engine) => wrong.push(format!("module.{service} has {engine}'s volume")),
                ["local", "images", engine] if !engines.contains(*engine) => wrong.push(format!("module.{service} has {engine}'s image")),
                ["local", "credentials", other, ..] if *other != service => wrong.push(format!("module.{service} has {path}")),
                ["var", "instance", "ports", port] if !is_port_of(service, port) => wrong.push(format!("module.{service} has {path}")),
                ["var", other, ..] if *other != service && !["instance", "network"].contains(other) => {
                    wrong.push(format!("module.{service} has {path}"));
                }
                _ => {}
            }
        }
        // An engine of several is chosen in the service's own module.
        let one = |of: &str| if let [engine] = engines.iter().collect::<Vec<_>>()[..] { format!("{of}.{engine}") } else { of.to_owned() };
        let instance = self.code.variable("instance").and_then(|variable| variable.value("type"));
        let ports = object(within_type(instance, &["ports"])).into_iter().filter(|port| is_port_of(service, port));
        let secrets = object(within_type(instance, &["credentials", service]));
        let wanted = ports.map(|port| format!("var.instance.ports.{port}"));
        let wanted = wanted.chain(secrets.iter().map(|secret| format!("local.credentials.{service}.{secret}")));
        for wanted in wanted.chain([one("local.volumes"), one("local.images"), "local.network".to_owned()]) {
            if !read.contains(&wanted) {
                wrong.push(format!("module.{service} lacks {wanted}"));
            }
        }
        wrong
    }
}

fn label(block: &Block) -> &str {
    block.labels.first().unwrap()
}

/// `redis` and `vectorstore_http` are called after their services.
fn is_port_of(service: &str, port: &str) -> bool {
    port == service || port.strip_prefix(service).is_some_and(|rest| rest.starts_with('_'))
}

/// Everything that a block reads, as paths.
fn reads(block: &Block) -> Vec<String> {
    let own = block.attributes.values().flat_map(|(value, _)| value.references()).map(path);
    own.chain(block.blocks.iter().flat_map(reads)).collect()
}

/// `var.redis.memory_mb`; it ends where the name of an attribute is computed.
fn path(reference: &Reference) -> String {
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
fn object(declared: Option<&Value>) -> Vec<&str> {
    let Some(Value::Call(call)) = declared else { return Vec::new() };
    match call.name.as_str() {
        "object" => call.arguments[0].entries().iter().map(|entry| entry.key.text().unwrap()).collect(),
        "optional" => object(call.arguments.first()),
        _ => Vec::new(),
    }
}

/// The type of an attribute within an object type.
fn within_type<'a>(declared: Option<&'a Value>, way: &[&str]) -> Option<&'a Value> {
    let Some((name, rest)) = way.split_first() else { return declared };
    let Some(Value::Call(call)) = declared else { return None };
    match call.name.as_str() {
        "object" => within_type(call.arguments[0].get(name).map(|entry| &entry.value), rest),
        "optional" => within_type(call.arguments.first(), way),
        _ => None,
    }
}
