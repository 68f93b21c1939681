//! Instances in every condition, and what is said of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compare::Difference;
use super::{Comparison, Row, as_json, as_table, rows};
use crate::docker::inspect::Container;
use crate::docker::usage::Memory;
use crate::services::contract::Service;

fn service(container: Option<&str>) -> Service {
    Service {
        engine: "redis".to_owned(),
        version: "8".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 6379,
        tls: false,
        image: Some("redis:8".to_owned()),
        container: container.map(ToOwned::to_owned),
        volume: Some("v".to_owned()),
        probe: None,
        status: None,
        repair: None,
    }
}

fn container(name: &str, status: &str, health: Option<&str>) -> Container {
    Container {
        name: name.to_owned(),
        status: status.to_owned(),
        health: health.map(ToOwned::to_owned),
        image: "redis:8".to_owned(),
        started_at: "2026-01-02T03:04:05.6Z".to_owned(),
        ..Container::default()
    }
}

fn services(all: &[(&str, Option<&str>)]) -> BTreeMap<String, Service> {
    all.iter().map(|(name, container)| ((*name).to_owned(), service(*container))).collect()
}

fn comparison(containers: &[(&str, &[Difference])], is_edited: bool) -> Comparison {
    let containers = containers.iter().map(|(name, differences)| ((*name).to_owned(), differences.to_vec())).collect();
    Comparison { containers, is_edited }
}

fn difference(attribute: &str, running: Option<&str>, configured: Option<&str>) -> Difference {
    let owned = |side: Option<&str>| side.map(ToOwned::to_owned);
    Difference { attribute: attribute.to_owned(), running: owned(running), configured: owned(configured) }
}

fn line(rows: &[Row], service: &str) -> String {
    let table = as_table(rows, true);
    let line = table.lines().find(|line| line.starts_with(service)).unwrap_or_else(|| panic!("no {service} in\n{table}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn says_of_each_service_whether_it_runs_how_and_since_when() {
    for (containers, expected) in [
        (
            vec![container("c", "running", Some("healthy"))],
            "redis running, healthy not compared redis 8 127.0.0.1:6379 3 MiB of 512 MiB 2 KiB redis:8 2026-01-02 03:04:05Z",
        ),
        (
            vec![container("c", "running", Some("starting"))],
            "redis running not compared redis 8 127.0.0.1:6379 3 MiB of 512 MiB 2 KiB redis:8 2026-01-02 03:04:05Z",
        ),
        (vec![container("c", "exited", Some("healthy"))], "redis exited redis 8 127.0.0.1:6379 3 MiB of 512 MiB 2 KiB redis:8"),
        (vec![], "redis down redis 8 127.0.0.1:6379 2 KiB redis:8"),
    ] {
        let mut rows = rows(&services(&[("redis", Some("c"))]), containers, None);
        rows[0]
            .takes_up(&[("c".to_owned(), Memory { used: Some(3 << 20), limit: Some(512 << 20) })].into(), &[("v".to_owned(), 2048)].into());
        assert_eq!(line(&rows, "redis"), expected);
    }
    let mut unlimited = rows(&services(&[("redis", Some("c"))]), vec![container("c", "running", None)], None);
    unlimited[0].takes_up(&[("c".to_owned(), Memory { used: Some(3 << 20), limit: None })].into(), &BTreeMap::new());
    assert_eq!(line(&unlimited, "redis"), "redis running not compared redis 8 127.0.0.1:6379 3 MiB redis:8 2026-01-02 03:04:05Z");
}

#[test]
fn says_of_each_difference_what_runs_and_what_was_applied() {
    let differing = [difference("label a", None, Some("b")), difference("memory limit", Some("300 MiB"), Some("512 MiB"))];
    let found = || vec![container("c", "running", None), container("d", "running", None), container("renamed", "running", None)];
    let applied = services(&[("cache", Some("c")), ("queue", Some("d")), ("inside", None), ("down", Some("e"))]);
    let strange = [difference("container", Some("renamed"), None)];
    for is_edited in [false, true] {
        let compared = comparison(&[("c", &differing), ("d", &[]), ("renamed", &strange)], is_edited);
        let rows = rows(&applied, found(), Some(&compared));
        for (name, expected) in [
            ("cache", "cache running differs redis"),
            ("queue", if is_edited { "queue running edited since redis" } else { "queue running matches redis" }),
            ("inside", "inside no container of its own redis"),
            ("down", "down down redis"),
            ("renamed", "renamed running differs"),
        ] {
            assert!(line(&rows, name).starts_with(expected), "{}", line(&rows, name));
        }
        let table = as_table(&rows, true);
        let below = table.split_once("\n\n").unwrap().1;
        let expected = "service  attribute     runs     applied\n\
                        cache    label a       none     b\n\
                        cache    memory limit  300 MiB  512 MiB\n\
                        renamed  container     renamed  none\n";
        assert_eq!(below, expected);

        let json: Value = as_json(&rows, true, None);
        let matches = if is_edited { Value::Null } else { json!(true) };
        assert_eq!(
            (&json["cache"]["matches"], &json["queue"]["matches"], &json["queue"]["edited"]),
            (&json!(false), &matches, &json!(is_edited))
        );
        assert_eq!(json["cache"]["differences"][1], json!({"attribute": "memory limit", "running": "300 MiB", "configured": "512 MiB"}));
        assert_eq!((&json["queue"]["differences"], &json["queue"]["not_compared"]), (&json!([]), &json!([])));
        assert_eq!(json["down"]["matches"], Value::Null, "what does not run is not compared");
    }
}

#[test]
fn without_an_engine_there_is_no_word_of_containers_and_drift() {
    let rows = rows(&services(&[("redis", None)]), Vec::new(), None);
    assert_eq!(as_table(&rows, false), "service  engine   address\nredis    redis 8  127.0.0.1:6379\n");
    let json: Value = as_json(&rows, false, None);
    assert!(json["redis"].get("matches").is_none() && json["redis"].get("memory_used").is_none(), "{json}");
    assert_eq!(json["redis"]["address"], "127.0.0.1:6379");
}

#[test]
fn why_nothing_was_compared_is_in_the_json() {
    let rows = rows(&services(&[("redis", Some("c"))]), vec![container("c", "running", None)], None);
    let json: Value = as_json(&rows, true, Some("not initialised"));
    assert_eq!((&json["redis"]["matches"], &json["redis"]["reason"]), (&Value::Null, &"not initialised".into()));
}
