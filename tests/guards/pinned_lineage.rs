//! A protected environment seen from a machine that has never applied it.

use std::fs;

use infra_tests::snapshot;

use super::layout::Layout;
use super::state_server::StateServer;

const PROTECTED: &str = "[environments.alpha]\nprotected = true\n[environments.beta]\nprotected = false\n";

#[test]
fn a_state_that_is_not_the_pinned_one_is_refused_from_a_new_laptop() {
    for (name, change, what, is_static) in
        [("none", None, "there is none", false), ("another", Some("beta/terraform.tfstate"), "this one is of lineage ", true)]
    {
        let layout = Layout::new();
        layout.policy(PROTECTED);
        layout.infra(&["up", "alpha", "--yes"]).success().says("commit that file");
        let pinned = layout.read("alpha", "lineage.toml");
        layout.infra(&["up", "alpha", "--yes"]).success();
        assert_eq!(layout.read("alpha", "lineage.toml"), pinned);
        layout.elsewhere().infra(&["plan", "alpha"]).success();
        // What somebody who clones has: the code and the pin.
        for left in [".instances", "terraform.tfstate", "terraform.tfstate.backup"] {
            let path = layout.path("alpha", left);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        if let Some(state) = change {
            layout.apply("beta");
            fs::rename(layout.environments().join(state), layout.path("alpha", "terraform.tfstate")).unwrap();
            let line = pinned.lines().position(|line| line.starts_with("default = ")).unwrap() + 1;
            layout.refuses("alpha", "pinned-lineage", &format!("alpha/lineage.toml:{line}"), "the state of `alpha/default` is of lineage ");
        }
        let before = layout.snapshot();
        for verb in [&["plan", "alpha"][..], &["up", "alpha", "--yes"]] {
            let refused = layout.elsewhere().infra(verb).exits(3);
            if !is_static {
                refused.says("the state of `alpha` is not the one that its lineage.toml pins, ").says(what);
            }
        }
        let mut after = layout.snapshot();
        after.retain(|path, _| before.contains_key(path) || !path.to_string_lossy().contains(".instances"));
        snapshot::assert_same(&before, &after);
        assert!(layout.bare_plan("alpha").starts_with("Plan: 1 to add"), "{name}");
    }
}

#[test]
fn a_state_elsewhere_is_compared_too_and_adopted_only_with_a_reason() {
    let layout = Layout::new();
    layout.policy(PROTECTED);
    let (ours, other) = (StateServer::start(), StateServer::start());
    let backend = |server: &StateServer| format!("backend \"http\" {{\n    address = \"{}\"\n  }}", server.address());
    layout.backend("alpha", &backend(&ours));
    layout.infra(&["up", "alpha", "--yes"]).success().says("commit that file");
    let pinned = layout.read("alpha", "lineage.toml");
    // It is TOML, whoever has formatted it.
    layout.write("alpha", "lineage.toml", &pinned.replace('"', "'"));
    layout.elsewhere().infra(&["plan", "alpha"]).success();

    // The right code, and an address that leads to an empty place.
    layout.backend("alpha", &backend(&other));
    fs::remove_dir_all(layout.path("alpha", ".terraform")).unwrap();
    layout.elsewhere().infra(&["plan", "alpha"]).exits(3).says("is not the one that its lineage.toml pins, ").says("there is none");
    layout.elsewhere().infra(&["up", "alpha", "--yes"]).exits(3);
    assert_eq!(layout.bare_plan("alpha"), "Plan: 1 to add, 0 to change, 0 to destroy.");

    layout.apply("alpha");
    layout.elsewhere().infra(&["plan", "alpha"]).exits(3).says("this one is of lineage ");
    layout.elsewhere().infra(&["adopt", "alpha", "--yes"]).exits(64);
    layout.elsewhere().infra(&["adopt", "alpha", "--yes", "--reason", "made anew after the fire"]).success();
    assert_ne!(layout.read("alpha", "lineage.toml"), pinned);
    layout.elsewhere().infra(&["plan", "alpha"]).success();
}

#[test]
fn what_is_destroyed_is_pinned_no_more_and_a_pin_that_nobody_can_read_is_refused() {
    let layout = Layout::new();
    layout.policy(PROTECTED);
    layout.infra(&["up", "alpha", "--yes"]).success();
    layout.infra(&["destroy", "alpha", "--yes"]).success().says("lineage.toml is removed with it");
    assert!(!layout.path("alpha", "lineage.toml").exists());
    layout.infra(&["up", "alpha", "--yes"]).success();
    layout.write("alpha", "lineage.toml", "default = \n");
    layout.refuses("alpha", "unreadable", "alpha/lineage.toml:1", "infrastructure/environments/alpha/lineage.toml cannot be understood: ");
}
