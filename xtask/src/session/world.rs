//! Whether the state and the engine are those that were applied from here, and remembering them.

use anyhow::Result;

use super::{Context, Session};
use crate::applied::{Applied, Difference};
use crate::docker::identity::{self, Daemon};
use crate::fingerprint;
use crate::guards::plan::is_first;
use crate::pinned_lineage;
use crate::report::console;
use crate::terraform::plan::Plan;

impl Session {
    /// Refuses where the state or the engine is not the one that was applied from here. The state of what is not protected
    /// may be gone: what it owned is known by its labels, and taken back.
    ///
    /// # Errors
    /// What is another now.
    pub(crate) fn require_same_world(&self, context: &Context) -> Result<()> {
        match self.difference(context, &Applied::now(self)?)? {
            None => Ok(()),
            Some(Difference::StateGone) if !self.environment.is_protected() => Ok(()),
            Some(difference) => Err(difference.refusal(&self.environment.title(), &self.environment.typed()).into()),
        }
    }

    /// What is another thing now than it was when it was applied from here, or than the team has pinned.
    ///
    /// # Errors
    /// The record or the pin cannot be read.
    pub(crate) fn difference(&self, context: &Context, now: &Applied) -> Result<Option<Difference>> {
        let before = Applied::remembered(self, &context.directories)?.unwrap_or_default();
        match before.difference(now) {
            None => match now.of_another(&self.instance.owner, &before) {
                None => Ok(now.departure(pinned_lineage::of(&self.environment)?)),
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
        let before = Applied::remembered(self, &context.directories)?.unwrap_or_default();
        match before.difference(&Applied::engine_alone(self)?) {
            Some(difference @ Difference::OtherEngine { .. }) => {
                Err(difference.refusal(&self.environment.title(), &self.environment.typed()).into())
            }
            _ => Ok(()),
        }
    }

    /// Which engine this is, asked once; none for an environment without Docker.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) fn daemon(&self) -> Result<Option<&Daemon>> {
        let Some(endpoint) = &self.endpoint else {
            return Ok(None);
        };
        if let Some(known) = self.daemon.get() {
            return Ok(Some(known));
        }
        let daemon = identity::of(endpoint)?;
        Ok(Some(self.daemon.get_or_init(|| daemon)))
    }

    /// The hash of everything that a plan is made from, beside the state and the world.
    pub(crate) fn configuration(&self, context: &Context) -> String {
        fingerprint::configuration(self, &context.repository)
    }

    /// Remembers what was applied, from a configuration of this hash; of none when it is adopted.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(crate) fn remember_world(&self, context: &Context, configuration: Option<String>) -> Result<()> {
        let before = Applied::remembered(self, &context.directories)?.unwrap_or_default();
        let now = Applied::now(self)?.made_from(configuration).after(before);
        now.remember(self, &context.directories)?;
        pinned_lineage::pin(&self.environment, now.lineage())
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
            let title = self.environment.title();
            console::warn(&format!("whether AWS has something of `{title}` already is not known: {error:#}"));
            Vec::new()
        })
    }
}
