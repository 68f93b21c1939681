//! What the configuration wants, whatever exists: a plan from a state that knows nothing of some types.

use anyhow::{Context, Result};
use serde_json::Value;

use super::invocation::Request;
use super::run::Terraform;
use super::state;
use crate::failure::Failure;
use crate::private_file;

impl Terraform {
    /// The plan that would make every resource of the types `anew`, as `terraform show -json` describes it. What else there is
    /// stays as the state knows it, so that what is made from it (a volume's id) is known too. Nothing is refreshed, locked or
    /// changed.
    ///
    /// # Errors
    /// What Terraform says is wrong with the code or the inputs; a state that is not in a file of this machine.
    pub(crate) fn configured(&self, anew: &[&str]) -> Result<Value> {
        let Some(known) = self.local_state()? else {
            return Err(
                Failure::new("its state is not in a file on this machine, and Terraform plans without a state only from one").into()
            );
        };
        // Both files hold secrets: they are gone with the directory when this ends, or with the next run when it is killed. Only the local backend heeds `-state`
        // (https://developer.hashicorp.com/terraform/language/backend/local#command-line-arguments).
        let place = private_file::temporary_directory(&self.environment.instances_directory(), "state")?;
        let (file, out) = (place.path().join("state"), place.path().join("plan"));
        private_file::write(&file, state::without(known, anew).to_string().as_bytes())?;
        self.run(&Request::PlanFrom { state: file, out: out.clone() }, |_| {})?;
        private_file::make_private(&out)?;
        let json = self.read(&Request::ShowPlan { plan: out })?;
        serde_json::from_slice(&json).context("understanding `terraform show -json`")
    }
}
