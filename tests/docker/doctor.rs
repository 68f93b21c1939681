//! `doctor`: what is needed here is counted, all else listed; and an engine that is newer than the client.

use std::collections::BTreeMap;
use std::fs;

use infra_tests::checkout::Checkout;
use infra_tests::newer_engine::NewerEngine;
use infra_tests::process::Outcome;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};
use serde_json::Value;

fn row<'a>(outcome: &'a Outcome, item: &str) -> &'a str {
    let is_it = |line: &&str| line.split_whitespace().next() == Some(item);
    outcome.stdout.lines().find(is_it).unwrap_or_else(|| panic!("no row of {item}\n{}", outcome.stdout))
}

/// What `doctor --json` says of each item: whether it is in order, and whether it is needed.
fn listed(checkout: &Checkout) -> BTreeMap<String, (bool, bool)> {
    let outcome = checkout.xtask().infra(&["doctor", "--json"]);
    let entries: Vec<Value> = serde_json::from_str(&outcome.stdout).unwrap();
    let said = |entry: &Value, name: &str| entry[name].as_bool().unwrap();
    let items: BTreeMap<_, _> =
        entries.iter().map(|entry| (entry["item"].as_str().unwrap().to_owned(), (said(entry, "ok"), said(entry, "needed")))).collect();
    let is_well = items.values().all(|(ok, _)| *ok);
    assert_eq!(outcome.code, Some(i32::from(!is_well)), "{}{}", outcome.stdout, outcome.stderr);
    items
}

#[test]
fn an_image_that_no_environment_uses_with_its_settings_is_listed_and_not_counted() {
    let checkout = Checkout::new();
    let manifest = fs::read_to_string(checkout.infrastructure("images/images.toml")).unwrap();
    let missing = ["milvus", "ministack"].into_iter().fold(manifest, |manifest, name| {
        manifest.replace(&format!("localhost/tracker/{name}:"), &format!("localhost/infra-tests/{}:", unique(name)))
    });
    checkout.write("images/images.toml", &missing);
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    let items = listed(&checkout);
    for item in ["milvus", "ministack", "qdrant"] {
        assert_eq!(items[item], (true, false), "{item}: {items:?}");
    }
    assert!(items["redis"].1 && items["weaviate"].1, "{items:?}");

    checkout.settings("vectorstore = { engine = \"milvus\" }\n");
    let items = listed(&checkout);
    assert_eq!((items["milvus"], items["ministack"]), ((false, true), (true, false)), "{items:?}");
    let table = checkout.xtask().infra(&["doctor"]).exits(1);
    assert!(row(&table, "milvus").contains(" missing "), "{}", table.stdout);
    assert!(row(&table, "milvus").trim_end().ends_with("cargo xtask infra supply milvus"), "{}", table.stdout);
    assert!(row(&table, "ministack").contains(" not needed "), "{}", table.stdout);
    for settings in ["vectorstore = { engine = \"milvus\", enabled = false }\n", "vectorstore = { engine = \"milvus\", image = \"x:1\" }\n"]
    {
        checkout.settings(settings);
        assert_eq!(listed(&checkout)["milvus"], (true, false), "{settings}");
    }
}

/// Docker 29 refuses clients that speak an interface before 1.44, and Debian 12 has one that speaks 1.41.
#[test]
fn a_client_that_is_older_than_the_engine_allows_is_made_to_speak_a_newer_interface() {
    let stack = Stack::with_settings("newer", ONLY_REDIS);
    stack.up();
    let engine = NewerEngine::before_the_machines();
    let xtask = stack.xtask().env("DOCKER_HOST", engine.host());
    let logs = stack.with(&xtask, "logs", &[]).success();
    assert!(logs.stdout.contains("Ready to accept connections"), "{}", logs.stdout);
    stack.with(&xtask, "status", &[]).success();
    let doctor = xtask.infra(&["doctor"]);
    assert!(row(&doctor, "docker").contains(" ok "), "{}", doctor.stdout);
    assert!(engine.refused() == 0, "asked in an interface that is too old");
}
