//! An environment on AWS whose state is empty, while AWS has what holds its data.

use crate::failure::Failure;
use crate::guards::finding::Guard;
use crate::terraform::plan::{Action, Change};

/// `check`, which needs no network, finds nothing by it: a plan asks.
pub(crate) const GUARD: Guard = Guard {
    name: "lost-state",
    looks_at: "databases, caches, search domains and buckets in AWS with the environment's tags, when its state is empty",
    danger: "Terraform would make all of it a second time, and nothing would know of the first any more",
    can_be_allowed: true,
    only_in_check: false,
    find: |_, _| Vec::new(),
};

/// The first resource in each of our states.
const STAMP: &str = "terraform_data.identity";

/// True for a plan that begins a state.
pub(crate) fn is_first(announced: &[Change]) -> bool {
    announced.iter().any(|change| change.address == STAMP && change.action == Action::Create)
}

/// The refusal to begin a new state while AWS still has what was `found`; `None` if nothing was.
pub(crate) fn refusal(title: &str, found: &[String]) -> Option<Failure> {
    if found.is_empty() {
        return None;
    }
    let failure = Failure::refused(format!("the state of `{title}` is empty, and AWS has what was made for it:"));
    Some(failure.details(found.iter().map(String::as_str)).details([GUARD.danger]).hint(format!(
        "see that `init` finds the right bucket and key, or put the state back; if it is meant: --allow {} --reason TEXT",
        GUARD.name
    )))
}

#[cfg(test)]
mod tests {
    use super::{is_first, refusal};
    use crate::terraform::plan::Change;

    #[test]
    fn a_plan_that_makes_the_stamp_is_the_first() {
        let plan = |address, action| Change::announced(address, "terraform_data", action, None).into_iter().collect::<Vec<_>>();
        assert!(is_first(&plan("terraform_data.identity", "create")));
        assert!(!is_first(&plan("terraform_data.identity", "update")) && !is_first(&plan("terraform_data.other", "create")));
    }

    #[test]
    fn beside_nothing_it_may_begin() {
        assert!(refusal("aws/default", &[]).is_none());
        let refused = refusal("aws/default", &["arn:aws:s3:::b".to_owned()]).unwrap();
        assert_eq!(refused.exit_code(), 3);
        assert!(refused.to_string().contains("\n  arn:aws:s3:::b\n") && refused.to_string().contains("--allow lost-state"), "{refused}");
    }
}
