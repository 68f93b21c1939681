//! A plan that would lose data: a volume deleted or replaced, or data opened by another version of its engine.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::terraform::plan::{Action, Change, Plan};

/// Types of resources that hold data, or without which data cannot be read; what a person calls them; the attribute that names one.
const STORES: [(&str, &str, &str); 8] = [
    ("docker_volume", "volume", "name"),
    ("aws_db_instance", "database", "identifier"),
    ("aws_rds_cluster", "database cluster", "cluster_identifier"),
    ("aws_elasticache_replication_group", "cache", "replication_group_id"),
    ("aws_opensearch_domain", "search domain", "domain_name"),
    ("aws_s3_bucket", "bucket", "bucket"),
    ("aws_efs_file_system", "file system", "id"),
    ("aws_kms_key", "key", "id"),
];

/// True when the change removes or replaces something that holds data.
pub(crate) fn is_loss(change: &Change) -> bool {
    lost_store(change, &BTreeSet::new()).is_some()
}

/// Everything the plan would lose or put at risk, a sentence each; empty when it is harmless. `empty` names what holds nothing.
pub(crate) fn find(plan: &Plan, empty: &BTreeSet<String>) -> Vec<String> {
    let lost = plan.changes.iter().filter_map(|change| lost_store(change, empty));
    lost.chain(changed_versions(&plan.services_before, &plan.services_after)).collect()
}

/// The sentence for a volume that was removed by somebody else, which the plan would make again.
pub(crate) fn gone(volume: &str) -> String {
    format!("volume `{volume}` is gone, and an empty one would be made in its place")
}

fn lost_store(change: &Change, empty: &BTreeSet<String>) -> Option<String> {
    let (_, word, attribute) = STORES.iter().find(|(kind, ..)| *kind == change.kind)?;
    let name = change.attribute_before(attribute).unwrap_or_else(|| change.address.clone());
    match change.action {
        _ if empty.contains(&name) => None,
        Action::Delete => Some(format!("{word} `{name}` would be deleted, with all its data")),
        Action::Replace => Some(format!("{word} `{name}` would be replaced by an empty one, and its data lost")),
        Action::Update | Action::Create | Action::None => None,
    }
}

/// Services that keep engine and volume and change the version: the new one may not read, or may convert, what the old one wrote.
fn changed_versions(before: &Value, after: &Value) -> Vec<String> {
    let services = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let after: BTreeMap<_, _> = services(after).into_iter().collect();
    let text = |service: &Value, key: &str| service.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let changed = services(before).into_iter().filter_map(|(name, old)| {
        let new = after.get(&name)?;
        let volume = text(&old, "volume")?;
        let same_store = text(new, "volume").as_deref() == Some(&volume) && text(&old, "engine") == text(new, "engine");
        let (from, to) = (text(&old, "version")?, text(new, "version")?);
        (same_store && from != to).then(|| format!("{name} would go from version {from} to {to} on the data in `{volume}`"))
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::terraform::plan::Plan;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn plan(kind: &str, actions: &[&str], before: &Value, after: &Value) -> Plan {
        let text = json!({
            "format_version": "1.2",
            "resource_changes": [{"address": "a", "mode": "managed", "type": kind, "change": {"actions": actions, "before": {"name": "v"}}}],
            "output_changes": {"services": {"actions": ["update"], "before": before, "after": after}},
        });
        Plan::parse(text.to_string().as_bytes()).unwrap()
    }

    fn redis(engine: &str, version: &str, volume: &str) -> Value {
        json!({"redis": {"engine": engine, "version": version, "volume": volume}})
    }

    #[test]
    fn sees_lost_volumes_and_changed_versions_and_nothing_else() {
        let none = json!(null);
        let old = redis("redis", "7.4", "v");
        for (plan, expected) in [
            (plan("docker_volume", &["delete"], &none, &none), vec!["volume `v` would be deleted, with all its data"]),
            (
                plan("docker_volume", &["delete", "create"], &none, &none),
                vec!["volume `v` would be replaced by an empty one, and its data lost"],
            ),
            (plan("aws_db_instance", &["delete"], &none, &none), vec!["database `a` would be deleted, with all its data"]),
            (plan("docker_volume", &["create"], &none, &none), vec![]),
            (plan("docker_container", &["delete", "create"], &none, &none), vec![]),
            (
                plan("docker_image", &["no-op"], &old, &redis("redis", "8.0", "v")),
                vec!["redis would go from version 7.4 to 8.0 on the data in `v`"],
            ),
            (plan("docker_image", &["no-op"], &old, &redis("redis", "7.4", "v")), vec![]),
            (plan("docker_image", &["no-op"], &old, &redis("valkey", "8.0", "w")), vec![]),
            (plan("docker_image", &["no-op"], &old, &json!({})), vec![]),
        ] {
            assert_eq!(find(&plan, &BTreeSet::new()), expected);
        }
        let replaced = plan("docker_volume", &["delete", "create"], &none, &none);
        assert!(find(&replaced, &["v".to_owned()].into()).is_empty(), "there is nothing in it to lose");
    }
}
