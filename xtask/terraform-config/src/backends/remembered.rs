//! What `init` has remembered of a backend.

use std::fs;
use std::path::Path;

use super::{Backend, Source};
use crate::backend;
use crate::block::Place;
use crate::json_body;
use crate::value::Value;

/// What is remembered in the data directory of a root.
///
/// # Errors
/// Where it is not JSON, and why.
pub(super) fn read(directory: &Path, data: &Path) -> Result<Option<Backend>, (Place, String)> {
    let file = data.join("terraform.tfstate");
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(None);
    };
    let place = |line| Place { file: file.clone(), line };
    let top = json_body::parse_values(&file, &text).map_err(|error| (place(error.line), error.message))?;
    let part = |name: &str| Some(&top.value("backend")?.get(name)?.value);
    let (Some(Value::Text(kind)), Some(config @ Value::Object(_))) = (part("type"), part("config")) else {
        return Ok(None);
    };
    Ok(Some(Source { directory, kind, settings: backend::settings_in(config), place: place(1) }.located()))
}
