//! A state that says of itself that it is another environment's.

use super::facts::Facts;
use super::facts::code::Place;
use super::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "identity",
    looks_at: "the output `instance` of each state: project, environment and instance it was made for",
    danger: "Terraform would turn another environment's resources into this one's, or remove them",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for state in &environment.states {
            let Some(identity) = &state.identity else {
                continue;
            };
            let expected = [("project", &facts.project), ("environment", &environment.name), ("instance", &state.workspace)];
            let differs = expected.into_iter().find(|(key, value)| identity[key].as_str().is_some_and(|stamped| stamped != *value));
            if let Some((key, value)) = differs {
                let stamped = identity[key].as_str().unwrap_or_default();
                let what = format!("the state in `{}/{}` is of {key} `{stamped}`, and not of `{value}`", environment.name, state.workspace);
                let hint =
                    format!("move it back to where it is from; an environment without a state starts anew ({})", facts.shown(&state.path));
                findings.push(guard.refusal(&[&environment.name], Place { file: state.path.clone(), line: 1 }, what, hint));
            }
        }
    }
    findings
}
