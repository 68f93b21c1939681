//! A state that somebody works on, or whose lock was left behind.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "locked-state",
    looks_at: "the locks of states on this machine, tried and not read; of one elsewhere each run asks, and `unlock` says whose it is",
    danger: "a run there waits, and two that wrote at once would lose what one of them made",
    can_be_allowed: false,
    only_in_check: true,
    find,
};

fn find(guard: &'static Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for lock in &environment.locks {
            let what = format!("the state of `{}/{}` is locked by {}", environment.name, lock.workspace, lock.holder);
            let hint = "let that run end, or end it: the lock is the operating system's, and ends with its process";
            findings.push(guard.warning(&[&environment.name], Place { file: lock.state.clone(), line: 1 }, what, hint));
        }
    }
    findings
}
