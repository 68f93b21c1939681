//! States that are copies of each other, lost, or older than they were.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use infra_tests::snapshot;

use super::layout::{Layout, thing};

#[test]
fn a_copy_of_a_state_is_refused_wherever_it_lies() {
    for (name, from, to, what, bare) in [
        (
            "in another environment",
            "alpha/terraform.tfstate",
            "beta/terraform.tfstate",
            "the states of `alpha` and `beta` are of one lineage",
            Some("Plan: 1 to add, 0 to change, 1 to destroy."),
        ),
        (
            "in another instance",
            "alpha/terraform.tfstate",
            "alpha/terraform.tfstate.d/t1/terraform.tfstate",
            "the states of `alpha` and `alpha/t1` are of one lineage",
            None,
        ),
        (
            "in another environment's instance",
            "alpha/terraform.tfstate",
            "beta/terraform.tfstate.d/t1/terraform.tfstate",
            "the states of `alpha` and `beta/t1` are of one lineage",
            None,
        ),
        (
            "for an emulator",
            "alpha/terraform.tfstate",
            "beta/.emulated/terraform.tfstate",
            "the states of `alpha` and `emulated beta` are of one lineage",
            None,
        ),
    ] {
        let layout = Layout::new();
        layout.apply("alpha");
        layout.initialise("beta");
        layout.copy(from, to);
        layout.refuses("alpha", "copied-state", &format!("{to}:1"), what);
        if let Some(bare) = bare {
            layout.refuses("beta", "copied-state", &format!("{to}:1"), what);
            assert_eq!(layout.bare_plan("beta"), bare, "{name}");
        } else if to.contains("alpha") {
            layout.terraform("alpha", &["workspace", "select", "t1"]).success();
            assert_eq!(layout.bare_plan("alpha"), "No changes. Your infrastructure matches the configuration.", "{name}");
        }
    }
}

#[test]
fn a_pushed_state_is_a_copy_too() {
    let layout = Layout::new();
    layout.apply("alpha");
    layout.initialise("beta");
    layout.terraform("beta", &["state", "push", "../alpha/terraform.tfstate"]).success();
    layout.refuses("beta", "copied-state", "beta/terraform.tfstate:1", "the states of `alpha` and `beta` are of one lineage");
    assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 1 to destroy.");
}

#[test]
fn backups_are_copies_that_nobody_minds() {
    let layout = Layout::new();
    layout.apply("alpha");
    layout.write("alpha", "main.tf", &thing("other"));
    layout.apply("alpha");
    assert!(layout.path("alpha", "terraform.tfstate.backup").exists());
    layout.copy("alpha/terraform.tfstate", "alpha/before-the-upgrade.tfstate");
    layout.is_healthy("backups");
}

#[test]
fn a_state_that_nobody_can_read_is_refused() {
    let layout = Layout::new();
    layout.apply("alpha");
    layout.write("alpha", "terraform.tfstate", "{\"version\": 4,");
    let what = "the state of `alpha/default` cannot be understood: EOF while parsing";
    layout.refuses_in_its_own_words("alpha", ("damaged-state", "alpha/terraform.tfstate:1", what), "the state of `alpha` cannot be used");
}

/// Brings `alpha` up with the xtask, changes it under the tool, and expects that every verb which would act on it refuses.
#[track_caller]
fn another_world(protected: bool, change: fn(&Layout, &Path), what: &str, bare: &str) {
    let layout = Layout::new();
    layout.policy(&format!("[environments.alpha]\nprotected = {protected}\n[environments.beta]\nprotected = false\n"));
    layout.infra(&["up", "alpha", "--yes"]).success();
    layout.write("alpha", "main.tf", &(thing("alpha") + &thing("second")));
    layout.infra(&["up", "alpha", "--yes"]).success();
    change(&layout, &layout.path("alpha", "terraform.tfstate"));
    let before = layout.snapshot();
    for verb in [&["plan", "alpha"][..], &["up", "alpha", "--yes"], &["destroy", "alpha", "--yes"]] {
        let refused = layout.infra(verb).exits(3);
        assert!(refused.complaint().starts_with(&format!("error: {what}")), "{verb:?}\n{}", refused.stderr);
        refused.says("hint: ").says("cargo xtask infra adopt alpha --reason TEXT");
        snapshot::assert_same(&before, &layout.snapshot());
    }
    assert_eq!(layout.bare_plan("alpha"), bare);

    layout.infra(&["adopt", "alpha", "--yes"]).exits(64).says("adopt needs a reason");
    layout.infra(&["adopt", "alpha", "--yes", "--reason", "it was moved"]).success();
    assert!(fs::read_to_string(layout.record("allowed.jsonl")).unwrap().contains("it was moved"));
    layout.infra(&["plan", "alpha"]).success();
}

#[test]
fn a_lost_state_of_a_protected_environment_is_refused() {
    another_world(
        true,
        |_, state| fs::remove_file(state).unwrap(),
        "the state of `alpha` is gone, and it was applied from here before",
        "Plan: 2 to add, 0 to change, 0 to destroy.",
    );
}

#[test]
fn an_older_state_is_refused() {
    another_world(
        true,
        |layout, _| layout.copy("alpha/terraform.tfstate.backup", "alpha/terraform.tfstate"),
        "the state of `alpha` is older than what was applied here: serial ",
        "Plan: 1 to add, 0 to change, 0 to destroy.",
    );
}

#[test]
fn a_state_that_somebody_started_anew_is_refused() {
    another_world(
        false,
        |layout, state| {
            fs::remove_file(state).unwrap();
            layout.apply("alpha");
            // Bare Terraform leaves it open to others, which is repaired first.
            fs::set_permissions(state, fs::Permissions::from_mode(0o600)).unwrap();
        },
        "the state of `alpha` is not the one that was applied here: lineage ",
        "No changes. Your infrastructure matches the configuration.",
    );
}
