//! What `init` has remembered of a backend.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use terraform_config::Place;
use terraform_config::backend::{Setting, Settings};

use super::{Backend, Source};

/// Where it is, in the data directory.
const REMEMBERED: &str = "terraform.tfstate";

/// What is remembered in the data directory of a root.
///
/// # Errors
/// Where it is not JSON, and why.
pub(super) fn read(directory: &Path, data: &Path) -> Result<Option<Backend>, (Place, String)> {
    let file = data.join(REMEMBERED);
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(None);
    };
    match serde_json::from_str(&text) {
        Ok(json) => Ok(of_memory(directory, &file, &json)),
        Err(error) => Err((Place { file, line: error.line() }, error.to_string())),
    }
}

fn of_memory(directory: &Path, file: &Path, json: &Json) -> Option<Backend> {
    let mut settings = Settings::new();
    json["backend"]["config"].as_object()?.iter().for_each(|(name, value)| put(&mut settings, name, value));
    let place = Place { file: file.to_owned(), line: 1 };
    Some(Source { directory, kind: json["backend"]["type"].as_str()?, settings, place }.located())
}

fn put(settings: &mut Settings, name: &str, value: &Json) {
    let text = match value {
        Json::Null => return,
        Json::Object(fields) => return fields.iter().for_each(|(key, value)| put(settings, &format!("{name}.{key}"), value)),
        // How older versions wrote a nested block.
        Json::Array(items) if items.len() == 1 && items[0].is_object() => return put(settings, name, &items[0]),
        Json::Array(items) => {
            let mut items: Vec<String> = items.iter().map(Json::to_string).collect();
            items.sort();
            format!("[{}]", items.join(", "))
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    settings.insert(name.to_owned(), Setting::Text(text));
}
