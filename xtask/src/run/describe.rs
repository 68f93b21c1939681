//! A plan in words.

use crate::guards::plan::data_loss;
use crate::host::console::Style;
use crate::terraform::plan::{Action, Change, Plan};

/// `2 to create, 1 to replace`, or that no resource is touched.
pub(crate) fn summary(plan: &Plan) -> String {
    let count = |action: Action| plan.changes.iter().filter(|change| change.action == action).count();
    let actions = [Action::Create, Action::Update, Action::Replace, Action::Delete];
    let parts: Vec<String> = actions
        .into_iter()
        .map(|action| (count(action), action))
        .filter(|(count, _)| *count > 0)
        .map(|(count, action)| format!("{count} to {action}"))
        .collect();
    match parts.as_slice() {
        [] if plan.changes_outputs => "only outputs change".to_owned(),
        [] => "no changes".to_owned(),
        parts => parts.join(", "),
    }
}

/// The plan as a list, first what loses data, then the most destructive, and its summary.
pub(crate) fn list(plan: &Plan) -> String {
    let line = |change: &&Change| {
        let style = if matches!(change.action, Action::Delete | Action::Replace) { Style::Error } else { Style::Good };
        let mark = if data_loss::is_loss(change) { Style::Error.paint("  ! its data goes with it") } else { String::new() };
        format!("{} {}{mark}\n", style.paint(&format!("{:>3}", change.action.sign())), change.address)
    };
    let mut changes = plan.effective();
    changes.sort_by_key(|change| !data_loss::is_loss(change));
    changes.iter().map(line).collect::<String>() + &summary(plan) + "\n"
}
