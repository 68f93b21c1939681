//! `infra plan ENV`: what `apply` would change, saved.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::cli::PlanArgs;
use crate::host::error::Ending;
use crate::host::{console, private_file};
use crate::run::context::Context;
use crate::run::plan::{self, Prepared};
use crate::run::{describe, preflight};
use crate::terraform::plan::{Action, Plan};

/// Plans, and says that there are changes when `--detailed-exitcode` asks for it.
///
/// # Errors
/// Terraform's, or an image that cannot be had.
pub(crate) fn run(context: &Context, arguments: &PlanArgs) -> Result<Option<Ending>> {
    let mut session = context.open_for_change(&arguments.environment)?;
    session.require_same_state_and_engine(context)?;
    let Prepared { plan: planned, configuration } = plan::prepare(context, &mut session)?;
    if let Some(plan) = &planned {
        preflight::gone_volumes(context, &session, plan)?.iter().for_each(|gone| console::warn(gone));
    }
    let file = session.environment.plan_file();
    let provenance = session.provenance(&file, configuration)?;
    provenance.write_beside(&file)?;
    if let Some(out) = &arguments.out {
        let plan = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let out = std::path::absolute(out)?;
        private_file::write(&out, &plan)?;
        provenance.write_beside(&out)?;
    }
    let title = session.environment.display_name();
    if arguments.json {
        console::answer_json(summary(planned.as_ref()))?;
    } else {
        let text = planned.as_ref().map_or_else(|| format!("{title}: no changes\n"), describe::list);
        console::answer_in_style(&text)?;
    }
    if planned.is_some() && arguments.out.is_none() {
        console::say(&format!("apply it: cargo xtask infra apply {}", session.environment.cli_args()));
    }
    Ok((planned.is_some() && arguments.detailed_exitcode).then_some(Ending::Changes))
}

fn summary(plan: Option<&Plan>) -> serde_json::Value {
    let changes = plan.map(Plan::effective).unwrap_or_default();
    let count = |action: Action| changes.iter().filter(|change| change.action == action).count();
    let counts = [Action::Create, Action::Update, Action::Replace, Action::Delete].map(|action| (action.to_string(), count(action)));
    let list: Vec<_> =
        changes.iter().map(|change| json!({"address": change.address, "type": change.kind, "action": change.action.to_string()})).collect();
    json!({
        "has_changes": plan.is_some(),
        "counts": BTreeMap::from(counts),
        "changes": list,
    })
}
