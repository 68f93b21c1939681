//! Which directories are environments: roots at any depth, in JSON, and what is none.

use std::fs;

use serde_json::Value;

use super::layout::{Layout, thing};

fn s3(key: &str) -> String {
    format!("backend \"s3\" {{\n    bucket = \"states\"\n    region = \"eu-central-1\"\n    key    = \"{key}\"\n  }}")
}

fn names(layout: &Layout) -> Vec<String> {
    let answer: Value = serde_json::from_str(&layout.infra(&["check", "--json"]).stdout).unwrap();
    answer["environments"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn two_roots_at_any_depth_are_kept_apart() {
    for (one, other) in [("prod/eu", "prod/us"), ("prod", "prod/eu"), ("apps/shop/prod", "prod")] {
        let layout = Layout::of(&[one, other]);
        layout.backend(one, &s3("app"));
        layout.backend(other, &s3("app"));
        let mut sorted = [one, other];
        sorted.sort_unstable();
        let what = format!("`{}` and `{}` have one state", sorted[0], sorted[1]);
        layout.refuses(other, "shared-address", &format!("{}/backend.tf:2", sorted[0]), &what);
        layout.backend(other, &s3("other"));
        layout.is_healthy(&format!("{one} and {other}"));
    }
}

#[test]
fn what_has_no_table_is_a_root_by_its_code() {
    let json =
        format!(r#"{{"terraform": {{"backend": {{"s3": {}}}}}}}"#, r#"{"bucket": "states", "region": "eu-central-1", "key": "KEY"}"#);
    let hcl = format!("terraform {{\n  {}\n}}\n", s3("KEY"));
    for (file, code) in [("main.tf", &hcl), ("main.tofu", &hcl), ("main.tf.json", &json)] {
        let layout = Layout::of(&["alpha"]);
        layout.backend("alpha", &s3("app"));
        layout.write("team/eu", file, &code.replace("KEY", "own"));
        assert_eq!(names(&layout), ["alpha", "team/eu"]);
        layout.is_healthy(file);
        layout.write("team/eu", file, &code.replace("KEY", "app"));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].what.starts_with("`alpha` and `team/eu` have one state"), "{file}: {found:#?}");
    }
}

#[test]
fn what_opentofu_reads_beside_terraforms_code_is_compared_too() {
    let layout = Layout::of(&["alpha", "beta"]);
    layout.backend("alpha", &s3("app"));
    layout.backend("beta", &s3("beta"));
    let tofu = |key: &str| format!("terraform {{\n  {}\n}}\n", s3("KEY").replace("\"KEY\"", key));
    layout.write("beta", "names.tofu", "variable \"name\" {\n  default = \"app\"\n}\nlocals {\n  key = \"${var.name}${var.end}\"\n}\n");
    layout.write("beta", "ends.tf", "variable \"end\" {\n  default = \"\"\n}\n");
    for (file, key) in [("backend.tofu", "\"app\""), ("backend.tofu", "var.name"), ("state_override.tofu", "local.key")] {
        layout.write("beta", file, &tofu(key));
        let place = format!("beta/{file}:2");
        let what = format!("`alpha` and `beta` have one state, s3 states app (also infrastructure/environments/{place})");
        layout.refuses("beta", "shared-address", "alpha/backend.tf:2", &what);
        fs::remove_file(layout.path("beta", file)).unwrap();
    }
    // Another key, and one that only a run would know.
    for key in ["\"own\"", "\"${var.name}-two\"", "var.unknown"] {
        layout.write("beta", "backend.tofu", &tofu(key));
        layout.is_healthy(key);
    }
    layout.write("beta", "more.tofu", "locals {\n  db_password = \"hunter2hunter2\"\n}\n");
    layout.write("beta", "broken.tofu", "locals {\n  a =\n}\n");
    super::version_control::git(&layout, &["init", "--quiet"]);
    super::version_control::git(&layout, &["add", "--force", "infrastructure/environments"]);
    let found: Vec<_> = layout.found().into_iter().map(|found| (found.guard, found.severity, found.place)).collect();
    let expected = |guard: &str, severity: &str, place: &str| (guard.to_owned(), severity.to_owned(), place.to_owned());
    let broken = expected("unreadable", "warning", "beta/broken.tofu:2");
    assert_eq!(found, [broken, expected("secret-in-variables", "refusal", "beta/more.tofu:2")]);
}

#[test]
fn what_a_root_calls_is_a_module() {
    let layout = Layout::of(&["alpha"]);
    layout.write("alpha", "modules.tf", "module \"m\" {\n  source = \"./parts/network\"\n}\nmodule \"s\" {\n  source = \"../shared\"\n}\n");
    layout.write("alpha/parts/network", "main.tf", "provider \"aws\" {\n  region = \"us-east-1\"\n}\n");
    layout.write("shared", "main.tf", &thing("shared"));
    assert_eq!(names(&layout), ["alpha"]);
    layout.is_healthy("modules");
}

#[test]
fn every_verb_takes_a_path_for_a_name() {
    let layout = Layout::of(&["prod", "prod/eu"]);
    let eu = layout.path("prod/eu", "");
    layout.write("prod/eu", "outputs.tf", "output \"place\" {\n  value = \"eu\"\n}\n");
    layout.infra(&["plan", "prod/eu"]).success();
    layout.infra(&["apply", "prod/eu"]).success();
    layout.infra(&["up", "prod/eu", "--instance", "t1"]).success();
    layout.infra(&["validate", "prod/eu"]).success();
    layout.infra(&["output", "prod/eu"]).success();
    assert!(eu.join("terraform.tfstate").is_file() && eu.join("terraform.tfstate.d/t1/terraform.tfstate").is_file());
    assert!(!layout.path("prod", "terraform.tfstate").exists());
    let instance: Value = serde_json::from_str(&layout.read("prod/eu", ".instances/default.json")).unwrap();
    assert_eq!(instance["environment"], "prod-eu", "Terraform makes names of it, where no slash can stand");
    let listed = layout.infra(&["list"]).success().stdout;
    assert!(listed.lines().any(|line| line.starts_with("prod/eu ") && line.contains(" t1")), "{listed}");
    layout.is_healthy("both applied");
    layout.infra(&["destroy", "prod/eu", "--instance", "t1", "--yes"]).success();
    layout.infra(&["destroy", "prod/eu", "--yes"]).success();
    assert!(!eu.join(".instances/default.json").exists());
    layout.infra(&["plan", "prod/ue"]).exits(64).says("did you mean `prod/eu`?");
}

#[test]
fn two_names_that_would_meet_are_refused() {
    let layout = Layout::of(&["prod/eu", "prod-eu"]);
    for arguments in [&["check"][..], &["plan", "prod/eu"], &["list"]] {
        layout.infra(arguments).exits(3).says("two environments would both be `prod-eu`").says("hint: rename one of the directories");
    }
    fs::rename(layout.path("prod-eu", ""), layout.path("prod-us", "")).unwrap();
    layout.infra(&["plan", "prod/eu"]).success();
}

#[test]
fn an_instance_cannot_be_called_like_an_environment() {
    let layout = Layout::of(&["prod", "prod/eu"]);
    layout.infra(&["plan", "prod", "--instance", "eu"]).exits(64).says("`prod/eu` is an environment");
    layout.infra(&["plan", "prod", "--instance", "us"]).success();
}

#[test]
fn a_link_into_a_root_below_is_one_into_another_environment() {
    let layout = Layout::of(&["prod", "prod/eu"]);
    layout.write("prod/eu", "terraform.tfvars", "");
    layout.write("prod", "common.txt", "");
    layout.link("../common.txt", "prod/eu/common.txt");
    layout.is_healthy("what is no input");
    layout.link("eu/terraform.tfvars", "prod/eu.auto.tfvars");
    layout.refuses("prod", "shared-directory", "prod/eu.auto.tfvars:1", "eu.auto.tfvars of `prod` is a link into `prod/eu`");
}

#[test]
fn nothing_to_look_at_is_no_proof() {
    let layout = Layout::of(&["alpha"]);
    fs::remove_dir_all(layout.path("alpha", "")).unwrap();
    let complaint = layout.infra(&["check"]).exits(1).says("there is no environment in ").stderr;
    assert!(complaint.contains("a backend, a provider or variable files") && complaint.contains("hint: "), "{complaint}");
    layout.write("live/prod", "terragrunt.hcl", "");
    let named = "not looked at, because Terragrunt generates their code: infrastructure/environments/live/prod";
    layout.infra(&["check"]).exits(1).says(named);
    layout.write("alpha", "main.tf", &thing("alpha"));
    layout.infra(&["check"]).success().says(named);
}

#[test]
fn environments_are_where_infra_toml_says() {
    let layout = Layout::of(&["alpha"]);
    layout.checkout().write("../live/prod/eu/main.tf", &format!("terraform {{\n  {}\n}}\n", s3("app")));
    for (tables, expected) in [
        ("[environments]\ndirectories = \"live\"\n", &["prod/eu"][..]),
        ("[environments]\ndirectories = [\"live\", \"infrastructure/environments\"]\n[environments.alpha]\n", &["alpha", "prod/eu"]),
        ("environments = \"live\"\n", &["prod/eu"]),
    ] {
        let config = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
        let head = config.split("\n[environments").next().unwrap().split("\nenvironments =").next().unwrap();
        layout.checkout().write("infra.toml", &format!("{head}\n{tables}"));
        assert_eq!(names(&layout), expected, "{tables}");
        layout.infra(&["check"]).success();
    }
}
