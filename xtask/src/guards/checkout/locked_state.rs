//! A state that somebody works on, or whose lock was left behind.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "locked-state",
    looks_at: "the locks of states on this machine, tried and not read; of one elsewhere each run asks, and `unlock` says whose it is",
    danger: "a run there waits, and two that wrote at once would lose what one of them made",
    can_be_allowed: false,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        for lock in &environment.locks {
            let what = format!("the state of {} is locked by {}", environment.titled(&lock.workspace), lock.holder);
            let hint = "let that run end, or end it: the lock is the operating system's, and ends with its process";
            findings.push(GUARD.warning(&[&environment.name], Place::top_of(&lock.state), what, hint));
        }
    }
}
