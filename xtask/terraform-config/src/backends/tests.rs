//! Directories, and where their roots keep their states.

use super::Backends;
use super::completion::{Shared, options_of};
use crate::{Block, Cache, Configuration, is_loaded, read_values, readings, variable_files};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Reads `root/own`, where these files are, relative to `root`.
fn backends(root: &Path, files: &[(&str, &str)], given: &[&str]) -> Backends {
    backends_of(root, "own", files, given, &[])
}

fn backends_of(root: &Path, own: &str, files: &[(&str, &str)], given: &[&str], shell: &[&str]) -> Backends {
    for (name, text) in files {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let directory = root.join(own);
    let owned = |options: &[&str]| options.iter().map(|option| (*option).to_owned()).collect::<Vec<_>>();
    let shared = Shared::with(root, owned(shell));
    let data = directory.join(".terraform");
    let files: Vec<Block> = variable_files(&directory).iter().filter_map(|file| read_values(file).ok()).collect();
    let loaded: Vec<&Block> = files.iter().filter(|file| is_loaded(&file.place.file)).collect();
    let code: Vec<_> = readings(&directory).into_iter().map(Arc::new).collect();
    let configuration = Configuration::read(&code, &data, &loaded, &Cache::default());
    Backends::read(&directory, &data, &configuration, &owned(given), &shared)
}

fn shown(backends: &Backends) -> Vec<String> {
    backends.all().map(|backend| backend.location.to_string()).collect()
}

const CODE: (&str, &str) = ("own/main.tf", "terraform {\n  backend \"s3\" {\n    key = \"k\"\n  }\n}\n");

#[test]
fn the_last_block_wins_and_tfbackend_files_complete_it() {
    let directory = tempfile::tempdir().unwrap();
    let files = [
        ("own/main.tf", "terraform {\n  backend \"local\" {}\n}\n"),
        ("own/x_override.tf", CODE.1),
        ("own/a.tfbackend", "bucket = \"a\"\n"),
        ("own/b.tfbackend", "bucket = \"b\"\nkey = \"other\"\n"),
        ("own/.terraform/terraform.tfstate", r#"{"backend": {"type": "s3", "config": {"bucket": "c", "key": "k", "region": null}}}"#),
    ];
    assert_eq!(shown(&backends(directory.path(), &files, &[])), ["s3 a k", "s3 b other", "s3 c k"]);
}

#[test]
fn settings_are_found_where_people_keep_them_and_told_by_what_they_hold() {
    let bucket = "bucket = \"b\"\nregion = \"r\"\n";
    for (file, text, expected) in [
        ("own/backend.conf", bucket, "s3 b k"),
        ("own/backend.tfvars", bucket, "s3 b k"),
        ("own/backend.json", "{\"bucket\": \"b\"}", "s3 b k"),
        ("own/config/prod.tfbackend", bucket, "s3 b k"),
        ("own/backends/prod.hcl", bucket, "s3 b k"),
        ("own/env/prod.conf", bucket, "s3 b k"),
        ("own/tfvars/backends/prod.tfvars", bucket, "s3 b k"),
        ("own/environments/prod/backend.tfvars", bucket, "s3 b k"),
        ("backend.hcl", bucket, "s3 b k"),
        ("backends/own.hcl", bucket, "s3 b k"),
        ("config/own.s3.tfbackend", bucket, "s3 b k"),
        // Another root's, another kind's, and none.
        ("backends/other.hcl", bucket, "s3 k"),
        ("own/backend.conf", "storage_account_name = \"a\"\n", "s3 k"),
        ("own/backend.conf", "not = = parsed", "s3 k"),
        ("own/env/prod.tfvars", bucket, "s3 k"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let found = backends(directory.path(), &[CODE, (file, text)], &[]);
        assert_eq!((shown(&found), found.mistakes.len()), (vec![expected.to_owned()], 0), "{file} {text}");
    }
}

#[test]
fn what_lies_further_up_or_in_the_shell_says_what_holds_the_states_and_not_which_it_is() {
    const BUCKET: &str = "bucket = \"b\"\nkey = \"never\"\nregion = \"r\"\n";
    for (files, shell, expected) in [
        (&[("backend.hcl", BUCKET)][..], &[][..], "s3 b k"),
        (&[("live/backends/prod.hcl", BUCKET)], &[], "s3 b k"),
        (&[("live/config/prod-eu.s3.tfbackend", BUCKET), ("backend.hcl", "bucket = \"far\"\n")], &[], "s3 b k"),
        (&[("live/prod/backend.hcl", "bucket = \"near\"\n"), ("backend.hcl", BUCKET)], &[], "s3 near k"),
        // Another's, two that may be meant, those of another root, and what may be anybody's.
        (&[("live/backends/staging.hcl", BUCKET)], &[], "s3 k"),
        (&[("backend.hcl", BUCKET), ("backend.conf", "bucket = \"c\"\n")], &[], "s3 k"),
        (&[("backend.hcl", BUCKET), ("main.tf", "locals {}\n")], &[], "s3 k"),
        (&[("other/backend.hcl", BUCKET)], &[], "s3 k"),
        (&[], &["bucket=b", "key=never"], "s3 b k"),
        (&[("own.hcl", BUCKET)], &["../../../own.hcl", "nowhere.hcl"], "s3 b k"),
        (&[("live/prod/backend.hcl", "bucket = \"near\"\n")], &["bucket=b"], "s3 b k"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let files: Vec<_> = files.iter().copied().chain([("live/prod/eu/main.tf", CODE.1)]).collect();
        let found = backends_of(directory.path(), "live/prod/eu", &files, &[], shell);
        assert_eq!((shown(&found), found.mistakes.len()), (vec![expected.to_owned()], 0), "{files:?} {shell:?}");
    }
}

#[test]
fn options_are_taken_from_a_command_line() {
    for (line, expected) in [
        ("-backend-config=a=b -input=false --backend-config ../x.hcl", &["a=b", "../x.hcl"][..]),
        ("-backend-config='a=b c' \"-backend-config=d\"", &["a=b c", "d"]),
        ("-backend=false -backend-config", &[]),
    ] {
        assert_eq!(options_of(line), expected, "{line}");
    }
}

#[test]
fn variables_are_read_as_opentofu_reads_them() {
    let names =
        "variable \"side\" {\n  default = \"a\"\n}\nvariable \"unset\" {}\nlocals {\n  key = \"${var.side}/k\"\n  id = data.x.y.id\n}\n";
    let tofu = ("own/versions.tofu", "");
    let lock = ("own/.terraform.lock.hcl", "provider \"registry.opentofu.org/hashicorp/aws\" {\n}\n");
    let side = ("own/terraform.tfvars", "side = \"b\"\n");
    for (key, more, expected, is_of_opentofu, mistakes) in [
        ("local.key", None, "s3 b a/k", true, 0),
        ("local.key", Some(tofu), "s3 b a/k", false, 0),
        ("local.key", Some(lock), "s3 b a/k", false, 0),
        ("\"${var.side}/k\"", Some(side), "s3 b b/k", true, 0),
        ("join(\"\", [for each in [\"k\"] : each])", None, "s3 b k", true, 0),
        ("var.unset", None, "s3 b", true, 0),
        ("\"${terraform.workspace}/k\"", None, "s3 b", true, 0),
        // What neither takes.
        ("var.undeclared", None, "s3 b", false, 1),
        ("local.id", None, "s3 b", false, 1),
        ("data.x.y.id", Some(tofu), "s3 b", false, 1),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let code = format!("{names}terraform {{\n  backend \"s3\" {{\n    bucket = \"b\"\n    key = {key}\n  }}\n}}\n");
        let files: Vec<_> = [("own/main.tf", code.as_str())].into_iter().chain(more).collect();
        let found = backends(directory.path(), &files, &[]);
        let is_said = found.of_opentofu.is_some();
        assert_eq!((shown(&found), is_said, found.mistakes.len()), (vec![expected.to_owned()], is_of_opentofu, mistakes), "{key}");
    }
}

#[test]
fn what_lies_in_another_root_is_that_ones() {
    let directory = tempfile::tempdir().unwrap();
    let files = [
        CODE,
        ("main.tf", "locals {}\n"),
        ("backend.hcl", "bucket = \"b\"\n"),
        ("own/config/main.tf", ""),
        ("own/config/a.tfbackend", "bucket = \"c\"\n"),
    ];
    assert_eq!(shown(&backends(directory.path(), &files, &[])), ["s3 k"]);
}

#[test]
fn what_is_shared_is_completed_by_what_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let files = [
        ("own/main.tf", "terraform {\n  backend \"s3\" {}\n}\n"),
        ("backend.hcl", "bucket = \"b\"\n"),
        ("own/backend.conf", "key = \"own\"\n"),
    ];
    assert_eq!(shown(&backends(directory.path(), &files, &[])), ["s3 b own"]);
}

#[test]
fn what_init_was_given_goes_before_what_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let memory = r#"{"backend": {"type": "s3", "config": {"bucket": "c", "key": "k", "endpoints": {"s3": "http://m:9000"}}}}"#;
    let files = [CODE, ("own/backend.conf", "bucket = \"b\"\n"), ("own/.terraform/terraform.tfstate", memory)];
    let found = backends(directory.path(), &files, &[]);
    assert_eq!(found.known().map(|backend| backend.location.to_string()).collect::<Vec<_>>(), ["s3 c m:9000 k"]);
}

#[test]
fn what_is_known_to_be_given_goes_before_all_files() {
    let directory = tempfile::tempdir().unwrap();
    let files = [CODE, ("own/a.tfbackend", "bucket = \"a\"\n"), ("given.hcl", "bucket = \"b\"\nkey = \"other\"\n")];
    for (given, expected) in [
        (&["bucket=x"][..], "s3 x k"),
        (&["../given.hcl"], "s3 b other"),
        (&["../given.hcl", "key=y"], "s3 b y"),
        (&["../none.hcl"], "s3 k"),
    ] {
        let found = backends(directory.path(), &files, given);
        assert_eq!((shown(&found), found.mistakes.len()), (vec![expected.to_owned()], usize::from(expected == "s3 k")), "{given:?}");
    }
}

#[test]
fn workspaces_are_remembered_in_either_form() {
    for workspaces in ["{\"name\": \"w\", \"prefix\": null}", "[{\"name\": \"w\", \"prefix\": null}]"] {
        let directory = tempfile::tempdir().unwrap();
        let memory = format!(r#"{{"backend": {{"type": "remote", "config": {{"organization": "o", "workspaces": {workspaces}}}}}}}"#);
        let found = backends(directory.path(), &[("own/.terraform/terraform.tfstate", &memory)], &[]);
        assert_eq!(found.remembered.unwrap().location.to_string(), "remote o w", "{workspaces}");
    }
}

#[test]
fn local_paths_are_the_files_they_lead_to() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().canonicalize().unwrap();
    for environment in ["a", "own"] {
        fs::create_dir_all(root.join(environment)).unwrap();
    }
    std::os::unix::fs::symlink(root.join("a"), root.join("linked")).unwrap();
    let local = |path: &str| {
        let code = format!("terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n");
        backends(&root, &[("own/main.tf", &code)], &[]).declared[0].location.clone()
    };
    let expected = format!("local {}", root.join("a/terraform.tfstate").display());
    for path in [
        "../a/terraform.tfstate",
        "../linked/terraform.tfstate",
        ".././a/./terraform.tfstate",
        &root.join("a/terraform.tfstate").to_string_lossy(),
    ] {
        assert_eq!(local(path).to_string(), expected, "{path}");
    }
    assert_ne!(local("terraform.tfstate").to_string(), expected);
}
