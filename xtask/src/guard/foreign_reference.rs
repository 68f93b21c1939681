//! One environment that reaches into another: its state, or resources taken from it.

use anyhow::Result;

use super::facts::code::{Block, Place, Value};
use super::facts::{EnvironmentFacts, Facts};
use super::finding::{Finding, Guard};
use crate::failure::Failure;
use crate::terraform::plan::Plan;

pub(crate) const READS: Guard = Guard {
    name: "reads-other-state",
    looks_at: "terraform_remote_state data sources",
    danger: "a change in the one breaks the other, and whoever may plan here may read every secret there",
    can_be_allowed: true,
    only_in_check: false,
    find: find_reads,
};

pub(crate) const LOOKS_UP: Guard = Guard {
    name: "reads-other-resource",
    looks_at: "data sources with a name or id written out, against what the other environments' states own",
    danger: "the other environment cannot change or remove it any more without breaking this one, and does not know",
    can_be_allowed: true,
    only_in_check: false,
    find: find_look_ups,
};

pub(crate) const TAKES: Guard = Guard {
    name: "takes-resource",
    looks_at: "import blocks, against what the other environments' states own",
    danger: "the same thing would be managed from two states, and destroyed from either",
    can_be_allowed: false,
    only_in_check: false,
    find: find_takes,
};

fn find_reads(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        let reads = environment
            .blocks()
            .filter(|block| block.kind == "data" && block.labels.first().is_some_and(|kind| kind == "terraform_remote_state"));
        for block in reads.filter(|block| !environment.policy.reads_state_of.contains(&name_of(block))) {
            let what = format!("`{}` reads another state: {}", environment.name, block.address());
            let hint = format!(
                "pass the few values it needs as variables; or declare it: reads_state_of = [\"{}\"] in [environments.{}] of infra.toml",
                name_of(block),
                environment.name
            );
            findings.push(guard.refusal(&[&environment.name], block.place.clone(), what, hint));
        }
    }
    findings
}

/// Attributes by which data sources find one thing.
const SELECTORS: [&str; 9] =
    ["name", "id", "arn", "bucket", "identifier", "db_instance_identifier", "replication_group_id", "domain_name", "secret_id"];

fn find_look_ups(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for block in environment.blocks().filter(|block| block.kind == "data") {
            if environment.policy.reads_state_of.contains(&name_of(block)) {
                continue;
            }
            let kind = block.labels.first().map(String::as_str).unwrap_or_default();
            let owned = SELECTORS.iter().find_map(|selector| {
                let name = block.text(selector)?;
                named_by(facts, environment, kind, name).map(|owner| (selector, name, owner))
            });
            if let Some((selector, name, owner)) = owned {
                let what = format!("`{}` looks up {kind} `{name}`, which the state of `{}` owns", environment.name, owner.name);
                let hint = format!(
                    "pass what it needs as variables; or declare it: reads_state_of = [\"{}\"] in [environments.{}] of infra.toml",
                    name_of(block),
                    environment.name
                );
                findings.push(guard.refusal(&[&environment.name], block.place_of(selector), what, hint));
            }
        }
    }
    findings
}

/// The other environment that owns it, unless this one owns it too.
fn named_by<'a>(facts: &'a Facts, environment: &EnvironmentFacts, kind: &str, name: &str) -> Option<&'a EnvironmentFacts> {
    let thing = (kind.to_owned(), name.to_owned());
    let owns = |one: &EnvironmentFacts| one.states.iter().any(|state| state.named.contains(&thing));
    facts.environments.iter().find(|other| other.name != environment.name && owns(other)).filter(|_| !owns(environment))
}

fn name_of(block: &Block) -> String {
    block.labels.get(1).cloned().unwrap_or_default()
}

fn find_takes(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for block in environment.blocks().filter(|block| block.kind == "import") {
            let (Some(id), Some(to)) = (block.text("id"), block.attributes.get("to")) else {
                continue;
            };
            let (Value::Text(to) | Value::Expression(to)) = &to.0;
            if let Some((owner, workspace)) = owner_of(facts, environment, to, id) {
                let what = format!("`{}` would import {to} `{id}`, which the state of `{}/{workspace}` owns", environment.name, owner.name);
                let place = Place { line: block.place_of("id").line, ..block.place.clone() };
                // The owner may go on: nothing is taken from it while this one is refused.
                findings.push(guard.refusal(&[&environment.name], place, what, TAKES_HINT));
            }
        }
    }
    findings
}

/// Refuses a plan that would import what another environment owns. Only the plan knows an id that the code computes.
///
/// # Errors
/// The first such import.
pub(crate) fn check(plan: &Plan, environment: &str, facts: impl FnOnce() -> Result<Facts>) -> Result<()> {
    let imports: Vec<_> = plan.changes.iter().filter_map(|change| Some((change, change.imported.as_ref()?))).collect();
    if imports.is_empty() {
        return Ok(());
    }
    let facts = facts()?;
    let here = facts.environments.iter().find(|candidate| candidate.name == environment);
    for (change, id) in imports {
        if let Some((owner, workspace)) = here.and_then(|here| owner_of(&facts, here, &change.kind, id)) {
            let failure = Failure::refused(format!(
                "`{environment}` would import {} `{id}`, which the state of `{}/{workspace}` owns",
                change.address, owner.name
            ));
            return Err(failure.details([TAKES.danger]).hint(TAKES_HINT).into());
        }
    }
    Ok(())
}

const TAKES_HINT: &str =
    "remove the import block; if the resource is really to move, take it out of the other state first (terraform state rm)";

fn owner_of<'a>(facts: &'a Facts, environment: &EnvironmentFacts, to: &str, id: &str) -> Option<(&'a EnvironmentFacts, &'a str)> {
    let is_owned = |kind: &str, owned: &str| {
        to.contains(kind) && (owned == id || owned.ends_with(&format!(":{id}")) || owned.ends_with(&format!("/{id}")))
    };
    let others = facts.environments.iter().filter(|other| other.name != environment.name);
    others.flat_map(|other| other.states.iter().map(move |state| (other, state))).find_map(|(other, state)| {
        state.owns.iter().any(|(kind, owned)| is_owned(kind, owned)).then_some((other, state.workspace.as_str()))
    })
}
