//! Resources of a state as Terraform writes them since 0.12.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawResource {
    pub(super) mode: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) provider: String,
    pub(super) instances: Vec<RawInstance>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawInstance {
    pub(super) attributes: RawAttributes,
}

/// Only what identifies a thing: a state can be large, and most of it is read for nothing.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawAttributes {
    pub(super) id: Option<Value>,
    pub(super) arn: Option<Value>,
    pub(super) name: Option<Value>,
    pub(super) bucket: Option<Value>,
    pub(super) identifier: Option<Value>,
    pub(super) tags: Option<Value>,
    pub(super) tags_all: Option<Value>,
}
