//! States that the wrong program wrote, and those that could not be written.

use std::fs;

use super::layout::{Layout, thing};
use super::state_server::StateServer;

/// Says of a state that another Terraform wrote it, as that one would.
fn written_by(layout: &Layout, version: &str) {
    let state: String = layout.read("alpha", "terraform.tfstate");
    let line = state.lines().find(|line| line.contains("\"terraform_version\"")).unwrap();
    let newer = state.replace(line, &format!("  \"terraform_version\": \"{version}\","));
    layout.write("alpha", "terraform.tfstate", &newer);
}

#[test]
fn a_state_that_is_newer_than_the_code_allows_is_refused() {
    let layout = Layout::new();
    layout.write("alpha", "terraform.tf", "terraform {\n  required_version = \">= 1.5, < 2.0\"\n}\n");
    layout.apply("alpha");
    layout.is_healthy("the one that is here");
    // A bound may have dots of its own behind its numbers.
    layout.write("alpha", "terraform.tf", "terraform {\n  required_version = \"~> 1.5-alpha.1.2.3\"\n}\n");
    layout.is_healthy("a bound with a long name of a version before the release");
    layout.write("alpha", "terraform.tf", "terraform {\n  required_version = \">= 1.5, < 2.0\"\n}\n");
    written_by(&layout, "2.1.0");
    let what = "the state of `alpha/default` was written by Terraform 2.1.0, and `alpha` requires >= 1.5, < 2.0";
    layout.refuses("alpha", "state-writer", "alpha/terraform.tfstate:1", what);
    assert_eq!(layout.bare_plan("alpha"), "No changes. Your infrastructure matches the configuration.");
}

#[test]
fn a_state_that_is_newer_than_the_installed_terraform_is_not_written_over() {
    let layout = Layout::new();
    layout.infra(&["up", "alpha"]).success();
    written_by(&layout, "1.999.0");
    layout.write("alpha", "main.tf", &thing("other"));
    let state = layout.read("alpha", "terraform.tfstate");
    for verb in ["plan", "up"] {
        let refused = layout.infra(&[verb, "alpha"]).exits(3);
        refused.says("error: the state of `alpha` was written by Terraform 1.999.0, and this is 1.").says("hint: ");
        assert_eq!(layout.read("alpha", "terraform.tfstate"), state, "{verb}");
    }
    layout.infra(&["destroy", "alpha", "--yes"]).exits(3).says("was written by Terraform 1.999.0");
    assert_eq!(layout.read("alpha", "terraform.tfstate"), state);
    layout.apply("alpha");
    assert_ne!(layout.read("alpha", "terraform.tfstate"), state, "bare Terraform writes it as an older one");
}

#[test]
fn a_state_that_opentofu_and_terraform_wrote_in_turn_is_refused() {
    let layout = Layout::new();
    layout.write("alpha", "main.tf", &(thing("one") + &thing("two")));
    layout.apply("alpha");
    // OpenTofu gives the providers of what it makes the names of its own registry.
    let state = layout.read("alpha", "terraform.tfstate");
    let foreign = state.replacen("provider[\\\"terraform.io/builtin/terraform\\\"]", "provider[\\\"registry.opentofu.org/a/b\\\"]", 1);
    let both = foreign.replacen("provider[\\\"terraform.io/builtin/terraform\\\"]", "provider[\\\"registry.terraform.io/a/b\\\"]", 1);
    assert_ne!(state, both);
    layout.write("alpha", "terraform.tfstate", &both);
    let what = "the state of `alpha/default` was written by OpenTofu and Terraform in turn";
    layout.refuses("alpha", "state-writer", "alpha/terraform.tfstate:1", what);
}

#[test]
fn a_state_that_could_not_be_written_is_refused_until_it_is_pushed() {
    let layout = Layout::new();
    let server = StateServer::start();
    layout.backend("alpha", &format!("backend \"http\" {{\n    address = \"{}\"\n    retry_max = 0\n  }}", server.address()));
    layout.apply("alpha");
    layout.write("alpha", "main.tf", &(thing("alpha") + &thing("second")));
    server.fail();
    layout.terraform("alpha", &["apply", "-auto-approve", "-input=false"]).exits(1).says("errored.tfstate");
    let what = "`alpha` has a state that could not be written when it was made";
    let found = ("errored-state", "alpha/errored.tfstate:1", what);
    layout.refuses_in_its_own_words("alpha", found, "Terraform could not write a state of `alpha` and left it in ");
    assert_eq!(layout.bare_plan("alpha"), "Plan: 1 to add, 0 to change, 0 to destroy.", "it would be made a second time");
    fs::remove_file(layout.path("alpha", "errored.tfstate")).unwrap();
    layout.is_healthy("pushed and removed");
}

/// What OpenTofu 1.10.6 wrote when it applied, without any change, what Terraform had made: it gives every provider the name of
/// its own registry, and Terraform does the same the other way round.
const OPENTOFUS: &str = r#"{"version":4,"terraform_version":"1.10.6","serial":2,"lineage":"5628630a-1ddb-b42c-72ab-be31094eb7b7","outputs":{},"resources":[{"mode":"managed","type":"docker_volume","name":"v","provider":"provider[\"registry.opentofu.org/kreuzwerker/docker\"]","instances":[{"schema_version":1,"attributes":{"cluster":[],"driver":"local","driver_opts":{},"id":"v","labels":[],"mountpoint":"/v/_data","name":"v"},"sensitive_attributes":[]}]}],"check_results":null}"#;

#[test]
fn a_state_of_opentofus_is_not_handed_to_terraform() {
    let layout = Layout::new();
    layout.write("alpha", "terraform.tfstate", OPENTOFUS);
    let what = "the state of `alpha/default` was written by OpenTofu, and this is for Terraform";
    layout.refuses("alpha", "state-writer", "alpha/terraform.tfstate:1", what);
}

#[test]
fn a_lock_file_tells_that_both_are_in_use() {
    let layout = Layout::new();
    let of = |host: &str| format!("provider \"{host}/kreuzwerker/docker\" {{\n  version = \"4.6.0\"\n}}\n");
    layout.write("alpha", ".terraform.lock.hcl", &of("registry.opentofu.org"));
    layout.is_healthy("OpenTofu alone");
    layout.write("alpha", ".terraform.lock.hcl", &(of("registry.opentofu.org") + &of("registry.terraform.io")));
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "state-writer" && found[0].severity == "warning", "{found:#?}");
    assert_eq!(found[0].place, "alpha/.terraform.lock.hcl:1");
}
