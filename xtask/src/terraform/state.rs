//! What a state file says, for those backends that keep one on this machine.

use serde_json::Value;

/// The attributes of every resource of one type.
pub(crate) fn resources<'a>(state: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let resources = state["resources"].as_array().into_iter().flatten().filter(move |resource| resource["type"] == kind);
    let instances = resources.flat_map(|resource| resource["instances"].as_array().into_iter().flatten());
    instances.map(|instance| &instance["attributes"])
}

/// One text attribute of every resource of one type.
pub(crate) fn attributes(state: &Value, kind: &str, attribute: &str) -> Vec<String> {
    resources(state, kind).filter_map(|attributes| attributes[attribute].as_str().map(ToOwned::to_owned)).collect()
}

/// The state as it would be if nothing of these types had been made, without its outputs.
pub(crate) fn without(mut state: Value, kinds: &[&str]) -> Value {
    if let Some(resources) = state["resources"].as_array_mut() {
        resources.retain(|resource| !kinds.iter().any(|kind| resource["type"] == *kind));
    }
    // Plans do not read them, and secrets are among them.
    state["outputs"] = Value::Object(serde_json::Map::new());
    state
}

#[cfg(test)]
mod tests {
    use super::{attributes, without};
    use serde_json::json;

    #[test]
    fn finds_an_attribute_of_every_resource_of_a_type() {
        let state = json!({"resources": [
            {"type": "docker_volume", "instances": [{"attributes": {"name": "a"}}, {"attributes": {"name": "b"}}]},
            {"type": "docker_image", "instances": [{"attributes": {"name": "c"}}]},
        ]});
        assert_eq!(attributes(&state, "docker_volume", "name"), ["a", "b"]);
        assert!(attributes(&json!({}), "docker_volume", "name").is_empty());
    }

    #[test]
    fn forgets_what_is_of_a_type_and_every_output() {
        let state = json!({"version": 4, "outputs": {"env": {"value": "pw"}}, "resources": [{"type": "a"}, {"type": "b"}, {"type": "c"}]});
        assert_eq!(without(state, &["a", "c"]), json!({"version": 4, "outputs": {}, "resources": [{"type": "b"}]}));
    }
}
