//! One environment that reaches into another: its state, its resources, names that both use.

use infra_tests::process::Call;
use infra_tests::temporary;

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
    assert!(record.contains("until the move") && record.contains("reads-other-state") && record.contains("\"user\":"), "{record}");
    layout.infra(&["plan", "beta"]).exits(3);
    layout.write("beta", "main.tf", &thing("beta"));
}

#[test]
fn a_fixed_name_is_seen_through_locals_overrides_and_what_repeats_it() {
    let volume = |name: &str| format!("resource \"docker_volume\" \"data\" {{\n  name = {name}\n}}\n");
    let local = format!("locals {{\n  project = \"tracker\"\n  name    = \"${{local.project}}-data\"\n}}\n{}", volume("local.name"));
    let counted = "resource \"docker_volume\" \"data\" {\n  count = 2\n  name  = \"tracker-data-${count.index}\"\n}\n".to_owned();
    let each = "resource \"docker_volume\" \"data\" {\n  for_each = toset([\"a\", \"b\"])\n  name     = \"tracker-data-${each.key}\"\n}\n"
        .to_owned();
    let commented = volume("\"tracker-data\" # shared by all");
    for (name, code) in [("a local", local), ("a count", counted), ("a set", each), ("a comment behind it", commented)] {
        let layout = Layout::new();
        layout.write("alpha", "data.tf", &code);
        layout.is_healthy(name);
        layout.write("beta", "data.tf", &code);
        let place = layout.found().first().unwrap_or_else(|| panic!("{name}: nothing found")).place.clone();
        layout.refuses("beta", "fixed-name", &place, "`alpha` and `beta` both make docker_volume \"tracker-data");
        // An override file that gives it another name puts it right.
        layout.write("beta", "mine_override.tf", "resource \"docker_volume\" \"data\" {\n  name = \"another-${terraform.workspace}\"\n}\n");
        layout.is_healthy(name);
        layout.write("alpha", "override.tf", "resource \"docker_volume\" \"data\" {\n  name = \"another-${terraform.workspace}\"\n}\n");
        layout.refuses("beta", "fixed-name", "beta/mine_override.tf:2", "`alpha` and `beta` both make docker_volume \"another-");
    }
}

#[test]
fn a_module_from_git_is_looked_into_where_it_is_installed() {
    let layout = Layout::new();
    let module = layout.checkout().root().join("elsewhere");
    layout.checkout().write("../elsewhere/volume/main.tf", "resource \"docker_volume\" \"data\" {\n  name = \"tracker-data\"\n}\n");
    for arguments in
        [&["init", "--quiet"][..], &["add", "."], &["-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "x"]]
    {
        Call::new("git").args(arguments).directory(&module).run().success();
    }
    // What git clones from may not have a quote in it.
    let place = temporary::directory();
    std::os::unix::fs::symlink(&module, place.path().join("module")).unwrap();
    let call = format!("module \"data\" {{\n  source = \"git::file://{}/module//volume\"\n}}\n", place.path().display());
    for environment in ["alpha", "beta"] {
        layout.write(environment, "data.tf", &call);
        layout.terraform(environment, &["get"]).success();
    }
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "fixed-name", "{found:#?}");
    assert_eq!(found[0].place, "beta/.terraform/modules/data/volume/main.tf:2");
}

#[test]
fn another_state_is_read_by_whatever_is_named_so() {
    for (name, code, line) in [
        ("its file", "locals {\n  theirs = jsondecode(file(\"${path.module}/../alpha/terraform.tfstate\")).outputs\n}\n", 2),
        (
            "a workspace's file",
            "output \"x\" {\n  value = file(\"../alpha/terraform.tfstate.d/t1/terraform.tfstate\")\n  sensitive = true\n}\n",
            2,
        ),
        ("its secrets", "locals {\n  theirs = file(\"../alpha/.instances/default.json\")\n}\n", 2),
        ("HCP's way", "data \"tfe_outputs\" \"theirs\" {\n  organization = \"o\"\n  workspace = \"alpha\"\n}\n", 1),
        (
            "an object in a bucket",
            "data \"aws_s3_object\" \"theirs\" {\n  bucket = \"states\"\n  key    = \"alpha/terraform.tfstate\"\n}\n",
            3,
        ),
    ] {
        let layout = Layout::new();
        layout.apply("alpha");
        layout.is_healthy(name);
        layout.write("beta", "reads.tf", code);
        layout.refuses("beta", "reads-other-state", &format!("beta/reads.tf:{line}"), "`beta` reads another state: ");
    }
    let layout = Layout::new();
    layout.write("alpha", "own.tf", "locals {\n  own = fileexists(\"${path.module}/.instances/${terraform.workspace}.json\")\n}\n");
    layout.is_healthy("its own instance file");
    let policy =
        "resource \"aws_iam_policy\" \"p\" {\n  policy = jsonencode({ Resource = \"arn:aws:s3:::states/alpha/terraform.tfstate\" })\n}\n";
    let settings = "resource \"local_file\" \"f\" {\n  filename = \"../alpha.conf\"\n  content  = \"key = alpha/terraform.tfstate\"\n}\n";
    layout.write("beta", "spoken.tf", &(policy.to_owned() + settings));
    layout.is_healthy("another's address, spoken of");
}

/// A state with one thing in it, as a provider would have written it.
fn state(lineage: &str, kind: &str, attributes: &str) -> String {
    format!(
        "{{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 1, \"lineage\": \"{lineage}\", \"resources\": [{{\"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"it\", \"provider\": \"provider[\\\"registry.terraform.io/a/b\\\"]\", \"instances\": [{{\"schema_version\": 0, \"attributes\": {attributes}}}]}}]}}"
    )
}

#[test]
fn what_another_environment_owns_is_not_looked_up_by_its_tags_either() {
    let vpc = state("l", "aws_vpc", r#"{"id": "vpc-1", "arn": "arn:aws:ec2:r:1:vpc/vpc-1", "tags": {"Name": "net", "team": "a"}}"#);
    for (name, selector, line) in [
        ("a tag", "tags = { Name = \"net\" }", 2),
        ("a tag in quotes and in lines", "tags = {\n    \"Name\" = \"net\"\n  }", 2),
        ("a filter", "filter {\n    name   = \"tag:Name\"\n    values = [\"net\"]\n  }", 2),
        ("an id", "id = \"vpc-1\"", 2),
        ("an id in a variable", "id = var.id", 2),
        ("an id in a filter", "filter {\n    name   = \"vpc-id\"\n    values = [\"vpc-1\"]\n  }", 2),
    ] {
        let layout = Layout::new();
        layout.write("alpha", "terraform.tfstate", &vpc);
        layout.write("beta", "variables.tf", "variable \"id\" {\n  default = \"vpc-1\"\n}\n");
        layout.is_healthy(name);
        layout.write("beta", "reads.tf", &format!("data \"aws_vpc\" \"theirs\" {{\n  {selector}\n}}\n"));
        layout.refuses("beta", "reads-other-resource", &format!("beta/reads.tf:{line}"), "`beta` looks up aws_vpc ");
        layout.write("beta", "reads.tf", "data \"aws_vpc\" \"other\" {\n  tags = { Name = \"net\", team = \"b\" }\n}\n");
        layout.is_healthy("one that is nobody's here");
    }
    // Where the other's state is elsewhere, a tag that names the environment is all there is to know it by.
    let layout = Layout::new();
    layout.write("beta", "reads.tf", "data \"aws_vpc\" \"theirs\" {\n  tags = { Environment = \"alpha\" }\n}\n");
    layout.refuses("beta", "reads-other-resource", "beta/reads.tf:2", "`beta` looks up aws_vpc ");
    layout.write("beta", "reads.tf", "data \"aws_vpc\" \"own\" {\n  tags = { Environment = \"beta\" }\n}\n");
    layout.is_healthy("its own");
}

#[test]
fn what_another_environment_owns_is_not_imported_by_any_spelling() {
    let bucket =
        state("l", "aws_s3_bucket", r#"{"id": "tracker-objects", "bucket": "tracker-objects", "arn": "arn:aws:s3:::tracker-objects"}"#);
    let to = "to = aws_s3_bucket.it";
    for (name, block, line) in [
        ("as it is", format!("import {{\n  {to}\n  id = \"tracker-objects\"\n}}\n"), 3),
        ("a local", format!("locals {{\n  id = \"tracker-objects\"\n}}\nimport {{\n  {to}\n  id = local.id\n}}\n"), 6),
        (
            "for each",
            "import {\n  for_each = { one = \"other\", two = \"tracker-objects\" }\n  to = aws_s3_bucket.it[each.key]\n  id = each.value\n}\n".to_owned(),
            4,
        ),
        ("an ARN", format!("import {{\n  {to}\n  id = \"arn:aws:s3:::tracker-objects\"\n}}\n"), 3),
    ] {
        let layout = Layout::new();
        layout.write("alpha", "terraform.tfstate", &bucket);
        layout.is_healthy(name);
        layout.write("beta", "takes.tf", &block);
        layout.refuses("beta", "takes-resource", &format!("beta/takes.tf:{line}"), "`beta` would import aws_s3_bucket.it");
        layout.infra(&["plan", "alpha"]);
    }
}

#[test]
fn a_declared_read_is_checked_again_when_it_leads_elsewhere_and_ones_own_state_is_nobody_elses() {
    let read = |name: &str, key: &str| {
        format!(
            "data \"terraform_remote_state\" \"{name}\" {{\n  backend = \"s3\"\n  config  = {{ bucket = \"states\", key = \"{key}\", region = \"r\" }}\n}}\n"
        )
    };
    let layout = Layout::of(&["alpha", "beta", "gamma"]);
    for name in ["alpha", "beta", "gamma"] {
        layout.backend(name, &format!("backend \"s3\" {{\n    bucket = \"states\"\n    key    = \"{name}\"\n    region = \"r\"\n  }}"));
    }
    let declare = |entry: &str| {
        let table = |name: &str| format!("[environments.{name}]\nprotected = false\n");
        layout.policy(&format!("{}{}{}reads_state_of = [\"{entry}\"]\n", table("alpha"), table("gamma"), table("beta")));
    };
    declare("alpha");
    layout.write("beta", "reads.tf", &read("alpha", "alpha"));
    layout.is_healthy("as declared");
    layout.write("beta", "reads.tf", &read("alpha", "gamma"));
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "reads-other-state" && found[0].severity == "refusal", "{found:#?}");
    assert!(found[0].what.starts_with("`beta` is declared to read `alpha`, and "), "{found:#?}");
    // By address, where no environment is called so.
    declare("network: s3 states network");
    layout.write("beta", "reads.tf", &read("network", "network"));
    let found = layout.found();
    assert_eq!(found, [], "by address");
    layout.write("beta", "reads.tf", &read("network", "gamma"));
    assert_eq!(layout.found().len(), 1);
    layout.write("beta", "reads.tf", &read("own", "beta"));
    layout.is_healthy("its own");
    let settings = "locals {\n  settings = file(\"${path.module}/${var.stage}.tfbackend\")\n  all = { for m in regexall(\"(\\\\w+) = (.*)\", local.settings) : m[0] => m[1] }\n}\n\
                    variable \"stage\" {}\n";
    let of_settings = read("own", "beta").replace("\"states\"", "local.all.bucket").replace("\"beta\"", "local.all.key");
    layout.write("beta", "reads.tf", &format!("{settings}{of_settings}"));
    layout.is_healthy("whatever its own settings say");
}

#[test]
fn what_only_looks_up_where_states_are_reads_none() {
    let layout = Layout::new();
    let code = "data \"azurerm_storage_container\" \"c\" {\n  name = \"terraform.tfstate\"\n}\n\
                data \"aws_iam_policy_document\" \"p\" {\n  statement {\n    resources = [\"arn:aws:s3:::states/alpha.tfstate\"]\n  }\n}\n";
    layout.write("beta", "looks.tf", code);
    layout.is_healthy("a container, and a policy");
    layout.write("beta", "looks.tf", "data \"azurerm_storage_blob\" \"b\" {\n  name = \"alpha/terraform.tfstate\"\n}\n");
    assert_eq!(layout.found().len(), 1);
}
