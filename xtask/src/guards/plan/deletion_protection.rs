//! A plan that would remove what is protected against deletion: lifting the protection is a change of its own, made first.

use super::{PlanFacts, PlanGuard, When};
use crate::host::error::Failure;
use crate::terraform::plan::{Action, Change};

/// Refuses before AWS does, in the middle of an apply, when half of everything else is gone.
pub(super) const GUARD: PlanGuard = PlanGuard {
    name: "deletion-protection",
    danger: "AWS would refuse in the middle of the apply, when much else is gone",
    can_be_allowed: false,
    when: When::Applied,
    find,
};

fn find(facts: &PlanFacts) -> Option<Failure> {
    let gone = facts.plan.changes.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace));
    let protected: Vec<String> =
        gone.filter(|change| is_protected(change)).map(|change| format!("{} has its deletion protection on", change.address)).collect();
    if protected.is_empty() {
        return None;
    }
    let failure = Failure::refused(format!("`{}` is protected against deletion", facts.title)).details(protected);
    Some(failure.hint("if it is really to go: `protected = false` in the environment's terraform.tfvars, apply that, then try again"))
}

/// What AWS refuses to delete, and what a root says of itself where nothing in it knows such a refusal
/// (environments/aws/protection.tf). That one refuses a destroy too, but when the outputs are out of the state already.
fn is_protected(change: &Change) -> bool {
    let before = &change.before;
    let says_so = change.kind == "terraform_data" && before["output"]["protected"] == true;
    says_so || before["deletion_protection"] == true || before["deletion_protection_enabled"] == true
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::guards::plan::PlanFacts;
    use crate::terraform::plan::Plan;
    use serde_json::{Value, json};

    fn is_refused(plan: &Plan) -> bool {
        find(&PlanFacts::of(plan, "aws".to_owned())).is_some()
    }

    #[test]
    fn only_what_would_go_and_is_protected_is_refused() {
        let plan = |actions: &[&str], before: Value| {
            let change = json!({"address": "aws_db_instance.this", "mode": "managed", "type": "aws_db_instance", "change": {"actions": actions, "before": before}});
            Plan::parse(json!({ "format_version": "1.2", "resource_changes": [change] }).to_string().as_bytes()).unwrap()
        };
        for (actions, protected, refused) in [
            (&["delete"][..], true, true),
            (&["delete", "create"], true, true),
            (&["create", "delete"], true, true),
            (&["delete"], false, false),
            (&["update"], true, false),
        ] {
            assert_eq!(is_refused(&plan(actions, json!({"deletion_protection": protected}))), refused, "{actions:?} {protected}");
        }
        assert!(!is_refused(&plan(&["delete"], json!(null))));
    }

    #[test]
    fn a_root_that_says_it_is_protected_is_so_without_a_database() {
        for (kind, protected, refused) in [("terraform_data", true, true), ("terraform_data", false, false), ("other", true, false)] {
            let before = json!({"output": {"name": "tracker-aws", "protected": protected}});
            let change = json!({"address": "a.b", "mode": "managed", "type": kind, "change": {"actions": ["delete"], "before": before}});
            let plan = Plan::parse(json!({ "format_version": "1.2", "resource_changes": [change] }).to_string().as_bytes()).unwrap();
            assert_eq!(is_refused(&plan), refused, "{kind} {protected}");
        }
    }
}
