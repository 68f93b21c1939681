//! The examples of infrastructure/README.md, exactly as they are printed there.

use std::fs;

use infra_tests::process::{Call, Outcome};
use infra_tests::xtask::{binary, repository};

use super::layout::Layout;

/// The commands below a paragraph that begins like this.
fn example(paragraph: &str) -> String {
    let page = fs::read_to_string(repository().join("infrastructure/README.md")).unwrap();
    let (_, after) = page.split_once(paragraph).unwrap_or_else(|| panic!("no {paragraph} in the page"));
    let (_, block) = after.split_once("```sh\n").unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

/// Pastes commands into a shell in the checkout, where `cargo xtask` is the one under test.
#[track_caller]
fn paste(layout: &Layout, commands: &str) -> Outcome {
    let script = format!("cargo() {{ shift; {:?} \"$@\"; }}\n{commands}", binary());
    let call = Call::new("sh").args(["-exc", &script]).directory(layout.checkout().root()).env("CHECKPOINT_DISABLE", "1");
    let call = layout.directories().into_iter().fold(call, |call, (name, directory)| call.env(name, directory));
    call.env_remove("TF_CLI_CONFIG_FILE").env_remove("TF_WORKSPACE").run().success()
}

#[test]
fn directories_and_workspaces_as_the_page_shows_them() {
    let layout = Layout::new();
    let directories = paste(&layout, &example("**Directories.**"));
    assert!(directories.stdout.contains("3 environments: apart from each other"), "{}", directories.stdout);
    assert!(directories.stdout.ends_with("terraform_data.example\n"), "{}", directories.stdout);
    let state = layout.read("staging", "terraform.tfstate");
    assert!(state.contains("made for default"));

    let commands = example("**Workspaces.**");
    let (kept, destroyed) = commands.split_once("cargo xtask infra destroy").unwrap();
    let workspaces = paste(&layout, kept);
    assert!(workspaces.stdout.starts_with("terraform_data.example\n") && workspaces.stdout.contains("pr-12"), "{}", workspaces.stdout);
    assert!(layout.read("staging", "terraform.tfstate.d/pr-12/terraform.tfstate").contains("made for pr-12"));
    assert_eq!(layout.read("staging", "terraform.tfstate"), state, "the other one's is as it was");
    layout.is_healthy("both ways");
    paste(&layout, &format!("cargo xtask infra destroy{destroyed}"));
    assert!(!layout.path("staging", "terraform.tfstate.d").exists());
    assert_eq!(layout.read("staging", "terraform.tfstate"), state);
}

#[test]
fn the_page_names_every_guard() {
    let page = fs::read_to_string(repository().join("infrastructure/README.md")).unwrap();
    let layout = Layout::new();
    let answer: serde_json::Value = serde_json::from_str(&layout.infra(&["check", "--json"]).success().stdout).unwrap();
    for guard in answer["guards"].as_array().unwrap() {
        let name = guard["name"].as_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
