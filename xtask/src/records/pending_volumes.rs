//! Volumes that the engine began to make and did not finish. It names a volume before it writes down the labels: a full disk, or
//! a crash between the two, leaves one that does not say whose it is, and that would be refused as somebody else's from then on.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Volume;
use crate::docker::usage::VolumeUsage;
use crate::host::{console, private_file};
use crate::project::environment::Environment;

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
        let usage = endpoint.volume_usage()?;
        expected.retain(|name| usage.get(name).is_some_and(VolumeUsage::is_empty));
    }
    Ok(expected)
}

/// Parts the volumes that were `found` into those that are half made and do not say whose they are, and all others.
pub(crate) fn split(found: Vec<Volume>, half_made: &BTreeSet<String>) -> (Vec<Volume>, Vec<Volume>) {
    found.into_iter().partition(|volume| half_made.contains(&volume.name) && has_no_label(volume))
}

/// Removes such volumes.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn remove(endpoint: &Endpoint, half_made: &[Volume]) -> Result<()> {
    let names: Vec<String> = half_made.iter().map(|volume| volume.name.clone()).collect();
    if !names.is_empty() {
        endpoint.remove_volumes(&names)?;
        console::say(&format!("removed empty volumes that an interrupted run had begun to make: {}", names.join(", ")));
    }
    Ok(())
}

/// Removes all of them, when everything of an instance goes.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn clear_all(endpoint: &Endpoint, environment: &Environment) -> Result<()> {
    let names: Vec<String> = expected(environment).into_iter().collect();
    let half_made = find(endpoint, environment, &names)?;
    remove(endpoint, &split(endpoint.volumes(&names)?, &half_made).0)
}

/// What is written down. A record that cannot be read proves nothing, and so nothing is of this kind.
pub(crate) fn expected(environment: &Environment) -> BTreeSet<String> {
    let record = std::fs::read(environment.expected_volumes_file()).unwrap_or_default();
    serde_json::from_slice(&record).unwrap_or_default()
}

fn has_no_label(volume: &Volume) -> bool {
    volume.labels.as_ref().is_none_or(|labels| labels.is_empty())
}
