//! Every kind of backend: two that have one state, however they are written, beside two that have not, and what lies between.

use std::fs;

use super::layout::{Layout, thing};

/// Blocks of `alpha` and `beta`, without what stands around the settings.
struct Pair {
    kind: &'static str,
    alpha: &'static str,
    /// Another way to write the place of `alpha`.
    accident: &'static str,
    /// A place of its own, written just like that.
    healthy: &'static str,
}

const PAIRS: [Pair; 22] = [
    Pair {
        kind: "local",
        alpha: "path = \"../one.tfstate\"",
        accident: "path = \"x/../.././one.tfstate\"",
        healthy: "path = \"../two.tfstate\"",
    },
    Pair {
        kind: "s3",
        alpha: "bucket = \"b\"\n key = \"a/k\"",
        accident: "bucket = \"b\"\n key = \"./a/x/../k\"\n workspace_key_prefix = \"env:\"",
        healthy: "bucket = \"b\"\n key = \"./b/x/../k\"",
    },
    Pair {
        kind: "s3",
        alpha: "bucket = \"b\"\n key = \"k\"\n endpoints = { s3 = \"http://minio:9000\" }",
        accident: "bucket = \"b\"\n key = \"k\"\n endpoint = \"http://user:word@MinIO:9000/\"",
        healthy: "bucket = \"b\"\n key = \"k\"\n endpoint = \"http://minio:9001\"",
    },
    Pair {
        kind: "s3",
        alpha: "bucket = \"b\"\n key = \"k\"\n region = \"eu-west-1\"",
        accident: "bucket = \"b\"\n key = \"k\"\n endpoints = { s3 = \"https://s3.us-east-1.amazonaws.com\" }",
        healthy: "bucket = \"b\"\n key = \"k\"\n region = \"cn-north-1\"",
    },
    Pair {
        kind: "azurerm",
        alpha: "storage_account_name = \"s\"\n container_name = \"c\"\n key = \"k\"",
        accident: "storage_account_name = \"s\"\n container_name = \"c\"\n key = \"./k\"\n environment = \"public\"\n resource_group_name = \"r\"",
        healthy: "storage_account_name = \"s\"\n container_name = \"c\"\n key = \"prod/k\"",
    },
    Pair {
        kind: "azurerm",
        alpha: "storage_account_name = \"s\"\n container_name = \"c\"\n key = \"k\"",
        accident: "storage_account_name = \"s\"\n container_name = \"c\"\n key = \"kenv:prod\"",
        healthy: "storage_account_name = \"s\"\n container_name = \"c\"\n key = \"k-prod\"",
    },
    Pair {
        kind: "gcs",
        alpha: "bucket = \"b\"",
        accident: "bucket = \"b\"\n prefix = \"\"",
        healthy: "bucket = \"b\"\n prefix = \"beta\"",
    },
    Pair {
        kind: "gcs",
        alpha: "bucket = \"b\"\n prefix = \"a/b\"",
        accident: "bucket = \"b\"\n prefix = \"/a/./x/..//b/\"",
        healthy: "bucket = \"b\"\n prefix = \"a/b/c\"",
    },
    Pair {
        kind: "http",
        alpha: "address = \"https://states/one\"",
        accident: "address = \"https://ci:word@States:443/one/\"\n username = \"other\"",
        healthy: "address = \"https://states/two\"",
    },
    Pair {
        kind: "http",
        alpha: "address = \"https://states/s?name=one\"",
        accident: "address = \"https://states/s?private_token=x&name=one\"",
        healthy: "address = \"https://states/s?name=two\"",
    },
    Pair {
        kind: "pg",
        alpha: "conn_str = \"postgres://one:word@db/states\"",
        accident: "conn_str = \"host=DB user=two dbname=states\"\n schema_name = \"terraform_remote_state\"",
        healthy: "conn_str = \"postgres://one:word@db/states\"\n schema_name = \"beta\"",
    },
    Pair { kind: "consul", alpha: "path = \"p\"", accident: "path = \"p\"\n address = \"127.0.0.1:8500\"", healthy: "path = \"q\"" },
    Pair {
        kind: "kubernetes",
        alpha: "secret_suffix = \"s\"",
        accident: "secret_suffix = \"s\"\n namespace = \"default\"",
        healthy: "secret_suffix = \"s\"\n namespace = \"beta\"",
    },
    Pair {
        kind: "oss",
        alpha: "bucket = \"b\"",
        accident: "bucket = \"b\"\n key = \"terraform.tfstate\"\n prefix = \"env:\"",
        healthy: "bucket = \"b\"\n prefix = \"beta\"",
    },
    Pair {
        kind: "cos",
        alpha: "bucket = \"b\"\n prefix = \"p\"",
        accident: "bucket = \"b\"\n key = \"p/terraform.tfstate\"",
        healthy: "bucket = \"b\"",
    },
    Pair {
        kind: "oci",
        alpha: "bucket = \"b\"\n namespace = \"n\"",
        accident: "bucket = \"b\"\n namespace = \"n\"\n key = \"terraform.tfstate\"",
        healthy: "bucket = \"b\"\n namespace = \"n\"\n key = \"beta\"",
    },
    Pair {
        kind: "remote",
        alpha: "organization = \"o\"\n workspaces {\n name = \"w\"\n }",
        accident: "hostname = \"app.terraform.io\"\n organization = \"o\"\n workspaces {\n name = \"w\"\n }\n token = \"t\"",
        healthy: "organization = \"o\"\n workspaces {\n name = \"v\"\n }",
    },
    Pair {
        kind: "remote",
        alpha: "organization = \"o\"\n workspaces {\n prefix = \"app-\"\n }",
        accident: "organization = \"o\"\n workspaces {\n prefix = \"app-\"\n }",
        healthy: "organization = \"o\"\n workspaces {\n prefix = \"web-\"\n }",
    },
    Pair {
        kind: "cloud",
        alpha: "organization = \"o\"\n workspaces {\n name = \"w\"\n }",
        accident: "organization = \"o\"\n workspaces {\n name = \"w\"\n project = \"p\"\n }",
        healthy: "organization = \"o\"\n workspaces {\n name = \"v\"\n }",
    },
    Pair {
        kind: "s3",
        alpha: "bucket = \"b\"\n key = \"k\"",
        accident: "bucket = \"b\"\n key = \"env:/prod/k\"",
        healthy: "bucket = \"b\"\n key = \"env/prod/k\"",
    },
    Pair {
        kind: "http",
        alpha: "address = \"https://gitlab/api/v4/projects/a%2Fb/terraform/state/one\"",
        accident: "address = \"https://gitlab/api/v4/projects/a/b/terraform/state/one\"",
        healthy: "address = \"https://gitlab/api/v4/projects/a%2Fb/terraform/state/two\"",
    },
    Pair { kind: "swift", alpha: "container = \"c\"", accident: "container = \"c\"", healthy: "container = \"d\"" },
];

fn block(kind: &str, settings: &str) -> String {
    if kind == "cloud" { format!("cloud {{\n {settings}\n  }}") } else { format!("backend \"{kind}\" {{\n {settings}\n  }}") }
}

#[test]
fn one_place_is_one_place_however_it_is_written_and_another_is_another() {
    for Pair { kind, alpha, accident, healthy } in PAIRS {
        let layout = Layout::new();
        layout.backend("alpha", &block(kind, alpha));
        layout.backend("beta", &block(kind, healthy));
        layout.is_healthy(&format!("{kind} {alpha} {healthy}"));
        layout.backend("beta", &block(kind, accident));
        layout.refuses("beta", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have one state, ");
    }
}

#[test]
fn cloud_and_remote_are_one_service() {
    let layout = Layout::new();
    layout.backend("alpha", &block("remote", "organization = \"o\"\n workspaces {\n name = \"w\"\n }"));
    layout.backend("beta", &block("cloud", "organization = \"o\"\n workspaces {\n name = \"v\"\n }"));
    layout.is_healthy("another workspace");
    layout.backend("beta", &block("cloud", "organization = \"o\"\n workspaces {\n name = \"w\"\n }"));
    layout.refuses("beta", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have one state, remote o w");
}

#[test]
fn nothing_known_is_nothing_found() {
    for settings in
        ["backend \"azurerm\" {}", "backend \"http\" {}", "backend \"pg\" {}", "backend \"s3\" {\n    encrypt = true\n  }", "cloud {}"]
    {
        let layout = Layout::of(&["alpha", "beta", "gamma"]);
        ["alpha", "beta", "gamma"].iter().for_each(|name| layout.backend(name, settings));
        layout.is_healthy(settings);
    }
}

#[test]
fn what_names_one_state_and_leaves_out_where_is_suspected() {
    for (kind, settings, other) in [
        ("s3", "key = \"k\"", "key = \"j\""),
        ("azurerm", "key = \"k\"\n container_name = \"c\"", "key = \"k\"\n container_name = \"d\""),
        ("gcs", "prefix = \"p\"", "prefix = \"q\""),
        ("cloud", "workspaces {\n name = \"w\"\n }", "workspaces {\n name = \"v\"\n }"),
    ] {
        let layout = Layout::new();
        layout.backend("alpha", &block(kind, settings));
        layout.backend("beta", &block(kind, other));
        layout.is_healthy(kind);
        layout.backend("beta", &block(kind, settings));
        let found = layout.found();
        assert_eq!(found.len(), 1, "{kind} {found:#?}");
        assert_eq!((found[0].severity.as_str(), found[0].place.as_str()), ("warning", "alpha/backend.tf:2"), "{found:#?}");
        assert!(found[0].what.starts_with("`alpha` and `beta` name one state, "), "{found:#?}");
        // A run is given the rest, and that may be the same.
        layout.infra(&["plan", "beta"]).exits(3).says("`alpha` and `beta` name one state, ").says("hint: ");
    }
}

#[test]
fn a_copied_directory_is_refused_until_each_has_a_place_of_its_own() {
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        layout.backend(name, "backend \"s3\" {\n    key = \"alpha.tfstate\"\n  }");
        layout.write(name, "main.tf", &thing("alpha"));
    }
    layout.write("beta", "main.tf", &format!("# copied\n{}", thing("alpha")));
    layout.refuses(
        "beta",
        "shared-address",
        "alpha/backend.tf:2",
        "`alpha` and `beta` have the same code and name one state, s3 alpha.tfstate, and leave `bucket` out",
    );

    // A file of settings for the one says nothing of the other.
    layout.write("alpha", "state.tfbackend", "bucket = \"a\"\n");
    layout.refuses("beta", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have the same code and name one state, ");
    layout.write("beta", "state.tfbackend", "bucket = \"b\"\n");
    layout.is_healthy("two buckets");
    layout.write("beta", "state.tfbackend", "bucket = \"a\"\n");
    layout.refuses("beta", "shared-address", "alpha/state.tfbackend:1", "`alpha` and `beta` have one state, s3 a alpha.tfstate");

    // What infra.toml says goes before files.
    let policy = |alpha: &str, beta: &str| {
        layout.policy(&format!("[environments.alpha]\nbackend_config = [{alpha}]\n[environments.beta]\nbackend_config = [{beta}]\n"));
    };
    policy("\"bucket=a\"", "\"../../given.hcl\"");
    layout.checkout().write("given.hcl", "bucket = \"b\"\n");
    layout.is_healthy("two buckets by infra.toml");
    layout.checkout().write("given.hcl", "bucket = \"a\"\n");
    layout.refuses("beta", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have one state, s3 a alpha.tfstate");
}

#[test]
fn the_root_of_aws_copied_as_people_copy_it_is_refused() {
    let layout = Layout::new();
    let own = infra_tests::xtask::repository().join("infrastructure/environments/aws");
    for entry in
        fs::read_dir(own).unwrap().map(Result::unwrap).filter(|entry| entry.path().extension().is_some_and(|ending| ending == "tf"))
    {
        for name in ["alpha", "beta"] {
            fs::copy(entry.path(), layout.path(name, &entry.file_name().to_string_lossy())).unwrap();
        }
    }
    let found = layout.found();
    let named = |found: &&super::layout::Found| found.guard == "shared-address" && found.severity == "refusal";
    assert!(found.iter().any(|found| named(&found) && found.what.contains("`alpha` and `beta` have the same code")), "{found:#?}");
}

#[test]
fn settings_are_found_in_files_of_many_names_and_places() {
    for file in [
        "ENV/state.tfbackend",
        "ENV/backend.hcl",
        "ENV/backend.conf",
        "ENV/backend.config",
        "ENV/backend.tfvars",
        "ENV/backend.json",
        "ENV/config/backend.hcl",
        "ENV/backend/ENV.hcl",
        "ENV/backends/ENV.tfbackend",
        "ENV/env/ENV.conf",
        "ENV.tfbackend",
        "backend-ENV.hcl",
        "backends/ENV.hcl",
        "config/ENV.tfbackend",
    ] {
        let layout = Layout::new();
        for (name, key) in [("alpha", "a"), ("beta", "b")] {
            layout.backend(name, "backend \"s3\" {\n    bucket = \"states\"\n  }");
            write(&layout, &file.replace("ENV", name), key);
        }
        layout.is_healthy(file);
        write(&layout, &file.replace("ENV", "beta"), "./a");
        layout.refuses(
            "beta",
            "shared-address",
            &format!("{}:1", file.replace("ENV", "alpha")),
            "`alpha` and `beta` have one state, s3 states a",
        );
    }
}

/// A file of settings below the environments' directory.
fn write(layout: &Layout, file: &str, key: &str) {
    let text = if file.ends_with(".json") { format!("{{\"key\": \"{key}\"}}\n") } else { format!("key = \"{key}\"\n") };
    layout.checkout().write(&format!("environments/{file}"), &text);
}

#[test]
fn what_init_was_given_goes_before_the_files_that_are_found() {
    let layout = Layout::new();
    for (name, bucket) in [("alpha", "a"), ("beta", "b")] {
        layout.backend(name, "backend \"s3\" {\n    key = \"k\"\n  }");
        layout.write(name, "backend.conf", &format!("bucket = \"{bucket}\"\n"));
    }
    layout.is_healthy("two buckets");
    let memory = r#"{"version": 3, "backend": {"type": "s3", "config": {"bucket": "a", "key": "k", "region": "r"}, "hash": 1}}"#;
    layout.write("beta", ".terraform/terraform.tfstate", memory);
    layout.refuses("beta", "shared-address", "alpha/backend.conf:1", "`alpha` and `beta` have one state, s3 a k");
}

#[test]
fn another_workspace_of_the_service_that_was_initialised_is_found() {
    for kind in ["remote", "cloud"] {
        let layout = Layout::new();
        layout.backend("alpha", &block(kind, "organization = \"o\"\n workspaces {\n name = \"own\"\n }"));
        let memory = |name: &str| {
            let config =
                format!(r#"{{"organization": "o", "hostname": null, "token": null, "workspaces": {{"name": "{name}", "prefix": null}}}}"#);
            layout.write(
                "alpha",
                ".terraform/terraform.tfstate",
                &format!(r#"{{"version": 3, "backend": {{"type": "{kind}", "config": {config}}}}}"#),
            );
        };
        memory("own");
        layout.is_healthy(kind);
        memory("other");
        let what =
            "`alpha` was initialised for another backend than its code declares: workspaces.name = \"own\" declared, \"other\" remembered";
        layout.refuses("alpha", "initialised-backend", "alpha/.terraform/terraform.tfstate:1", what);
    }
}

#[test]
fn many_in_one_place_are_one_finding() {
    let names: Vec<String> = (0..40).map(|number| format!("e{number:02}")).collect();
    let layout = Layout::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names {
        layout.backend(name, "backend \"s3\" {\n    bucket = \"b\"\n    key = \"k\"\n  }");
    }
    let found = layout.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].what.starts_with("`e00`, `e01` and 38 others have one state, s3 b k"), "{found:#?}");
    layout.infra(&["plan", "e39"]).exits(3).says("have one state, s3 b k");
}

#[test]
fn names_of_workspaces_that_begin_alike_are_a_warning() {
    let layout = Layout::new();
    layout.backend("alpha", &block("remote", "organization = \"o\"\n workspaces {\n prefix = \"app-\"\n }"));
    layout.backend("beta", &block("cloud", "organization = \"o\"\n workspaces {\n name = \"app-prod\"\n }"));
    let found = layout.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].severity, "warning", "{found:#?}");
}

#[test]
fn what_infra_toml_says_is_what_init_is_given() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"local\" {}");
    layout.policy("[environments.alpha]\nprotected = false\nbackend_config = [\"path=own.tfstate\", \"more.hcl\"]\n");
    layout.write("alpha", "more.hcl", "workspace_dir = \"others\"\n");
    layout.infra(&["up", "alpha"]).success();
    layout.infra(&["up", "alpha", "--instance", "t1"]).success();
    assert!(layout.path("alpha", "own.tfstate").exists() && layout.path("alpha", "others/t1/terraform.tfstate").exists());
    layout.is_healthy("as it was given");
    // And what was given once is not given up in silence.
    layout.policy("[environments.alpha]\nprotected = false\nbackend_config = [\"path=another.tfstate\", \"more.hcl\"]\n");
    let what = "`alpha` was initialised for another backend than its code declares: path = \"another.tfstate\" declared, \"own.tfstate\" remembered";
    layout.refuses("alpha", "initialised-backend", "alpha/.terraform/terraform.tfstate:1", what);
}

#[test]
fn tags_choose_workspaces_outside_the_code_and_that_is_suspected() {
    let cloud = |tags: &str| block("cloud", &format!("organization = \"o\"\n workspaces {{\n tags = {tags}\n }}"));
    let layout = Layout::new();
    layout.backend("alpha", &cloud("[\"net\", \"app\"]"));
    layout.backend("beta", &cloud("[\"db\"]"));
    layout.is_healthy("other tags");
    layout.backend("beta", &cloud("[\"app\", \"net\"]"));
    let found = layout.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        found[0].what,
        "`alpha` and `beta` work in workspaces of the same tags, remote o tags [\"app\", \"net\"] (also infrastructure/environments/beta/backend.tf:2)"
    );
    // Which workspace is selected makes it certain.
    for (beta, expected) in [("dev", "refusal"), ("prod", "warning")] {
        layout.write("alpha", ".terraform/environment", "dev");
        layout.write("beta", ".terraform/environment", beta);
        let found: Vec<_> = layout.found().into_iter().filter(|found| found.guard == "shared-address").collect();
        assert!(found.len() == 1 && found[0].severity == expected, "{beta}: {found:#?}");
    }
}
