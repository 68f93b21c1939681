//! A saved plan is applied only where and while everything is as it was when it was made, and once.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use infra_tests::snapshot;

use super::layout::{Layout, thing};
use super::state_server::StateServer;

/// Makes a plan of `alpha`, changes something, and expects that `apply` refuses for this one reason, with nothing changed.
#[track_caller]
fn refused(change: impl Fn(&Layout), arguments: &[&str], reason: &str) {
    let layout = Layout::new();
    layout.infra(&["up", "alpha"]).success();
    layout.write("alpha", "main.tf", &(thing("alpha") + &thing("second")));
    layout.write("alpha", "variables.tf", "variable \"size\" {\n  default = \"small\"\n}\n");
    layout.infra(&["plan", "alpha", "--out", "saved.tfplan"]).success();
    change(&layout);
    let mut before = layout.snapshot();
    let refused = layout.infra(&[&["apply"], arguments].concat()).exits(3);
    let complaint = refused.complaint();
    assert!(complaint.contains(reason) && complaint.contains("hint: "), "not {reason:?}\n{complaint}");
    let mut after = layout.snapshot();
    // `init` may run for the changed code, and another instance gets its file: neither is a state or a resource.
    before.retain(|path, _| !path.iter().any(|part| part == ".terraform"));
    after.retain(|path, _| before.contains_key(path));
    snapshot::assert_same(&before, &after);
}

const SAVED: [&str; 2] = ["alpha", "saved.tfplan"];

#[test]
fn a_plan_of_another_environment_or_instance() {
    let made_for = "the plan is stale: it was made for alpha/default of `tracker`, and this is ";
    refused(|_| {}, &["beta", "saved.tfplan"], &format!("{made_for}beta/default of `tracker`"));
    refused(|_| {}, &["alpha", "saved.tfplan", "--instance", "t1"], &format!("{made_for}alpha/t1 of `tracker`"));
    let copy = |layout: &Layout| {
        for ending in ["", ".provenance"] {
            let from = layout.path("alpha", &format!(".instances/default.tfplan{ending}"));
            fs::create_dir_all(layout.path("beta", ".instances")).unwrap();
            fs::copy(from, layout.path("beta", &format!(".instances/default.tfplan{ending}"))).unwrap();
        }
    };
    refused(copy, &["beta"], &format!("{made_for}beta/default of `tracker`"));
}

#[test]
fn code_or_variables_that_have_changed_since() {
    let changed = "the plan is stale: the code or a variable has changed since";
    refused(|layout| layout.write("alpha", "main.tf", &thing("third")), &SAVED, changed);
    refused(|layout| layout.write("alpha", "mine.auto.tfvars", "size = \"large\"\n"), &SAVED, changed);
    refused(|layout| layout.write("alpha", "more.tf.json", r#"{"locals": {"x": 1}}"#), &SAVED, changed);
    refused(|layout| fs::remove_file(layout.path("alpha", "variables.tf")).unwrap(), &SAVED, changed);
}

#[test]
fn a_shells_variable_that_has_changed_since() {
    let layout = Layout::new();
    layout.write("alpha", "variables.tf", "variable \"size\" {\n  default = \"small\"\n}\n");
    layout.xtask().env("TF_VAR_size", "large").infra(&["plan", "alpha"]).success();
    layout.infra(&["apply", "alpha"]).exits(3).says("the code or a variable has changed since");
    layout.xtask().env("TF_VAR_size", "large").infra(&["apply", "alpha"]).success();
}

#[test]
fn a_state_that_has_changed_since() {
    let by_hand = |layout: &Layout| {
        layout.apply("alpha");
        // Bare Terraform leaves them open to others, which is repaired first.
        for file in ["terraform.tfstate", "terraform.tfstate.backup"] {
            fs::set_permissions(layout.path("alpha", file), fs::Permissions::from_mode(0o600)).unwrap();
        }
    };
    refused(by_hand, &SAVED, "the plan is stale: the state has changed since, or is another one");
    let anew = |layout: &Layout| {
        fs::remove_file(layout.path("alpha", "terraform.tfstate")).unwrap();
        // Without what is remembered of the old one, only the plan knows.
        fs::remove_file(layout.record(".applied")).unwrap();
    };
    refused(anew, &SAVED, "the plan is stale: the state has changed since, or is another one");
}

#[test]
fn another_account_or_region() {
    let policy = |region: &str, account: &str| {
        format!("[environments.alpha]\naws = true\nregion = \"{region}\"\nallowed_account_ids = [\"{account}\"]\nprotected = false\n")
    };
    let (one, other) = ("111111111111", "222222222222");
    for (region, account) in [("eu-central-1", other), ("us-east-1", one)] {
        let layout = Layout::new();
        layout.policy(&policy("eu-central-1", one));
        // Nothing in it is of AWS, and so nobody asks there whose credentials these are.
        let xtask = layout.xtask().env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "y");
        xtask.infra(&["plan", "alpha"]).success();
        layout.policy(&policy(region, account));
        let reason =
            format!("the plan is stale: it was made for eu-central-1 in account {one}, and this is {region} in account {account}\n");
        xtask.infra(&["apply", "alpha", "--yes"]).exits(3).says(&reason).says("hint: plan again");
        assert!(!layout.path("alpha", "terraform.tfstate").exists());
        layout.policy(&policy("eu-central-1", one));
        xtask.infra(&["apply", "alpha", "--yes"]).success();
    }
}

#[test]
fn a_state_elsewhere_that_has_changed_since() {
    let layout = Layout::new();
    let server = StateServer::start();
    let backend = |server: &StateServer| format!("backend \"http\" {{\n    address = \"{}\"\n  }}", server.address());
    layout.backend("alpha", &backend(&server));
    layout.infra(&["plan", "alpha", "--out", "saved.tfplan"]).success();
    layout.apply("alpha");
    let refused = layout.infra(&["apply", "alpha", "saved.tfplan"]).exits(3);
    let complaint = refused.complaint();
    assert!(complaint.starts_with("error: the plan is stale: the state has changed since, or is another one"), "{complaint}");
    assert!(complaint.contains("hint: "), "{complaint}");
    assert_eq!(layout.bare_plan("alpha"), "No changes. Your infrastructure matches the configuration.");
}

#[test]
fn a_plan_that_was_applied_before() {
    let applied = |layout: &Layout| drop(layout.infra(&["apply", "alpha"]).success());
    refused(applied, &SAVED, "the plan is stale: the state has changed since, or is another one");
    let layout = Layout::new();
    layout.infra(&["plan", "alpha"]).success();
    layout.infra(&["apply", "alpha"]).success();
    layout.infra(&["apply", "alpha"]).exits(1).says("there is no plan");
}

#[test]
fn a_file_that_is_not_the_one_that_was_saved() {
    let edited = |layout: &Layout| {
        let path = layout.checkout().root().join("saved.tfplan");
        let mut plan = fs::read(&path).unwrap();
        plan.push(b'x');
        fs::write(path, plan).unwrap();
    };
    refused(edited, &SAVED, "the plan is stale: the file is not the one that was saved");
    let alone = |layout: &Layout| fs::remove_file(layout.checkout().root().join("saved.tfplan.provenance")).unwrap();
    refused(alone, &SAVED, "cannot verify ");
    let broken = |layout: &Layout| fs::write(layout.checkout().root().join("saved.tfplan.provenance"), "{").unwrap();
    refused(broken, &SAVED, "saved.tfplan.provenance cannot be understood: ");
}

#[test]
fn a_plan_from_too_long_ago() {
    let aged = |layout: &Layout| {
        let path = layout.checkout().root().join("saved.tfplan.provenance");
        let text = fs::read_to_string(&path).unwrap();
        let mut made: serde_json::Value = serde_json::from_str(&text).unwrap();
        made["made_at"] = (made["made_at"].as_u64().unwrap() - 25 * 3600).into();
        fs::write(path, made.to_string()).unwrap();
    };
    refused(aged, &SAVED, "the plan is stale: it was made 25 hours ago, and is good for 24");
}

#[test]
fn a_squashed_commit_keeps_a_plan() {
    let layout = Layout::new();
    let git = |arguments: &[&str]| {
        let call = infra_tests::process::Call::new("git").args(["-c", "user.name=Tests", "-c", "user.email=tests@localhost"]);
        call.args(["-c", "commit.gpgsign=false"]).args(arguments).directory(layout.checkout().root()).run().success();
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "one"]);
    layout.infra(&["plan", "alpha"]).success();
    git(&["commit", "--quiet", "--allow-empty", "--amend", "--message", "squashed"]);
    layout.infra(&["apply", "alpha"]).success();
}
