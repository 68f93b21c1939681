//! Settings that Terraform passes over: a variable that nobody declares, an attribute that its type does not know, a file that is
//! not loaded.

use std::collections::BTreeMap;

use terraform_config::{Block, Place, Value, dropped, is_loaded, parse_expression};

use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard};
use crate::host::tree;
use crate::project::environment::nearest;

pub(crate) const UNDECLARED: Guard = Guard {
    name: "undeclared-variable",
    looks_at: "values for variables that the root does not declare",
    danger: "Terraform goes on without them, so the setting stays as it was",
    can_be_allowed: true,
    find: find_undeclared,
};

pub(crate) const ATTRIBUTE: Guard = Guard {
    name: "unknown-attribute",
    looks_at: "attributes in the values of variables whose types do not have them",
    danger: "Terraform drops them without a word, so the setting stays as it was",
    can_be_allowed: true,
    find: find_attributes,
};

pub(crate) const UNREAD: Guard = Guard {
    name: "unread-variables",
    looks_at: "variable files that Terraform does not load by itself",
    danger: "nothing that is set in them counts",
    can_be_allowed: true,
    find: find_unread,
};

/// The guards of this file.
pub(crate) const ALL: [Guard; 3] = [UNDECLARED, ATTRIBUTE, UNREAD];

fn find_undeclared(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in understood(facts) {
        let declared = declared(environment);
        for file in loaded(environment) {
            for (name, _) in in_order(file).filter(|(name, _)| !declared.contains_key(name.as_str())) {
                let what = format!("no variable `{name}` is declared");
                let hint = advice(name, declared.keys().copied(), "declare it, or remove the line");
                findings.push(UNDECLARED.warning(&[&environment.name], facts.real(file.place_of(name)), what, hint));
            }
        }
    }
}

fn find_attributes(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in understood(facts) {
        let declared = declared(environment);
        for file in loaded(environment) {
            for (name, (value, _)) in in_order(file) {
                for (line, what, hint) in unknown(&declared, name, value) {
                    let place = facts.real(file.place_within(name, line));
                    findings.push(ATTRIBUTE.warning(&[&environment.name], place, what, hint));
                }
            }
        }
    }
}

fn find_unread(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        let places = environment.variables.iter().map(|file| match file {
            Ok(block) => &block.place,
            Err((place, _)) => place,
        });
        for place in places.filter(|place| !is_loaded(&place.file)) {
            let file = place.file.file_name().unwrap_or_default();
            let is_of_backend = || environment.backends.declared.iter().any(|backend| backend.place.file == place.file);
            if tree::is_editors(file) || is_of_backend() {
                continue;
            }
            let name = file.to_string_lossy();
            let what = format!("Terraform does not load {name} by itself");
            let hint = format!("rename it to {}, if its settings are to count", name.replacen(".tfvars", ".auto.tfvars", 1));
            findings.push(UNREAD.warning(&[&environment.name], Place { line: 1, ..place.clone() }, what, hint));
        }
    }
}

/// The same of the shell's `TF_VAR_` variables: what is dropped of each, with what to do.
pub(crate) fn in_shell(environment: &EnvironmentFacts, shell: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let declared = declared(environment);
    let inputs = shell.filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?.to_owned(), value)));
    let inputs: BTreeMap<String, String> = inputs.collect();
    let found = inputs.into_iter().flat_map(|(name, value)| {
        let unknown = parse_expression(&value).map(|value| unknown(&declared, &name, &value)).into_iter().flatten();
        unknown.map(move |(_, what, hint)| format!("TF_VAR_{name}: {what}\nhint: {hint}")).collect::<Vec<_>>()
    });
    found.collect()
}

/// What a value has in it that its variable's type does not: in which line, what it is, and what to do.
fn unknown(declared: &BTreeMap<&str, &Block>, name: &str, value: &Value) -> Vec<(usize, String, String)> {
    let Some(kind) = declared.get(name).and_then(|variable| variable.value("type")) else {
        return Vec::new();
    };
    let found = dropped(name, kind, value).into_iter().map(|dropped| {
        let what = format!("`{}` has no attribute `{}`", dropped.object, dropped.name);
        let hint = advice(&dropped.name, dropped.known.iter().map(String::as_str), "remove it");
        (dropped.line, what, hint)
    });
    found.collect()
}

/// The nearest name, or what else to do and all names that there are.
fn advice<'a>(typed: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    let known: Vec<String> = known.map(ToOwned::to_owned).collect();
    match nearest(typed, &known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => otherwise.to_owned(),
        None => format!("{otherwise}; there is {}", known.join(", ")),
    }
}

/// Environments whose code says what is declared.
fn understood(facts: &Facts) -> impl Iterator<Item = &EnvironmentFacts> {
    facts.environments.iter().filter(|environment| environment.code.readings.iter().all(|reading| reading.code.mistakes.is_empty()))
}

fn declared(environment: &EnvironmentFacts) -> BTreeMap<&str, &Block> {
    environment.code.root_blocks().filter(|block| block.kind == "variable").map(|block| (block.label(), block)).collect()
}

/// A file's values by their lines.
fn in_order(file: &Block) -> impl Iterator<Item = (&String, &(Value, usize))> {
    let mut values: Vec<_> = file.attributes.iter().collect();
    values.sort_by_key(|(_, (_, line))| *line);
    values.into_iter()
}

fn loaded(environment: &EnvironmentFacts) -> impl Iterator<Item = &Block> {
    environment.readable_variables().filter(|file| is_loaded(&file.place.file))
}
