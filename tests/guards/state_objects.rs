//! Data sources that read the object in which another environment has its state.

use super::layout::Layout;

const S3: &str = "backend \"s3\" {\n    bucket = \"states\"\n    region = \"eu-central-1\"\n    key    = \"NAME/main\"\n  }";

fn s3_layout(reads: &str) -> Layout {
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        layout.backend(name, &S3.replace("NAME", name));
    }
    layout.write("beta", "reads.tf", reads);
    layout
}

fn object(bucket: &str, key: &str) -> String {
    format!("data \"aws_s3_object\" \"it\" {{\n  bucket = {bucket}\n  key    = {key}\n}}\n")
}

#[test]
fn an_object_that_is_another_environments_state_is_known_by_any_name() {
    for (bucket, key) in
        [("\"states\"", "\"alpha/main\""), ("\"states\"", "\"env:/pr-12/alpha/main\""), ("local.states", "\"${local.other}/main\"")]
    {
        let layout = s3_layout(&format!("{}locals {{\n  states = \"states\"\n  other = \"alpha\"\n}}\n", object(bucket, key)));
        let found = layout.found();
        let what = "`beta` reads another state: data.aws_s3_object.it";
        assert!(found.len() == 1 && found[0].guard == "reads-other-state" && found[0].what == what, "{key}: {found:#?}");
        assert_eq!((found[0].place.as_str(), found[0].severity.as_str()), ("beta/reads.tf:3", "refusal"), "{key}");
        layout.policy("[environments.alpha]\nprotected = false\n[environments.beta]\nprotected = false\nreads_state_of = [\"it\"]\n");
        layout.is_healthy("declared");
    }
}

#[test]
fn other_objects_and_ones_own_state_may_be_read() {
    for (bucket, key) in [
        ("\"states\"", "\"alpha/other\""),
        ("\"states\"", "\"x/alpha/main\""),
        ("\"assets\"", "\"alpha/main\""),
        ("\"states\"", "\"beta/main\""),
    ] {
        s3_layout(&object(bucket, key)).is_healthy(key);
    }
}

#[test]
fn a_module_that_reads_a_state_for_many_is_one_finding() {
    let layout = Layout::of(&["alpha", "beta", "gamma"]);
    let reads =
        "data \"terraform_remote_state\" \"network\" {\n  backend = \"local\"\n  config  = { path = \"/srv/network.tfstate\" }\n}\n";
    layout.checkout().write("modules/network/main.tf", reads);
    for name in ["alpha", "beta", "gamma"] {
        layout.write(name, "network.tf", "module \"network\" {\n  source = \"../../modules/network\"\n}\n");
    }
    let found = layout.found();
    let what = "`alpha`, `beta` and `gamma` read another state: data.terraform_remote_state.network";
    assert!(found.len() == 1 && found[0].what == what, "{found:#?}");
    layout.infra(&["plan", "gamma"]).exits(3).says("read another state");
}
