//! A state that is not the one which the environment has pinned in its `lineage.toml`.

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "pinned-lineage",
    looks_at: "lineage.toml of each environment against the states on this machine",
    danger: "Terraform would change what this state says, and not what the team has made",
    can_be_allowed: false,
    only_in_check: false,
    find,
};

fn find(guard: &'static Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        let Some(Ok(pins)) = &environment.pinned else {
            continue;
        };
        for state in environment.states.iter().filter(|state| !state.emulated && state.mistake.is_none()) {
            let Some((pinned, place)) = pins.get(&state.workspace).filter(|(pinned, _)| *pinned != state.lineage) else {
                continue;
            };
            let what = format!(
                "the state of `{}/{}` is of lineage {}, and {pinned} is pinned ({})",
                environment.name,
                state.workspace,
                state.lineage,
                facts.shown(&state.path)
            );
            let hint = format!("put the right state back; if this is meant: cargo xtask infra adopt {} --reason TEXT", environment.name);
            findings.push(guard.refusal(&[&environment.name], place.clone(), what, hint));
        }
    }
    findings
}
