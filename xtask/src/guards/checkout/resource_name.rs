//! What a resource's name comes to, with what belongs to it.

use terraform_config::{Block, Evaluator, Value};

use super::unique_names::Unique;
use crate::guards::facts::EnvironmentFacts;

/// Each name that a block makes, followed by what it is in: where all of that is known. A list of names is a name each.
pub(super) fn names(environment: &EnvironmentFacts, block: &Block, unique: Unique) -> Vec<Vec<String>> {
    let name = unique.name();
    if let [_] = unique.attributes {
        let mut names = environment.code.texts_of(block, name);
        if names.is_empty() && name == "aliases" {
            let values = block.value(name).map(|value| environment.code.values(block, value)).unwrap_or_default();
            names = values.iter().flat_map(Value::texts).map(ToOwned::to_owned).collect();
        }
        return names.into_iter().map(|name| vec![name]).collect();
    }
    if block.value(name) == Some(&Value::Null) {
        return Vec::new();
    }
    let Some(values) = unique.attributes.iter().map(|attribute| part(block, attribute)).collect::<Option<Vec<Value>>>() else {
        return Vec::new();
    };
    let whole = environment.code.values(block, &Value::List(values));
    let texts = |value: &Value| value.elements().iter().map(|part| text(environment, part)).collect::<Option<Vec<String>>>();
    let mut names: Vec<_> = whole.iter().filter_map(texts).collect();
    if block.label() == "aws_route53_record" {
        names.iter_mut().for_each(|parts| parts[0] = record(&parts[0], &parts[1]));
    }
    names.retain(|parts| !parts[0].is_empty());
    names
}

/// An attribute; nothing at all where one that may be left out is.
fn part(block: &Block, attribute: &str) -> Option<Value> {
    let may_be_missing = attribute.strip_suffix('?');
    match block.value(may_be_missing.unwrap_or(attribute)) {
        Some(value) => Some(value.clone()),
        None => may_be_missing.map(|_| Value::Text(String::new())),
    }
}

/// What a part comes to. What a data source finds by its name alone is one thing wherever that is looked for.
fn text(environment: &EnvironmentFacts, part: &Value) -> Option<String> {
    let Value::Unknown(unknown) = part else {
        return Evaluator::text(part);
    };
    let [kind, name, attribute] = unknown.source.strip_prefix("data.")?.split('.').collect::<Vec<_>>().try_into().ok()?;
    let name = name.trim_end_matches("[0]");
    let is_it = |block: &&Block| block.kind == "data" && block.labels == [kind, name];
    let mut found = environment.code.blocks().filter(is_it);
    let data = found.next().filter(|data| data.blocks.is_empty() && found.next().is_none_or(|other| other == *data))?;
    let selects = |attribute: &str| ["name", "private_zone", "resource_group_name", "project"].contains(&attribute);
    if !["id", "zone_id", "name"].contains(&attribute) || !data.attributes.keys().all(|attribute| selects(attribute)) {
        return None;
    }
    let [by_name] = environment.code.texts(data, data.value("name")?).try_into().ok()?;
    if attribute == "name" {
        return Some(by_name);
    }
    let others: Vec<String> =
        data.attributes.iter().filter(|(name, _)| *name != "name").map(|(name, (value, _))| format!(" {name}={value}")).collect();
    Some(format!("{}{}", by_name.trim_end_matches('.'), others.concat()))
}

/// A record's name as Route 53 has it: whole, without the dot at its end, whichever way it is written.
fn record(name: &str, zone: &str) -> String {
    let name = name.trim_end_matches('.').to_lowercase();
    match zone.split(' ').next().filter(|zone| zone.contains('.')) {
        Some(zone) if name.is_empty() => zone.to_owned(),
        Some(zone) if name != zone && !name.ends_with(&format!(".{zone}")) => format!("{name}.{zone}"),
        _ => name,
    }
}
