//! What a saved plan was made from, written beside it: `apply` takes a plan only while all of that is still so. That the state is
//! still the one of then is for Terraform to see, which keeps its lineage and serial in the plan.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::docker::daemon_id::DaemonId;
use crate::host::digest::Digest;
use crate::host::error::Failure;
use crate::host::private_file;
use crate::project::environment::Environment;
use crate::project::instance::Instance;

/// A plan older than this describes a world that nobody has looked at since: one day.
const SECONDS_VALID: u64 = 24 * 60 * 60;

/// What a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanRecord {
    format: u32,
    project: String,
    environment: String,
    instance: String,
    emulated: bool,
    /// Hash of the code, the variables and the instance file.
    configuration: String,
    engine: Option<DaemonId>,
    /// The account and the region that the plan is for; no account where none is asked for.
    accounts: Vec<String>,
    region: Option<String>,
    /// Seconds since 1970.
    made_at: u64,
    /// Hash of the plan file.
    plan: String,
}

impl PlanRecord {
    /// What a plan in `file` is made from: a configuration of this hash, on this engine, for these accounts.
    ///
    /// # Errors
    /// The plan cannot be read.
    pub(crate) fn of(
        environment: &Environment,
        instance: &Instance,
        file: &Path,
        configuration: String,
        engine: Option<DaemonId>,
        accounts: Vec<String>,
    ) -> Result<Self> {
        let plan = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        Ok(Self {
            format: 1,
            project: instance.project.clone(),
            environment: environment.name.clone(),
            instance: environment.instance.clone(),
            emulated: environment.target.emulated,
            configuration,
            engine,
            accounts,
            region: instance.aws.as_ref().map(|aws| aws.region.clone()),
            made_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            plan: Digest::default().part(plan).finish(),
        })
    }

    /// Writes it beside the plan.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write_beside(&self, plan: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("writing JSON")? + "\n";
        private_file::write(&beside(plan), text.as_bytes())
    }

    /// What is written beside a plan; `typed` names its environment.
    ///
    /// # Errors
    /// It is not there, or cannot be understood.
    pub(crate) fn read_beside(plan: &Path, typed: &str) -> Result<Self, Failure> {
        let path = beside(plan);
        let text = fs::read_to_string(&path).map_err(|_| {
            Failure::refused(format!("cannot verify {}: {} is missing", plan.display(), path.display()))
                .hint(format!("keep the two files together, or {}", plan_again(typed)))
        })?;
        serde_json::from_str(&text)
            .map_err(|error| Failure::refused(format!("{} cannot be understood: {error}", path.display())).hint(plan_again(typed)))
    }

    /// Refuses where what a plan was made from is not what is there `now`; returns the hash of the configuration.
    ///
    /// # Errors
    /// The first thing that is another, named.
    pub(crate) fn require_same(&self, now: Self, typed: &str) -> Result<String, Failure> {
        match self.difference(&now) {
            None => Ok(now.configuration),
            Some(difference) => Err(Failure::refused(format!("the plan is stale: {difference}")).hint(plan_again(typed))),
        }
    }

    /// The first thing that is no longer as it was.
    fn difference(&self, now: &Self) -> Option<String> {
        let title = |one: &Self| format!("{}{}/{}", if one.emulated { "emulated " } else { "" }, one.environment, one.instance);
        let shown = |one: &Option<String>| one.clone().unwrap_or_else(|| "none".to_owned());
        if self.format != now.format {
            return Some("another version of this tool made it".to_owned());
        }
        if self.project != now.project || title(self) != title(now) {
            return Some(format!("it was made for {} of `{}`, and this is {} of `{}`", title(self), self.project, title(now), now.project));
        }
        if self.plan != now.plan {
            return Some("the file is not the one that was saved".to_owned());
        }
        if let (Some(then), Some(now)) = (&self.engine, &now.engine)
            && then.is_another_than(now)
        {
            return Some(format!("it was made on the Docker engine {then}, and this is {now}"));
        }
        if self.region != now.region || self.accounts != now.accounts {
            let place = |one: &Self| format!("{} in account {}", shown(&one.region), one.accounts.join(" or "));
            return Some(format!("it was made for {}, and this is {}", place(self), place(now)));
        }
        if self.configuration != now.configuration {
            return Some("the code or a variable has changed since, or the checkout was moved".to_owned());
        }
        let age = now.made_at.saturating_sub(self.made_at);
        (age > SECONDS_VALID).then(|| format!("it was made {} hours ago, and is good for {}", age / 3600, SECONDS_VALID / 3600))
    }
}

/// Where a plan's provenance is.
pub(crate) fn beside(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".provenance");
    name.into()
}

fn plan_again(typed: &str) -> String {
    format!("plan again: cargo xtask infra plan {typed}")
}

#[cfg(test)]
mod tests {
    use super::{PlanRecord, beside};
    use std::path::Path;

    fn made() -> PlanRecord {
        PlanRecord {
            format: 1,
            project: "p".to_owned(),
            environment: "e".to_owned(),
            instance: "default".to_owned(),
            emulated: false,
            configuration: "c".to_owned(),
            engine: Some("d".into()),
            accounts: vec!["1".to_owned()],
            region: Some("r".to_owned()),
            made_at: 100_000,
            plan: "h".to_owned(),
        }
    }

    #[test]
    fn names_the_one_thing_that_changed() {
        let text = || Some("z".to_owned());
        for (now, expected) in [
            (made(), None),
            (PlanRecord { made_at: 100_000 + 24 * 3600, ..made() }, None),
            (PlanRecord { made_at: 100_001 + 24 * 3600, ..made() }, Some("it was made 24 hours ago")),
            (PlanRecord { environment: "f".to_owned(), ..made() }, Some("it was made for e/default of `p`, and this is f/default")),
            (PlanRecord { instance: "t".to_owned(), ..made() }, Some("and this is e/t")),
            (PlanRecord { emulated: true, ..made() }, Some("and this is emulated e/default")),
            (PlanRecord { project: "q".to_owned(), ..made() }, Some("of `q`")),
            (PlanRecord { plan: "i".to_owned(), ..made() }, Some("not the one that was saved")),
            (PlanRecord { engine: Some("z".into()), ..made() }, Some("Docker engine d, and this is z")),
            (PlanRecord { accounts: vec!["2".to_owned()], ..made() }, Some("r in account 1, and this is r in account 2")),
            (PlanRecord { region: text(), ..made() }, Some("and this is z in account 1")),
            (PlanRecord { configuration: "k".to_owned(), ..made() }, Some("the code or a variable has changed")),
        ] {
            let difference = made().difference(&now);
            assert_eq!(difference.is_some(), expected.is_some(), "{now:?} {difference:?}");
            assert!(difference.clone().unwrap_or_default().contains(expected.unwrap_or_default()), "{difference:?}");
        }
    }

    #[test]
    fn it_stands_beside_the_plan() {
        assert_eq!(beside(Path::new("a/x.tfplan")), Path::new("a/x.tfplan.provenance"));
    }
}
