//! States that the wrong program wrote, or that were left behind.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};
use crate::host::quoting::shell_quoted;
use crate::terraform::version;

pub(crate) const WRITER: Guard = Guard {
    name: "state-writer",
    looks_at: "which Terraform wrote each state, against required_version, and whether OpenTofu and Terraform took turns",
    danger: "a program that does not know what another has written may lose it",
    can_be_allowed: true,
    find: find_writers,
};

pub(crate) const ERRORED: Guard = Guard {
    name: "errored-state",
    looks_at: "errored.tfstate, which Terraform leaves when it could not write a state",
    danger: "it alone knows what the last apply made: without it that is made a second time",
    can_be_allowed: false,
    find: find_errored,
};

fn find_writers(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        if environment.has_two_programs {
            let what = format!("`{}` was initialised by OpenTofu and by Terraform", environment.name);
            let place = Place::top_of(environment.directory.join(".terraform.lock.hcl"));
            let hint = "decide for one, and take the other's providers out of that file";
            findings.push(WRITER.warning(&[&environment.name], place, what, hint));
        }
        let code = environment.code.readings.iter().take(1).flat_map(|reading| reading.code.of_kind("terraform"));
        let required: Vec<&str> = code.filter_map(|block| block.text("required_version")).collect();
        for state in &environment.states {
            let (name, titled) = (&environment.name, environment.titled(&state.workspace));
            let mut refuse = |what, hint: &str| findings.push(WRITER.refusal(&[name], Place::top_of(&state.path), what, hint));
            let written = &state.terraform_version;
            if let Some(required) = required.iter().find(|required| version::exceeds(written, required)) {
                let what = format!("the state of {titled} was written by Terraform {written}, and `{name}` requires {required}");
                refuse(what, "raise required_version and everybody's Terraform; an older one may lose what the newer one has written");
            }
            let by = |host: &str| state.providers.iter().any(|provider| provider.contains(host));
            if by("registry.opentofu.org/") {
                let both = by("registry.terraform.io/");
                let writers = if both { "OpenTofu and Terraform in turn" } else { "OpenTofu, and this is for Terraform" };
                let hint = "decide for one: `terraform state replace-provider` gives every resource the provider of the one you keep";
                refuse(format!("the state of {titled} was written by {writers}"), hint);
            }
        }
    }
}

fn find_errored(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        if let Some(file) = &environment.errored_state {
            let what = format!("`{}` has a state that could not be written when it was made", environment.name);
            let directory = shell_quoted(&environment.directory.to_string_lossy());
            let hint = format!(
                "when there is room or the network is back: `terraform -chdir={directory} state push errored.tfstate`, then remove the file"
            );
            findings.push(ERRORED.refusal(&[&environment.name], Place::top_of(file), what, hint));
        }
    }
}
