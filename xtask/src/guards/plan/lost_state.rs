//! An environment on AWS whose state is empty, while AWS has what holds its data.

use super::{PlanFacts, PlanGuard, When};
use crate::host::error::Failure;
use crate::terraform::plan::{Action, Change};

/// `check`, which needs no network, cannot find it: a plan asks.
pub(super) const GUARD: PlanGuard = PlanGuard {
    name: "lost-state",
    danger: "Terraform would make all of it a second time, and nothing would know of the first any more",
    can_be_allowed: true,
    when: When::Planned,
    find,
};

/// The first resource in each of our states.
const STAMP: &str = "terraform_data.identity";

/// True for a plan that begins a state.
pub(crate) fn is_first(announced: &[Change]) -> bool {
    announced.iter().any(|change| change.address == STAMP && change.action == Action::Create)
}

/// Refuses to begin a new state while AWS still has what was made for the environment.
fn find(facts: &PlanFacts) -> Option<Failure> {
    if facts.in_aws.is_empty() {
        return None;
    }
    let failure = Failure::refused(format!("the state of `{}` is empty, and AWS has what was made for it:", facts.title));
    Some(failure.details(&facts.in_aws).hint("see that `init` finds the right bucket and key, or put the state back"))
}

#[cfg(test)]
mod tests {
    use super::{find, is_first};
    use crate::guards::plan::PlanFacts;
    use crate::host::error::Ending;
    use crate::terraform::events::Subject;
    use crate::terraform::plan::{Change, Plan};

    #[test]
    fn a_plan_that_makes_the_stamp_is_the_first() {
        let plan =
            |address, action| Change::announced(&Subject::of(address, "terraform_data", action, None)).into_iter().collect::<Vec<_>>();
        assert!(is_first(&plan("terraform_data.identity", "create")));
        assert!(!is_first(&plan("terraform_data.identity", "update")) && !is_first(&plan("terraform_data.other", "create")));
    }

    #[test]
    fn beside_nothing_it_may_begin() {
        let plan = Plan::default();
        let mut facts = PlanFacts::of(&plan, "aws/default".to_owned());
        assert!(find(&facts).is_none());
        facts.in_aws = vec!["arn:aws:s3:::b".to_owned()];
        let refused = find(&facts).unwrap();
        assert_eq!(refused.ending(), Ending::Refused);
        assert!(refused.to_string().contains("\n  arn:aws:s3:::b\n"), "{refused}");
    }
}
