//! A saved plan, as `terraform show -json` describes it (https://developer.hashicorp.com/terraform/internals/json-format).

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Value;

use super::events::{Importing, Subject};

/// The changes of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    /// Every managed resource, also those that stay as they are.
    pub(crate) changes: Vec<Change>,
    /// Whether an output gets another value, is new or goes.
    pub(crate) changes_outputs: bool,
    /// The output `services` before, where there is one.
    pub(crate) services_before: Value,
    /// The output `services` after; parts that are known only after the apply are absent.
    pub(crate) services_after: Value,
    /// The output `env` before: variables and their values, many of them secret.
    pub(crate) env_before: BTreeMap<String, String>,
    /// The output `env` after; empty where a part of it is known only after the apply.
    pub(crate) env_after: BTreeMap<String, String>,
}

/// The change of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// Its address.
    pub(crate) address: String,
    /// Its type, such as `docker_volume`.
    pub(crate) kind: String,
    /// What happens to it.
    pub(crate) action: Action,
    /// Its attributes before, null when it does not exist yet.
    pub(crate) before: Value,
    /// Its attributes after, null when it is deleted.
    pub(crate) after: Value,
    /// The id of what an `import` block takes for it.
    pub(crate) imported: Option<String>,
}

/// What Terraform does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    /// Removed and not made again.
    Delete,
    /// Removed and made again, in either order.
    Replace,
    /// Changed in place.
    Update,
    /// Made.
    Create,
    /// Left as it is, or only read.
    None,
}

impl Plan {
    /// A plan of which no more than the changes is known.
    pub(crate) fn of(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    /// Understands the output of `terraform show -json`.
    ///
    /// # Errors
    /// It is not the JSON of a plan, or in a form that a later Terraform has changed.
    pub(crate) fn parse(json: &[u8]) -> serde_json::Result<Self> {
        let raw: RawPlan = serde_json::from_slice(json)?;
        // A minor version adds what may be passed over; a major one may mean something else by the same words.
        if !raw.format_version.starts_with("1.") {
            return Err(serde_json::Error::custom(format!("its format is {}, and this xtask knows 1", raw.format_version)));
        }
        let managed = raw.resource_changes.into_iter().filter(|change| change.mode == "managed");
        let changes = managed
            .map(|raw| Change {
                address: raw.address,
                kind: raw.kind,
                action: Action::from_words(&raw.change.actions),
                before: raw.change.before,
                after: raw.change.after,
                imported: raw.change.importing.and_then(|importing| importing.id),
            })
            .collect();
        let mut outputs = raw.output_changes;
        let changes_outputs = outputs.values().any(|change| Action::from_words(&change.actions) != Action::None);
        let services = outputs.remove("services").unwrap_or_default();
        let env = outputs.remove("env").unwrap_or_default();
        let variables = |value: Value| serde_json::from_value(value).unwrap_or_default();
        Ok(Self {
            changes,
            changes_outputs,
            services_before: services.before,
            services_after: services.after,
            env_before: variables(env.before),
            env_after: variables(env.after),
        })
    }

    /// The changes that touch something, the most destructive first.
    pub(crate) fn effective(&self) -> Vec<&Change> {
        let mut changes: Vec<&Change> = self.changes.iter().filter(|change| change.action != Action::None).collect();
        changes.sort_by(|left, right| left.action.cmp(&right.action).then_with(|| left.address.cmp(&right.address)));
        changes
    }

    /// The images that the planned containers start from, each once.
    pub(crate) fn images(&self) -> Vec<String> {
        let wanted = self.changes.iter().filter(|change| change.kind == "docker_image" && change.action != Action::Delete);
        let mut images: Vec<String> = wanted.filter_map(|change| change.attribute_after("name")).collect();
        images.sort();
        images.dedup();
        images
    }

    /// Names of the resources of one type, as they are or else as they will be.
    pub(crate) fn named(&self, kind: &str) -> Vec<String> {
        let of_kind = self.changes.iter().filter(|change| change.kind == kind);
        of_kind.filter_map(|change| change.attribute_before("name").or_else(|| change.attribute_after("name"))).collect()
    }

    /// Names of the resources of one type that do not exist for Terraform yet.
    pub(crate) fn created(&self, kind: &str) -> Vec<String> {
        let created = self.changes.iter().filter(|change| change.kind == kind && change.action == Action::Create);
        created.filter_map(|change| change.attribute_after("name")).collect()
    }

    /// Names of the resources of one type that are deleted, or replaced.
    pub(crate) fn removed(&self, kind: &str) -> Vec<String> {
        let removed = self.changes.iter().filter(|change| change.kind == kind && change.action.takes_away());
        removed.filter_map(|change| change.attribute_before("name")).collect()
    }
}

impl Change {
    /// A text attribute of the resource as it will be.
    pub(crate) fn attribute_after(&self, name: &str) -> Option<String> {
        self.after.get(name)?.as_str().map(ToOwned::to_owned)
    }

    /// A text attribute of the resource as it is.
    pub(crate) fn attribute_before(&self, name: &str) -> Option<String> {
        self.before.get(name)?.as_str().map(ToOwned::to_owned)
    }

    /// A change as an event of `terraform plan` names it: without attributes. `None` if it changes nothing.
    pub(crate) fn announced(change: &Subject) -> Option<Self> {
        let imported = change.importing.as_ref().and_then(|importing| importing.id.clone());
        let action = match change.action.as_str() {
            "create" => Action::Create,
            "update" => Action::Update,
            "replace" => Action::Replace,
            "delete" => Action::Delete,
            _ if imported.is_some() => Action::None,
            _ => return None,
        };
        let (address, kind) = (change.resource.addr.clone(), change.resource.resource_type.clone());
        Some(Self { address, kind, action, imported, before: Value::Null, after: Value::Null })
    }
}

impl Action {
    /// True when something goes that exists now.
    pub(crate) fn takes_away(self) -> bool {
        matches!(self, Self::Delete | Self::Replace)
    }

    fn from_words(words: &[String]) -> Self {
        let has = |word: &str| words.iter().any(|candidate| candidate == word);
        match (has("create"), has("delete"), has("update")) {
            (true, true, _) => Self::Replace,
            (true, false, _) => Self::Create,
            (false, true, _) => Self::Delete,
            (false, false, true) => Self::Update,
            (false, false, false) => Self::None,
        }
    }

    /// The sign that stands before an address in a table; Terraform's own.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Delete => "-",
            Self::Replace => "-/+",
            Self::Update => "~",
            Self::Create => "+",
            Self::None => " ",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delete => "destroy",
            Self::Replace => "replace",
            Self::Update => "change",
            Self::Create => "create",
            Self::None => "keep",
        })
    }
}

#[derive(Deserialize)]
struct RawPlan {
    format_version: String,
    #[serde(default)]
    resource_changes: Vec<RawResourceChange>,
    #[serde(default)]
    output_changes: BTreeMap<String, RawChange>,
}

#[derive(Deserialize)]
struct RawResourceChange {
    address: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    change: RawChange,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawChange {
    actions: Vec<String>,
    before: Value,
    after: Value,
    importing: Option<Importing>,
}

#[cfg(test)]
mod tests {
    use super::{Action, Plan};
    use serde_json::json;

    fn plan(changes: &serde_json::Value) -> Plan {
        Plan::parse(json!({ "format_version": "1.2", "resource_changes": changes }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn reads_actions_and_sorts_the_destructive_first() {
        let change =
            |address: &str, actions: &[&str]| json!({"address": address, "mode": "managed", "type": "t", "change": {"actions": actions}});
        let plan = plan(&json!([
            change("a", &["create"]),
            change("b", &["no-op"]),
            change("c", &["delete", "create"]),
            change("d", &["create", "delete"]),
            change("e", &["delete"]),
            change("f", &["update"]),
        ]));
        let order: Vec<_> = plan.effective().iter().map(|change| (change.action, change.address.as_str())).collect();
        let expected =
            [(Action::Delete, "e"), (Action::Replace, "c"), (Action::Replace, "d"), (Action::Update, "f"), (Action::Create, "a")];
        assert_eq!(order, expected);
    }

    #[test]
    fn names_the_images_that_containers_will_start_from() {
        let image = |name: &str, actions: &[&str]| json!({"address": name, "mode": "managed", "type": "docker_image", "change": {"actions": actions, "after": {"name": name}}});
        let plan = plan(&json!([
            image("redis:8", &["create"]),
            image("minio:1", &["no-op"]),
            {"address": "x", "mode": "managed", "type": "docker_image", "change": {"actions": ["delete"], "before": {"name": "old"}, "after": null}},
            {"address": "y", "mode": "managed", "type": "docker_volume", "change": {"actions": ["create"], "after": {"name": "v"}}},
        ]));
        assert_eq!(plan.images(), ["minio:1", "redis:8"]);
        assert_eq!(plan.created("docker_volume"), ["v"]);
    }

    #[test]
    fn an_empty_plan_is_no_changes_and_one_of_another_format_is_none() {
        assert!(Plan::parse(br#"{"format_version": "1.9"}"#).unwrap().effective().is_empty());
        for other in ["{}", r#"{"format_version": "2.0"}"#] {
            assert!(Plan::parse(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn an_output_may_change_alone() {
        for (actions, expected) in [("no-op", false), ("create", true), ("update", true), ("delete", true)] {
            let outputs = json!({ "format_version": "1.2", "output_changes": { "services": { "actions": ["no-op"] }, "env": { "actions": [actions] } } });
            assert_eq!(Plan::parse(outputs.to_string().as_bytes()).unwrap().changes_outputs, expected, "{actions}");
        }
    }
}
