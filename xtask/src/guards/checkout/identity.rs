//! A state that says of itself that it is another environment's.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::project::roots;

pub(crate) const GUARD: Guard = Guard {
    name: "identity",
    looks_at: "the output `instance` of each state, and each instance file: project, environment and instance it was made for",
    danger: "Terraform would turn another environment's resources into this one's, or remove them",
    can_be_allowed: true,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    const KEYS: [&str; 3] = ["project", "environment", "instance"];
    for environment in &facts.environments {
        let label = roots::label(&environment.name);
        let foreign = |stamped: [&str; 3], instance: &str| {
            let stamps = KEYS.into_iter().zip(stamped).zip([facts.project.as_str(), &label, instance]);
            let differs = |((_, stamped), own): &((&str, &str), &str)| !stamped.is_empty() && stamped != own;
            stamps.into_iter().find(differs).map(|((key, stamped), own)| format!("is of {key} `{stamped}`, and not of `{own}`"))
        };
        for state in &environment.states {
            let stamped = KEYS.map(|key| state.identity.as_ref().and_then(|identity| identity[key].as_str()).unwrap_or_default());
            if let Some(foreign) = foreign(stamped, &state.workspace) {
                let what = format!("the state in {} {foreign}", environment.titled(&state.workspace));
                let hint =
                    format!("move it back to where it is from; an environment without a state starts anew ({})", facts.shown(&state.path));
                findings.push(GUARD.refusal(&[&environment.name], Place::top_of(&state.path), what, hint));
            }
        }
        // By a link it is the other's own, which another guard names.
        for file in environment.instance_files.iter().filter(|file| !file.path.is_symlink()) {
            let name = file.path.file_stem().unwrap_or_default().to_string_lossy();
            if let Some(foreign) = foreign([&file.project, &file.environment, &file.instance], &name) {
                let what = format!("the instance file {name}.json of `{}` {foreign}", environment.name);
                let hint = "it was copied: remove it, and `up` makes one with an owner id, passwords and ports of its own";
                findings.push(GUARD.refusal(&[&environment.name], Place::top_of(&file.path), what, hint));
            }
        }
    }
}
