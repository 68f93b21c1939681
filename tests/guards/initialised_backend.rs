//! A data directory that was initialised for another backend than the code declares now.

use std::fs;

use super::layout::Layout;
use super::state_server::StateServer;

#[test]
fn another_backend_than_the_declared_one_is_refused_and_nothing_is_moved() {
    for (name, before, after, what) in [
        (
            "another path",
            "backend \"local\" { path = \"one.tfstate\" }",
            "backend \"local\" { path = \"two.tfstate\" }",
            "path = \"two.tfstate\" declared, \"one.tfstate\" remembered",
        ),
        (
            "another kind",
            "backend \"local\" { path = \"one.tfstate\" }",
            "backend \"http\" { address = \"http://127.0.0.1:1/state\" }",
            "http declared, local remembered",
        ),
    ] {
        let layout = Layout::new();
        layout.backend("alpha", before);
        layout.apply("alpha");
        layout.is_healthy(name);
        layout.backend("alpha", after);
        let sentence = format!("`alpha` was initialised for another backend than its code declares: {what}");
        layout.refuses("alpha", "initialised-backend", "alpha/.terraform/terraform.tfstate:1", &sentence);
    }
}

#[test]
fn a_backend_block_that_is_gone_is_refused_and_bare_terraform_would_move_the_state() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"local\" { path = \"one.tfstate\" }");
    layout.apply("alpha");
    fs::remove_file(layout.path("alpha", "backend.tf")).unwrap();
    let place = "alpha/.terraform/terraform.tfstate:1";
    layout.refuses(
        "alpha",
        "initialised-backend",
        place,
        "`alpha` was initialised for another backend than its code declares: none declared, local remembered",
    );
    layout.terraform("alpha", &["init", "-input=false", "-force-copy"]).success();
    assert!(layout.path("alpha", "terraform.tfstate").exists(), "it is in two places now");
}

#[test]
fn a_setting_that_is_gone_moves_nothing_either() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"local\" { path = \"one.tfstate\" }");
    layout.apply("alpha");
    let state = layout.read("alpha", "one.tfstate");
    layout.backend("alpha", "backend \"local\" {}");
    for verb in ["plan", "up"] {
        let refused = layout.infra(&[verb, "alpha"]).exits(3);
        let what = "error: `alpha` was initialised for another backend than its code declares\n";
        assert!(refused.complaint().starts_with(what), "{}", refused.stderr);
        refused.says("hint: the state is where ");
        assert_eq!(layout.read("alpha", "one.tfstate"), state);
        assert!(!layout.path("alpha", "terraform.tfstate").exists());
    }
}

#[test]
fn what_an_earlier_init_was_given_is_gone_on_with() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"local\" {}");
    layout.terraform("alpha", &["init", "-input=false", "-backend-config=path=one.tfstate"]).success();
    layout.infra(&["up", "alpha"]).success();
    layout.infra(&["plan", "alpha", "--detailed-exitcode"]).success();
    assert!(layout.path("alpha", "one.tfstate").exists() && !layout.path("alpha", "terraform.tfstate").exists());
}

#[test]
fn a_state_that_a_new_backend_would_take_over_is_refused() {
    let layout = Layout::new();
    layout.apply("alpha");
    let state = layout.read("alpha", "terraform.tfstate");
    let server = StateServer::start();
    layout.backend("alpha", &format!("backend \"http\" {{\n    address = \"{}\"\n  }}", server.address()));
    layout.infra(&["plan", "alpha"]).exits(3).says("was initialised for another backend than its code declares").says("hint: ");
    assert_eq!(layout.read("alpha", "terraform.tfstate"), state);
}

#[test]
fn one_of_several_partial_configurations_is_the_one_that_was_meant() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"local\" {}");
    layout.write("alpha", "one.tfbackend", "path = \"one.tfstate\"\n");
    layout.write("alpha", "two.tfbackend", "path = \"two.tfstate\"\n");
    layout.terraform("alpha", &["init", "-input=false", "-backend-config=two.tfbackend"]).success();
    layout.is_healthy("the second");
    layout.write("alpha", "two.tfbackend", "path = \"three.tfstate\"\n");
    layout.refuses("alpha", "initialised-backend", "alpha/.terraform/terraform.tfstate:1", "`alpha` was initialised for another backend");
}

#[test]
fn what_is_secret_in_a_backend_is_not_shown() {
    let layout = Layout::new();
    let server = StateServer::start();
    let backend =
        |password: &str| format!("backend \"http\" {{\n    address = \"{}\"\n    password = \"{password}\"\n  }}", server.address());
    layout.backend("alpha", &backend("hunter2"));
    layout.initialise("alpha");
    layout.backend("alpha", &backend("hunter3"));
    let refused = layout.infra(&["plan", "alpha"]).exits(3).says("another password");
    assert!(!refused.stderr.contains("hunter"), "{}", refused.stderr);
}

#[test]
fn another_way_to_the_same_place_is_a_warning_and_another_place_a_refusal() {
    let layout = Layout::new();
    let remembered = "\"bucket\": \"b\", \"key\": \"k\", \"region\": \"eu-central-1\", \"dynamodb_table\": \"locks\"";
    let backend = format!("{{\"version\": 3, \"backend\": {{\"type\": \"s3\", \"config\": {{{remembered}}}, \"hash\": 1}}}}");
    layout.write("alpha", ".terraform/terraform.tfstate", &backend);
    for (more, severity) in [("use_lockfile = true\n    key = \"k\"", "warning"), ("key = \"other\"", "refusal")] {
        let place = "bucket = \"b\"\n    region = \"eu-central-1\"";
        layout.backend("alpha", &format!("backend \"s3\" {{\n    {place}\n    {more}\n  }}"));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "initialised-backend" && found[0].severity == severity, "{more}: {found:#?}");
    }
    layout.infra(&["plan", "alpha"]).exits(3);
}
