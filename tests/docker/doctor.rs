//! `doctor`: what is needed here is counted, all else listed; and an engine that is newer than the client.

use infra_tests::checkout::Checkout;
use infra_tests::newer_engine::NewerEngine;
use infra_tests::process::Outcome;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};

fn row<'a>(outcome: &'a Outcome, item: &str) -> &'a str {
    let is_it = |line: &&str| line.split_whitespace().next() == Some(item);
    outcome.stdout.lines().find(is_it).unwrap_or_else(|| panic!("no row of {item}\n{}", outcome.stdout))
}

#[test]
fn an_image_that_no_environment_uses_with_its_settings_is_listed_and_not_counted() {
    let checkout = Checkout::new();
    let tag = unique("missing");
    for image in ["milvus:2.3.5-wheel", "ministack:1.5.33-wheel"] {
        let name = image.split(':').next().unwrap();
        checkout.replace(
            "images/images.toml",
            &format!("\"localhost/tracker/{image}\""),
            &format!("\"localhost/infra-tests/{name}:{tag}\""),
        );
    }
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    let doctor = || checkout.xtask().infra(&["doctor"]);
    let well = doctor().success();
    for item in ["milvus", "ministack", "qdrant"] {
        assert!(row(&well, item).contains(" not needed "), "{}", well.stdout);
    }
    let json = checkout.xtask().infra(&["doctor", "--json"]).success().stdout;
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    let milvus = listed.as_array().unwrap().iter().find(|entry| entry["item"] == "milvus").unwrap();
    assert_eq!((milvus["ok"].as_bool(), milvus["needed"].as_bool()), (Some(true), Some(false)), "{milvus}");

    checkout.settings("vectorstore = { engine = \"milvus\" }\n");
    let missing = doctor().exits(1);
    assert!(row(&missing, "milvus").contains(" missing "), "{}", missing.stdout);
    assert!(row(&missing, "milvus").trim_end().ends_with("cargo xtask infra supply milvus"), "{}", missing.stdout);
    assert!(row(&missing, "ministack").contains(" not needed "), "{}", missing.stdout);
    for settings in ["vectorstore = { engine = \"milvus\", enabled = false }\n", "vectorstore = { engine = \"milvus\", image = \"x:1\" }\n"]
    {
        checkout.settings(settings);
        doctor().success();
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
    assert!(row(&doctor, "redis").contains(" ok "), "{}", doctor.stdout);
    assert!(engine.refused() == 0, "asked in an interface that is too old");
}
