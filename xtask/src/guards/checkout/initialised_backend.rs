//! A data directory that was initialised for another backend than the code declares.

use terraform_config::backend::{Setting, may_be_shown};
use terraform_config::backends::Backend;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard, Severity};

pub(crate) const GUARD: Guard = Guard {
    name: "initialised-backend",
    looks_at: ".terraform/terraform.tfstate against the declared backend",
    danger: "Terraform would offer to move the state, or go on with one that nobody means",
    can_be_allowed: true,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        let Some(remembered) = &environment.backends.remembered else {
            continue;
        };
        let declared = environment.backends.declared.iter();
        let differences: Vec<String> = declared
            .filter_map(|declared| {
                // An empty block may have been completed by an option of `init`; a block that is gone was not.
                let is_gone = !declared.is_written(&environment.directory);
                let gone = || is_gone.then(|| format!("none declared, {} remembered", remembered.kind));
                gone().or_else(|| difference(declared, remembered))
            })
            .collect();
        // One of several .tfbackend files is the one that was used.
        if differences.len() < environment.backends.declared.len() {
            continue;
        }
        let difference = differences.first().map(String::as_str).unwrap_or_default();
        let what = format!("`{}` was initialised for another backend than its code declares: {difference}", environment.name);
        let hint = format!(
            "find out which of the two is right; the state is where the old one says. If the new one is right and has its state, remove {} and run again: nothing is moved",
            facts.shown(&remembered.place.file)
        );
        let is_one_place = environment.backends.declared.iter().any(|one| one.location.is_known() && one.location == remembered.location);
        // Only how it is reached has changed: no state moves, and Terraform wants another `init`.
        let severity = if is_one_place { Severity::RunRefusal } else { Severity::Refusal };
        findings.push(GUARD.finding(severity, &[&environment.name], remembered.place.clone(), what, hint));
    }
}

/// The first setting that the code declares and `init` has remembered otherwise.
fn difference(declared: &Backend, remembered: &Backend) -> Option<String> {
    if declared.kind != remembered.kind {
        return Some(format!("{} declared, {} remembered", declared.kind, remembered.kind));
    }
    declared.settings.iter().find_map(|(name, value)| {
        let (Setting::Text(value), other) = (value, remembered.text(name)) else { return None };
        // A set is remembered in an order of its own.
        if value.starts_with('[') || other == Some(value) || value.is_empty() && other.is_none() {
            return None;
        }
        // A backend may hold credentials.
        Some(if may_be_shown(&declared.kind, name) {
            format!("{name} = \"{value}\" declared, \"{}\" remembered", other.unwrap_or("nothing"))
        } else {
            format!("another {name}")
        })
    })
}
