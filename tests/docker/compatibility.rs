//! Instance files, states, containers and data of an earlier commit go on working under this one.

use std::fs;
use std::sync::Arc;

use infra_tests::clients::{self, CONTRACT, Variables, postgres, redis};
use infra_tests::docker::{self, Container};
use infra_tests::former::Former;
use infra_tests::process::Outcome;
use infra_tests::stack::Stack;
use serde_json::{Value, json};

const COMMIT: &str = "8e2c1a7901a0478a2728b92734acf02489a8437d";

/// A stack in a checkout of that commit, until it is pulled.
struct Before {
    former: Former,
    stack: Stack,
}

impl Before {
    /// `None` where the commit cannot be had.
    fn new(theme: &str) -> Option<Self> {
        let former = Former::at(COMMIT)?;
        let stack = Stack::in_checkout(&Arc::new(former.checkout()), theme);
        Some(Self { former, stack })
    }

    /// Runs a verb of its own xtask.
    #[track_caller]
    fn infra(&self, verb: &str, options: &[&str]) -> Outcome {
        self.stack.with(&self.former.xtask(self.stack.checkout()), verb, options).success()
    }

    #[track_caller]
    fn variables(&self) -> Variables {
        Variables::new(serde_json::from_str(&self.infra("env", &["--format", "json"]).stdout).unwrap())
    }

    /// Puts the code of today in its place.
    fn pulled(self) -> Stack {
        self.stack.checkout().pull();
        self.stack
    }
}

#[test]
fn a_running_stack_of_the_commit_before_goes_on_untouched() {
    let Some(before) = Before::new("before") else {
        return;
    };
    before.infra("up", &[]);
    let variables = before.variables();
    clients::write(&variables);
    let file = before.stack.instance_file();
    let stack = before.pulled();
    let (containers, volumes) = (stack.containers(), docker::volumes(stack.name()));
    assert_eq!(containers.len(), 4);

    plans_nothing(&stack);
    let hint = format!("`cargo xtask infra up local --instance {}` records what it leaves", stack.name());
    stack.infra("status", &[]).success().says("what was applied is not on record").says(&hint);
    stack.up();
    assert_eq!(started(&stack.containers()), started(&containers), "the same containers, never stopped");
    assert_eq!(docker::volumes(stack.name()), volumes);
    holds_what_was_there(&stack, &variables);
    keeps(&file, &stack.instance_file());
    matches(&stack);
    stack.up().says("nothing changed");

    stack.infra("down", &[]).success();
    stack.up();
    holds_what_was_there(&stack, &variables);
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

/// With settings, which the commit before also recorded nowhere but in the volume.
#[test]
#[ignore = "thorough: a second stack of the commit before"]
fn a_stack_that_the_commit_before_took_down_comes_up_with_its_data() {
    let Some(before) = Before::new("before-down") else {
        return;
    };
    let checkout = before.stack.checkout();
    checkout.write("../sql/10-brokers.sql", "CREATE TABLE brokers AS SELECT 'DEGIRO' AS name;\n");
    checkout.settings(
        "vectorstore = { enabled = false }\nobjectstore = { enabled = false }\nredis = { maxmemory = \"200mb\" }\n\
         postgres = { user = \"ann\", database = \"folio\", init_sql_directory = \"../../../sql\" }\n",
    );
    let settings = fs::read_to_string(before.stack.directory().join("terraform.tfvars")).unwrap();
    before.infra("up", &[]);
    let variables = before.variables();
    postgres::write(variables.get("DATABASE_URL"));
    redis::write(variables.get("REDIS_URL"));
    before.infra("down", &[]);

    let stack = before.pulled();
    stack.checkout().settings(&settings);
    stack.up();
    includes(&stack.variables(), &variables);
    postgres::check(variables.get("DATABASE_URL"));
    redis::check(variables.get("REDIS_URL"));
    matches(&stack);
    stack.up().says("nothing changed");
}

/// Outputs may change; containers, volumes and images may not.
#[track_caller]
fn plans_nothing(stack: &Stack) {
    let planned: Value = serde_json::from_str(&stack.infra("plan", &["--json"]).success().stdout).unwrap();
    assert_eq!(planned["counts"], json!({"create": 0, "change": 0, "replace": 0, "destroy": 0}), "{planned:#}");
}

#[track_caller]
fn matches(stack: &Stack) {
    for (service, seen) in stack.status().as_object().unwrap() {
        assert_eq!((&seen["running"], &seen["matches"]), (&json!(true), &json!(true)), "{service}: {seen:#}");
    }
}

#[track_caller]
fn holds_what_was_there(stack: &Stack, before: &Variables) {
    let variables = stack.variables();
    includes(&variables, before);
    assert!(CONTRACT.iter().all(|name| variables.names().contains(name)), "what came since is there too: {:?}", variables.names());
    clients::check(&variables);
}

#[track_caller]
fn includes(variables: &Variables, before: &Variables) {
    for name in before.names() {
        assert_eq!(variables.get(name), before.get(name), "{name}");
    }
}

/// Every value that was in the instance file is there as it was, but for images that nobody has or can make any more.
#[track_caller]
fn keeps(before: &Value, after: &Value) {
    let is_here =
        |engine: &str| docker::run(&["image", "inspect", before["images"][engine]["reference"].as_str().unwrap()]).code == Some(0);
    let gone: Vec<String> = before["images"].as_object().unwrap().keys().filter(|engine| !is_here(engine)).cloned().collect();
    assert!(!gone.contains(&"postgres".to_owned()), "what runs is here: {gone:?}");
    let is_gone = |pointer: &str| gone.iter().any(|engine| pointer.starts_with(&format!("/images/{engine}/")));
    for (pointer, value) in leaves("", before).into_iter().filter(|(pointer, _)| !is_gone(pointer)) {
        assert_eq!(after.pointer(&pointer), Some(&value), "{pointer} of the instance file");
    }
}

/// The values in `value` that hold no others, each by its JSON pointer.
fn leaves(pointer: &str, value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| leaves(&format!("{pointer}/{name}"), value)).collect(),
        value => vec![(pointer.to_owned(), value.clone())],
    }
}

fn started(containers: &[Container]) -> Vec<(&str, &str)> {
    containers.iter().map(|container| (container.id.as_str(), container.started_at.as_str())).collect()
}
