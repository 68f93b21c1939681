//! Terraform code in its JSON form, as the blocks that it stands for.

use std::path::Path;

use super::code::{Block, Place, Value};

/// How many labels a block of this kind has (https://developer.hashicorp.com/terraform/language/syntax/json).
fn label_count(kind: &str) -> usize {
    match kind {
        "resource" | "data" | "ephemeral" => 2,
        "variable" | "output" | "module" | "provider" | "backend" | "check" | "provisioner" => 1,
        _ => 0,
    }
}

/// The blocks of a file.
pub(super) fn blocks(file: &Path, value: &serde_json::Value) -> Vec<Block> {
    match value {
        serde_json::Value::Array(parts) => parts.iter().flat_map(|part| blocks(file, part)).collect(),
        serde_json::Value::Object(top) => {
            top.iter().flat_map(|(kind, content)| nested(file, kind, label_count(kind), &[], content)).collect()
        }
        _ => Vec::new(),
    }
}

fn nested(file: &Path, kind: &str, labels_left: usize, labels: &[String], value: &serde_json::Value) -> Vec<Block> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(|item| nested(file, kind, labels_left, labels, item)).collect(),
        serde_json::Value::Object(fields) if labels_left > 0 => {
            let below = |(label, content): (&String, &serde_json::Value)| {
                nested(file, kind, labels_left - 1, &[labels, std::slice::from_ref(label)].concat(), content)
            };
            fields.iter().flat_map(below).collect()
        }
        serde_json::Value::Object(fields) => vec![block(file, kind, labels, fields)],
        _ => Vec::new(),
    }
}

/// A block with these fields.
pub(super) fn block(file: &Path, kind: &str, labels: &[String], fields: &serde_json::Map<String, serde_json::Value>) -> Block {
    let place = Place { file: file.to_owned(), line: 1 };
    let labels = labels.to_vec();
    let mut block = Block::new(kind, labels, place);
    for (name, value) in fields {
        match value {
            serde_json::Value::String(text) if !text.contains("${") => {
                block.attributes.insert(name.clone(), (Value::Text(text.clone()), 1));
            }
            // Which of the two it is, only a schema says: it is kept as both.
            serde_json::Value::Object(_) | serde_json::Value::Array(_) => {
                block.blocks.extend(nested(file, name, label_count(name), &[], value));
                block.attributes.insert(name.clone(), (Value::Expression(value.to_string()), 1));
            }
            other => {
                block.attributes.insert(name.clone(), (Value::Expression(other.to_string()), 1));
            }
        }
    }
    block
}
