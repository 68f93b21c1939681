//! Resources of a state as Terraform wrote it before 0.12, in the shape of today's.
//!
//! https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version3.go and, for what becomes of it,
//! version3_upgrade.go.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::raw_state::{RawAttributes, RawInstance, RawResource};

/// A module of the state, the root's first.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawModule {
    /// Outputs; before format 3 they were plain strings.
    pub(super) outputs: serde_json::Map<String, Value>,
    resources: BTreeMap<String, OldResource>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OldResource {
    #[serde(rename = "type")]
    kind: String,
    provider: String,
    primary: Option<OldInstance>,
    deposed: Vec<OldInstance>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OldInstance {
    id: Option<String>,
    /// Flat: a tag is an attribute `tags.NAME`.
    attributes: BTreeMap<String, Option<String>>,
}

impl RawModule {
    /// Its resources.
    pub(super) fn into_resources(self) -> impl Iterator<Item = RawResource> {
        self.resources.into_iter().map(|(address, resource)| RawResource {
            mode: if address.starts_with("data.") { "data" } else { "managed" }.to_owned(),
            kind: resource.kind,
            provider: resource.provider,
            instances: resource.primary.into_iter().chain(resource.deposed).map(OldInstance::into_instance).collect(),
        })
    }
}

impl OldInstance {
    fn into_instance(mut self) -> RawInstance {
        let tagged = |(name, value): (&String, &Option<String>)| {
            let tag = name.strip_prefix("tags.").filter(|tag| *tag != "%")?;
            Some((tag.to_owned(), Value::String(value.clone()?)))
        };
        let tags: serde_json::Map<String, Value> = self.attributes.iter().filter_map(tagged).collect();
        let mut text = |name: &str| self.attributes.remove(name).flatten().map(Value::String);
        let attributes = RawAttributes {
            arn: text("arn"),
            name: text("name"),
            bucket: text("bucket"),
            identifier: text("identifier"),
            id: text("id").or(self.id.map(Value::String)),
            tags: Some(Value::Object(tags)),
            tags_all: None,
        };
        RawInstance { attributes }
    }
}
