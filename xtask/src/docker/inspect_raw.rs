//! Containers in the engine's own words, for readers that need more than `Container` holds.

use anyhow::Result;
use serde_json::Value;

use super::endpoint::Endpoint;

impl Endpoint {
    /// The containers that have one of these names or carry this label (`key=value`), running or not, each once.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn containers_of(&self, names: &[String], label: &str) -> Result<Vec<Value>> {
        let listed: Vec<Value> = self.get("/containers/json?all=1")?.unwrap_or_default();
        let meant = listed.iter().filter(|container| is_meant(container, names, label));
        self.describe("container", &meant.filter_map(|container| Some(container["Id"].as_str()?.to_owned())).collect::<Vec<_>>())
    }
}

fn is_meant(listed: &Value, names: &[String], label: &str) -> bool {
    let has_name = |name: &Value| name.as_str().is_some_and(|name| names.iter().any(|meant| meant == name.trim_start_matches('/')));
    let carries = |(key, value): (&str, &str)| listed["Labels"][key] == value;
    listed["Names"].as_array().into_iter().flatten().any(has_name) || label.split_once('=').is_some_and(carries)
}

#[cfg(test)]
mod tests {
    use super::is_meant;
    use serde_json::{Value, json};

    #[test]
    fn a_container_is_meant_by_its_name_or_by_its_label() {
        for (names, labels, expected) in [
            (json!(["/c"]), json!({}), true),
            (json!(["/c"]), Value::Null, true),
            (json!(["/other"]), json!({"owner": "us"}), true),
            (json!(["/other"]), json!({"owner": "them"}), false),
            (json!(["/other/c"]), json!({}), false),
            (Value::Null, Value::Null, false),
        ] {
            let listed = json!({"Names": names, "Labels": labels});
            assert_eq!(is_meant(&listed, &["c".to_owned()], "owner=us"), expected, "{listed}");
        }
    }
}
