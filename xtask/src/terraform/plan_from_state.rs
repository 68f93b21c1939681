//! The plan that makes again what was there before, as after `down`: its attributes are those that the state has, and so
//! `terraform show`, which takes half as long as a plan, need not be asked for them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::{Action, Change, Plan};
use super::state;

impl Plan {
    /// What was `announced`, with the attributes of a `state` that was applied from the same configuration. `None` unless each was
    /// there before and is made again; what Terraform only notes to itself may change.
    pub(crate) fn again(announced: &[Change], state: &Value) -> Option<Self> {
        let mut announced: BTreeMap<&str, &Change> = announced.iter().map(|change| (change.address.as_str(), change)).collect();
        if announced.is_empty() || !announced.values().all(|change| is_harmless(change)) {
            return None;
        }
        let changes = state::managed(state).map(|(address, kind, attributes)| {
            let action = announced.remove(address.as_str()).map_or(Action::None, |change| change.action);
            let before = if action == Action::Create { Value::Null } else { attributes.clone() };
            Change { address, kind: kind.to_owned(), action, before, after: attributes.clone(), imported: None }
        });
        let changes = changes.collect();
        announced.is_empty().then(|| Self::of(changes))
    }
}

fn is_harmless(change: &Change) -> bool {
    // It is nothing outside the state: https://developer.hashicorp.com/terraform/language/resources/terraform-data
    let is_note = change.kind == "terraform_data" && change.action == Action::Update;
    change.imported.is_none() && (change.action == Action::Create || is_note)
}

#[cfg(test)]
mod tests {
    use super::{Action, Change, Plan};
    use crate::terraform::events::Subject;
    use serde_json::{Value, json};

    fn state() -> Value {
        let redis = json!({"module": "module.redis[0]", "mode": "managed", "type": "docker_container", "name": "this",
            "instances": [{"attributes": {"name": "redis", "id": "1"}}]});
        let data = json!({"mode": "managed", "type": "docker_volume", "name": "data",
            "instances": [{"index_key": "redis", "attributes": {"name": "v"}}, {"index_key": 1, "attributes": {"name": "w"}}]});
        let read = json!({"mode": "data", "type": "docker_image", "name": "this", "instances": [{"attributes": {}}]});
        let note = json!({"mode": "managed", "type": "terraform_data", "name": "note", "instances": [{"attributes": {}}]});
        json!({"resources": [redis, data, read, note]})
    }

    fn announced(changes: &[(&str, &str, Option<&str>)]) -> Vec<Change> {
        let kind = |address: &str| ["docker_volume", "terraform_data", "docker_container"].into_iter().find(|kind| address.contains(kind));
        let change = |(address, action, imported): &(&str, &str, Option<&str>)| {
            Change::announced(&Subject::of(address, kind(address).unwrap(), action, *imported))
        };
        changes.iter().filter_map(change).collect()
    }

    #[test]
    fn what_was_there_is_made_again_with_its_attributes() {
        let redis = "module.redis[0].docker_container.this";
        let changes = [(redis, "create", None), ("docker_volume.data[\"redis\"]", "create", None), ("terraform_data.note", "update", None)];
        let plan = Plan::again(&announced(&changes), &state()).unwrap();
        let actions: Vec<_> = plan.changes.iter().map(|change| (change.address.as_str(), change.action)).collect();
        let expected = [
            (redis, Action::Create),
            ("docker_volume.data[\"redis\"]", Action::Create),
            ("docker_volume.data[1]", Action::None),
            ("terraform_data.note", Action::Update),
        ];
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
            vec![(redis, "update", None)],
            vec![(redis, "create", None), ("docker_volume.data[1]", "delete", None)],
            vec![(redis, "create", Some("id"))],
            vec![("module.redis[1].docker_container.this", "create", None)],
        ] {
            assert_eq!(Plan::again(&announced(&changes), &state()), None, "{changes:?}");
        }
        assert_eq!(Plan::again(&announced(&[(redis, "create", None)]), &Value::Null), None);
    }
}
