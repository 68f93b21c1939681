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
    let layout = s3_layout(&object("\"states\"", "\"beta.tfstate\""));
    layout.backend("beta", &S3.replace("NAME/main", "beta.tfstate"));
    layout.is_healthy("its own, by the usual name");
}

#[test]
fn a_url_and_a_copy_read_a_state_too() {
    let url = |url: &str| format!("data \"http\" \"it\" {{\n  url = \"{url}\"\n}}\n");
    let copy = "resource \"aws_s3_object_copy\" \"it\" {\n  bucket = \"b\"\n  key    = \"k\"\n  source = \"states/alpha/main\"\n}\n";
    for (code, place) in [
        (url("https://states.s3.eu-central-1.amazonaws.com/alpha/main"), Some("beta/reads.tf:2")),
        (url("https://s3.eu-central-1.amazonaws.com/${local.states}/alpha/main"), Some("beta/reads.tf:2")),
        (copy.to_owned(), Some("beta/reads.tf:4")),
        (url("https://states.s3.eu-central-1.amazonaws.com/beta/main"), None),
        (url("https://s3.eu-central-1.amazonaws.com/assets/alpha/main"), None),
    ] {
        let layout = s3_layout(&format!("{code}locals {{\n  states = \"states\"\n}}\n"));
        let found: Vec<_> = layout.found().into_iter().map(|found| (found.guard, found.severity, found.place)).collect();
        let expected = place.map(|place| ("reads-other-state".to_owned(), "refusal".to_owned(), place.to_owned()));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{code}");
    }
}

#[test]
fn nothing_is_written_over_a_state() {
    let layout = s3_layout("");
    let written = |bucket: &str, key: &str| object(bucket, key).replace("data ", "resource ").replace("\n}", "\n  content = \"x\"\n}");
    layout.write(
        "beta",
        "writes.tf",
        &(written("\"states\"", "\"alpha/other\"") + &written("\"assets\"", "\"alpha/main\"").replace("it", "assets")),
    );
    layout.is_healthy("other objects");
    layout.write("beta", "writes.tf", &written("\"states\"", "\"beta/main\""));
    layout.refuses("beta", "overwritten-state", "beta/writes.tf:3", "`beta` writes over its own state: aws_s3_object.it");
    layout.write("beta", "writes.tf", &written("\"states\"", "\"alpha/main\""));
    layout.refuses("beta", "overwritten-state", "beta/writes.tf:3", "`beta` writes over the state of `alpha`: aws_s3_object.it");
    assert_eq!(layout.found().len(), 1, "once, and not as a read too");
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
