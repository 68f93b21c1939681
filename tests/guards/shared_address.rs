//! One state for two environments, in every way that people get there.

use std::fs;

use super::layout::{Layout, thing};

/// A way to lead `beta` to the state of `alpha`.
struct Way {
    name: &'static str,
    /// Makes the accident in `beta`; what `alpha` has was applied before.
    make: fn(&Layout),
    /// Options of the `terraform init` with which bare Terraform gets there; none where it has been there already.
    init: Option<&'static [&'static str]>,
    /// Where the refusal points.
    place: &'static str,
}

const WAYS: [Way; 15] = [
    Way {
        name: "a relative path",
        make: |layout| layout.backend("beta", "backend \"local\" { path = \"../alpha/terraform.tfstate\" }"),
        init: Some(&[]),
        place: "beta/backend.tf:2",
    },
    Way {
        name: "an absolute path",
        make: |layout| {
            let path = layout.path("alpha", "terraform.tfstate");
            layout.backend("beta", &format!("backend \"local\" {{ path = \"{}\" }}", path.display()));
        },
        init: Some(&[]),
        place: "beta/backend.tf:2",
    },
    Way {
        name: "dots and doubled slashes",
        make: |layout| layout.backend("beta", "backend \"local\" { path = \"./..//beta/../alpha/./terraform.tfstate\" }"),
        init: Some(&[]),
        place: "beta/backend.tf:2",
    },
    Way {
        name: "a link on the way",
        make: |layout| {
            layout.link("../alpha", "beta/elsewhere");
            layout.backend("beta", "backend \"local\" { path = \"elsewhere/terraform.tfstate\" }");
        },
        init: Some(&[]),
        place: "beta/backend.tf:2",
    },
    Way {
        name: "a partial configuration",
        make: |layout| {
            layout.backend("beta", "backend \"local\" {}");
            layout.write("beta", "production.tfbackend", "# of the team\npath = \"../alpha/terraform.tfstate\"\n");
        },
        init: Some(&["-backend-config=production.tfbackend"]),
        place: "beta/production.tfbackend:1",
    },
    Way {
        name: "an override file",
        make: |layout| {
            layout.backend("beta", "backend \"local\" { path = \"own.tfstate\" }");
            let path = "backend \"local\" {\n    path = \"../alpha/terraform.tfstate\"\n  }";
            layout.write("beta", "mine_override.tf", &format!("terraform {{\n  {path}\n}}\n"));
        },
        init: Some(&[]),
        place: "beta/mine_override.tf:2",
    },
    Way {
        name: "JSON",
        make: |layout| {
            let code = r#"{"terraform": {"backend": {"local": {"path": "../alpha/terraform.tfstate"}}}}"#;
            layout.write("beta", "backend.tf.json", code);
        },
        init: Some(&[]),
        place: "beta/backend.tf.json:1",
    },
    Way {
        name: "a file whose name looks like an editor's",
        make: |layout| {
            layout.write("beta", "#backend.tf", "terraform {\n  backend \"local\" { path = \"../alpha/terraform.tfstate\" }\n}\n")
        },
        init: Some(&[]),
        place: "beta/#backend.tf:2",
    },
    Way {
        name: "JSON in lists",
        make: |layout| {
            let code = r#"[{"terraform": [{"backend": [{"local": [{"path": "../alpha/terraform.tfstate"}]}]}]}]"#;
            layout.write("beta", "backend.tf.json", code);
        },
        init: Some(&[]),
        place: "beta/backend.tf.json:1",
    },
    Way {
        name: "a template without variables, and a comment behind it",
        make: |layout| layout.backend("beta", "backend \"local\" {\n    path = (\"${\"../alpha\"}/terraform.tfstate\") # theirs\n  }"),
        init: Some(&[]),
        place: "beta/backend.tf:2",
    },
    Way {
        name: "a file that begins with a byte order mark, with the line ends of Windows",
        make: |layout| {
            let code = "\u{feff}terraform {\r\n  backend \"local\" {\r\n    path = \"../alpha/terraform.tfstate\"\r\n  }\r\n}\r\n";
            layout.write("beta", "backend.tf", code);
        },
        init: Some(&[]),
        place: "beta/backend.tf:2",
    },
    Way {
        name: "a partial configuration by its older name",
        make: |layout| {
            layout.backend("beta", "backend \"local\" {}");
            layout.write("beta", "backend-prod.hcl", "path = \"../alpha/terraform.tfstate\"\n");
        },
        init: Some(&["-backend-config=backend-prod.hcl"]),
        place: "beta/backend-prod.hcl:1",
    },
    Way {
        name: "a partial configuration in JSON",
        make: |layout| {
            layout.backend("beta", "backend \"local\" {}");
            layout.write("beta", "prod.tfbackend.json", "{\"path\": \"../alpha/terraform.tfstate\"}\n");
        },
        init: Some(&["-backend-config=prod.tfbackend.json"]),
        place: "beta/prod.tfbackend.json:1",
    },
    Way {
        name: "an option of an earlier init",
        make: |layout| {
            layout.backend("beta", "backend \"local\" {}");
            let option = "-backend-config=path=../alpha/terraform.tfstate";
            layout.terraform("beta", &["init", "-input=false", option]).success();
        },
        init: None,
        place: "beta/.terraform/terraform.tfstate:1",
    },
    Way {
        name: "a directory that is a link",
        make: |layout| {
            fs::remove_dir_all(layout.path("beta", "")).unwrap();
            layout.link("alpha", "beta");
            layout.write("beta", "main.tf", &thing("beta"));
        },
        init: Some(&[]),
        place: "alpha:1",
    },
];

#[test]
fn the_state_of_another_environment_is_refused_however_it_is_named() {
    for way in WAYS {
        let layout = Layout::new();
        layout.apply("alpha");
        layout.is_healthy(way.name);
        (way.make)(&layout);
        for environment in ["alpha", "beta"] {
            layout.refuses(environment, "shared-address", way.place, "`alpha` and `beta` have one state, local ");
        }
        if let Some(options) = way.init {
            layout.terraform("beta", &[&["init", "-input=false"], options].concat()).success();
        }
        assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 1 to destroy.", "{}", way.name);
    }
}

#[test]
fn the_workspaces_of_another_environment_are_refused() {
    for (name, backend, workspace) in [
        ("the directory of its workspaces", "backend \"local\" { workspace_dir = \"../alpha/terraform.tfstate.d\" }", Some("t1")),
        ("one of its workspaces", "backend \"local\" { path = \"../alpha/terraform.tfstate.d/t1/terraform.tfstate\" }", None),
    ] {
        let layout = Layout::new();
        layout.initialise("alpha");
        layout.terraform("alpha", &["workspace", "new", "t1"]).success();
        layout.apply("alpha");
        layout.terraform("alpha", &["workspace", "select", "default"]).success();
        layout.is_healthy(name);
        layout.backend("beta", backend);
        for environment in ["alpha", "beta"] {
            layout.refuses(environment, "shared-address", "beta/backend.tf:2", "`alpha` and `beta` have one state, local ");
        }
        layout.initialise("beta");
        if let Some(workspace) = workspace {
            layout.terraform("beta", &["workspace", "select", workspace]).success();
        }
        assert_eq!(layout.bare_plan("beta"), "Plan: 1 to add, 0 to change, 1 to destroy.", "{name}");
    }
}

#[test]
fn two_instances_of_one_environment_have_two_states() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"local\" { path = \"terraform.tfstate.d/t1/terraform.tfstate\" }");
    layout.refuses("alpha", "shared-address", "alpha/backend.tf:2", "the instances of `alpha` have one state, local ");
    layout.apply("alpha");
    layout.terraform("alpha", &["workspace", "select", "t1"]).success();
    assert_eq!(layout.bare_plan("alpha"), "No changes. Your infrastructure matches the configuration.", "it is the other's");
}

#[test]
fn on_s3_the_same_bucket_and_key_are_refused_and_other_capitals_are_a_warning() {
    let s3 = |settings: &str| format!("backend \"s3\" {{\n    region = \"eu-central-1\"\n    {settings}\n  }}");
    for (alpha, beta, severity) in [
        ("bucket = \"b\"\n    key = \"k\"", "bucket = \"b\"\n    key = \"k\"", "refusal"),
        // Terraform joins workspaces' keys as paths: there, and only there, the two are one.
        ("bucket = \"b\"\n    key = \"a/k\"", "bucket = \"b\"\n    key = \"a//k\"", "refusal"),
        ("bucket = \"b\"\n    key = \"k\"", "bucket = \"b\"\n    key = \"env:/prod/k\"", "refusal"),
        ("bucket = \"b\"\n    key = \"k\"\n    workspace_key_prefix = \"p\"", "bucket = \"b\"\n    key = \"p/x/k\"", "refusal"),
        ("bucket = \"b\"\n    key = \"k\"", "bucket = \"b\"\n    key = \"K\"", "warning"),
        (
            "bucket = \"b\"\n    key = \"k\"\n    workspace_key_prefix = \"alpha\"",
            "bucket = \"b\"\n    key = \"k\"\n    workspace_key_prefix = \"beta\"",
            "refusal",
        ),
    ] {
        let layout = Layout::new();
        layout.backend("alpha", &s3(alpha));
        layout.backend("beta", &s3(beta));
        let found = layout.found();
        assert_eq!(found.len(), 1, "{alpha} {beta}\n{found:#?}");
        assert_eq!((found[0].guard.as_str(), found[0].severity.as_str()), ("shared-address", severity), "{found:#?}");
        if severity == "refusal" {
            layout.refuses("alpha", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have one state, s3 b ");
        }
    }
}

#[test]
fn what_works_in_workspaces_of_its_own_shares_only_the_default_one() {
    let layout = Layout::new();
    for name in ["alpha", "beta"] {
        layout
            .backend(name, &format!("backend \"s3\" {{\n    bucket = \"b\"\n    key = \"k\"\n    workspace_key_prefix = \"{name}\"\n  }}"));
        layout.write(name, "workspace.tf", "output \"workspace\" {\n  value = terraform.workspace\n}\n");
    }
    let found = layout.found();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].severity.as_str(), found[0].what.contains("one state in the workspace `default`, s3 b k")), ("warning", true));
    layout.infra(&["plan", "alpha"]).exits(3).says("have one state in the workspace `default`");
}

#[test]
fn on_other_backends_settings_that_say_nothing_of_the_place_do_not_hide_it() {
    for (kind, place, more) in [
        ("gcs", "bucket = \"b\"\n    prefix = \"a/p\"", "impersonate_service_account = \"ci@x\""),
        ("azurerm", "storage_account_name = \"s\"\n    container_name = \"c\"\n    key = \"k\"", "use_oidc = true"),
        ("http", "address = \"https://states/one\"", "username = \"ci\""),
        ("consul", "path = \"p\"", "scheme = \"https\""),
        ("pg", "conn_str = \"postgres://db/states\"", "skip_table_creation = true"),
        ("kubernetes", "secret_suffix = \"x\"", "insecure = true"),
        ("remote", "organization = \"o\"\n    workspaces { name = \"w\" }", "token = \"t\""),
    ] {
        let layout = Layout::new();
        let backend = |settings: &str| format!("backend \"{kind}\" {{\n    {settings}\n  }}");
        layout.backend("alpha", &backend(place));
        layout.is_healthy(kind);
        layout.backend("beta", &backend(&format!("{place}\n    {more}")));
        layout.refuses("beta", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have one state, ");
    }
    // Another kubeconfig may lead to another cluster, and another context does; so it is with a region that only a profile knows.
    for (kind, place, [one, other]) in [
        ("kubernetes", "secret_suffix = \"x\"", ["config_context = \"alpha\"", "config_context = \"beta\""]),
        ("oci", "namespace = \"n\"\n    bucket = \"b\"\n    key = \"k\"", ["region = \"eu-frankfurt-1\"", "region = \"us-ashburn-1\""]),
        ("consul", "path = \"p\"", ["datacenter = \"one\"", "datacenter = \"other\""]),
    ] {
        let layout = Layout::new();
        let backend = |settings: &str| format!("backend \"{kind}\" {{\n    {place}\n    {settings}\n  }}");
        layout.backend("alpha", &backend(one));
        layout.backend("beta", &backend(other));
        layout.is_healthy(kind);
        layout.backend("beta", &backend(""));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "shared-address" && found[0].severity == "warning", "{kind}: {found:#?}");
    }
    // Google's paths are joined: a slash more is no other place.
    let layout = Layout::new();
    layout.backend("alpha", "backend \"gcs\" {\n    bucket = \"b\"\n    prefix = \"p\"\n  }");
    layout.backend("beta", "backend \"gcs\" {\n    bucket = \"b\"\n    prefix = \"p/\"\n  }");
    layout.refuses("beta", "shared-address", "alpha/backend.tf:2", "`alpha` and `beta` have one state, ");
}

#[test]
fn a_backend_that_only_a_run_could_resolve_is_not_taken_for_fine() {
    let layout = Layout::new();
    layout.backend("alpha", "backend \"s3\" {\n    bucket = \"b\"\n    key    = var.key\n  }");
    layout.refuses(
        "alpha",
        "unreadable",
        "alpha/backend.tf:4",
        "infrastructure/environments/alpha/backend.tf cannot be understood: a backend takes no variables, and `key` is var.key",
    );
    layout.infra(&["plan", "beta"]).success();
}
