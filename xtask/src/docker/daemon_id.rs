//! Which engine it is, whatever it is reached by, and what of it matters to what runs there.

use std::{fmt, thread};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint::Endpoint;

/// Which engine it is: its own id and, after a blank, the id of its network `none`. The first alone does not tell engines apart: up
/// to Docker 23 it is made from `/etc/docker/key.json`, which all engines of a machine share, and clones of the machine. The second
/// is made at random when an engine begins to keep data, and is kept with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct DaemonId(String);

impl DaemonId {
    /// True where the two are not of one engine; an earlier version wrote the first half alone, which then decides.
    pub(crate) fn is_another_than(&self, other: &Self) -> bool {
        self.0.split(' ').zip(other.0.split(' ')).any(|(left, right)| left != right)
    }
}

impl From<&str> for DaemonId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for DaemonId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An engine, as far as it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Daemon {
    pub(crate) id: DaemonId,
    /// Its version, such as `28.5.1`.
    pub(crate) version: String,
    /// A container's memory limit is in force: it is not on a rootless engine without cgroups.
    pub(crate) limits_memory: bool,
}

/// Asks an engine.
///
/// # Errors
/// It does not answer.
pub(crate) fn of(endpoint: &Endpoint) -> Result<Daemon> {
    let (info, network) = thread::scope(|scope| {
        let info = scope.spawn(|| endpoint.get::<Value>("/info"));
        let network = endpoint.get::<Value>("/networks/none");
        (info.join().expect("asking does not panic"), network)
    });
    let (info, network) = (info?.unwrap_or_default(), network?.unwrap_or_default());
    let network = network["Id"].as_str().and_then(|id| id.get(..12)).unwrap_or_default();
    let text = |key: &str| info[key].as_str().unwrap_or_default();
    let id = DaemonId::from(format!("{} {network}", text("ID")).trim());
    Ok(Daemon { id, version: text("ServerVersion").to_owned(), limits_memory: info["MemoryLimit"] != false })
}

#[cfg(test)]
mod tests {
    use super::DaemonId;

    #[test]
    fn what_one_of_them_does_not_say_does_not_count() {
        for (left, right, expected) in
            [("a", "a", false), ("a", "b", true), ("a", "a n", false), ("a n", "a", false), ("a n", "a m", true), ("b n", "a n", true)]
        {
            assert_eq!(DaemonId::from(left).is_another_than(&right.into()), expected, "{left} {right}");
        }
    }
}
