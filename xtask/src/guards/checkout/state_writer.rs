//! States that the wrong program wrote, or that were left behind.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::report::quoting::shell_quoted;
use crate::terraform::version;

pub(crate) const WRITER: Guard = Guard {
    name: "state-writer",
    looks_at: "which Terraform wrote each state, against required_version, and whether OpenTofu and Terraform took turns",
    danger: "a program that does not know what another has written may lose it",
    can_be_allowed: true,
    only_in_check: false,
    find: find_writers,
};

pub(crate) const ERRORED: Guard = Guard {
    name: "errored-state",
    looks_at: "errored.tfstate, which Terraform leaves when it could not write a state",
    danger: "it alone knows what the last apply made: without it that is made a second time",
    can_be_allowed: false,
    only_in_check: true,
    find: find_errored,
};

fn find_writers(guard: &'static Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        if environment.has_two_programs {
            let what = format!("`{}` was initialised by OpenTofu and by Terraform", environment.name);
            let place = Place { file: environment.directory.join(".terraform.lock.hcl"), line: 1 };
            findings.push(guard.warning(
                &[&environment.name],
                place,
                what,
                "decide for one, and take the other's providers out of that file",
            ));
        }
        for state in &environment.states {
            let place = || Place { file: state.path.clone(), line: 1 };
            let required = environment.code.readings.iter().take(1).flat_map(|reading| reading.code.of_kind("terraform"));
            let required = required.filter_map(|block| block.text("required_version"));
            if let Some(required) = { required }.find(|required| version::exceeds(&state.terraform_version, required)) {
                let what = format!(
                    "the state of `{}/{}` was written by Terraform {}, and `{}` requires {required}",
                    environment.name, state.workspace, state.terraform_version, environment.name
                );
                let hint = "raise required_version and everybody's Terraform; an older one may lose what the newer one has written";
                findings.push(guard.refusal(&[&environment.name], place(), what, hint));
            }
            let by = |host: &str| state.providers.iter().any(|provider| provider.contains(host));
            if by("registry.opentofu.org/") {
                let (writers, after) = if by("registry.terraform.io/") {
                    ("OpenTofu and Terraform in turn", "")
                } else {
                    ("OpenTofu", ", and this is for Terraform")
                };
                let what = format!("the state of `{}/{}` was written by {writers}{after}", environment.name, state.workspace);
                let hint = "decide for one: `terraform state replace-provider` gives every resource the provider of the one you keep";
                findings.push(guard.refusal(&[&environment.name], place(), what, hint));
            }
        }
    }
    findings
}

fn find_errored(guard: &'static Guard, facts: &Facts) -> Vec<Finding> {
    let errored = facts.environments.iter().filter_map(|environment| Some((environment, environment.errored_state.clone()?)));
    let found = errored.map(|(environment, file)| {
        let what = format!("`{}` has a state that could not be written when it was made", environment.name);
        let hint = format!(
            "when there is room or the network is back: `terraform -chdir={} state push errored.tfstate`, then remove the file",
            shell_quoted(&environment.directory.to_string_lossy())
        );
        guard.refusal(&[&environment.name], Place { file, line: 1 }, what, hint)
    });
    found.collect()
}
