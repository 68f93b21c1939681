//! A selected workspace, in which bare Terraform would work, that belongs to no instance of the environment.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::host::quoting::shell_quoted;

pub(crate) const GUARD: Guard = Guard {
    name: "selected-workspace",
    looks_at: "the workspace that .terraform/environment selects, against the instances of the environment",
    danger: "a bare `terraform apply` there would change another instance than the one that is meant, or make a new one",
    can_be_allowed: true,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        let Some(selected) = environment.selected_workspace.as_ref().filter(|name| !name.is_empty()) else {
            continue;
        };
        let has_state = environment.states.iter().any(|state| !state.emulated && state.workspace == *selected);
        if !environment.instances.contains(selected) && !has_state {
            let place = Place::top_of(environment.directory.join(".terraform/environment"));
            let what = format!("`{}` has the workspace `{selected}` selected, and no instance of that name", environment.name);
            let directory = shell_quoted(&environment.directory.to_string_lossy());
            let hint = format!("`terraform -chdir={directory} workspace select default`");
            findings.push(GUARD.refusal(&[&environment.name], place, what, hint));
        }
    }
}
