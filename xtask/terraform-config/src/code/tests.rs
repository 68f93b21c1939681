use std::fs;
use std::path::Path;

use super::{Code, Program, is_override, parse, parse_values, readings};
use crate::value::Value;

const HCL: &str = "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key    = \"${local.k}\"\n  }\n}\n\nresource \"a\" \"b\" {}\n";
const JSON: &str =
    "{\"terraform\": {\n\"backend\": {\"s3\": {\n\"bucket\": \"b\", \"key\": \"${local.k}\"}}}, \"resource\": {\"a\": {\"b\": {}}}}";

#[test]
fn both_forms_of_the_language_mean_the_same() {
    for (file, text, line) in [("main.tf", HCL, 3), ("main.tf.json", JSON, 3)] {
        let top = parse(Path::new(file), text).unwrap();
        let terraform = top.of_kind("terraform").next().unwrap();
        let backend = &terraform.blocks[0];
        assert_eq!((backend.kind.as_str(), backend.labels[0].as_str()), ("backend", "s3"), "{file}");
        assert_eq!((backend.text("bucket"), backend.text("key")), (Some("b"), None), "{file}");
        assert_eq!(backend.place_of("bucket").line, line, "{file}");
        assert!(matches!(backend.value("key"), Some(Value::Reference(_))), "{file}");
        assert_eq!(top.of_kind("resource").next().unwrap().address(), "a.b", "{file}");
    }
}

#[test]
fn reads_what_terraform_reads_overrides_last_and_names_what_it_cannot_understand() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a_override.tf", "locals { x = 2 }\n"),
        ("z.tf", "locals {\n  x = 1\n}\n"),
        ("main.tofu", "locals { x = 3 }\n"),
        (".hidden.tf", "locals { x = 4 }\n"),
        ("broken.tf", "locals {\n  x = \n}\n"),
    ] {
        fs::write(directory.path().join(name), text).unwrap();
    }
    fs::create_dir(directory.path().join("directory.tf")).unwrap();
    std::os::unix::fs::symlink("user@host.1:2", directory.path().join(".#main.tf")).unwrap();
    let code = Code::read(directory.path());
    let files: Vec<_> = code.blocks.iter().map(|block| block.place.file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(files, ["z.tf", "a_override.tf"]);
    assert_eq!(code.tofu, [directory.path().join("main.tofu")]);
    assert_eq!(code.mistakes.len(), 1);
    assert_eq!(code.mistakes[0].0.line, 2, "{:?}", code.mistakes);
}

#[test]
fn opentofu_reads_its_own_files_in_the_place_of_terraform_s() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.tf", "locals { a = 1 }\n"),
        ("a.tofu", "locals { a = 2 }\n"),
        ("b.tf.json", "{\"locals\": {\"b\": 1}}"),
        ("b.tofu.json", "{\"locals\": {\"b\": 2}}"),
        ("c.tf", "locals { c = 1 }\n"),
        ("override.tofu", "locals { c = 2 }\n"),
    ] {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let files = |code: &Code| -> Vec<String> {
        let filled = code.blocks.iter().filter(|block| !block.attributes.is_empty());
        filled.map(|block| block.place.file.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(files(&Code::read(directory.path())), ["a.tf", "b.tf.json", "c.tf"]);
    assert_eq!(files(&Code::read_for(Program::OpenTofu, directory.path())), ["a.tofu", "b.tofu.json", "override.tofu"]);
}

#[test]
fn a_directory_is_read_for_each_program_that_has_something_to_read() {
    use Program::{OpenTofu, Terraform};
    const COMPUTED: &str = "terraform {\n  backend \"s3\" {\n    key = var.key\n  }\n}\n";
    const LOCKED: &str = "provider \"registry.opentofu.org/hashicorp/aws\" {\n}\n";
    for (files, expected) in [
        (&[("a.tf", HCL)][..], &[Terraform][..]),
        (&[("a.tf", HCL), ("b.tofu", HCL)], &[Terraform, OpenTofu]),
        (&[("a.tofu", HCL)], &[OpenTofu]),
        (&[("a.tf", "# nothing\n"), ("a.tofu.json", "{}")], &[OpenTofu]),
        (&[("a.tf", "not {"), ("a.tofu", HCL)], &[Terraform, OpenTofu]),
        // What only OpenTofu can run.
        (&[("a.tf", COMPUTED)], &[Terraform]),
        (&[("a.tf", COMPUTED), (".terraform.lock.hcl", LOCKED)], &[OpenTofu]),
        (&[("a.tf", "locals {}\n"), (".terraform.lock.hcl", LOCKED)], &[Terraform]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| fs::write(directory.path().join(name), text).unwrap());
        let programs: Vec<Program> = readings(directory.path()).iter().map(|code| code.program).collect();
        assert_eq!(programs, expected, "{files:?}");
    }
}

#[test]
fn variables_have_lines_in_both_forms() {
    for (file, text) in [("a.tfvars", "size = \"s\"\nowner = \"o\"\n"), ("a.tfvars.json", "{\"size\": \"s\",\n \"owner\": \"o\"}")] {
        let block = parse_values(Path::new(file), text).unwrap();
        assert_eq!((block.text("owner"), block.place_of("owner").line), (Some("o"), 2), "{file}");
    }
    assert_eq!(parse_values(Path::new("a.tfvars.json"), "{\n,").unwrap_err().line, 2);
}

#[test]
fn override_files_are_known_by_their_names() {
    for (name, expected) in
        [("override.tf", true), ("x_override.tf.json", true), ("overrides.tf", false), ("override_x.tf", false), ("main.tf", false)]
    {
        assert_eq!(is_override(name), expected, "{name}");
    }
}

/// What `terraform validate` (1.11.4) accepts, and what it refuses, with the line that is complained of here.
#[test]
fn json_is_accepted_where_terraform_accepts_it() {
    for (text, expected) in [
        ("{\"//\": \"x\", \"locals\": {\"a\": 1, \"b\": \"\\ud83d\\ude00\"}}", None),
        ("[{\"locals\": {\"a\": 1}}, {\"locals\": null}]", None),
        ("{\"locals\": {\"a\": 1}, \"locals\": {\"b\": 2}}", None),
        ("{\"resource\": {\"a\": {\"b\": {\"list\": [\"x\"], \"action\": {\"type\": \"y\"}, \"c\": [{}, {}]}}}}", None),
        ("", Some(1)),
        ("\u{feff}{}", Some(1)),
        ("// x\n{}", Some(1)),
        ("\"x\"", Some(1)),
        ("{\n\"locals\": \"x\"}", Some(2)),
        ("{\"locals\": {\"a\": 1,\n}}", Some(2)),
        ("{\"locals\": {\"a\": 1,\n \"a\": 2}}", Some(2)),
        ("{\"locals\": {\"a\": {\"b\": 1,\n\n \"b\": 2}}}", Some(3)),
        ("{\"locals\":\n {\"a\": \"${1 +}\"}}", Some(2)),
        ("{\"locals\": {\"a\": 01}}", Some(1)),
        ("{\"locals\": {\"a\": 1.}}", Some(1)),
        ("{\"locals\": {\"a\": \"x\ty\"}}", Some(1)),
        ("{} x", Some(1)),
    ] {
        assert_eq!(parse(Path::new("x.tf.json"), text).err().map(|error| error.line), expected, "{text}");
    }
}

#[test]
fn only_the_backend_that_terraform_reads_says_where_a_state_is() {
    const LOCAL: &str = "terraform {\n  backend \"local\" {}\n}\n";
    const S3: &str = "terraform {\n  backend \"s3\" {}\n}\n";
    for (files, local, usual) in [
        (&[("main.tf", "")][..], true, true),
        (&[("main.tf", LOCAL)], true, false),
        (&[("main.tf", S3)], false, false),
        (&[("main.tf", "terraform {\n  backend s3 {\n  }\n}\n")], false, false),
        (&[("main.tf", "terraform {\n  backend   \"s3\"   {}\n}\n")], false, false),
        (&[("main.tf", "terraform { \n  cloud {}\n}\n")], false, false),
        (&[("main.tf.json", "{\"terraform\": {\"backend\": {\"s3\": {}}}}")], false, false),
        (&[("main.tf", "/*\nterraform {\n  backend \"s3\" {}\n}\n*/\n")], true, true),
        (&[("main.tf", "terraform {\n  # backend \"s3\" {}\n}\n")], true, true),
        (&[("main.tf", "locals {\n  text = <<E\nterraform {\n  backend \"s3\" {}\n}\nE\n}\n")], true, true),
        (&[("main.tf", "resource \"x\" \"y\" {\n  backend \"s3\" {}\n}\n")], true, true),
        // Whatever order the directory has them in.
        (&[("a_override.tf", S3), ("main.tf", LOCAL)], false, false),
        (&[("main.tf", S3), ("z_override.tf", LOCAL)], true, false),
        (&[("z_override.tf", LOCAL), ("b_override.tf", S3), ("main.tf", "")], true, false),
        (&[(".#main.tf", S3), ("main.tf~", S3), ("main.tofu", S3), ("main.tf", "")], true, true),
    ] {
        let directory = tempfile::tempdir().unwrap();
        for (file, text) in files {
            std::fs::write(directory.path().join(file), text).unwrap();
        }
        let code = Code::read(directory.path());
        assert_eq!((code.has_local_backend(), code.backend().is_none()), (local, usual), "{files:?}");
    }
}
