//! What an interrupted run leaves, and what the next one makes of it.

use std::fs::{self, File};

use infra_tests::docker;
use infra_tests::poll;
use infra_tests::stack::Stack;

/// Nothing that a run which ended in order has started goes on without it, and nothing is locked or half written. It may have
/// written down which volumes it was about to make: the next run goes by that.
pub(super) fn check_order(stack: &Stack, told: &str) {
    until_no_processes(stack, told);
    let mut left = leftover_files(stack);
    left.retain(|name| *name != format!("{}.volumes", stack.name()));
    assert_eq!(left, Vec::<String>::new(), "{told}");
    let lock = File::open(stack.directory().join(".instances").join(format!("{}.lock", stack.name())));
    assert!(lock.map_or(true, |lock| lock.try_lock().is_ok()), "the lock is held\n{told}");
}

/// The next `up` ends with four services that answer, and nothing is left over.
pub(super) fn check(stack: &Stack, told: &str) {
    let volumes = docker::volumes(stack.name());
    let again = stack.infra("up", &[]);
    let told = format!("{told}\n-- again:\n{}", again.stderr);
    assert_eq!(again.code, Some(0), "{told}");
    assert_eq!(again.stderr.matches("  ready").count(), 4, "{told}");
    let containers = stack.containers();
    assert_eq!(containers.len(), 4, "{told}");
    assert!(containers.iter().all(|container| container.status == "running"), "{told}\n{containers:?}");
    let volumes_now = docker::volumes(stack.name());
    assert!(volumes.iter().all(|volume| volumes_now.contains(volume)) && volumes_now.len() == 6, "{told}\n{volumes:?} {volumes_now:?}");
    check_order(stack, &told);
    assert_eq!(leftover_files(stack), Vec::<String>::new(), "{told}");
    stack.infra("plan", &["--detailed-exitcode"]).success();
}

fn until_no_processes(stack: &Stack, told: &str) {
    poll::until("the end of what the interrupted run had started", || match stack.processes() {
        processes if processes.is_empty() => Ok(()),
        processes => Err(format!("{}\n{told}", processes.join("\n"))),
    });
}

/// Files that are there only while something is written: plans, locks of Terraform's, temporary ones.
fn leftover_files(stack: &Stack) -> Vec<String> {
    let directory = stack.directory();
    let names = |place: &std::path::Path| {
        let entries = fs::read_dir(place).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let usual = ["json", "lock", "fingerprint"].map(|kind| format!("{}.{kind}", stack.name()));
    let mut left: Vec<String> = names(&directory.join(".instances"));
    left.retain(|name| !usual.contains(name) && name != ".init.lock");
    let state = names(&directory.join("terraform.tfstate.d").join(stack.name()));
    left.extend(state.into_iter().filter(|name| name != "terraform.tfstate" && name != "terraform.tfstate.backup"));
    left
}
