//! The containers and services of a plan (https://developer.hashicorp.com/terraform/internals/json-format).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::services::contract::{self, Service};

/// What the configuration wants to run.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// Its containers.
    pub(super) containers: Vec<PlannedContainer>,
    /// The output `services`, as far as it can be known before an apply.
    pub(super) services: BTreeMap<String, Service>,
}

/// A container as the configuration wants it.
#[derive(Debug, Default)]
pub(super) struct PlannedContainer {
    /// Its name.
    pub(super) name: String,
    /// What its image is called; none where the plan cannot tell.
    pub(super) image: Option<String>,
    after: Value,
    unknown: Value,
    sensitive: Value,
}

impl Planned {
    /// Reads a plan that would make every container and image anew.
    pub(super) fn read(plan: &Value) -> Self {
        let changes = plan["resource_changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let containers = changes.iter().filter(|change| change["type"] == "docker_container" && change["mode"] == "managed");
        let services = contract::parse_services(plan["planned_values"]["outputs"]["services"]["value"].clone()).unwrap_or_default();
        Self { containers: containers.filter_map(|change| container(plan, changes, change)).collect(), services }
    }
}

impl PlannedContainer {
    /// An attribute's value; null where it has none, or none that is known.
    pub(super) fn get(&self, attribute: &str) -> &Value {
        &self.after[attribute]
    }

    /// True when a part of the attribute is known only after an apply.
    pub(super) fn is_open(&self, attribute: &str) -> bool {
        is_marked(&self.unknown[attribute])
    }

    /// True when a part of the attribute is secret.
    pub(super) fn is_secret(&self, attribute: &str) -> bool {
        is_marked(&self.sensitive[attribute])
    }

    /// The blocks, or the elements, of an attribute.
    pub(super) fn list(&self, attribute: &str) -> &[Value] {
        self.get(attribute).as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, attribute: &str) -> Option<&str> {
        self.get(attribute).as_str().filter(|text| !text.is_empty())
    }

    /// Paths of the files that are written into the container, with their contents, as far as those are written in the code.
    pub(super) fn files(&self) -> BTreeMap<&str, &str> {
        let files = self.list("upload").iter().filter_map(|file| Some((file["file"].as_str()?, file["content"].as_str()?)));
        files.filter(|(_, content)| !content.is_empty()).collect()
    }
}

fn container(plan: &Value, changes: &[Value], change: &Value) -> Option<PlannedContainer> {
    let after = &change["change"]["after"];
    Some(PlannedContainer {
        name: after["name"].as_str()?.to_owned(),
        image: after["image"].as_str().map(ToOwned::to_owned).or_else(|| image_of(plan, changes, change)),
        after: after.clone(),
        unknown: change["change"]["after_unknown"].clone(),
        sensitive: change["change"]["after_sensitive"].clone(),
    })
}

/// The name of the image whose id the container's code refers to: the id itself is known only to the engine. It has to stand in
/// the same module.
fn image_of(plan: &Value, changes: &[Value], container: &Value) -> Option<String> {
    let module = container["module_address"].as_str().unwrap_or_default();
    let code = module_calls(module).iter().fold(&plan["configuration"]["root_module"], |code, call| &code["module_calls"][call]["module"]);
    let is_its_code = |resource: &&Value| resource["type"] == container["type"] && resource["name"] == container["name"];
    let code = code["resources"].as_array()?.iter().find(is_its_code)?;
    let references = code["expressions"]["image"]["references"].as_array()?.iter().filter_map(Value::as_str);
    let name = references.filter_map(|reference| reference.strip_prefix("docker_image.")?.split(['.', '[']).next()).next()?;
    let is_meant = |change: &&Value| {
        change["type"] == "docker_image" && change["name"] == name && change["module_address"].as_str().unwrap_or_default() == module
    };
    let candidates: Vec<&Value> = changes.iter().filter(is_meant).collect();
    let image = match candidates.as_slice() {
        [only] => Some(*only),
        // One each: by the same key.
        several => several.iter().find(|image| image["index"] == container["index"]).copied(),
    };
    image?["change"]["after"]["name"].as_str().map(ToOwned::to_owned)
}

/// The names of the calls that lead to a module: `a` and `b` of `module.a[0].module.b["x.y"]`.
fn module_calls(address: &str) -> Vec<String> {
    let (mut names, mut in_key, mut in_quotes) = (String::new(), false, false);
    for character in address.chars() {
        match character {
            '"' => in_quotes = !in_quotes,
            '[' if !in_quotes => in_key = true,
            ']' if !in_quotes => in_key = false,
            _ if in_key => {}
            other => names.push(other),
        }
    }
    names.split('.').filter(|name| !name.is_empty()).skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// Terraform marks what is unknown or sensitive by a `true` in the value's place, or in a part's.
fn is_marked(marks: &Value) -> bool {
    match marks {
        Value::Bool(marked) => *marked,
        Value::Array(parts) => parts.iter().any(is_marked),
        Value::Object(parts) => parts.values().any(is_marked),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Planned, is_marked, module_calls};
    use serde_json::{Value, json};

    /// A plan of containers in `module.a[0].module.b`, whose image is what `references` name.
    fn plan(references: &[&str], images: &[(&str, Value)], container: &Value) -> Value {
        let module = "module.a[0].module.b";
        let image = |(name, index): &(&str, Value)| {
            json!({"mode": "managed", "type": "docker_image", "name": name, "index": index, "module_address": module,
                "change": {"after": {"name": format!("{name}:{}", index.as_str().unwrap_or("1"))}}})
        };
        let change = json!({"mode": "managed", "type": "docker_container", "name": "this", "index": container["index"], "module_address": module,
            "change": {"after": container["after"], "after_unknown": {"image": true}}});
        let changes: Vec<Value> = images.iter().map(image).chain([change]).collect();
        let code = json!([{"type": "docker_container", "name": "this", "expressions": {"image": {"references": references}}}]);
        let code = json!({"module_calls": {"a": {"module": {"module_calls": {"b": {"module": {"resources": code}}}}}}});
        json!({"resource_changes": changes, "configuration": {"root_module": code}})
    }

    #[test]
    fn an_image_is_found_by_what_the_containers_code_refers_to() {
        let none = Value::Null;
        let container = |index: Value| json!({"index": index, "after": {"name": "c"}});
        for (references, images, container, expected) in [
            (
                vec!["docker_image.this.image_id", "docker_image.this"],
                vec![("this", none.clone())],
                container(none.clone()),
                Some("this:1"),
            ),
            (vec!["docker_image.b.image_id"], vec![("a", none.clone()), ("b", none.clone())], container(none.clone()), Some("b:1")),
            (vec!["docker_image.this"], vec![("this", json!("x")), ("this", json!("y"))], container(json!("y")), Some("this:y")),
            (vec!["docker_image.this"], vec![("this", json!("x")), ("this", json!("y"))], container(none.clone()), None),
            (vec!["var.image"], vec![("this", none.clone())], container(none.clone()), None),
            (vec![], vec![], json!({"after": {"name": "c", "image": "redis:8"}}), Some("redis:8")),
        ] {
            let planned = Planned::read(&plan(&references, &images, &container));
            assert_eq!(planned.containers[0].image.as_deref(), expected, "{references:?}");
        }
    }

    #[test]
    fn services_are_those_of_the_planned_output() {
        let service = json!({"engine": "redis", "version": "8", "host": "127.0.0.1", "port": 1, "tls": false, "container": "c"});
        let plan = json!({"planned_values": {"outputs": {"services": {"value": {"redis": service}}}}});
        assert_eq!(Planned::read(&plan).services["redis"].container.as_deref(), Some("c"));
        assert!(Planned::read(&json!({})).services.is_empty(), "an output that is known only after an apply");
    }

    #[test]
    fn the_way_to_a_module_is_read_from_its_address() {
        for (address, expected) in
            [("", &[][..]), ("module.a", &["a"]), ("module.a[0].module.b", &["a", "b"]), (r#"module.a["x.y]"].module.b"#, &["a", "b"])]
        {
            assert_eq!(module_calls(address), expected, "{address}");
        }
    }

    #[test]
    fn a_mark_anywhere_counts() {
        for (marks, expected) in [(json!(true), true), (json!([{"source": true}]), true), (json!([false, {}]), false), (Value::Null, false)]
        {
            assert_eq!(is_marked(&marks), expected, "{marks}");
        }
    }
}
