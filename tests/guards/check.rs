//! `infra check` itself: what it lists, its other formats, and that it needs nothing.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use infra_tests::process::Call;
use infra_tests::temporary;
use infra_tests::xtask::repository;
use serde_json::Value;

use super::layout::Layout;

#[test]
fn this_repository_is_healthy_and_every_guard_says_what_it_looked_at() {
    let checked = infra_tests::xtask::Xtask::in_directory(repository()).infra(&["check"]).success();
    let listed: Vec<&str> = checked.stdout.lines().filter(|line| line.starts_with("ok  ")).collect();
    assert!(listed.len() > 15, "{}", checked.stdout);
    for line in listed {
        assert!(line.split_whitespace().count() > 4, "{line}");
    }
}

/// A directory with nothing but git in it, for PATH.
fn only_git() -> tempfile::TempDir {
    let place = temporary::directory();
    let path = std::env::var_os("PATH").unwrap();
    let git = std::env::split_paths(&path).map(|directory| directory.join("git")).find(|file| file.is_file()).unwrap();
    symlink(git, place.path().join("git")).unwrap();
    place
}

#[test]
fn it_needs_no_terraform_no_docker_and_no_network() {
    let layout = Layout::new();
    layout.backend("beta", "backend \"local\" { path = \"../alpha/terraform.tfstate\" }");
    Call::new("git").args(["init", "--quiet"]).directory(layout.checkout().root()).run().success();
    layout.write("alpha", "x.tfplan", "");
    Call::new("git").args(["add", "--force", "infrastructure"]).directory(layout.checkout().root()).run().success();
    let path = only_git();
    // Where there is no such thing as unshare, the empty PATH alone has to do.
    let alone = Call::new("unshare").args(["--net", "--map-root-user", "true"]).run().code == Some(0);
    let program = infra_tests::xtask::binary().to_str().unwrap();
    let words: &[&str] = if alone { &["/usr/bin/unshare", "--net", "--map-root-user", program] } else { &[program] };
    let call = Call::new(words[0]).args(&words[1..]).args(["infra", "check"]).directory(layout.checkout().root());
    let call = call.env("PATH", path.path()).env("DOCKER_HOST", "tcp://192.0.2.1:1").env_remove("AWS_PROFILE");
    let checked = call.run().exits(3);
    assert!(checked.stdout.contains("one state") && checked.stdout.contains("git tracks"), "{}", checked.stdout);
}

#[test]
fn machines_read_the_same_findings_as_people() {
    let layout = Layout::new();
    layout.backend("beta", "backend \"local\" { path = \"../alpha/terraform.tfstate\" }");
    let text = layout.infra(&["check"]).exits(3).stdout;
    let found = layout.found();
    assert_eq!(found.len(), 1);
    let sarif: Value = serde_json::from_str(&layout.infra(&["check", "--sarif"]).exits(3).stdout).unwrap();
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    assert_eq!((sarif["version"].as_str(), result["level"].as_str()), (Some("2.1.0"), Some("error")));
    let rules: Vec<&Value> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert!(rules.contains(&&result["ruleId"]), "{rules:?}");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "infrastructure/environments/beta/backend.tf");
    assert_eq!(place["region"]["startLine"], 2);
    assert!(result["message"]["text"].as_str().unwrap().contains(&found[0].what) && text.contains(&found[0].what), "{text}");
}

#[test]
fn a_connection_string_shows_where_a_state_is_and_not_its_password() {
    for (conn_str, secrets) in [
        ("postgres://ann:B%40ckend1@db/states", &["B%40ckend1", "B@ckend1"][..]),
        ("host=db user=ann password=B4ckend dbname=states", &["B4ckend"]),
        ("postgres://ann:B\\\"ckend2@db/states", &["ckend2"]),
    ] {
        let layout = Layout::new();
        for name in ["alpha", "beta"] {
            layout.backend(name, &format!("backend \"pg\" {{\n    conn_str = \"{conn_str}\"\n  }}"));
        }
        for (verb, format) in [("check", ""), ("check", "--json"), ("check", "--sarif"), ("plan", "beta")] {
            let arguments: Vec<&str> = [verb, format].into_iter().filter(|word| !word.is_empty()).collect();
            let outcome = layout.infra(&arguments).exits(3);
            let printed = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(printed.contains("have one state, pg db/states terraform_remote_state"), "{printed}");
            assert_eq!(secrets.iter().find(|secret| printed.contains(**secret)), None, "{format}\n{printed}");
            assert!(!format.starts_with('-') || serde_json::from_str::<Value>(&outcome.stdout).is_ok(), "{printed}");
        }
    }
}

#[test]
fn an_environment_that_it_cannot_understand_is_refused() {
    for (file, text, line) in [
        ("broken.tf", "locals {\n  x = \n}\n", 2),
        ("broken.tf.json", "{\n  \"locals\": }", 2),
        ("x.tfbackend", "path = \"a\"\nkey =\n", 2),
        ("x.auto.tfvars", "size = \"s\"\n= 3\n", 2),
        ("x.auto.tfvars.json", "{\n,", 2),
    ] {
        let layout = Layout::new();
        layout.write("alpha", file, text);
        let what = format!("infrastructure/environments/alpha/{file} cannot be understood: ");
        layout.refuses("alpha", "unreadable", &format!("alpha/{file}:{line}"), &what);
        layout.infra(&["plan", "beta"]).success();
    }
    let layout = Layout::new();
    layout.initialise("alpha");
    layout.write("alpha", ".terraform/terraform.tfstate", "{");
    layout.refuses(
        "alpha",
        "unreadable",
        "alpha/.terraform/terraform.tfstate:1",
        "infrastructure/environments/alpha/.terraform/terraform.tfstate cannot be understood: ",
    );
    let layout = Layout::new();
    layout.write("alpha", "m.tf", "module \"m\" {\n  source = \"../../modules/broken\"\n}\n");
    layout.checkout().write("modules/broken/main.tf", "locals {\n");
    let found = layout.found();
    assert!(
        found.len() == 1 && found[0].guard == "unreadable" && found[0].place.starts_with("infrastructure/modules/broken/main.tf:"),
        "{found:#?}"
    );
}

/// As another user than root, who may read everything.
#[test]
fn what_cannot_be_read_is_refused_and_stops_nobody_else() {
    const NOBODY: &str = "65534";
    let is_root = Call::new("id").args(["-u"]).run().stdout.trim() == "0";
    let layout = Layout::new();
    let place = layout.checkout().root().parent().unwrap();
    let program = place.join("xtask");
    infra_tests::xtask::copy_binary(&program);
    let program = program.to_str().unwrap();
    let infra = |arguments: &[&str]| {
        let as_nobody = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", program];
        let words = if is_root { &as_nobody[..] } else { &as_nobody[6..] };
        let call = Call::new(words[0]).args(&words[1..]).args(["infra"]).args(arguments).directory(layout.checkout().root());
        let directories = ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"];
        directories.into_iter().fold(call, |call, name| call.env(name, place.join("home").join(name))).run()
    };
    if is_root {
        Call::new("chown").args(["-R", &format!("{NOBODY}:{NOBODY}")]).args([place]).run().success();
    }
    infra(&["up", "alpha"]).success();
    infra(&["up", "alpha", "--instance", "zz"]).success();
    for (closed, guard, stopped) in [
        ("alpha/terraform.tfstate", "damaged-state", &["alpha"][..]),
        ("alpha/terraform.tfstate.d/zz", "damaged-state", &["alpha", "--instance", "zz"]),
        ("alpha/.instances/zz.json", "damaged-state", &["alpha", "--instance", "zz"]),
        ("alpha/main.tf", "unreadable", &["alpha", "--instance", "other"]),
        ("alpha", "unreadable", &["alpha", "--instance", "other"]),
    ] {
        let path = layout.environments().join(closed);
        let mode = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let what =
            format!("infrastructure/environments/{closed}:1: infrastructure/environments/{closed} cannot be read: permission denied");
        let checked = infra(&["check"]).exits(3);
        assert!(checked.stdout.contains(&what) && checked.stdout.contains("hint: make it yours to read: `chmod "), "{}", checked.stdout);
        assert!(checked.stdout.contains(&format!("no   {guard}")), "{}", checked.stdout);
        assert_ne!(infra(&[&["up"], stopped].concat()).code, Some(0), "{closed}");
        infra(&["up", "beta"]).success();
        if guard == "damaged-state" {
            infra(&["up", "alpha", "--instance", "other"]).success();
        }
        // The hint, as it stands.
        let hint = checked.stdout.split_once("`chmod ").and_then(|(_, rest)| rest.split_once('`')).unwrap().0;
        Call::new("sh").args(["-c", &format!("chmod {hint}")]).run().success();
        infra(&["check"]).success();
        fs::set_permissions(&path, mode).unwrap();
    }
}

#[test]
fn every_verb_refuses_before_anything_is_touched() {
    let layout = Layout::new();
    layout.infra(&["up", "beta"]).success();
    layout.infra(&["plan", "beta"]).success();
    layout.apply("alpha");
    layout.backend("beta", "backend \"local\" { path = \"../alpha/terraform.tfstate\" }");
    fs::remove_file(layout.path("beta", "terraform.tfstate")).unwrap();
    let before = layout.snapshot();
    for verb in [&["init"][..], &["plan"], &["apply"], &["up"], &["down"], &["reset"], &["destroy", "--yes"], &["adopt", "--reason", "x"]] {
        let arguments = [&verb[..1], &["beta"], &verb[1..]].concat();
        layout.infra(&arguments).exits(3).says("`alpha` and `beta` have one state");
        infra_tests::snapshot::assert_same(&before, &layout.snapshot());
    }
}
