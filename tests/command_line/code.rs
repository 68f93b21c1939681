//! What the code says of backends and variables: every verb reads it as Terraform does, not line by line.

use std::fs;

use super::fake_terraform::FakeTerraform;
use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";
const NOTHING: &str = "nothing to destroy";

#[test]
fn destroy_does_not_call_a_state_nothing_that_is_kept_elsewhere() {
    for (file, code) in [
        ("main.tf", "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key = \"k\"\n    region = \"eu-central-1\"\n  }\n}\n"),
        ("main.tf", "terraform {\n  backend s3 {\n    bucket = \"b\"\n    key = \"k\"\n    region = \"eu-central-1\"\n  }\n}\n"),
        ("main.tf", "terraform {\n  cloud {}\n}\n"),
        ("main.tf", "terraform { # where it is\n\tbackend   \"http\"   {}\n}\n"),
        ("x.tf.json", "{\"terraform\": {\"backend\": {\"http\": {}}}}"),
        ("a_override.tf", "terraform {\n  backend \"http\" {}\n}\n"),
    ] {
        let plain = Plain::new(POLICY, "terraform {\n  backend \"local\" {}\n}\n");
        let directory = plain.checkout.environment(NAME);
        if file == "x.tf.json" {
            fs::remove_file(directory.join("main.tf")).unwrap();
        }
        fs::write(directory.join(file), code).unwrap();
        let terraform = FakeTerraform::new("version) real \"$@\" ;;\n*) exit 1 ;;");
        let told = plain.xtask().env("PATH", terraform.path()).infra(&["destroy", NAME, "--yes"]);
        assert!(!told.stderr.contains(NOTHING) && !told.stdout.contains(NOTHING), "{code}\n{}{}", told.stdout, told.stderr);
        assert!(terraform.take().iter().any(|call| call.arguments.iter().any(|word| word == "init")), "{code}\n{}", told.stderr);
    }
}

#[test]
fn destroy_finds_the_state_of_a_local_backend_with_a_path() {
    const OUTPUTS: &str = "output \"services\" {\n  value = {}\n}\noutput \"env\" {\n  value = {}\n}\n";
    let backend = "terraform {\n  backend \"local\" {\n    path = \"kept/here.tfstate\"\n    workspace_dir = \"others\"\n  }\n}\n";
    let plain = Plain::new(POLICY, &format!("{backend}resource \"terraform_data\" \"x\" {{}}\n{OUTPUTS}"));
    let directory = plain.checkout.environment(NAME);
    for (instance, state) in [(&[][..], "kept/here.tfstate"), (&["--instance", "t1"][..], "others/t1/terraform.tfstate")] {
        plain.xtask().infra(&[&["up", NAME], instance].concat()).success();
        assert!(directory.join(state).is_file(), "{state}");
        // Nothing but the state remembers it.
        fs::remove_dir_all(directory.join(".instances")).unwrap();
        fs::remove_dir_all(plain.home.path().join("state")).unwrap();
        let told = plain.xtask().infra(&[&["destroy", NAME, "--yes"], instance].concat()).success();
        assert!(told.stderr.contains("is destroyed") || told.stdout.contains("is destroyed"), "{}{}", told.stdout, told.stderr);
    }
}

#[test]
fn a_backend_that_is_commented_out_makes_a_local_root_no_remote_one() {
    for code in ["/*\nterraform {\n  backend \"s3\" {}\n}\n*/\n", "terraform {\n  # backend \"s3\" {}\n  // backend \"s3\" {}\n}\n"] {
        let plain = Plain::new(POLICY, code);
        let told = plain.xtask().infra(&["destroy", NAME]).success();
        assert!(told.stderr.contains(NOTHING) || told.stdout.contains(NOTHING), "{code}\n{}{}", told.stdout, told.stderr);
    }
}

#[test]
fn an_input_of_the_shell_counts_however_its_variable_is_declared() {
    let plain = Plain::new(POLICY, "  variable \"indented\" {}\nvariable bare {}\n/*\nvariable \"none\" {}\n*/\n");
    plain.checkout.write(&format!("environments/{NAME}/json.tf.json"), "{\"variable\": {\"json\": {}}}");
    let terraform = FakeTerraform::new("plan) out \"$@\"; complete plan ;;");
    let names = ["indented", "bare", "json", "none"];
    let xtask = names.iter().fold(plain.xtask().env("PATH", terraform.path()), |xtask, name| xtask.env(format!("TF_VAR_{name}"), "x"));
    let told = xtask.infra(&["plan", NAME]);
    assert!(told.stderr.contains("withheld from Terraform: TF_VAR_none\n"), "{}", told.stderr);
    assert!(told.stderr.contains("from your shell: TF_VAR_bare, TF_VAR_indented, TF_VAR_json\n"), "{}", told.stderr);
}
