//! Removing at once everything that carries a set of labels, whoever made it.

use anyhow::Result;
use serde::Deserialize;

use super::api::escaped;
use super::endpoint::Endpoint;
use super::inspect::{each, label_filter};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    id: String,
}

impl Endpoint {
    /// Kills and removes every container with all of these labels (`key=value`) and the volumes without a name that belong to it;
    /// then the networks with them.
    ///
    /// # Errors
    /// The engine refuses: a container of somebody else is in one of the networks.
    pub(crate) fn sweep(&self, labels: &[String]) -> Result<()> {
        let filters = label_filter(labels);
        let found = |path: String| -> Result<Vec<String>> {
            Ok(self.get::<Vec<Found>>(&path)?.unwrap_or_default().into_iter().map(|found| found.id).collect())
        };
        each(&found(format!("/containers/json?all=1&filters={filters}"))?, |id| {
            self.act("DELETE", &format!("/containers/{}?force=1&v=1", escaped(id)))
        })?;
        each(&found(format!("/networks?filters={filters}"))?, |id| self.act("DELETE", &format!("/networks/{}", escaped(id))))
    }
}
