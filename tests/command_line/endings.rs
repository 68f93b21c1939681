//! How Terraform ends: only what it says is done counts as done, and a plan of which nothing was begun stays.

use super::fake_terraform::FakeTerraform;
use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

const CODE: &str =
    "resource \"terraform_data\" \"one\" {}\n\noutput \"services\" {\n  value = {}\n}\n\noutput \"env\" {\n  value = {}\n}\n";

/// Go's runtime ends with 2, which is a plan's word for changes.
const DIES: &str = "echo 'fatal error: runtime: out of memory' >&2; exit 2";

#[test]
fn a_terraform_that_ends_before_the_work_does_is_a_failure() {
    let (dies, silent) = (format!("{DIES} ;;"), "exit 0 ;;");
    let unfinished =
        |verb: &str, status: u8| format!("error: `terraform {verb}` ended with exit status {status} without saying that it is complete\n");
    let words = "  fatal error: runtime: out of memory\n";
    let again = "hint: `cargo xtask infra up plain` goes on from here and repairs what is half done\n";
    for (verb, answer, message) in [
        ("apply", &*dies, unfinished("apply", 2) + words + again),
        ("apply", silent, unfinished("apply", 0) + again),
        ("apply", "complete plan ;;", unfinished("apply", 0) + again),
        ("apply", "printf 'half a line'; exit 3 ;;", unfinished("apply", 3) + "  half a line\n" + again),
        ("plan", &*dies, unfinished("plan", 2) + words + again),
        ("plan", "out \"$@\"; exit 2 ;;", unfinished("plan", 2) + again),
        ("plan", silent, unfinished("plan", 0) + again),
        // It says nothing of the kind, and ends with 0 or not.
        ("init", &*dies, format!("error: `terraform init` failed\n{words}hint: run again with -v to see every command that is run\n")),
    ] {
        let plain = Plain::new(POLICY, CODE);
        let fake = FakeTerraform::new(&format!("{verb}) {answer}\n*) real \"$@\" ;;"));
        plain.xtask().env("PATH", fake.path()).infra(&["up", NAME]).exits(1).complains(&message);
        // The real one puts it right.
        plain.xtask().infra(&["up", NAME]).success();
        plain.xtask().infra(&["plan", NAME, "--detailed-exitcode"]).success();
    }
}

#[test]
fn a_plan_of_which_nothing_was_begun_can_be_applied_again() {
    let plain = Plain::new(POLICY, CODE);
    let file = plain.checkout.root().join("it's.tfplan");
    let saved = file.to_str().unwrap();
    let fake = FakeTerraform::new(&format!("apply) {DIES} ;;\n*) real \"$@\" ;;"));
    for options in [&[][..], &["--out", saved]] {
        plain.xtask().infra(&[&["plan", NAME], options].concat()).success();
        let planned = if options.is_empty() { vec![] } else { vec![saved] };
        let apply = [&["apply", NAME], &*planned].concat();
        let failed = plain.xtask().env("PATH", fake.path()).infra(&apply).exits(1);
        let named = if options.is_empty() { String::new() } else { format!(" '{}'", saved.replace('\'', r"'\''")) };
        failed.says(&format!(
            "  nothing of the plan was begun\nhint: the plan is kept: `cargo xtask infra apply plain{named}` tries again\n"
        ));
        plain.xtask().infra(&apply).success();
        plain.xtask().infra(&apply).exits(1).says("error: there is no plan ");
        plain.xtask().infra(&["destroy", NAME, "--yes"]).success();
    }
}

#[test]
fn a_plan_that_was_begun_is_used_up() {
    let code = CODE.replace("\"one\" {}", "\"one\" {\n  provisioner \"local-exec\" {\n    command = \"false\"\n  }\n}");
    let plain = Plain::new(POLICY, &code);
    let file = plain.checkout.root().join("saved.tfplan");
    plain.xtask().infra(&["plan", NAME, "--out", file.to_str().unwrap()]).success();
    let failed = plain.xtask().infra(&["apply", NAME, file.to_str().unwrap()]).exits(1).says("error: terraform apply: ");
    assert!(!failed.stderr.contains("the plan is kept"), "{}", failed.stderr);
    assert!(!file.exists());
}

#[test]
fn code_is_valid_where_terraform_says_so() {
    let plain = Plain::new(POLICY, CODE);
    let fake = FakeTerraform::new("validate) exit 0 ;;\n*) real \"$@\" ;;");
    let failed = plain.xtask().env("PATH", fake.path()).infra(&["validate", NAME]).exits(1);
    failed.says("error: `terraform validate` ended with exit status 0 without saying that it is complete\n");
    plain.xtask().infra(&["validate", NAME]).success().says("plain is valid");
}
