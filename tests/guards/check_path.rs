//! `infra check --path`: repositories of other people, which have no infra.toml.

use std::fs;
use std::path::Path;

use infra_tests::process::{Call, Outcome};
use infra_tests::temporary;
use serde_json::Value;

/// A repository with these files, tracked by git.
pub(crate) fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let place = temporary::directory();
    for (path, text) in files {
        let path = place.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Call::new("git").args(["init", "--quiet"]).directory(place.path()).run().success();
    Call::new("git").args(["add", "--force", "."]).directory(place.path()).run().success();
    place
}

pub(crate) fn check(directory: &Path, arguments: &[&str]) -> Outcome {
    let call = Call::new(infra_tests::xtask::binary().to_str().unwrap()).args(["infra", "check"]).args(arguments);
    call.directory(directory).env("XDG_STATE_HOME", directory.join(".home")).run()
}

pub(crate) fn s3(key: &str) -> String {
    format!("terraform {{\n  backend \"s3\" {{\n    bucket = \"states\"\n    region = \"eu-west-1\"\n    key    = \"{key}\"\n  }}\n}}\n")
}

#[test]
fn two_roots_on_one_key_are_refused_wherever_they_are() {
    let (one, other) = (s3("app"), s3("other"));
    for (dev, paths, expected) in [
        (&one, &["terraform/live"][..], 3),
        (&other, &["terraform/live"], 0),
        (&one, &["terraform/live/dev", "terraform/live/prod"], 3),
        (&one, &["terraform/live/dev"], 0),
        (&one, &["."], 3),
    ] {
        let place = repository(&[
            ("terraform/live/dev/main.tf", dev),
            ("terraform/live/prod/eu/main.tf", &one),
            ("terraform/live/prod/eu/call.tf", "module \"m\" {\n  source = \"../../../modules/m\"\n}\n"),
            ("terraform/modules/m/main.tf", "resource \"terraform_data\" \"m\" {}\n"),
        ]);
        let checked = check(place.path(), &[&["--path"], paths].concat()).exits(expected);
        let is_found = checked.stdout.contains("have one state") && checked.stdout.contains("terraform/live/dev/main.tf:2");
        assert_eq!(is_found, expected == 3, "{paths:?}\n{}", checked.stdout);
    }
}

#[test]
fn machines_read_names_and_paths_of_the_repository() {
    let place = repository(&[
        ("terraform/live/dev/main.tf", &s3("app")),
        (
            "terraform/live/prod/eu/main.tf.json",
            r#"{"terraform": {"backend": {"s3": {"bucket": "states", "region": "eu-west-1", "key": "app"}}}}"#,
        ),
        ("terraform/live/old/terragrunt.hcl", ""),
    ]);
    let answer: Value = serde_json::from_str(&check(place.path(), &["--path", "terraform/live", "--json"]).exits(3).stdout).unwrap();
    assert_eq!(answer["environments"], serde_json::json!(["dev", "prod/eu"]));
    assert_eq!(answer["not_looked_at"], serde_json::json!(["terraform/live/old"]));
    assert_eq!(answer["findings"][0]["file"], "terraform/live/dev/main.tf");
    let sarif: Value = serde_json::from_str(&check(place.path(), &["--path", "terraform/live", "--sarif"]).exits(3).stdout).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "terraform/live/dev/main.tf");
}

#[test]
fn git_is_asked_about_the_repository_that_holds_the_directory() {
    let state = r#"{"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": []}"#;
    let place = repository(&[("live/dev/main.tf", &s3("app")), ("live/dev/terraform.tfstate", state)]);
    for (directory, path) in [("", "live"), ("live", "."), ("live/dev", ".")] {
        let checked = check(&place.path().join(directory), &["--path", path]).exits(3);
        assert!(checked.stdout.contains("git tracks live/dev/terraform.tfstate"), "{}", checked.stdout);
    }
}

#[test]
fn what_only_an_infra_toml_could_say_is_not_asked_for() {
    let place = repository(&[
        ("live/dev/main.tf", &s3("dev")),
        ("live/dev/provider.tf", "provider \"aws\" {\n  region  = \"eu-west-1\"\n  profile = \"ops\"\n}\n"),
        ("live/prod/main.tf", &s3("prod")),
        (
            "live/prod/provider.tf",
            "provider \"aws\" {\n  region = \"us-east-1\"\n  assume_role {\n    role_arn = \"arn:aws:iam::123456789012:role/x\"\n  }\n}\n",
        ),
    ]);
    fs::create_dir_all(place.path().join("live/dev/.terraform")).unwrap();
    fs::write(place.path().join("live/dev/.terraform/environment"), "team").unwrap();
    let checked = check(place.path(), &["--path", "live"]).success();
    assert!(checked.stdout.ends_with("2 environments: apart from each other\n"), "{}", checked.stdout);
    assert!(!checked.stdout.contains("provider-world"), "{}", checked.stdout);
}

#[test]
fn a_directory_that_is_a_root_itself_is_looked_at() {
    let place = repository(&[("main.tf", &s3("app")), ("bootstrap/main.tf", &s3("app"))]);
    let checked = check(place.path(), &["--path", "."]).exits(3);
    assert!(checked.stdout.contains("`.` and `bootstrap` have one state"), "{}", checked.stdout);
}

#[test]
fn nothing_to_look_at_is_no_proof() {
    let place = repository(&[("modules/net/m/main.tf", "resource \"terraform_data\" \"m\" {}\n"), ("live/dev/terragrunt.hcl", "")]);
    for (path, code, message) in [
        ("modules", 1, "there is no environment in "),
        ("live", 1, "not looked at, because Terragrunt generates their code: live/dev"),
        ("nowhere", 64, "there is no directory nowhere"),
        ("modules/net/m/main.tf", 64, "there is no directory modules/net/m/main.tf"),
    ] {
        let complaint = check(place.path(), &["--path", path]).exits(code).says(message).stderr;
        assert!(complaint.contains("hint: "), "{complaint}");
    }
}

#[test]
fn a_name_by_the_workspace_is_suspected_where_nobody_knows_the_workspaces() {
    let queue = |name: &str| format!("resource \"aws_sqs_queue\" \"q\" {{\n  name = \"{name}\"\n}}\n");
    for (name, expected) in [("jobs-${terraform.workspace}", "warning"), ("jobs", "refusal")] {
        let place = repository(&[("live/dev/main.tf", &(s3("dev") + &queue(name))), ("live/prod/main.tf", &(s3("prod") + &queue(name)))]);
        let answer: Value = serde_json::from_str(&check(place.path(), &["--path", "live", "--json"]).stdout).unwrap();
        let found = answer["findings"].as_array().unwrap();
        assert!(found.len() == 1 && found[0]["guard"] == "fixed-name" && found[0]["severity"] == expected, "{name}: {found:#?}");
    }
}

#[test]
fn a_path_into_a_root_below_another_directory_is_followed() {
    let reads = |path: &str| format!("locals {{\n  theirs = jsondecode(file(\"{path}\"))\n}}\n");
    for (path, expected) in [
        ("../../one/prod/terraform.tfstate", 3),
        ("${path.module}/../../one/prod/terraform.tfstate", 3),
        ("./terraform.tfstate", 0),
        ("../../other/terraform.tfstate", 0),
    ] {
        let place = repository(&[
            ("live/one/prod/main.tf", &s3("prod")),
            ("live/two/dev/main.tf", &s3("dev")),
            ("live/two/dev/reads.tf", &reads(path)),
        ]);
        let checked = check(place.path(), &["--path", "live"]).exits(expected);
        assert_eq!(checked.stdout.contains("`two/dev` reads another state: local.theirs"), expected == 3, "{path}\n{}", checked.stdout);
    }
}
