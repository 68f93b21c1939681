//! Data directories, instance files and variable files of one environment in another; workspaces that are nobody's.

use std::fs;

use super::layout::{Layout, thing};

#[test]
fn a_link_into_another_environment_is_refused() {
    for (name, target, link, what) in [
        ("the data directory", "../alpha/.terraform", "beta/.terraform", ".terraform of `beta` is a link into `alpha`"),
        ("the instance files", "../alpha/.instances", "beta/.instances", ".instances of `beta` is a link into `alpha`"),
        ("the state", "../alpha/terraform.tfstate", "beta/terraform.tfstate", "terraform.tfstate of `beta` is a link into `alpha`"),
        (
            "the workspaces",
            "../alpha/terraform.tfstate.d",
            "beta/terraform.tfstate.d",
            "terraform.tfstate.d of `beta` is a link into `alpha`",
        ),
        ("the variables", "../alpha/terraform.tfvars", "beta/terraform.tfvars", "terraform.tfvars of `beta` is a link into `alpha`"),
        ("the backend", "../alpha/state.tfbackend", "beta/state.tfbackend", "state.tfbackend of `beta` is a link into `alpha`"),
    ] {
        let layout = Layout::new();
        layout.write("alpha", "terraform.tfvars", "");
        layout.write("alpha", "state.tfbackend", "");
        layout.apply("alpha");
        fs::create_dir_all(layout.path("alpha", ".instances")).unwrap();
        layout.link(target, link);
        for environment in ["alpha", "beta"] {
            layout.refuses(environment, "shared-directory", &format!("{link}:1"), what);
        }
        if name == "the state" {
            layout.initialise("beta");
            assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 1 to destroy.");
        }
    }
}

#[test]
fn a_data_directory_that_two_link_to_is_refused_wherever_it_is() {
    let layout = Layout::new();
    fs::create_dir_all(layout.environments().join("../shared")).unwrap();
    for environment in ["alpha", "beta"] {
        layout.link("../../shared", &format!("{environment}/.terraform"));
    }
    layout.refuses("alpha", "shared-directory", "alpha/.terraform:1", ".terraform of `alpha` and `beta` is a link to ");
    layout.infra(&["plan", "beta"]).exits(3).says("environments/beta/.terraform:1: .terraform of `alpha` and `beta` is a link to ");
    assert_eq!(layout.found().len(), 1, "one cause");
    // Terraform itself would take the backend that was initialised last for both.
    layout.backend("alpha", "backend \"local\" { path = \"alpha.tfstate\" }");
    layout.apply("alpha");
    layout.backend("beta", "backend \"local\" { path = \"alpha.tfstate\" }");
    assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 0 to destroy.", "never initialised, and it goes ahead");
}

#[test]
fn a_copy_of_another_environments_own_variables_is_refused() {
    let text = "owner = \"4f1c7a\"\nbucket = \"tracker-alpha\"\n";
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        layout.declare(name, &["owner", "bucket", "size"]);
    }
    layout.write("alpha", "mine.auto.tfvars", text);
    layout.write("beta", "yours.auto.tfvars", &format!("# copied\n{text}"));
    layout.refuses("beta", "copied-variables", "beta/yours.auto.tfvars:3", "`beta` has the variables of `alpha`: ");
    // Settings that say nothing of whose they are may well be the same.
    layout.write("alpha", "mine.auto.tfvars", "size = \"small\"\n");
    layout.write("beta", "yours.auto.tfvars", "size = \"small\"\n");
    layout.is_healthy("the same settings");
}

#[test]
fn a_selected_workspace_without_an_instance_is_refused() {
    let layout = Layout::new();
    layout.apply("alpha");
    layout.terraform("alpha", &["workspace", "new", "stray"]).success();
    let what = "`alpha` has the workspace `stray` selected, and no instance of that name";
    layout.refuses("alpha", "selected-workspace", "alpha/.terraform/environment:1", what);
    assert_eq!(layout.bare_plan("alpha"), "Plan: 1 to add, 0 to change, 0 to destroy.", "a second copy of everything");
    layout.terraform("alpha", &["workspace", "select", "default"]).success();
    layout.is_healthy("the default one");
}

#[test]
fn a_state_that_says_it_is_anothers_is_refused() {
    let layout = Layout::new();
    for environment in ["alpha", "beta"] {
        let stamp = "output \"instance\" {\n  value = { project = \"tracker\", environment = basename(abspath(path.root)), instance = terraform.workspace }\n}\n";
        layout.write(environment, "main.tf", &(thing(environment) + stamp));
    }
    layout.apply("alpha");
    layout.is_healthy("its own");
    fs::rename(layout.path("alpha", "terraform.tfstate"), layout.path("beta", "terraform.tfstate")).unwrap();
    let what = "the state in `beta/default` is of environment `alpha`, and not of `beta`";
    layout.refuses("beta", "identity", "beta/terraform.tfstate:1", what);
    layout.initialise("beta");
    assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 1 to destroy.");
    let instance = layout.path("alpha", "terraform.tfstate.d/t1/terraform.tfstate");
    fs::create_dir_all(instance.parent().unwrap()).unwrap();
    fs::rename(layout.path("beta", "terraform.tfstate"), instance).unwrap();
    let what = "the state in `alpha/t1` is of instance `default`, and not of `t1`";
    layout.refuses("alpha", "identity", "alpha/terraform.tfstate.d/t1/terraform.tfstate:1", what);
}

#[test]
fn a_link_further_down_is_refused_too() {
    for (link, target, what) in [
        ("beta/terraform.tfstate.d/t1", "../../alpha/terraform.tfstate.d/t1", "terraform.tfstate.d/t1 of `beta` is a link into `alpha`"),
        (
            "beta/terraform.tfstate.d/t1/terraform.tfstate",
            "../../../alpha/terraform.tfstate",
            "terraform.tfstate.d/t1/terraform.tfstate of `beta` is a link into `alpha`",
        ),
        ("beta/.instances/t1.json", "../../alpha/.instances/default.json", ".instances/t1.json of `beta` is a link into `alpha`"),
        (
            "beta/.terraform/terraform.tfstate",
            "../../alpha/.terraform/terraform.tfstate",
            ".terraform/terraform.tfstate of `beta` is a link into `alpha`",
        ),
    ] {
        let layout = Layout::new();
        layout.infra(&["up", "alpha"]).success();
        layout.infra(&["up", "alpha", "--instance", "t1"]).success();
        layout.is_healthy(link);
        fs::create_dir_all(layout.environments().join(link).parent().unwrap()).unwrap();
        layout.link(target, link);
        for environment in ["alpha", "beta"] {
            layout.refuses(environment, "shared-directory", &format!("{link}:1"), what);
        }
    }
}

#[test]
fn an_environment_that_was_copied_with_what_is_private_to_it_is_refused() {
    let layout = Layout::new();
    layout.infra(&["up", "alpha"]).success();
    layout.is_healthy("before");
    // As `cp -r` does it; without the state, which another guard would name.
    layout.copy("alpha/.instances/default.json", "beta/.instances/default.json");
    let what = "the instance file default.json of `beta` is of environment `alpha`, and not of `beta`";
    layout.refuses("beta", "identity", "beta/.instances/default.json:1", what);
    layout.infra(&["plan", "alpha"]).success();
    fs::remove_dir_all(layout.path("beta", ".instances")).unwrap();
    layout.copy("alpha/.instances/default.json", "alpha/.instances/t1.json");
    let what = "the instance file t1.json of `alpha` is of instance `default`, and not of `t1`";
    layout.refuses("alpha", "identity", "alpha/.instances/t1.json:1", what);
}

#[test]
fn a_copy_of_another_environments_variables_that_was_edited_a_little_is_refused() {
    let layout = Layout::new();
    layout.write("alpha", "terraform.tfvars", "size = \"large\"\nbucket = \"tracker-alpha\"\n");
    layout.write("beta", "terraform.tfvars", "size = \"small\"\nbucket = \"tracker-alpha\"\n");
    let what = "`beta` has `bucket` of `alpha`: infrastructure/environments/beta/terraform.tfvars has it from ";
    layout.refuses("beta", "copied-variables", "beta/terraform.tfvars:2", what);
    layout.write("alpha", "terraform.tfvars", "size = \"large\"\nadmin_password = \"hunter2hunter2\"\n");
    layout.write("beta", "terraform.tfvars", "size = \"small\"\nadmin_password = \"hunter2hunter2\"\n");
    layout.refuses("beta", "copied-variables", "beta/terraform.tfvars:2", "`beta` has `admin_password` of `alpha`: ");
}
