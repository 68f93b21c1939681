//! Whether the state and the engine are those that were applied from here, and remembering them.

use std::path::Path;

use anyhow::Result;

use super::context::Context;
use super::no_op;
use super::session::Session;
use crate::docker::daemon_id::DaemonId;
use crate::guards::plan::is_first;
use crate::host::console;
use crate::host::error::Failure;
use crate::records::last_applied::{LastApplied, Mismatch};
use crate::records::lineage_pin;
use crate::records::plan_record::PlanRecord;
use crate::services::made_with::MadeWith;
use crate::terraform::plan::Plan;

impl Session {
    /// Refuses where the state or the engine is not the one that was applied from here. The state of what is not protected
    /// may be gone: what it owned is known by its labels, and taken back.
    ///
    /// # Errors
    /// What is another now.
    pub(crate) fn require_same_state_and_engine(&self, context: &Context) -> Result<()> {
        match self.difference(context, &self.applied_now()?)? {
            None => Ok(()),
            Some(Mismatch::StateGone) if !self.environment.is_protected() => Ok(()),
            Some(difference) => Err(difference.refusal(&self.environment.display_name(), &self.environment.cli_args()).into()),
        }
    }

    /// What is another thing now than it was when it was applied from here, or than the team has pinned.
    ///
    /// # Errors
    /// The record or the pin cannot be read.
    pub(crate) fn difference(&self, context: &Context, now: &LastApplied) -> Result<Option<Mismatch>> {
        let before = self.last_applied(context)?.unwrap_or_default();
        match before.difference(now) {
            None => match now.of_another(&self.instance.owner, &before) {
                None => Ok(now.departure(lineage_pin::of(&self.environment)?)),
                difference => Ok(difference),
            },
            difference => Ok(difference),
        }
    }

    /// Refuses to remove anything on another engine than the one that was applied to. The state is not looked at: what is removed
    /// is known by its labels, also when the state is damaged.
    ///
    /// # Errors
    /// It is another one.
    pub(crate) fn require_same_engine(&self, context: &Context) -> Result<()> {
        let before = self.last_applied(context)?.unwrap_or_default();
        match before.difference(&LastApplied::on(self.daemon_id()?)) {
            Some(difference @ Mismatch::OtherEngine { .. }) => {
                Err(difference.refusal(&self.environment.display_name(), &self.environment.cli_args()).into())
            }
            _ => Ok(()),
        }
    }

    /// The record of which logins volumes keep.
    pub(crate) fn made_with(&self, context: &Context) -> MadeWith {
        MadeWith::of(&self.environment, &context.directories)
    }

    /// Refuses a plan that sets a login which a volume cannot take any more, but for volumes that are `going`.
    ///
    /// # Errors
    /// The refusal, or the engine does not answer.
    pub(crate) fn check_logins(&self, context: &Context, plan: &Plan, going: &[String]) -> Result<()> {
        self.made_with(context).check(self.endpoint.as_ref(), &self.environment.cli_args(), plan, going)
    }

    /// The engine's id, where there is one.
    fn daemon_id(&self) -> Result<Option<DaemonId>> {
        Ok(self.daemon()?.map(|daemon| daemon.id.clone()))
    }

    /// The state and the engine that are there now.
    ///
    /// # Errors
    /// The state cannot be read, or the engine does not answer.
    pub(crate) fn applied_now(&self) -> Result<LastApplied> {
        LastApplied::now(&self.terraform, &self.environment, self.daemon_id()?)
    }

    /// What a plan in `file` is made from, with a configuration of this hash.
    ///
    /// # Errors
    /// The plan cannot be read, the engine does not answer, or AWS does not say whose the credentials are.
    pub(crate) fn provenance(&self, file: &Path, configuration: String) -> Result<PlanRecord> {
        PlanRecord::of(&self.environment, &self.instance, file, configuration, self.daemon_id()?, self.accounts()?)
    }

    /// The only account that is allowed, or else the caller's.
    fn accounts(&self) -> Result<Vec<String>> {
        let allowed = self.instance.aws.as_ref().map(|aws| aws.allowed_account_ids.clone()).unwrap_or_default();
        if allowed.len() < 2 {
            return Ok(allowed);
        }
        let account = self.terraform.caller_account().ok_or_else(|| {
            Failure::new(format!("AWS does not say which of the accounts {} these credentials are of", allowed.join(", "))).hint(
                "they have to be allowed sts:GetCallerIdentity, which needs no permission of its own: log in again, or look at the network",
            )
        })?;
        Ok(vec![account])
    }

    /// The hash of everything that a plan is made from, beside the state and what runs.
    pub(crate) fn configuration(&self, context: &Context) -> String {
        no_op::configuration(self, &context.checkout)
    }

    /// Remembers what was applied, from a configuration of this hash; of none when it is adopted.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(crate) fn remember_applied(&self, context: &Context, configuration: Option<String>) -> Result<()> {
        let before = self.last_applied(context)?.unwrap_or_default();
        let now = self.applied_now()?.made_from(configuration).after(before);
        now.remember(&self.environment, &context.directories)?;
        lineage_pin::pin(&self.environment, now.lineage())
    }

    /// What AWS has of this environment already, where a plan begins its state: that was lost, or is looked for in the wrong place.
    /// What AWS does not say keeps nobody from planning.
    pub(crate) fn in_aws(&self, plan: &Plan) -> Vec<String> {
        let Some(aws) = self.instance.aws.as_ref().filter(|_| self.environment.target.aws && is_first(&plan.changes)) else {
            return Vec::new();
        };
        let environment = self.environment.label();
        let tags = [("project", &self.instance.project), ("environment", &environment), ("instance", &self.environment.instance)];
        self.terraform.tagged(aws, &tags.map(|(key, value)| (key, value.as_str()))).unwrap_or_else(|error| {
            let title = self.environment.display_name();
            console::warn(&format!("whether AWS has something of `{title}` already is not known: {error:#}"));
            Vec::new()
        })
    }
}
