//! The module that has all services: each has what is its own, and all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use terraform_config::{Value, parse_expression};

use super::code::{Wiring, is_port_of, label, object, path, reads, within_type};

impl Wiring<'_> {
    /// Of the module that has all services.
    pub(super) fn of_services(&self, services: &Value, running: &Value) -> Vec<String> {
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
                _ => {}
            }
        }
        // An engine of several is chosen in the service's own module.
        let one = |of: &str| if let [engine] = engines.iter().collect::<Vec<_>>()[..] { format!("{of}.{engine}") } else { of.to_owned() };
        let instance = self.type_of("instance");
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

/// Engines that have no image for their service.
pub(super) fn without_image(services: &Value, infrastructure: &Path) -> Vec<String> {
    let images = fs::read_to_string(infrastructure.join("images/images.toml")).unwrap();
    let mut wrong = Vec::new();
    for row in services.entries() {
        let service = row.key.text().unwrap();
        for engine in row.value.get("engines").unwrap().value.texts() {
            let table = images.split("\n[").find_map(|table| table.strip_prefix(&format!("{engine}]\n")));
            let is_for = |line: &str| {
                line.split_once('=').is_some_and(|(key, value)| key.trim() == "service" && value.trim() == format!("\"{service}\""))
            };
            if !table.is_some_and(|table| table.lines().any(is_for)) {
                wrong.push(format!("images.toml lacks an image of {engine} for {service}"));
            }
        }
    }
    wrong
}
