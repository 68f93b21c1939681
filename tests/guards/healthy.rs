//! Layouts that are unusual and right: none of them is refused.

use std::fs;

use super::layout::{Layout, thing};

fn s3(settings: &str) -> String {
    format!("backend \"s3\" {{\n    bucket = \"states\"\n    region = \"eu-central-1\"\n    {settings}\n  }}")
}

#[test]
fn ten_environments_that_are_all_applied() {
    let names = ["dev", "test", "staging", "prod", "prod-eu", "prod-us", "demo", "load", "tools", "shared"];
    let layout = Layout::of(&names);
    for name in names {
        layout.write(name, "main.tf", &thing("same"));
        layout.apply(name);
    }
    layout.is_healthy("the same code in ten directories");
    layout.infra(&["plan", "prod-eu"]).success();
}

#[test]
fn nested_modules_that_two_environments_share() {
    let layout = Layout::new();
    layout.checkout().write(
        "modules/outer/main.tf",
        "variable \"name\" {}\nmodule \"inner\" {\n  source = \"./nested/inner\"\n  name   = var.name\n}\n",
    );
    let volume = "variable \"name\" {}\nresource \"terraform_data\" \"it\" {\n  input = var.name\n}\n";
    layout.checkout().write("modules/outer/nested/inner/main.tf", volume);
    for name in ["alpha", "beta"] {
        let call = format!("module \"one\" {{\n  source = \"../../modules/outer\"\n  name   = \"{name}\"\n}}\n");
        layout.write(name, "modules.tf", &call);
        layout.apply(name);
    }
    layout.is_healthy("nested sources");
    layout.infra(&["plan", "alpha"]).success();
}

#[test]
fn backends_of_every_kind_beside_each_other() {
    let of = |kind: &str, alpha: &str, beta: &str| (kind.to_owned(), alpha.to_owned(), beta.to_owned());
    for (kind, alpha, beta) in [
        of("gcs", "bucket = \"b\"\n    prefix = \"alpha\"", "bucket = \"b\"\n    prefix = \"beta\""),
        of(
            "azurerm",
            "storage_account_name = \"s\"\n    container_name = \"c\"\n    key = \"alpha\"",
            "storage_account_name = \"s\"\n    container_name = \"c\"\n    key = \"beta\"",
        ),
        of("http", "address = \"https://states/alpha\"", "address = \"https://states/beta\""),
        of("consul", "path = \"alpha\"", "path = \"beta\""),
        of("pg", "schema_name = \"alpha\"", "schema_name = \"beta\""),
        of("kubernetes", "secret_suffix = \"alpha\"", "secret_suffix = \"beta\""),
    ] {
        let layout = Layout::new();
        layout.backend("alpha", &format!("backend \"{kind}\" {{\n    {alpha}\n  }}"));
        layout.backend("beta", &format!("backend \"{kind}\" {{\n    {beta}\n  }}"));
        layout.is_healthy(&kind);
        // The same address is seen of kinds whose rules are not known, too.
        layout.backend("beta", &format!("backend \"{kind}\" {{\n    {alpha}\n  }}"));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "shared-address", "{kind}: {found:#?}");
    }
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        let workspaces = format!("workspaces {{\n      name = \"tracker-{name}\"\n    }}");
        layout.backend(name, &format!("cloud {{\n    organization = \"us\"\n    {workspaces}\n  }}"));
    }
    layout.is_healthy("cloud");
}

#[test]
fn one_bucket_for_all_with_keys_of_their_own() {
    for (name, alpha, beta) in [
        ("the usual prefix of workspaces, shared", "key = \"alpha/terraform.tfstate\"", "key = \"beta/terraform.tfstate\""),
        ("prefixes of their own", "key = \"s\"\n    workspace_key_prefix = \"alpha\"", "key = \"t\"\n    workspace_key_prefix = \"beta\""),
        ("one key that begins another", "key = \"tracker\"", "key = \"tracker/beta\""),
        ("a region and a lock more", "key = \"alpha\"\n    use_lockfile = true", "key = \"beta\"\n    encrypt = true"),
    ] {
        let layout = Layout::new();
        layout.backend("alpha", &s3(alpha));
        layout.backend("beta", &s3(beta));
        layout.is_healthy(name);
    }
}

#[test]
fn several_partial_configurations_of_one_environment() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"s3\" {}");
    for name in ["dev", "prod"] {
        layout.write("alpha", &format!("{name}.tfbackend"), &format!("bucket = \"{name}\"\nkey    = \"k\"\nregion = \"r\"\n"));
    }
    // The same place named twice by one environment is its own.
    layout.write("alpha", "prod-too.tfbackend", "bucket = \"prod\"\nkey    = \"k\"\nregion = \"r\"\n");
    layout.backend("beta", &s3("key = \"k\""));
    layout.is_healthy("three files");
}

#[test]
fn files_that_are_not_terraforms_and_code_in_json() {
    let layout = Layout::new();
    layout.write("alpha", "backend.tofu", "terraform {\n  backend \"local\" { path = \"of-opentofu.tfstate\" }\n}\n");
    layout.write("alpha", ".editor.tf", "neither is this {");
    layout.write("alpha", "main.tf~", "nor this {");
    layout.write("beta", "more.tf.json", r#"{"resource": {"terraform_data": {"json": {"input": "beta"}}}, "locals": {"x": "${1 + 1}"}}"#);
    layout.write("beta", "notes.md", "# Notes");
    layout.apply("alpha");
    layout.apply("beta");
    layout.is_healthy("beside each other");
    layout.infra(&["plan", "beta"]).success();
}

#[test]
fn workspaces_of_the_same_names_in_two_environments() {
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        layout.apply(name);
        for workspace in ["t1", "t2"] {
            layout.terraform(name, &["workspace", "new", workspace]).success();
            layout.apply(name);
        }
    }
    layout.is_healthy("a workspace selected that has a state");
    for name in ["alpha", "beta"] {
        layout.terraform(name, &["workspace", "select", "default"]).success();
        layout.infra(&["up", name, "--instance", "t3"]).success();
    }
    layout.is_healthy("three instances each");
}

#[test]
fn code_that_is_shared_by_links() {
    let layout = Layout::new();
    layout.checkout().write("shared/versions.tf", "terraform {\n  required_version = \">= 1.5\"\n}\n");
    layout.write("alpha", "variables.tf", "variable \"size\" {\n  default = \"small\"\n}\n");
    for name in ["alpha", "beta"] {
        layout.link("../../shared/versions.tf", &format!("{name}/versions.tf"));
        layout.checkout().write("shared/module/main.tf", &thing("it"));
        layout.link("../../shared/module", &format!("{name}/module"));
        layout.write(name, "calls.tf", "module \"it\" {\n  source = \"./module\"\n}\n");
    }
    layout.link("../alpha/variables.tf", "beta/variables.tf");
    layout.apply("alpha");
    layout.apply("beta");
    layout.is_healthy("versions.tf, a module, variables");
    layout.infra(&["plan", "beta"]).success();
}

#[test]
fn a_state_that_was_moved_with_its_directory() {
    let layout = Layout::of(&["alpha", "beta", "gamma"]);
    layout.apply("alpha");
    fs::rename(layout.path("alpha", ""), layout.environments().join("delta")).unwrap();
    layout.is_healthy("a renamed environment");
    assert_eq!(layout.bare_plan("delta"), "No changes. Your infrastructure matches the configuration.");
}

#[test]
fn data_sources_of_what_is_ones_own() {
    let layout = Layout::new();
    let state = |name: &str| {
        format!(
            "\"resources\": [{{\"mode\": \"managed\", \"type\": \"docker_network\", \"name\": \"n\", \"provider\": \"provider[\\\"registry.terraform.io/kreuzwerker/docker\\\"]\", \"instances\": [{{\"schema_version\": 0, \"attributes\": {{\"id\": \"1{name}\", \"name\": \"{name}\"}}}}]}}]"
        )
    };
    for name in ["alpha", "beta"] {
        layout.write(name, "terraform.tfstate", &format!("{{\"version\": 4, \"lineage\": \"{name}\", {}}}", state(name)));
        layout.write(name, "reads.tf", &format!("data \"docker_network\" \"own\" {{\n  name = \"{name}\"\n}}\n"));
    }
    layout.is_healthy("its own");
    layout.write("beta", "reads.tf", "data \"docker_network\" \"theirs\" {\n  name = \"alpha\"\n}\n");
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "reads-other-resource" && found[0].place == "beta/reads.tf:2", "{found:#?}");
}

/// A state with one thing in it, as a provider would have written it.
fn state(lineage: &str, kind: &str, attributes: &str) -> String {
    format!(
        "{{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 1, \"lineage\": \"{lineage}\", \"resources\": [{{\"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"it\", \"provider\": \"provider[\\\"registry.terraform.io/a/b\\\"]\", \"instances\": [{{\"schema_version\": 0, \"attributes\": {attributes}}}]}}]}}"
    )
}

#[test]
fn ids_that_are_unique_in_a_server_and_not_in_the_world() {
    for (kind, attributes) in [
        ("postgresql_database", r#"{"id": "app", "name": "app"}"#),
        ("helm_release", r#"{"id": "redis", "name": "redis"}"#),
        ("grafana_folder", r#"{"id": "1"}"#),
        ("kubernetes_namespace", r#"{"id": "tracker"}"#),
        ("aws_iam_role_policy", r#"{"id": "deploy:s3", "name": "s3"}"#),
    ] {
        let layout = Layout::new();
        for name in ["alpha", "beta"] {
            layout.write(name, "terraform.tfstate", &state(name, kind, attributes));
        }
        layout.is_healthy(kind);
    }
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        layout.write(name, "terraform.tfstate", &state(name, "aws_s3_bucket", r#"{"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b"}"#));
    }
    assert_eq!(layout.found().len(), 1, "a bucket's name is unique in the world");
}

#[test]
fn the_same_names_in_accounts_and_regions_of_their_own() {
    let role = "resource \"aws_iam_role\" \"deploy\" {\n  name = \"deploy\"\n}\n";
    let database = "resource \"aws_db_instance\" \"db\" {\n  identifier = \"tracker\"\n}\n";
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"tracker\"\n}\n";
    let table = |name: &str, region: &str, account: &str| {
        format!("[environments.{name}]\naws = true\nregion = \"{region}\"\nallowed_account_ids = [\"{account}\"]\n")
    };
    let (one, two) = ("111111111111", "222222222222");
    for (name, code, regions, accounts, refused) in [
        ("a role in two accounts", role, ("r", "r"), (one, two), false),
        ("a database in two accounts", database, ("r", "r"), (one, two), false),
        ("a database in two regions", database, ("r", "s"), (one, one), false),
        ("a role in two regions of one account", role, ("r", "s"), (one, one), true),
        ("a database in one region of one account", database, ("r", "r"), (one, one), true),
        ("a bucket in two accounts", bucket, ("r", "s"), (one, two), true),
    ] {
        let layout = Layout::new();
        layout.policy(&(table("alpha", regions.0, accounts.0) + &table("beta", regions.1, accounts.1)));
        layout.write("alpha", "aws.tf", code);
        layout.write("beta", "aws.tf", code);
        let found = layout.found();
        assert_eq!(found.len(), usize::from(refused), "{name}: {found:#?}");
    }
}

#[test]
fn code_in_every_spelling_that_terraform_takes() {
    let layout = Layout::new();
    let code = r#"// one comment
/* another
   one */
variable "names" {
  type    = map(object({ size = optional(number, 1e3), on = optional(bool) }))
  default = { a = {}, "b" : { size = -1 } }
}
locals {
  list    = [for key, value in var.names : "${key}-${value.size}" if value.on != false]
  grouped = { for key, value in var.names : value.size => key... }
  splat   = [for one in values(var.names)[*].size : one]
  legacy  = values(var.names).*.size
  nested  = { (join("", ["k"])) = 1, "${"x"}y" = 2 }
  heredoc = <<-EOT
    %{ for key in keys(var.names) ~}
    ${key} $${kept} %%{kept}
    %{ endfor ~}
  EOT
  plain   = <<EOT
{ "json": [1, 2] }
EOT
  chosen  = length(var.names) > 0 ? (true ? "a" : "b") : null
  größe   = max([1, 2]...)
  index   = values(var.names)[0].size
  escaped = "a\"b\\c\u00e9\n"
}
resource "terraform_data" "it" { input = "one line" }
output "x" {
  value = provider::terraform::encode_tfvars({ a = 1 })
}
terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
"#;
    layout.write("alpha", "spelled.tf", code);
    layout.write("alpha", "windows.tf", "\u{feff}variable \"crlf\" {\r\n  default = \"x\"\r\n}\r\n");
    layout.write("alpha", "terraform.tfvars", "\u{feff}crlf = \"y\"\r\n");
    layout.write("alpha", "list.tf.json", r#"[{"//": "a comment", "locals": [{"a": 1}, {"b": 2}]}]"#);
    layout.apply("alpha");
    layout.is_healthy("spelled");
    layout.infra(&["plan", "alpha"]).success();
}

#[test]
fn volumes_of_one_name_on_engines_of_their_own() {
    let layout = Layout::new();
    for (name, host) in [("alpha", "ssh://one.example.com"), ("beta", "ssh://two.example.com")] {
        layout.write(
            name,
            "docker.tf",
            &format!("provider \"docker\" {{\n  host = \"{host}\"\n}}\nresource \"docker_volume\" \"v\" {{\n  name = \"data\"\n}}\n"),
        );
        layout.write(name, "terraform.tfstate", &state(name, "docker_volume", r#"{"id": "data", "name": "data"}"#));
    }
    layout.is_healthy("two engines");
    layout.write("beta", "docker.tf", "provider \"docker\" {\n  host = \"ssh://one.example.com\"\n}\n");
    assert_eq!(layout.found().len(), 1, "one engine");
}

#[test]
fn settings_that_environments_may_well_have_in_common() {
    let layout = Layout::of(&["alpha", "beta", "gamma"]);
    layout.checkout().write("shared/lock.hcl", "");
    layout.checkout().write("shared/version", "1.11.4");
    layout.checkout().write("shared/common.auto.tfvars", "size_of_all = \"small\"\n");
    for name in ["alpha", "beta"] {
        layout.link("../../shared/lock.hcl", &format!("{name}/.terraform.lock.hcl"));
        layout.link("../../shared/version", &format!("{name}/.terraform-version"));
        layout.link("../../shared/common.auto.tfvars", &format!("{name}/common.auto.tfvars"));
        let text = "region = \"eu-central-1\"\ntoken_ttl = \"3600\"\npassword_length = \"32\"\nstate_bucket = \"states\"\n\
                    metrics_token = \"shared-by-all\"\npeer = \"gamma\"\n";
        layout.write(name, "terraform.tfvars", &format!("{text}size = \"{name}\"\n"));
        let names = ["region", "token_ttl", "password_length", "state_bucket", "metrics_token", "peer", "size", "size_of_all"];
        layout.declare(name, &names);
        // A cache of providers is shared on purpose.
        fs::create_dir_all(layout.path(name, ".terraform")).unwrap();
        fs::create_dir_all(layout.environments().join("../providers")).unwrap();
        layout.link("../../../providers", &format!("{name}/.terraform/providers"));
    }
    layout.is_healthy("in common");
}

#[test]
fn an_environment_whose_directory_is_elsewhere() {
    let layout = Layout::new();
    let elsewhere = layout.checkout().infrastructure("teams/tfstate-team/alpha");
    fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
    fs::rename(layout.path("alpha", ""), &elsewhere).unwrap();
    layout.link("../teams/tfstate-team/alpha", "alpha");
    layout.apply("alpha");
    layout.apply("beta");
    layout.is_healthy("a link to a directory of its own");
    layout.infra(&["plan", "alpha"]).success();
}
