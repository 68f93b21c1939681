//! Settings out of blocks and of the files that `init -backend-config` takes.

use super::{Setting, Settings};
use crate::{Block, Code, Value};

/// The block that says where a root keeps its state; the last one, because override files replace the whole of it.
#[must_use]
pub fn declared(code: &Code) -> Option<&Block> {
    let inner = code.of_kind("terraform").flat_map(|terraform| &terraform.blocks);
    inner.filter(|block| block.kind == "backend" || block.kind == "cloud").last()
}

/// The kind of backend that a block is for.
#[must_use]
pub fn kind_of(block: &Block) -> &str {
    if block.kind == "cloud" { "cloud" } else { block.labels.first().map(String::as_str).unwrap_or_default() }
}

/// The settings of a block, or of a whole file of them.
#[must_use]
pub fn settings_of(block: &Block) -> Settings {
    let mut settings = Settings::new();
    take(&mut settings, block, "");
    settings
}

fn take(settings: &mut Settings, block: &Block, prefix: &str) {
    for (name, (value, _)) in &block.attributes {
        put(settings, format!("{prefix}{name}"), value);
    }
    for inner in &block.blocks {
        take(settings, inner, &format!("{prefix}{}.", inner.kind));
    }
}

fn put(settings: &mut Settings, name: String, value: &Value) {
    let setting = match value {
        Value::Null => return,
        Value::Object(entries) => {
            for entry in entries {
                match entry.key.text() {
                    Some(key) => put(settings, format!("{name}.{key}"), &entry.value),
                    None => drop(settings.insert(name.clone(), Setting::Unknown)),
                }
            }
            return;
        }
        Value::List(_) if value.is_literal() => Setting::Text(value.to_string()),
        value => value.as_string().map_or(Setting::Unknown, Setting::Text),
    };
    settings.insert(name, setting);
}
