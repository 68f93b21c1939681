//! Instances in every condition, and what is said of them.

use std::collections::BTreeMap;

use super::{Row, as_json, as_table, rows};
use crate::docker::inspect::Container;
use crate::docker::usage::Memory;
use crate::drift::{Comparison, Difference, Survey};
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

fn survey(compared: &[(&str, Comparison)], configured: &[&str], services: BTreeMap<String, Service>) -> Survey {
    let compared = compared.iter().map(|(name, comparison)| ((*name).to_owned(), comparison.clone())).collect();
    Survey { compared, configured: configured.iter().map(|&name| name.to_owned()).collect(), services }
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
            "redis running, healthy redis 8 127.0.0.1:6379 3 MiB of 512 MiB 2 KiB redis:8 2026-01-02 03:04:05Z",
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
    assert_eq!(line(&unlimited, "redis"), "redis running redis 8 127.0.0.1:6379 3 MiB redis:8 2026-01-02 03:04:05Z");
}

#[test]
fn says_of_each_difference_what_runs_and_what_is_configured() {
    let difference = |attribute: &str, running: Option<&str>, configured: Option<&str>| Difference {
        attribute: attribute.to_owned(),
        running: running.map(ToOwned::to_owned),
        configured: configured.map(ToOwned::to_owned),
    };
    let differing = Comparison {
        differences: vec![difference("memory limit", Some("300 MiB"), Some("512 MiB")), difference("label a", None, Some("b"))],
        open: vec!["mount".to_owned()],
    };
    let found = vec![container("c", "running", None), container("d", "running", None)];
    let survey = survey(&[("c", differing), ("d", Comparison::default())], &["c", "d"], BTreeMap::new());
    let rows = rows(&services(&[("cache", Some("c")), ("queue", Some("d"))]), found, Some(&survey));
    let table = as_table(&rows, true);
    assert!(line(&rows, "cache").starts_with("cache running differs redis"), "{table}");
    assert!(line(&rows, "queue").starts_with("queue running matches redis"), "{table}");
    let below = table.split_once("\n\n").unwrap().1;
    let expected = "service  attribute     runs          configured\n\
                    cache    memory limit  300 MiB       512 MiB\n\
                    cache    label a       none          b\n\
                    cache    mount         not compared  known after an apply\n";
    assert_eq!(below, expected);

    let json: serde_json::Value = as_json(&rows, true, None);
    assert_eq!((&json["cache"]["matches"], &json["queue"]["matches"]), (&false.into(), &true.into()));
    let first = serde_json::json!({"attribute": "memory limit", "running": "300 MiB", "configured": "512 MiB"});
    assert_eq!((&json["cache"]["differences"][0], json["queue"]["differences"].as_array().map(Vec::len)), (&first, Some(0)));
    assert_eq!(json["cache"]["not_compared"], serde_json::json!(["mount"]));
}

#[test]
fn what_is_on_one_side_alone_has_a_row_too() {
    let applied = services(&[("gone", Some("g")), ("inside", None), ("down", Some("d"))]);
    let configured = services(&[("inside", Some("i")), ("new", Some("n")), ("down", Some("d"))]);
    let found = vec![container("g", "running", None), container("renamed", "running", None)];
    let one_sided = |name: &str| Comparison::one_sided(Some(name), None);
    let survey = survey(&[("g", one_sided("g")), ("renamed", one_sided("renamed"))], &["i", "n", "d", "sidecar"], configured);
    let rows = rows(&applied, found, Some(&survey));
    for (name, expected) in [
        ("gone", "gone running differs"),
        ("inside", "inside no container of its own differs"),
        ("down", "down down redis"),
        ("renamed", "renamed running differs"),
        ("new", "new not applied differs redis"),
        ("sidecar", "sidecar not applied differs"),
    ] {
        assert!(line(&rows, name).starts_with(expected), "{}", line(&rows, name));
    }
    let json: serde_json::Value = as_json(&rows, true, None);
    assert_eq!(json["new"]["differences"], serde_json::json!([{"attribute": "container", "running": null, "configured": "n"}]));
    assert_eq!(json["down"]["matches"], serde_json::Value::Null, "what does not run is not compared");
}

#[test]
fn without_an_engine_there_is_no_word_of_containers_and_drift() {
    let rows = rows(&services(&[("redis", None)]), Vec::new(), None);
    assert_eq!(as_table(&rows, false), "service  engine   address\nredis    redis 8  127.0.0.1:6379\n");
    let json: serde_json::Value = as_json(&rows, false, None);
    assert!(json["redis"].get("matches").is_none() && json["redis"].get("memory_used").is_none(), "{json}");
    assert_eq!(json["redis"]["address"], "127.0.0.1:6379");
}

#[test]
fn why_nothing_was_compared_is_in_the_json() {
    let rows = rows(&services(&[("redis", Some("c"))]), vec![container("c", "running", None)], None);
    let json: serde_json::Value = as_json(&rows, true, Some("not initialised"));
    assert_eq!((&json["redis"]["matches"], &json["redis"]["reason"]), (&serde_json::Value::Null, &"not initialised".into()));
}
