//! One environment that reaches into another: its state, its resources, names that both use.

use super::layout::{Layout, thing};

#[test]
fn reading_another_state_is_refused_unless_it_is_declared() {
    let reads =
        "data \"terraform_remote_state\" \"alpha\" {\n  backend = \"local\"\n  config  = { path = \"../alpha/terraform.tfstate\" }\n}\n";
    let json = r#"{"data": {"terraform_remote_state": {"alpha": {"backend": "local", "config": {"path": "../alpha/terraform.tfstate"}}}}}"#;
    for (name, file, text, place) in [
        ("in the root", "reads.tf", reads, "beta/reads.tf:1"),
        ("as JSON", "reads.tf.json", json, "beta/reads.tf.json:1"),
        ("in a module", "module/main.tf", reads, "beta/module/main.tf:1"),
    ] {
        let layout = Layout::new();
        layout.apply("alpha");
        if name == "in a module" {
            layout.write("beta", "calls.tf", "module \"it\" {\n  source = \"./module\"\n}\n");
        }
        layout.write("beta", file, text);
        let what = "`beta` reads another state: data.terraform_remote_state.alpha";
        layout.refuses("beta", "reads-other-state", place, what);
        layout.initialise("beta");
        assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 0 to destroy.", "{name}");
        layout.policy("[environments.alpha]\nprotected = false\n[environments.beta]\nprotected = false\nreads_state_of = [\"alpha\"]\n");
        layout.is_healthy(name);
    }
}

#[test]
fn a_module_with_a_fixed_name_is_refused_in_a_second_environment() {
    let volume = "resource \"docker_volume\" \"data\" {\n  name = \"tracker-data\"\n}\n";
    let by_workspace = "resource \"docker_volume\" \"data\" {\n  name = \"tracker-data-${terraform.workspace}\"\n}\n";
    let call = "module \"data\" {\n  source = \"../../modules/fixed\"\n}\n";
    let named = "module \"data\" {\n  source = \"../../modules/named\"\n  name   = \"tracker-data\"\n}\n";
    let unnamed = "module \"data\" {\n  source = \"../../modules/named\"\n}\n";
    let nested = "module \"data\" {\n  source = \"../../modules/outer\"\n}\n";
    for (name, alpha, beta, place) in [
        ("one module for both", call, call, "infrastructure/modules/fixed/main.tf:2"),
        ("however deep", call, nested, "infrastructure/modules/fixed/main.tf:2"),
        ("the same code twice", volume, volume, "beta/data.tf:2"),
        ("a module and a resource", call, volume, "beta/data.tf:2"),
        ("a default that nobody overrides", unnamed, unnamed, "infrastructure/modules/named/main.tf:5"),
        ("the same argument in both", named, unnamed, "infrastructure/modules/named/main.tf:5"),
        ("told apart by the workspace alone", by_workspace, by_workspace, "beta/data.tf:2"),
    ] {
        let layout = Layout::new();
        layout.checkout().write("modules/fixed/main.tf", volume);
        layout.checkout().write("modules/outer/main.tf", "module \"inner\" {\n  source = \"../fixed\"\n}\n");
        let named = "variable \"name\" {\n  default = \"tracker-data\"\n}\nresource \"docker_volume\" \"data\" {\n  name = var.name\n}\n";
        layout.checkout().write("modules/named/main.tf", named);
        layout.write("alpha", "data.tf", alpha);
        layout.is_healthy(name);
        layout.write("beta", "data.tf", beta);
        let found = layout.found();
        assert_eq!(found.len(), 1, "{name}\n{found:#?}");
        assert_eq!((found[0].guard.as_str(), found[0].place.as_str()), ("fixed-name", place), "{name}");
        let what = "`alpha` and `beta` both make docker_volume \"tracker-data";
        assert!(found[0].what.starts_with(what), "{name}: {}", found[0].what);
        layout.infra(&["plan", "beta"]).exits(3).says(what).says("--allow fixed-name --reason TEXT");
    }
}

#[test]
fn a_refusal_can_be_passed_once_with_a_reason_unless_it_would_lose_data() {
    let layout = Layout::new();
    layout.apply("alpha");
    let reads =
        "data \"terraform_remote_state\" \"alpha\" {\n  backend = \"local\"\n  config  = { path = \"../alpha/terraform.tfstate\" }\n}\n";
    layout.write("beta", "reads.tf", reads);
    layout.infra(&["plan", "beta", "--allow", "reads-other-state"]).exits(64).says("--reason");
    layout.infra(&["plan", "beta", "--allow", "copied-state", "--reason", "x"]).exits(64).says("cannot be passed");
    layout.infra(&["plan", "beta", "--allow", "reads-other-state", "--reason", "until the move"]).success().says("passed, as you asked");
    let record = std::fs::read_to_string(layout.record("allowed.jsonl")).unwrap();
    assert!(record.contains("until the move") && record.contains("reads-other-state"), "{record}");
    layout.infra(&["plan", "beta"]).exits(3);
    layout.write("beta", "main.tf", &thing("beta"));
}
