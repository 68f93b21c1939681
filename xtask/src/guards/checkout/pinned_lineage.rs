//! A state that is not the one which the environment has pinned in its `lineage.toml`.

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "pinned-lineage",
    looks_at: "lineage.toml of each environment against the states on this machine",
    danger: "Terraform would change what this state says, and not what the team has made",
    can_be_allowed: false,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        let Some(Ok(pins)) = &environment.pinned else {
            continue;
        };
        for state in environment.states.iter().filter(|state| !state.emulated && state.mistake.is_none()) {
            let Some((pinned, place)) = pins.get(&state.workspace).filter(|(pinned, _)| *pinned != state.lineage) else {
                continue;
            };
            let (titled, file) = (environment.titled(&state.workspace), facts.shown(&state.path));
            let what = format!("the state of {titled} is of lineage {}, and {pinned} is pinned ({file})", state.lineage);
            let hint = format!("put the right state back; if this is meant: cargo xtask infra adopt {} --reason TEXT", environment.name);
            findings.push(GUARD.refusal(&[&environment.name], place.clone(), what, hint));
        }
    }
}
