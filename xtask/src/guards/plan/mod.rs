//! Guards over a plan: each a pure function over the plan and what was looked up for it. [`ALL`] is the order in which they are asked.

pub(crate) mod data_loss;
mod deletion_protection;
mod lost_state;
pub(crate) mod name_conflict;
pub(crate) mod port_conflict;
mod taken_resource;
mod unreadable_mount;

use std::collections::BTreeMap;

use crate::docker::inspect::{Container, Volume};
use crate::host::error::Failure;
use crate::terraform::plan::Plan;

pub(crate) use self::lost_state::is_first;

/// A check over a plan.
#[derive(Debug)]
pub(crate) struct PlanGuard {
    /// What `--allow` and the documents call it.
    pub(crate) name: &'static str,
    /// Why what it refuses is dangerous.
    pub(crate) danger: &'static str,
    /// Whether what it refuses can be passed once with `--allow`.
    pub(crate) can_be_allowed: bool,
    /// When it is asked.
    pub(crate) when: When,
    /// Its refusal, where there is one.
    pub(crate) find: fn(&PlanFacts) -> Option<Failure>,
}

/// When a guard is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// As soon as there is a plan: to show it would mislead.
    Planned,
    /// Before it is applied, which may be on another day.
    Applied,
}

/// Every guard over a plan.
pub(crate) const ALL: [PlanGuard; 6] = [
    lost_state::GUARD,
    taken_resource::GUARD,
    deletion_protection::GUARD,
    name_conflict::GUARD,
    port_conflict::GUARD,
    unreadable_mount::GUARD,
];

/// A plan, and what was looked up for it; what was not looked up is empty, and nothing is found in it.
#[derive(Debug)]
pub(crate) struct PlanFacts<'a> {
    /// The plan.
    pub(crate) plan: &'a Plan,
    /// What a person calls the environment and instance.
    pub(crate) title: String,
    /// What AWS has of it already, for a plan that begins a state.
    pub(crate) in_aws: Vec<String>,
    /// What it would import from the state of another environment, a sentence each.
    pub(crate) taken: Vec<String>,
    /// What the Docker engine has.
    pub(crate) docker: Docker,
}

/// What the Docker engine has that may be in a plan's way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Docker {
    /// The owner label's key and this instance's value.
    pub(crate) owner: (String, String),
    /// Containers with our label or a name that the plan would create, each once.
    pub(crate) containers: Vec<Container>,
    /// Ids of the containers that the state knows now, which a plan made earlier may not.
    pub(crate) in_state: Vec<String>,
    /// Volumes with a name that the plan would create.
    pub(crate) volumes: Vec<Volume>,
    /// Ports that the plan would publish and somebody listens on.
    pub(crate) busy_ports: Vec<u16>,
    /// All containers that run, where there are busy ports.
    pub(crate) running: Vec<Container>,
    /// Which process listens on a busy port, as far as it can be seen.
    pub(crate) listening: BTreeMap<u16, String>,
    /// What to do about those ports.
    pub(crate) other_ports: String,
    /// Whether the engine mounts files of this machine with their modes: not elsewhere, and not behind Docker Desktop.
    pub(crate) mounts_our_files: bool,
}

impl<'a> PlanFacts<'a> {
    /// Nothing but the plan.
    pub(crate) fn of(plan: &'a Plan, title: String) -> Self {
        Self { plan, title, in_aws: Vec::new(), taken: Vec::new(), docker: Docker::default() }
    }
}
