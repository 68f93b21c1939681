//! Volumes that the engine began to make and did not finish. It names a volume before it writes down the labels: a full disk, or
//! a crash between the two, leaves one that does not say whose it is, and that would be refused as somebody else's from then on.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Volume;
use crate::environment::Environment;
use crate::private_file;
use crate::report::console;

/// Writes down which volumes are about to be made and do not exist yet.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn expect(environment: &Environment, names: &BTreeSet<String>) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let text = serde_json::to_vec(names).context("writing JSON")?;
    private_file::write(&environment.expected_volumes_file(), &text)
}

/// Forgets them: they are there, with their labels.
///
/// # Errors
/// The file cannot be removed.
pub(crate) fn forget(environment: &Environment) -> Result<()> {
    private_file::remove(&environment.expected_volumes_file())
}

/// Those of the named volumes that an earlier run was about to make, that hold nothing and that nothing uses.
///
/// # Errors
/// The engine does not answer.
pub(crate) fn find(endpoint: &Endpoint, environment: &Environment, names: &[String]) -> Result<BTreeSet<String>> {
    let mut expected = expected(environment);
    expected.retain(|name| names.contains(name));
    if !expected.is_empty() {
        let usage: Usage = endpoint.get("/system/df?type=volume")?.unwrap_or_default();
        expected.retain(|name| usage.is_empty(name));
    }
    Ok(expected)
}

/// Removes, of the volumes that were `found`, those that are half made and do not say whose they are; returns all others.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn clear(endpoint: &Endpoint, found: Vec<Volume>, half_made: &BTreeSet<String>) -> Result<Vec<Volume>> {
    let (nameless, others): (Vec<Volume>, Vec<Volume>) =
        found.into_iter().partition(|volume| half_made.contains(&volume.name) && has_no_label(volume));
    let names: Vec<String> = nameless.into_iter().map(|volume| volume.name).collect();
    if !names.is_empty() {
        endpoint.remove_volumes(&names)?;
        console::say(&format!("removed empty volumes that an interrupted run had begun to make: {}", names.join(", ")));
    }
    Ok(others)
}

/// Removes all of them, when everything of an instance goes.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn clear_all(endpoint: &Endpoint, environment: &Environment) -> Result<()> {
    let names: Vec<String> = expected(environment).into_iter().collect();
    let half_made = find(endpoint, environment, &names)?;
    clear(endpoint, endpoint.volumes(&names)?, &half_made).map(drop)
}

/// What is written down. A record that cannot be read proves nothing, and so nothing is of this kind.
fn expected(environment: &Environment) -> BTreeSet<String> {
    let record = std::fs::read(environment.expected_volumes_file()).unwrap_or_default();
    serde_json::from_slice(&record).unwrap_or_default()
}

fn has_no_label(volume: &Volume) -> bool {
    volume.labels.as_ref().is_none_or(|labels| labels.is_empty())
}

/// What the engine says of its volumes' use.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Usage {
    volumes: Option<Vec<Used>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Used {
    name: String,
    driver: String,
    created_at: Option<String>,
    usage_data: Option<UsageData>,
}

/// Bytes in files and the number of containers; -1 where the engine does not know.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UsageData {
    size: i64,
    ref_count: i64,
}

impl Usage {
    /// True only for a volume of which it is known.
    fn is_empty(&self, name: &str) -> bool {
        let used = self.volumes.iter().flatten().find(|used| used.name == name);
        used.is_some_and(|used| {
            used.usage_data.as_ref().is_some_and(|usage| usage.ref_count == 0 && (usage.size == 0 || used.has_no_directory()))
        })
    }
}

impl Used {
    /// The engine dates a volume of its own by the directory for its data: Go's zero time is that of one that is not there.
    fn has_no_directory(&self) -> bool {
        self.driver == "local" && self.created_at.as_ref().is_some_and(|at| at.starts_with("0001-01-01T"))
    }
}

#[cfg(test)]
mod tests {
    use super::Usage;
    use serde_json::json;

    #[test]
    fn a_volume_counts_as_empty_only_where_the_engine_says_so() {
        let volume = |name: &str, driver: &str, created_at: &str, size: i64, ref_count: i64| json!({"Name": name, "Driver": driver, "CreatedAt": created_at, "UsageData": {"Size": size, "RefCount": ref_count}});
        let (zero, date) = ("0001-01-01T00:00:00Z", "2026-11-24T12:04:42Z");
        let silent = json!({"Name": "silent", "Driver": "local", "UsageData": null});
        let usage: Usage = serde_json::from_value(json!({"Volumes": [
            volume("empty", "local", date, 0, 0),
            volume("begun", "local", zero, -1, 0),
            volume("used", "local", date, 0, 1),
            volume("full", "local", date, 5, 0),
            volume("unknown", "local", date, -1, -1),
            volume("elsewhere", "nfs", zero, -1, 0),
            silent
        ]}))
        .unwrap();
        let names = ["empty", "begun", "used", "full", "unknown", "elsewhere", "silent", "missing"];
        let empty: Vec<&str> = names.into_iter().filter(|name| usage.is_empty(name)).collect();
        assert_eq!(empty, ["empty", "begun"]);
        assert!(!serde_json::from_str::<Usage>(r#"{"Volumes": null}"#).unwrap().is_empty("x"));
    }
}
