//! One environment that reaches into another: its state, or resources taken from it.

use std::collections::{BTreeMap, BTreeSet};

use terraform_config::{Block, Place, Value};

use super::private_path::Private;
use super::remote_state::{self, Declared};
use super::state_object::{Access, States};
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, listed};
use crate::project::roots;
use crate::terraform::plan::Plan;

pub(crate) const READS: Guard = Guard {
    name: "reads-other-state",
    looks_at: "terraform_remote_state and its like, and paths into another environment's state or instance files",
    danger: "a change in the one breaks the other, and whoever may plan here may read every secret there",
    can_be_allowed: true,
    find: find_reads,
};

pub(crate) const LOOKS_UP: Guard = Guard {
    name: "reads-other-resource",
    looks_at: "data sources with a name, id, tag or filter written out, against what the other environments' states own",
    danger: "the other environment cannot change or remove it any more without breaking this one, and does not know",
    can_be_allowed: true,
    find: find_look_ups,
};

pub(crate) const TAKES: Guard = Guard {
    name: "takes-resource",
    looks_at: "import blocks, against what the other environments' states own",
    danger: "the same thing would be managed from two states, and destroyed from either",
    can_be_allowed: false,
    find: find_takes,
};

fn find_reads(facts: &Facts, findings: &mut Vec<Finding>) {
    let others: BTreeSet<&str> = facts.environments.iter().map(|environment| environment.name.as_str()).collect();
    let states = States::of(facts);
    let mut readers = Readers::new();
    let mut moved = Vec::new();
    for environment in &facts.environments {
        for block in environment.code.blocks().filter(|block| block.kind != "terraform") {
            let accessed = states.accessed_by(environment, block);
            let read = match accessed.iter().find(|object| object.access == Access::Reads && object.owner != environment.name) {
                Some(object) => Some((name_of(block), block.address(), object.place.clone())),
                // Its own state, or one that it writes.
                None if !accessed.is_empty() => None,
                None => read_by(block, block, &Private::of(facts, &others, environment)),
            };
            let Some((name, address, place)) = read else {
                continue;
            };
            let location = remote_state::location_of(environment, block);
            let is_own = |location| remote_state::is_own(environment, location) || remote_state::is_of_own_settings(environment, block);
            if location.as_ref().is_some_and(is_own) {
                continue;
            }
            match remote_state::declared(facts, environment, &name, location.as_ref()) {
                Declared::Yes => continue,
                Declared::No => {}
                Declared::Moved { from, to } => {
                    let what = format!("`{}` is declared to read {from}, and {address} reads {to}", environment.name);
                    let hint = format!("correct what it reads, or declare that in {} of infra.toml", roots::table(&environment.name));
                    moved.push(READS.refusal(&[&environment.name], place, what, hint));
                    continue;
                }
            }
            // Where a local state is, is this machine's own.
            let known = location.filter(|location| location.is_known() && location.container().0 != "local");
            let declaration = known.map_or_else(|| name.clone(), |location| format!("{name}: {location}"));
            let readers = readers.entry((place, format!("another state: {address}"))).or_insert_with(|| (declaration, Vec::new()));
            readers.1.push(&environment.name);
        }
    }
    refuse_undeclared(&READS, readers, ["reads", "read"], "pass the few values it needs as variables", findings);
    findings.extend(moved);
}

/// Environments that read something, by where that stands and what it is, with how to declare it: a module that many of them use
/// reads once.
type Readers<'a> = BTreeMap<(Place, String), (String, Vec<&'a str>)>;

fn refuse_undeclared(guard: &'static Guard, readers: Readers, verb: [&str; 2], instead: &str, findings: &mut Vec<Finding>) {
    for ((place, thing), (declaration, names)) in readers {
        let what = format!("{} {} {thing}", listed(&names), verb[usize::from(names.len() > 1)]);
        let hint = format!("{instead}; or declare it: reads_state_of = [\"{declaration}\"] in {} of infra.toml", roots::table(names[0]));
        findings.push(guard.refusal(&names, place, what, hint));
    }
}

/// What in a block reads a state: the name to declare it by, its address, and where it stands.
fn read_by(top: &Block, block: &Block, private: &Private) -> Option<(String, String, Place)> {
    if top.kind == "data" && matches!(top.label(), "terraform_remote_state" | "tfe_outputs") {
        return Some((name_of(top), top.address(), top.place.clone()));
    }
    let own = block.attributes.iter().find(|(attribute, (value, _))| {
        let is_run = ["command", "program", "inline", "query"].contains(&attribute.as_str());
        strings(value).iter().any(|text| reads_content(top) && text.contains(".tfstate") || private.is_in(top, text, is_run))
    });
    let named = |attribute: &String| match top.kind.as_str() {
        "locals" => (attribute.clone(), format!("local.{attribute}")),
        "data" => (name_of(top), top.address()),
        _ => (top.labels.last().cloned().unwrap_or_default(), top.address()),
    };
    let own = own.map(|(attribute, _)| {
        let (name, address) = named(attribute);
        (name, address, block.place_of(attribute))
    });
    own.or_else(|| block.blocks.iter().find_map(|inner| read_by(top, inner, private)))
}

/// True for a data source that gives what is in an object or a file: a bucket that is looked up, or a policy that names states, reads
/// none.
fn reads_content(block: &Block) -> bool {
    let kind = block.label();
    let is_content = ["object", "blob", "local_file", "local_sensitive_file", "external", "template_file"];
    block.kind == "data" && (kind == "http" || is_content.iter().any(|word| kind.contains(word)))
}

/// Every string in a value, with what is filled in as it is written.
fn strings(value: &Value) -> Vec<String> {
    let mut strings = Vec::new();
    value.walk(&mut |value| match value {
        Value::Text(text) => strings.push(text.clone()),
        Value::Template(_) => strings.push(value.to_string()),
        _ => {}
    });
    strings
}

/// Attributes by which data sources find one thing.
const SELECTORS: &str = "name id arn bucket identifier db_instance_identifier cluster_identifier cluster_id replication_group_id domain_name \
                         secret_id";

fn find_look_ups(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut readers = Readers::new();
    for environment in &facts.environments {
        for block in environment.code.of_kind("data") {
            if environment.policy.reads_state_of.contains(&name_of(block)) {
                continue;
            }
            let kind = block.label();
            let kind = kind.strip_suffix('s').filter(|_| block.blocks.iter().any(|inner| inner.kind == "filter")).unwrap_or(kind);
            let by_name = SELECTORS.split(' ').find_map(|selector| {
                let owner = |name: String| named_by(facts, environment, kind, &name).map(|owner| (block.place_of(selector), name, owner));
                environment.code.texts(block, block.value(selector)?).into_iter().find_map(owner)
            });
            if let Some((place, name, owner)) = by_name.or_else(|| filtered_by(facts, environment, kind, block)) {
                let thing = format!("{kind} `{name}`, which the state of `{}` owns", owner.name);
                readers.entry((place, thing)).or_insert_with(|| (name_of(block), Vec::new())).1.push(&environment.name);
            }
        }
    }
    refuse_undeclared(&LOOKS_UP, readers, ["looks up", "look up"], "pass what it needs as variables", findings);
}

/// What a data source finds by filters and tags: where that is written, what it is, and whose.
fn filtered_by<'a>(
    facts: &'a Facts,
    environment: &EnvironmentFacts,
    kind: &str,
    block: &Block,
) -> Option<(Place, String, &'a EnvironmentFacts)> {
    let mut tags: BTreeMap<&str, &str> = BTreeMap::new();
    let mut place = None;
    for filter in block.blocks.iter().filter(|inner| inner.kind == "filter") {
        let Some(values) = filter.value("values").map(Value::texts) else {
            continue;
        };
        match filter.text("name").unwrap_or_default().strip_prefix("tag:") {
            Some(tag) if values.len() == 1 => {
                tags.insert(tag, values[0]);
                place.get_or_insert_with(|| filter.place.clone());
            }
            Some(_) => {}
            None => {
                let owned = values.iter().find_map(|name| Some((*name, named_by(facts, environment, kind, name)?)));
                if let Some((name, owner)) = owned {
                    return Some((filter.place.clone(), name.to_owned(), owner));
                }
            }
        }
    }
    if let Some(written) = block.value("tags") {
        tags.extend(written.entries_within().into_iter().filter_map(|entry| Some((entry.key.text()?, entry.value.text()?))));
        place.get_or_insert_with(|| block.place_of("tags"));
    }
    let has_all = |one: &EnvironmentFacts| {
        let all = one.states.iter().flat_map(|state| &state.tagged).filter(|(tagged, _)| tagged == kind);
        all.into_iter().any(|(_, has)| tags.iter().all(|(name, value)| has.get(*name).is_some_and(|found| found == value)))
    };
    // Where the other's state is not on this machine, its name is all there is to know it by.
    let names =
        |other: &EnvironmentFacts| tags.iter().any(|(tag, value)| tag.to_ascii_lowercase().starts_with("env") && *value == other.name);
    let owner = facts.environments.iter().find(|other| {
        other.name != environment.name && !tags.is_empty() && (has_all(other) || names(other)) && !other.is_elsewhere(environment, kind)
    });
    let owner = owner.filter(|_| !has_all(environment))?;
    let shown = tags.iter().map(|(tag, value)| format!("{tag}={value}")).collect::<Vec<_>>().join(" ");
    Some((place?, shown, owner))
}

/// The other environment that owns it, unless this one owns it too.
fn named_by<'a>(facts: &'a Facts, environment: &EnvironmentFacts, kind: &str, name: &str) -> Option<&'a EnvironmentFacts> {
    let thing = (kind.to_owned(), name.to_owned());
    let owns = |one: &EnvironmentFacts| one.states.iter().any(|state| state.named.contains(&thing));
    facts
        .environments
        .iter()
        .find(|other| other.name != environment.name && owns(other) && !other.is_elsewhere(environment, kind))
        .filter(|_| !owns(environment))
}

fn name_of(block: &Block) -> String {
    block.labels.get(1).cloned().unwrap_or_default()
}

fn find_takes(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        for block in environment.code.of_kind("import") {
            let Some(to) = block.value("to").map(ToString::to_string) else {
                continue;
            };
            let owned = ids(environment, block).into_iter().find_map(|id| {
                let (owner, workspace) = owner_of(facts, environment, &to, &id)?;
                Some((id, owner, workspace))
            });
            if let Some((id, owner, workspace)) = owned {
                let what = format!("`{}` would import {to} `{id}`, which the state of `{}/{workspace}` owns", environment.name, owner.name);
                let place = Place { line: block.place_of("id").line, ..block.place.clone() };
                // The owner may go on: nothing is taken from it while this one is refused.
                findings.push(TAKES.refusal(&[&environment.name], place, what, TAKES_HINT));
            }
        }
    }
}

/// The ids that an import block may name, as far as the code says so.
fn ids(environment: &EnvironmentFacts, block: &Block) -> Vec<String> {
    let written = |name: &str| block.value(name).into_iter().flat_map(Value::texts).map(ToOwned::to_owned).collect();
    match block.value("id") {
        Some(value) if value.references().iter().any(|reference| reference.root == "each") => written("for_each"),
        Some(value) => environment.code.texts(block, value),
        None => written("identity"),
    }
}

/// What a plan would import and another environment owns, a sentence each. The facts are read where it imports anything.
pub(crate) fn taken(plan: &Plan, environment: &str, facts: impl FnOnce() -> Facts) -> Vec<String> {
    let imports: Vec<_> = plan.changes.iter().filter_map(|change| Some((change, change.imported.as_ref()?))).collect();
    if imports.is_empty() {
        return Vec::new();
    }
    let facts = facts();
    let here = facts.environments.iter().find(|candidate| candidate.name == environment);
    let taken = imports.into_iter().filter_map(|(change, id)| {
        let (owner, workspace) = owner_of(&facts, here?, &change.kind, id)?;
        Some(format!("`{environment}` would import {} `{id}`, which the state of `{}/{workspace}` owns", change.address, owner.name))
    });
    taken.collect()
}

/// What to do instead.
pub(crate) const TAKES_HINT: &str =
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
