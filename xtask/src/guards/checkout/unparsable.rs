//! Files that cannot be understood: an environment that cannot be read is refused, because nothing is known of it.

use std::collections::BTreeMap;

use terraform_config::{ABSENT, ENCRYPTED, Place};

use crate::guards::facts::{EnvironmentFacts, Facts, target_of};
use crate::guards::finding::{Finding, Guard, Severity};
use crate::host::unreadable;

pub(crate) const CODE: Guard = Guard {
    name: "unreadable",
    looks_at: "code of roots and modules, backend settings, pins and variable files that cannot be read or do not parse",
    danger: "what cannot be read cannot be proven to be apart from the other environments",
    can_be_allowed: false,
    find: find_code,
};

pub(crate) const STATE: Guard = Guard {
    name: "damaged-state",
    looks_at: "states and instance files on this machine that cannot be read or understood",
    danger: "without it Terraform would make everything a second time",
    can_be_allowed: false,
    find: find_states,
};

fn find_code(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut elsewhere_by_file: BTreeMap<_, Vec<(&str, Place)>> = BTreeMap::new();
    for environment in &facts.environments {
        let mut readings = environment.code.readings.iter().map(|reading| reading.all().flat_map(|code| &code.mistakes));
        let code = readings.next().into_iter().flatten().chain(&environment.backends.mistakes);
        let (elsewhere, variables): (Vec<_>, Vec<_>) =
            environment.variables.iter().filter_map(|file| file.as_ref().err()).partition(|(_, why)| why == ENCRYPTED || why == ABSENT);
        for (place, why) in elsewhere {
            elsewhere_by_file.entry((target_of(&place.file), why)).or_default().push((environment.name.as_str(), place.clone()));
        }
        if let Some((place, why)) = &environment.backends.of_opentofu {
            let hint = "put the value there, or give it to `init`; if this is OpenTofu's code, say so with a file that ends in .tofu, or commit its lock file";
            findings.push(CODE.finding(Severity::RunRefusal, &[&environment.name], facts.real(place.clone()), why, hint));
        }
        let pinned = environment.pinned.iter().filter_map(|pinned| pinned.as_ref().err());
        find_unread(&CODE, facts, environment, false, findings);
        let is_unread = |place: &Place| environment.unread.iter().any(|unread| unread.path == place.file);
        let of_terraform: Vec<_> = code.chain(variables).chain(pinned).filter(|(place, _)| !is_unread(place)).collect();
        let of_opentofu: Vec<_> = readings.flatten().filter(|mistake| !of_terraform.contains(mistake) && !is_unread(&mistake.0)).collect();
        for (place, why) in of_terraform {
            let what = format!("{} cannot be understood: {why}", facts.shown(&place.file));
            findings.push(CODE.refusal(&[&environment.name], place.clone(), what, unreadable::correct(&place.file, why)));
        }
        for (place, why) in of_opentofu {
            let what =
                format!("{} cannot be understood: {why}; Terraform does not read it, and OpenTofu refuses it", facts.shown(&place.file));
            findings.push(CODE.warning(&[&environment.name], place.clone(), what, unreadable::correct(&place.file, why)));
        }
    }
    // Whoever runs this has the values; what looks at the code alone, as CI does, need not.
    findings.extend(elsewhere_by_file.into_iter().map(|((file, why), parts)| {
        let (name, place) = parts[0].clone();
        let what = format!("{} was not looked at: {why}", facts.shown(&place.file));
        CODE.finding(Severity::RunRefusal, &[name], place, what, unreadable::correct(&file, why)).among(parts)
    }));
}

/// What this user may not read of an environment: of single instances, or of all.
fn find_unread(guard: &'static Guard, facts: &Facts, environment: &EnvironmentFacts, of_instances: bool, findings: &mut Vec<Finding>) {
    for unread in environment.unread.iter().filter(|unread| unread.of_instances == of_instances) {
        let what = format!("{} cannot be read: permission denied", facts.shown(&unread.path));
        findings.push(guard.refusal(&[&environment.name], Place::top_of(&unread.path), what, &unread.remedy));
    }
}

fn find_states(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        find_unread(&STATE, facts, environment, true, findings);
        for state in &environment.states {
            if let Some(why) = &state.mistake {
                let what = format!("the state of {} cannot be understood: {why}", environment.titled(&state.workspace));
                let hint = "its last good version is beside it as terraform.tfstate.backup: look at both, and put the right one in place";
                findings.push(STATE.refusal(&[&environment.name], Place::top_of(&state.path), what, hint));
            }
        }
    }
}
