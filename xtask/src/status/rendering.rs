//! The rows as a table and as JSON.

use serde_json::{Value, json};

use super::compare::Difference;
use super::rows::Row;
use crate::docker::inspect::Container;
use crate::services::contract::Service;
use crate::ui::{size, table};

/// The rows for a person; what is only there with an engine is left out without one.
pub(crate) fn as_table(rows: &[Row], has_engine: bool) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    let engine = |row: &Row| text(row.service.as_ref().map(Service::software));
    let address = |row: &Row| text(row.service.as_ref().map(Service::address));
    let since = |row: &Row| text(row.started_at().map(|time| to_the_second(time)));
    // Of AWS' services not all say how they are.
    let status = |row: &Row| row.service.as_ref().and_then(|service| service.status.clone());
    if !has_engine && rows.iter().any(|row| status(row).is_some()) {
        let cells = rows.iter().map(|row| [row.name.clone(), text(status(row)), engine(row), address(row)]);
        return table::render(["service", "state", "engine", "address"], &cells.collect::<Vec<_>>());
    }
    if !has_engine {
        let cells = rows.iter().map(|row| [row.name.clone(), engine(row), address(row)]);
        return table::render(["service", "engine", "address"], &cells.collect::<Vec<_>>());
    }
    let cells = |row: &Row| {
        let volume = text(row.volume_size.map(size::bytes));
        let configuration = row.configuration().to_owned();
        [
            row.name.clone(),
            row.state(),
            configuration,
            engine(row),
            address(row),
            row.memory_in_words(),
            volume,
            text(row.image()),
            since(row),
        ]
    };
    let header = ["service", "state", "configuration", "engine", "address", "memory", "volume", "image", "since"];
    table::render(header, &rows.iter().map(cells).collect::<Vec<_>>()) + &differences(rows)
}

/// A line for each difference.
fn differences(rows: &[Row]) -> String {
    // A label may hold anything; a line is a line.
    let on_one_line = |text: &String| text.replace(char::is_control, " ");
    let side = |side: &Option<String>| side.as_ref().map_or_else(|| "none".to_owned(), on_one_line);
    let mut lines: Vec<[String; 4]> = Vec::new();
    for row in rows {
        let differing = row.differences().iter();
        lines.extend(differing.map(|it| [row.name.clone(), it.attribute.clone(), side(&it.running), side(&it.configured)]));
    }
    if lines.is_empty() { String::new() } else { "\n".to_owned() + &table::render(["service", "attribute", "runs", "applied"], &lines) }
}

/// The rows for another program, by their names: sizes in bytes, `null` for what is not known.
/// `reason`: why nothing was compared.
pub(crate) fn as_json(rows: &[Row], has_engine: bool, reason: Option<&str>) -> Value {
    let entry = |row: &Row| {
        let service = row.service.as_ref();
        let mut described = json!({
            "engine": service.map(|service| &service.engine),
            "version": service.map(|service| &service.version),
            "address": service.map(Service::address),
            "container": row.container.as_ref().map(|it| &it.name).or(service.and_then(|service| service.container.as_ref())),
            "running": row.container.as_ref().is_some_and(Container::is_running),
            "health": row.container.as_ref().and_then(|container| container.health.as_ref()),
            "image": row.image(),
            "since": row.started_at(),
        });
        if has_engine {
            let difference = |it: &Difference| json!({"attribute": it.attribute, "running": it.running, "configured": it.configured});
            described["memory_used"] = json!(row.memory.used);
            described["memory_limit"] = json!(row.memory.limit);
            described["volume"] = json!(service.and_then(|service| service.volume.as_ref()));
            described["volume_size"] = json!(row.volume_size);
            described["matches"] = json!(row.matches());
            described["edited"] = json!(row.compared.as_ref().map(|_| row.is_edited()));
            described["differences"] = row.differences().iter().map(difference).collect();
            // Of what is compared, nothing is left out any more.
            described["not_compared"] = json!(row.compared.as_ref().map(|_| [(); 0]));
            described["reason"] = json!(reason);
        }
        (row.name.clone(), described)
    };
    Value::Object(rows.iter().map(entry).collect())
}

/// `2026-01-02 03:04:05Z` out of Docker's `2026-01-02T03:04:05.678901234Z`.
fn to_the_second(timestamp: &str) -> String {
    match timestamp.get(..19) {
        Some(seconds) => seconds.replace('T', " ") + "Z",
        None => timestamp.to_owned(),
    }
}
