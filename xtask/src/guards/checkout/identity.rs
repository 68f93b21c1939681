//! A state that says of itself that it is another environment's.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::roots;

pub(crate) const GUARD: Guard = Guard {
    name: "identity",
    looks_at: "the output `instance` of each state, and each instance file: project, environment and instance it was made for",
    danger: "Terraform would turn another environment's resources into this one's, or remove them",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

fn find(guard: &'static Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        let label = roots::label(&environment.name);
        for state in &environment.states {
            let Some(identity) = &state.identity else {
                continue;
            };
            let expected = [("project", &facts.project), ("environment", &label), ("instance", &state.workspace)];
            let differs = expected.into_iter().find(|(key, value)| identity[key].as_str().is_some_and(|stamped| stamped != *value));
            if let Some((key, value)) = differs {
                let stamped = identity[key].as_str().unwrap_or_default();
                let what = format!("the state in `{}/{}` is of {key} `{stamped}`, and not of `{value}`", environment.name, state.workspace);
                let hint =
                    format!("move it back to where it is from; an environment without a state starts anew ({})", facts.shown(&state.path));
                findings.push(guard.refusal(&[&environment.name], Place { file: state.path.clone(), line: 1 }, what, hint));
            }
        }
        for file in &environment.instance_files {
            let name = file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let stamped = [&file.project, &file.environment, &file.instance];
            let expected = [("project", &facts.project), ("environment", &label), ("instance", &name)];
            let differs = stamped.into_iter().zip(expected).find(|(stamped, (_, value))| !stamped.is_empty() && stamped != value);
            // By a link it is the other's own, which another guard names.
            if let Some((stamped, (key, value))) = differs.filter(|_| !file.path.is_symlink()) {
                let what = format!("the instance file {name}.json of `{}` is of {key} `{stamped}`, and not of `{value}`", environment.name);
                let hint = "it was copied: remove it, and `up` makes one with an owner id, passwords and ports of its own";
                findings.push(guard.refusal(&[&environment.name], Place { file: file.path.clone(), line: 1 }, what, hint));
            }
        }
    }
    findings
}
