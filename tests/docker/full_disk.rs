//! The disk of the checkout is full while Terraform makes containers.

use std::fs;
use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::clients::redis;
use infra_tests::docker;
use infra_tests::small_disk::SmallDisk;
use infra_tests::stack::{ONLY_REDIS, Stack};

/// What the xtask holds free while Terraform works, in KiB, and what the note of the state's lock and a part of the state need.
const LEFT: usize = 2048 + 12;

#[test]
fn a_state_without_space_loses_no_container_and_no_data() {
    let checkout = Arc::new(Checkout::new());
    checkout.settings(ONLY_REDIS);
    let Some(disk) = SmallDisk::over(&checkout.environment("local"), 12) else { return };
    let stack = Stack::in_checkout(&checkout, "space");
    for settings in ["", "redis = { maxmemory = \"100mb\" }\n"] {
        checkout.settings(&format!("{ONLY_REDIS}{settings}"));
        stack.infra("plan", &[]).success();
        // Rewritten in its place it would need no space; without it Terraform has to make one.
        let _ = fs::remove_file(stack.directory().join("terraform.tfstate.d").join(stack.name()).join("terraform.tfstate.backup"));
        disk.fill(LEFT);
        let failed = stack.infra("apply", &[]).exits(1);
        let complaint = failed.complaint();
        assert!(
            complaint.starts_with("error: terraform apply: the new state could not be written: write terraform.tfstate"),
            "{complaint}"
        );
        assert!(complaint.contains("nothing is lost: the state, which could not be written, is kept in "), "{complaint}");
        // What there is can be looked at and taken down, to make space.
        stack.infra("down", &[]).success();

        disk.free();
        stack.up();
        stack.infra("plan", &["--detailed-exitcode"]).success();
        assert_eq!(stack.containers().len(), 1);
        let url = stack.variables().get("REDIS_URL").to_owned();
        if settings.is_empty() {
            redis::write(&url);
        }
        redis::check(&url);
    }
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(docker::everything(stack.name()), Vec::<String>::new());
}
