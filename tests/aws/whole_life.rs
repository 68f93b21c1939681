//! One instance on an emulator from its first plan to its last trace. An apply of everything takes minutes, nearly all of them
//! the provider's own waits, so one test goes through the whole of it.

use std::thread;

use infra_tests::clients::postgres;
use infra_tests::docker;
use infra_tests::emulated::Emulated;
use infra_tests::poll;
use infra_tests::proc;
use infra_tests::process::{Running, signal};
use serde_json::Value;

use super::contract::{self, OfContainers};
use super::services::{self, database_url};

#[test]
fn an_emulated_aws_from_its_first_plan_to_its_last_trace() {
    let aws = Emulated::new("life");
    is_planned(&aws);
    // The containers are up and gone while AWS is waited for.
    let local = thread::scope(|scope| {
        let local = scope.spawn(|| OfContainers::read("local", aws.checkout()));
        aws.infra("up", &["--yes"]).success().says("  reachable  ").says("is up");
        local.join().unwrap()
    });
    services::are_on_loopback_alone(&aws);
    services::serve_their_clients(&aws);
    contract::is_the_same(&local, &aws);
    has_nothing_left_to_change(&aws);
    says_that_it_is_emulated(&aws);
    keeps_its_data(&aws);
    a_killed_apply_is_gone_on_with(&aws);
    is_destroyed_by_terraform_once_its_protection_is_lifted(&aws);
    leaves_nothing(&aws);
}

/// A plan for programs; for people it is written as that of containers is.
fn is_planned(aws: &Emulated) {
    let printed = aws.infra("plan", &["--json", "--detailed-exitcode"]).exits(2);
    let plan: Value = serde_json::from_str(&printed.stdout).unwrap();
    let changes = plan["changes"].as_array().unwrap();
    assert_eq!(plan["counts"], serde_json::json!({"create": changes.len(), "change": 0, "replace": 0, "destroy": 0}));
    let database = |change: &&Value| change["address"] == "module.aws.module.postgres[0].aws_db_instance.this";
    assert_eq!(changes.iter().find(database).map(|change| &change["action"]), Some(&"create".into()), "{plan:#}");
}

fn has_nothing_left_to_change(aws: &Emulated) {
    let planned = aws.infra("plan", &["--detailed-exitcode"]).success();
    assert_eq!(planned.stdout, format!("emulated aws/{}: no changes\n", aws.name()));
}

fn says_that_it_is_emulated(aws: &Emulated) {
    let listed = aws.xtask().infra(&["list"]).success().stdout;
    let row = listed.lines().find(|line| line.contains(aws.name())).unwrap_or_else(|| panic!("{listed}"));
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["aws", aws.name(), "emulated", "3", "containers", "run"]);
    let status = aws.infra("status", &[]).success();
    let row = |service: &str| status.stdout.lines().find(|line| line.starts_with(service)).unwrap_or_default().to_owned();
    assert!(row("postgres").contains("available"), "{}", status.stdout);
    status.says(&format!("emulated aws/{}", aws.name()));
}

/// What is for containers, and what would remove a database that is protected.
fn keeps_its_data(aws: &Emulated) {
    for verb in ["down", "reset"] {
        aws.infra(verb, &["--yes"]).exits(3).says(&format!("`{verb}` is for environments of containers"));
    }
    aws.settings("postgres = { enabled = false }\n");
    aws.infra("up", &["--yes"]).exits(3).says("is protected against deletion").says("aws_db_instance.this has its deletion protection on");
    aws.settings("");
    // A destroy takes the outputs out of the state first of all; the next apply brings them back.
    let database = database_url(&aws.variables());
    let refused = aws.terraform("destroy -no-color -auto-approve");
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("is protected, and nothing of it was removed"), "{said}");
    postgres::check(&database);
}

/// The settings with which everything may be removed. What is not protected needs another line to be worth nothing; the tag
/// is for an apply that has much to do.
const UNPROTECTED: &str = "protected = false\nkeep_on_destroy = false\ntags = { team = \"portfolio\" }\n";

/// Of two applies the second waits. The first is killed with its Terraform: its lock stays behind in S3, is explained, and
/// taken away after a yes; what it has not done is done by the next `up`.
fn a_killed_apply_is_gone_on_with(aws: &Emulated) {
    aws.settings(UNPROTECTED);
    let mut first = aws.xtask().start(&aws.arguments("up", &["--yes"]));
    until_said(&mut first, "+ module.aws.module.network.aws_vpc.this[0]");
    let mut second = aws.xtask().start(&aws.arguments("up", &["--yes"]));
    until_said(&mut second, &format!("`emulated aws/{}` is in use by another run (pid {}); waiting for it", aws.name(), first.id()));
    second.signal("INT");
    second.finish().exits(130);
    kill_with_its_terraform(&first);
    first.finish();

    let held = format!("the state of `emulated aws/{}` is locked by ", aws.name());
    let mut third = aws.xtask().start(&aws.arguments("plan", &[]));
    until_said(&mut third, &held);
    third.signal("INT");
    third.finish().exits(130);
    let unanswered = aws.infra("unlock", &[]).exits(3).says(&held).says(" since ").says("(apply)").says("nobody is here to ask");
    let who = unanswered.stderr.split_once(&held).unwrap().1.split(' ').next().unwrap();
    assert!(who.contains('@'), "user and host: {who}");
    aws.infra("unlock", &["--yes"]).success().says("is free again");
    aws.infra("unlock", &[]).success().says("is not locked");
    aws.infra("up", &["--yes"]).success().says("is up");
    aws.infra("plan", &["--detailed-exitcode"]).success();
}

fn until_said(running: &mut Running, text: &str) {
    poll::until(text, || match running.said() {
        said if said.contains(text) => Ok(()),
        said if running.has_ended() => panic!("it ended without saying {text}:\n{said}"),
        said => Err(said),
    });
}

/// Terraform first: it would hear of its parent's end, and put everything in order.
fn kill_with_its_terraform(running: &Running) {
    let mut pids: Vec<u32> = proc::tree(running.id()).iter().map(|process| process.pid).collect();
    assert!(pids.len() > 1, "no Terraform is under way");
    pids.reverse();
    signal("KILL", &pids);
}

/// By plain Terraform with the lines that `init` prints: its protection was lifted by an apply of its own.
fn is_destroyed_by_terraform_once_its_protection_is_lifted(aws: &Emulated) {
    let destroyed = aws.terraform("destroy -no-color -auto-approve").success();
    assert!(destroyed.stdout.contains("Destroy complete!"), "{}", destroyed.stdout);
    assert_eq!(aws.terraform("state list").success().stdout, "");
    let containers: Vec<String> = docker::containers(aws.name()).into_iter().map(|container| container.name).collect();
    assert_eq!(containers, [aws.docker_name()], "the databases are gone with what they stood for");
}

/// `destroy` takes the emulator and its state together.
fn leaves_nothing(aws: &Emulated) {
    aws.infra("destroy", &[]).exits(3).says("this removes the emulator");
    aws.infra("destroy", &["--yes"]).success().says("is destroyed, its emulator and its state with it");
    assert_eq!(aws.remains(), Vec::<String>::new());
    assert!(!aws.checkout().environment("aws").join(".emulated").exists(), ".emulated is still there");
}
