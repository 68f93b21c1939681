//! Two instances of one environment beside each other.

use std::fs;
use std::sync::Arc;
use std::thread;

use infra_tests::checkout::Checkout;
use infra_tests::clients::redis;
use infra_tests::docker;
use infra_tests::poll;
use infra_tests::stack::{ONLY_REDIS, Stack};

#[test]
fn two_instances_come_up_at_once_and_go_one_by_one() {
    let checkout = Arc::new(Checkout::new());
    // Services switched off by a line each: one container is left.
    checkout.settings(ONLY_REDIS);
    let (first, second) = (Stack::in_checkout(&checkout, "one"), Stack::in_checkout(&checkout, "two"));
    thread::scope(|scope| {
        for stack in [&first, &second] {
            scope.spawn(|| stack.up());
        }
    });
    assert_ne!(first.port("redis"), second.port("redis"));
    assert_ne!(first.instance_file()["owner"], second.instance_file()["owner"]);
    assert_ne!(first.instance_file()["credentials"], second.instance_file()["credentials"]);
    assert_eq!(first.services().as_object().unwrap().keys().collect::<Vec<_>>(), ["redis"]);
    assert_eq!(first.variables().names(), ["REDIS_URL"]);

    redis::write(first.variables().get("REDIS_URL"));
    assert_eq!(redis::read(second.variables().get("REDIS_URL")), None);
    let before = (first.containers(), docker::volumes(first.name()));
    assert_eq!(before.0.len(), 1);

    second.infra("destroy", &["--yes"]).success();
    assert_eq!(second.remains().into_iter().filter(|remain| remain.contains(second.name())).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!((first.containers(), docker::volumes(first.name())), before);
    redis::check(first.variables().get("REDIS_URL"));
    first.infra("plan", &["--detailed-exitcode"]).success();
}

#[test]
fn a_second_run_on_the_same_instance_says_whom_it_waits_for_and_goes_on() {
    let stack = Stack::with_settings("turns", ONLY_REDIS);
    let first = stack.xtask().start(&stack.arguments("up", &[]));
    let lock = stack.directory().join(".instances").join(format!("{}.lock", stack.name()));
    let holder = poll::until("the first one's lock", || match fs::read_to_string(&lock) {
        Ok(holder) if !holder.is_empty() => Ok(holder),
        other => Err(format!("{other:?}")),
    });
    let second = stack.xtask().start(&stack.arguments("up", &[]));
    let first = first.finish().success();
    assert!(first.stderr.contains(" to create"), "{}", first.stderr);
    let second = second.finish().success().says(&format!("is in use by another run (pid {holder}); waiting"));
    assert!(second.stderr.contains("nothing changed"), "one of them had something to do: {}", second.stderr);
    assert_eq!(stack.containers().len(), 1);
}
