//! The plan that makes again what was there before, as after `down`: its attributes are those that the state has, and so
//! `terraform show`, which takes half as long as a plan, need not be asked for them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::{Action, Change, Plan};
use super::state;

impl Plan {
    /// What was `announced`, with the attributes of a `state` that was applied from the same configuration. None unless all of it
    /// is made, and nothing else touched, and each was there before.
    pub(crate) fn again(announced: &[Change], state: &Value) -> Option<Self> {
        let made: BTreeMap<&str, &Change> = announced.iter().map(|change| (change.address.as_str(), change)).collect();
        if made.is_empty() || made.values().any(|change| change.action != Action::Create || change.imported.is_some()) {
            return None;
        }
        let changes: Vec<Change> = state::managed(state)
            .map(|(address, kind, attributes)| {
                let (attributes, is_made) = (attributes.clone(), made.contains_key(address.as_str()));
                let (action, before) = if is_made { (Action::Create, Value::Null) } else { (Action::None, attributes.clone()) };
                Change { address, kind: kind.to_owned(), action, before, after: attributes, imported: None }
            })
            .collect();
        let known = changes.iter().filter(|change| change.action == Action::Create).count();
        (known == made.len()).then(|| Self::of(changes))
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Change, Plan};
    use serde_json::{Value, json};

    fn state() -> Value {
        let redis = json!({"module": "module.redis[0]", "mode": "managed", "type": "docker_container", "name": "this",
            "instances": [{"attributes": {"name": "redis", "id": "1"}}]});
        let data = json!({"mode": "managed", "type": "docker_volume", "name": "data",
            "instances": [{"index_key": "redis", "attributes": {"name": "v"}}, {"index_key": 1, "attributes": {"name": "w"}}]});
        let read = json!({"mode": "data", "type": "docker_image", "name": "this", "instances": [{"attributes": {}}]});
        json!({"resources": [redis, data, read]})
    }

    fn announced(changes: &[(&str, &str, Option<&str>)]) -> Vec<Change> {
        let kind = |address: &str| if address.contains("volume") { "docker_volume" } else { "docker_container" };
        changes.iter().filter_map(|(address, action, imported)| Change::announced(address, kind(address), action, *imported)).collect()
    }

    #[test]
    fn what_was_there_is_made_again_with_its_attributes() {
        let redis = "module.redis[0].docker_container.this";
        let plan =
            Plan::again(&announced(&[(redis, "create", None), ("docker_volume.data[\"redis\"]", "create", None)]), &state()).unwrap();
        let actions: Vec<_> = plan.changes.iter().map(|change| (change.address.as_str(), change.action)).collect();
        let expected =
            [(redis, Action::Create), ("docker_volume.data[\"redis\"]", Action::Create), ("docker_volume.data[1]", Action::None)];
        assert_eq!(actions, expected);
        assert_eq!((plan.created("docker_container"), plan.created("docker_volume")), (vec!["redis".to_owned()], vec!["v".to_owned()]));
        assert_eq!(plan.changes[0].attribute_before("id"), None, "it does not exist now");
    }

    #[test]
    fn anything_else_has_to_be_shown() {
        let redis = "module.redis[0].docker_container.this";
        for changes in [
            vec![],
            vec![(redis, "replace", None)],
            vec![(redis, "create", None), ("docker_volume.data[1]", "delete", None)],
            vec![(redis, "create", Some("id"))],
            vec![("module.redis[1].docker_container.this", "create", None)],
        ] {
            assert_eq!(Plan::again(&announced(&changes), &state()), None, "{changes:?}");
        }
        assert_eq!(Plan::again(&announced(&[(redis, "create", None)]), &Value::Null), None);
    }
}
