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

#[cfg(test)]
mod tests {
    use super::attributes;
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
}
