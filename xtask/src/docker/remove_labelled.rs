//! Removing at once everything that carries a set of labels, whoever made it.

use anyhow::Result;

use super::api::escaped;
use super::endpoint::Endpoint;
use super::inspect::{each, label_filter};

impl Endpoint {
    /// Kills and removes every container with all of these labels (`key=value`) and the volumes without a name that belong to it;
    /// then the networks with them.
    ///
    /// # Errors
    /// The engine refuses: a container of somebody else is in one of the networks.
    pub(crate) fn sweep(&self, labels: &[String]) -> Result<()> {
        let filters = label_filter(labels);
        let containers = self.listed_ids(&format!("/containers/json?all=1&filters={filters}"))?;
        each(&containers, |id| self.act("DELETE", &format!("/containers/{}?force=1&v=1", escaped(id))))?;
        let networks = self.listed_ids(&format!("/networks?filters={filters}"))?;
        each(&networks, |id| self.act("DELETE", &format!("/networks/{}", escaped(id))))
    }
}
