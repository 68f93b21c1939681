//! States and plans in git that are told by what they hold, and what only looks like them.

use std::fs;

use super::layout::Layout;
use super::version_control::{commit, committed, git};

/// Real ones, in the environment `alpha`: a plan, and a state in which nothing but the format is known.
fn made() -> Layout {
    let layout = committed();
    layout.initialise("alpha");
    layout.terraform("alpha", &["plan", "-input=false", "-out=made"]).success();
    layout.terraform("alpha", &["apply", "-input=false", "made"]).success();
    layout
}

#[test]
fn a_state_or_plan_is_known_under_any_name() {
    let layout = made();
    let (state, plan) = (fs::read(layout.path("alpha", "terraform.tfstate")).unwrap(), fs::read(layout.path("alpha", "made")).unwrap());
    let old = br#"{"version": 3, "serial": 1, "lineage": "l", "modules": [{"path": ["root"], "resources": {}}]}"#.to_vec();
    let indented = [b"\xef\xbb\xbf\n\t ", state.as_slice()].concat();
    let printed = |arguments: &[&str]| layout.terraform("alpha", arguments).success().stdout.into_bytes();
    let (shown, planned) = (printed(&["show", "-json"]), printed(&["show", "-json", "made"]));
    for (file, content, what) in [
        ("infrastructure/environments/alpha/show.json", &shown, ", which is a state, as `show -json` prints it"),
        ("docs/plan.txt", &planned, ", which is a plan, as `show -json` prints it"),
        ("infrastructure/environments/alpha/tfplan.json", &planned, ""),
        ("infrastructure/environments/alpha/prod.bak", &state, ", which is a state"),
        ("infrastructure/environments/alpha/before", &state, ", which is a state"),
        ("infrastructure/environments/alpha/outputs.json", &indented, ", which is a state"),
        ("docs/old.txt", &old, ", which is a state"),
        ("infrastructure/environments/alpha/release", &plan, ", which is a plan"),
        ("infrastructure/environments/alpha/plan.out", &plan, ""),
        ("infrastructure/environments/alpha/before.tfstate.old", &state, ""),
    ] {
        let path = layout.checkout().root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        assert!(layout.found().is_empty(), "{file} is a person's own as long as git does not track it");
        git(&layout, &["add", "--force", file]);
        let found = layout.found();
        let expected = format!("git tracks {file}{what}");
        assert!(found.len() == 1 && found[0].guard == "state-in-git" && found[0].what == expected, "{file}: {found:#?}");
        assert_eq!(layout.infra(&["plan", "alpha"]).code == Some(3), file.contains("alpha"), "{file}");
        git(&layout, &["rm", "--quiet", "--force", file]);
    }
}

#[test]
fn what_only_looks_like_a_state_or_plan_may_be_in_git() {
    let layout = committed();
    for (file, content) in [
        ("docs/migration.plan", "First the databases.\n"),
        ("scripts/show-tfplan", "#!/bin/sh\nterraform show tfplan\n"),
        ("docs/terraform.tfstate.md", "# How to read a state\n"),
        ("package.json", "{\"serial\": 1, \"version\": \"1.0.0\"}"),
        ("serials.json", "{\"version\": 4, \"of\": {\"serial\": 1, \"lineage\": \"l\"}}"),
        ("archive.zip", "PK\u{3}\u{4}"),
        ("providers.json", "{\"format_version\": \"1.0\", \"terraform_version\": \"1.11.4\", \"provider_schemas\": {}}"),
        ("policy/tests/made_up.json", "{\"format_version\": \"1.2\", \"resource_changes\": []}"),
    ] {
        let path = layout.checkout().root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        git(&layout, &["add", "--force", file]);
        layout.is_healthy(file);
    }
}

#[test]
fn a_data_directory_in_git_is_one_accident() {
    let layout = committed();
    layout.initialise("alpha");
    for file in ["providers/a", "providers/b", "modules/modules.json"] {
        layout.write("alpha", &format!(".terraform/{file}"), "{}");
    }
    git(&layout, &["add", "--force", "infrastructure/environments/alpha/.terraform"]);
    let directory = "infrastructure/environments/alpha/.terraform";
    let what = format!("git tracks {directory}/modules/modules.json and 2 more in {directory}");
    layout.refuses("alpha", "state-in-git", "alpha/.terraform/modules/modules.json:1", &what);
    assert_eq!(layout.found().len(), 1);
    let hint = layout.infra(&["check"]).exits(3).stdout.split_once("hint: `").unwrap().1.split_once('`').unwrap().0.to_owned();
    assert!(hint.starts_with("git -C ") && hint.contains("rm -r --cached"), "{hint}");
    infra_tests::process::Call::new("sh").args(["-c", &hint]).run().success();
    layout.is_healthy("the hint, as it stands");
}

#[test]
fn a_state_on_another_branch_is_found_by_check_and_stops_no_run() {
    let layout = committed();
    let branch = git(&layout, &["branch", "--show-current"]).stdout.trim().to_owned();
    git(&layout, &["switch", "--quiet", "--create", "other"]);
    layout.write("alpha", "old.tfstate", "{}");
    let added = commit(&layout, "Oops");
    git(&layout, &["rm", "--quiet", "infrastructure/environments/alpha/old.tfstate"]);
    commit(&layout, "Take it out");
    git(&layout, &["switch", "--quiet", &branch]);
    let found = layout.found();
    let what = format!("another branch of git's has infrastructure/environments/alpha/old.tfstate (commit {})", &added[..12]);
    assert!(found.len() == 1 && found[0].guard == "state-in-history" && found[0].what == what, "{found:#?}");
    layout.infra(&["plan", "alpha"]).success();
    git(&layout, &["branch", "--quiet", "--delete", "--force", "other"]);
    layout.is_healthy("the branch is gone");
}

#[test]
fn what_one_commit_has_added_in_one_directory_is_one_accident() {
    let layout = committed();
    for file in ["terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.17.backup"] {
        layout.write("alpha", &format!("old/{file}"), "{}");
    }
    commit(&layout, "Oops");
    git(&layout, &["rm", "--quiet", "-r", "infrastructure/environments/alpha/old"]);
    let after = commit(&layout, "Take them out");
    let set = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
    layout.checkout().write("infra.toml", &set.replacen("[environments.", "history_since = \"HEAD~2\"\n[environments.", 1));
    let found = layout.found();
    let directory = "infrastructure/environments/alpha/old";
    let what = format!("git's history since HEAD~2 has {directory}/terraform.tfstate and 2 more in {directory} (commit ");
    assert!(found.len() == 1 && found[0].what.starts_with(&what), "{after}: {found:#?}");
}

#[test]
fn what_is_printed_for_tests_and_what_is_logged_is_suspected() {
    let layout = committed();
    for (file, content, what) in [
        (
            "policy/tests/plan.json",
            "{\"format_version\": \"1.2\", \"terraform_version\": \"1.11.4\", \"resource_changes\": []}",
            ", which looks like a plan, as `show -json` prints it",
        ),
        (
            "infrastructure/environments/alpha/crash.log",
            "2019/03/01 12:00:00 [INFO] Terraform version: 0.11.11\n",
            ", which is a log of Terraform's: what it asks of providers may be in it",
        ),
    ] {
        let path = layout.checkout().root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        git(&layout, &["add", "--force", file]);
        let found = layout.found();
        let expected = format!("git tracks {file}{what}");
        assert!(found.len() == 1 && found[0].severity == "warning" && found[0].what == expected, "{file}: {found:#?}");
        git(&layout, &["rm", "--quiet", "--force", file]);
    }
}
