//! Terraform missing, too old or failing; and a real one in environments that Docker has no part in.

use std::os::unix::fs::symlink;

use infra_tests::process::{Call, is_installed, which};
use infra_tests::temporary;
use infra_tests::xtask::binary;

use super::fake_terraform::FakeTerraform;
use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

const INSTALL: &str = "hint: install Terraform 1.11 or later, below 2 (https://developer.hashicorp.com/terraform/install)\n";

/// A root that needs no provider that is not in Terraform itself.
const CODE: &str = r#"
terraform {
  required_version = ">= 1.11"
}

resource "terraform_data" "one" {
  input = terraform.workspace
}

output "services" {
  value = {}
}

output "env" {
  sensitive = true
  value     = { DATABASE_URL = "postgres://u:it's $HOME@h/d", REDIS_URL = "redis://${terraform_data.one.output}" }
}
"#;

#[test]
fn without_terraform_it_says_where_to_get_it() {
    let plain = Plain::new(POLICY, CODE);
    let tools = temporary::directory();
    let xtask = plain.xtask().env("PATH", tools.path());
    // The programs that would run it are there or not: it is Terraform that is missing.
    for wrapper in [None, Some("setpriv"), Some("timeout")] {
        if let Some(wrapper) = wrapper {
            symlink(which(wrapper), tools.path().join(wrapper)).unwrap();
        }
        for verb in ["up", "validate"] {
            let hint = INSTALL.trim_end();
            let message = format!("error: `terraform` was not found on PATH\n{hint}, or add its directory to PATH\n");
            xtask.infra(&[verb, NAME]).exits(1).complains(&message);
        }
    }
    symlink(which("terraform"), tools.path().join("terraform")).unwrap();
    xtask.infra(&["up", NAME]).success();
}

/// Completions are loaded by a shell that starts anywhere, and whatever a checkout is like.
#[test]
fn completions_need_no_checkout() {
    let plain = Plain::new("nonsense", CODE);
    for directory in [plain.checkout.root(), plain.home.path()] {
        let completions = Call::new(binary()).args(["completions", "bash"]).directory(directory).run().success();
        assert!(completions.stdout.contains("complete -F"), "{}", completions.stdout);
    }
}

/// Before 1.9, which does not know `init -json`, and later ones, which read `required_version`.
#[test]
fn a_terraform_that_is_too_old_is_told_apart() {
    let before = "init) echo 'Error parsing command-line flags: flag provided but not defined: -json' >&2; exit 1 ;;";
    let later = r#"init) echo '{"@level":"error","type":"diagnostic","diagnostic":{"severity":"error","summary":"Unsupported Terraform Core version","detail":"This configuration does not support Terraform version 1.10.5.","range":{"filename":"main.tf","start":{"line":3,"column":22,"byte":36},"end":{"line":3,"column":31,"byte":45}}}}'; exit 1 ;;"#;
    for (answers, message) in [
        (before, "`terraform init` failed\n  Error parsing command-line flags: flag provided but not defined: -json\n"),
        (
            later,
            "terraform init: main.tf:3: Unsupported Terraform Core version\n  This configuration does not support Terraform version 1.10.5.\n",
        ),
    ] {
        let fake = FakeTerraform::new(&format!("-json) echo '{{\"terraform_version\": \"1.8.5\"}}' ;;\n{answers}"));
        let plain = Plain::new(POLICY, CODE);
        plain.xtask().env("PATH", fake.path()).infra(&["up", NAME]).exits(1).complains(&format!("error: {message}{INSTALL}"));
    }
}

#[test]
fn a_terraform_that_is_killed_is_said_to_be() {
    let fake = FakeTerraform::new("init) kill -9 $$ ;;");
    let plain = Plain::new(POLICY, CODE);
    let outcome = plain.xtask().env("PATH", fake.path()).infra(&["up", NAME]).exits(1);
    assert!(outcome.complaint().starts_with("error: `terraform init` failed"), "{}", outcome.stderr);
}

#[test]
fn a_mistake_in_the_code_is_named_with_its_line() {
    let plain = Plain::new(POLICY, "output \"services\" {\n  value = var.nothing\n}\n");
    plain
        .xtask()
        .infra(&["up", NAME])
        .exits(1)
        .says("error: terraform ")
        .says("main.tf:2: Reference to undeclared input variable")
        .says("hint: ");
}

#[test]
fn an_environment_without_containers_goes_all_the_way() {
    let plain = Plain::new(POLICY, CODE);
    let xtask = plain.xtask().env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    xtask.infra(&["plan", NAME, "--detailed-exitcode"]).exits(2);
    xtask.infra(&["apply", NAME]).success();
    xtask.infra(&["plan", NAME, "--detailed-exitcode"]).success();
    xtask.infra(&["apply", NAME]).success().says("plain: applied, no changes");
    xtask.infra(&["up", NAME]).success().says("nothing changed");
    let status = xtask.infra(&["status", NAME]).success();
    assert_eq!((status.stdout.as_str(), status.stderr.as_str()), ("service  engine  address\n", ""), "no word of containers");
    let env = xtask.infra(&["env", NAME, "--format", "shell"]).success().stdout;
    assert_eq!(env, "export DATABASE_URL='postgres://u:it'\\''s $HOME@h/d'\nexport REDIS_URL='redis://default'\n");
    xtask.infra(&["down", NAME]).exits(3).says("`cargo xtask infra destroy plain` removes everything it has");

    // Another instance has a state of its own.
    xtask.infra(&["up", NAME, "--instance", "t1"]).success();
    let env = xtask.infra(&["env", NAME, "--instance", "t1", "--format", "shell"]).success().stdout;
    assert!(env.ends_with("REDIS_URL='redis://t1'\n"), "{env}");
    xtask.infra(&["destroy", NAME, "--instance", "t1", "--yes"]).success();
    xtask.infra(&["plan", NAME, "--detailed-exitcode"]).success();

    xtask.infra(&["destroy", NAME, "--yes"]).success();
    let left = std::fs::read_dir(plain.checkout.environment(NAME)).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<String> = left.map(|name| name.into_string().unwrap()).filter(|name| name != "main.tf" && name != ".terraform").collect();
    assert_eq!(left, Vec::<String>::new(), "what a destroyed environment leaves in its directory");
}

/// A process number in the name proves nothing: this one is a living process', as a number that was used again would be.
#[test]
fn what_killed_runs_were_writing_goes_with_the_next_run_and_with_destroy() {
    let plain = Plain::new(POLICY, CODE);
    plain.xtask().infra(&["up", NAME]).success();
    let records = plain.home.path().join("state/tracker-infra/instances");
    let record = std::fs::read_dir(&records).unwrap().next().unwrap().unwrap().path();
    for verb in [&["output", NAME][..], &["destroy", NAME, "--yes"]] {
        for directory in [plain.checkout.environment(NAME).join(".instances"), record.clone()] {
            std::fs::write(directory.join(format!(".default.applied.{}.aB3xYz.new", std::process::id())), "half").unwrap();
        }
        plain.xtask().infra(verb).success();
        let left = [plain.checkout.environment(NAME), records.clone()].map(|place| infra_tests::snapshot::of(&[&place]));
        let unfinished = left.iter().flat_map(|left| left.keys()).find(|path| path.to_string_lossy().ends_with(".new"));
        assert_eq!(unfinished, None, "{verb:?}");
    }
    assert_eq!(std::fs::read_dir(&records).unwrap().count(), 0, "nothing of it is left in the user's state directory");
}

#[test]
fn a_directory_without_a_policy_gets_the_strictest() {
    let plain = Plain::new("", CODE);
    let refused = plain.xtask().infra(&["up", NAME]).exits(3);
    assert_eq!(
        refused.complaint(),
        format!(
            "error: apply this to `{NAME}`?\nhint: nobody is here to ask: run it in a terminal, or add --yes if that is what you want\n"
        )
    );
    assert!(refused.stderr.contains("+ terraform_data.one"), "what it would do:\n{}", refused.stderr);
    assert!(!plain.checkout.environment(NAME).join("terraform.tfstate").exists());
    plain.xtask().infra(&["up", NAME, "--yes"]).success();
    plain.xtask().infra(&["destroy", NAME, "--yes"]).success();
}

/// Only what is named is on PATH: neither Docker nor anything else.
#[test]
fn docker_is_not_needed_where_there_are_no_containers() {
    assert!(is_installed("terraform"), "the tests need Terraform");
    let plain = Plain::new(POLICY, CODE);
    let tools = temporary::directory();
    symlink(which("terraform"), tools.path().join("terraform")).unwrap();
    plain.xtask().env("PATH", tools.path()).infra(&["plan", NAME]).success();
}
