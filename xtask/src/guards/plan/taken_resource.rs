//! A plan that would import what another environment owns: only the plan knows an id that the code computes.

use super::{PlanFacts, PlanGuard, When};
use crate::guards::checkout::foreign_reference::{TAKES, TAKES_HINT};
use crate::host::error::Failure;

/// The guard over files, asked again.
pub(super) const GUARD: PlanGuard =
    PlanGuard { name: TAKES.name, danger: TAKES.danger, can_be_allowed: TAKES.can_be_allowed, when: When::Planned, find };

fn find(facts: &PlanFacts) -> Option<Failure> {
    let first = facts.taken.first()?;
    Some(Failure::refused(first).details([TAKES.danger]).hint(TAKES_HINT))
}
