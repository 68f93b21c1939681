//! Settings out of blocks and of the files that `init -backend-config` takes.

use super::{Setting, Settings};
use crate::{Block, Value};

/// The kind of backend that a block is for.
#[must_use]
pub fn kind_of(block: &Block) -> &str {
    if block.kind == "cloud" { "cloud" } else { block.label() }
}

/// The settings of a block, or of a whole file of them.
#[must_use]
pub fn settings_of(block: &Block) -> Settings {
    let mut settings = Settings::new();
    take(&mut settings, block, "");
    settings
}

/// The settings in an object, as a data source has them that reads a state, and as `init` remembers them.
#[must_use]
pub fn settings_in(object: &Value) -> Settings {
    let mut settings = Settings::new();
    for entry in object.entries() {
        put(&mut settings, entry.key.text().unwrap_or_default().to_owned(), &entry.value);
    }
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
        // How older versions remember a nested block.
        Value::List(elements) if matches!(elements.as_slice(), [Value::Object(_)]) => return put(settings, name, &elements[0]),
        // Every list that a backend takes is a set.
        Value::List(elements) if value.is_literal() => {
            let mut elements: Vec<String> = elements.iter().map(Value::to_string).collect();
            elements.sort();
            Setting::Text(format!("[{}]", elements.join(", ")))
        }
        value => value.as_string().map_or(Setting::Unknown, Setting::Text),
    };
    settings.insert(name, setting);
}
