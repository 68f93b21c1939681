//! Locks: those of states on this machine are tried, and not read; those elsewhere are for the runs to ask for.

use std::fs;

use infra_tests::poll;
use infra_tests::process::{Call, Running};

use super::layout::Layout;

/// A plain Terraform that holds the lock of `alpha` while it waits for an answer.
fn hold(layout: &Layout) -> Running {
    let holder = Call::new("sh").args(["-c", "sleep 600 | exec terraform apply -no-color"]).directory(layout.path("alpha", ""));
    let holder = holder.env_remove("TF_WORKSPACE").env_remove("TF_CLI_CONFIG_FILE").env("CHECKPOINT_DISABLE", "1").start();
    let note = layout.path("alpha", ".terraform.tfstate.lock.info");
    poll::until("the lock", || if note.is_file() { Ok(()) } else { Err("no note".to_owned()) });
    holder
}

#[test]
fn a_lock_is_what_somebody_holds_and_not_what_was_left_behind() {
    for has_state in [false, true] {
        let layout = Layout::new();
        layout.initialise("alpha");
        if has_state {
            layout.apply("alpha");
            layout.write("alpha", "more.tf", &super::layout::thing("more"));
        }
        layout.is_healthy("free");
        let holder = hold(&layout);
        let before = fs::read(layout.path("alpha", "terraform.tfstate")).unwrap();
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "locked-state" && found[0].severity == "warning", "{found:#?}");
        assert_eq!(found[0].place, "alpha/terraform.tfstate:1");
        let what = &found[0].what;
        assert!(
            what.starts_with("the state of `alpha/default` is locked by ")
                && what.contains(" since 2")
                && what.contains("UTC (apply), process "),
            "{what}"
        );
        // A look takes nothing away: the lock is still held, and asked for again it is still the same one's.
        assert_eq!(&layout.found(), &found);
        assert_eq!(fs::read(layout.path("alpha", "terraform.tfstate")).unwrap(), before);
        layout.infra(&["plan", "beta"]).success();

        holder.signal_group("KILL");
        holder.finish();
        assert!(layout.path("alpha", ".terraform.tfstate.lock.info").exists(), "a killed Terraform leaves its note behind");
        poll::until("the end of the lock", || if layout.found().is_empty() { Ok(()) } else { Err("held".to_owned()) });
        layout.infra(&["plan", "alpha"]).success();
    }
}

#[test]
fn check_says_how_locks_are_looked_for() {
    let listed = Layout::new().infra(&["check"]).success().stdout;
    let line = listed.lines().find(|line| line.contains("locked-state")).unwrap();
    assert!(line.contains("tried") && line.contains("elsewhere"), "{line}");
}
