//! Files that cannot be understood: an environment that nobody can read is refused, not taken for fine.

use terraform_config::Place;

use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard};
use crate::unreadable;

pub(crate) const CODE: Guard = Guard {
    name: "unreadable",
    looks_at: "code of roots and modules, backend settings, pins and variable files that cannot be read or do not parse",
    danger: "what cannot be read cannot be proven to be apart from the other environments",
    can_be_allowed: false,
    only_in_check: false,
    find: find_code,
};

pub(crate) const STATE: Guard = Guard {
    name: "damaged-state",
    looks_at: "states and instance files on this machine that cannot be read or understood",
    danger: "without it Terraform would make everything a second time",
    can_be_allowed: false,
    only_in_check: true,
    find: find_states,
};

fn find_code(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        let mut readings = environment.readings.iter().map(|reading| reading.all().flat_map(|code| &code.mistakes));
        let code = readings.next().into_iter().flatten().chain(&environment.backends.mistakes);
        let variables = environment.variables.iter().filter_map(|file| file.as_ref().err());
        let pinned = environment.pinned.iter().filter_map(|pinned| pinned.as_ref().err());
        findings.extend(unread(guard, facts, environment, false));
        let is_unread = |place: &Place| environment.unread.iter().any(|unread| unread.path == place.file);
        let of_terraform: Vec<_> = code.chain(variables).chain(pinned).filter(|(place, _)| !is_unread(place)).collect();
        let of_opentofu: Vec<_> = readings.flatten().filter(|mistake| !of_terraform.contains(mistake) && !is_unread(&mistake.0)).collect();
        for (place, why) in of_terraform {
            let what = format!("{} cannot be understood: {why}", facts.shown(&place.file));
            findings.push(guard.refusal(&[&environment.name], place.clone(), what, unreadable::correct(&place.file, why)));
        }
        for (place, why) in of_opentofu {
            let what =
                format!("{} cannot be understood: {why}; Terraform does not read it, and OpenTofu refuses it", facts.shown(&place.file));
            findings.push(guard.warning(&[&environment.name], place.clone(), what, unreadable::correct(&place.file, why)));
        }
    }
    findings
}

/// What this user may not read of an environment: of single instances, or of all.
fn unread<'a>(
    guard: &'a Guard,
    facts: &'a Facts,
    environment: &'a EnvironmentFacts,
    of_instances: bool,
) -> impl Iterator<Item = Finding> + 'a {
    environment.unread.iter().filter(move |unread| unread.of_instances == of_instances).map(move |unread| {
        let place = Place { file: unread.path.clone(), line: 1 };
        let what = format!("{} cannot be read: permission denied", facts.shown(&unread.path));
        guard.refusal(&[&environment.name], place, what, unread.remedy.clone())
    })
}

fn find_states(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        findings.extend(unread(guard, facts, environment, true));
        for state in &environment.states {
            if let Some(why) = &state.mistake {
                let place = Place { file: state.path.clone(), line: 1 };
                let what = format!("the state of `{}/{}` cannot be understood: {why}", environment.name, state.workspace);
                let hint = "its last good version is beside it as terraform.tfstate.backup: look at both, and put the right one in place";
                findings.push(guard.refusal(&[&environment.name], place, what, hint));
            }
        }
    }
    findings
}
