//! `hybrid`: one root that is all on Docker or all on AWS, by one variable.

use std::fs;
use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::clients::{self, postgres};
use infra_tests::docker;
use infra_tests::emulated::Emulated;
use infra_tests::stack::Stack;
use infra_tests::xtask::Xtask;

use super::contract::{self, OfContainers};
use super::services;

const NAME: &str = "hybrid";
const ON_AWS: (&str, &str) = ("TF_VAR_environment", "aws");

/// A shell that has no way to AWS.
fn without_credentials(stack: &Stack) -> Xtask {
    let nothing = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    let xtask = nothing.iter().fold(stack.xtask(), |xtask, name| xtask.env(name, ""));
    let files = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];
    files.iter().fold(xtask, |xtask, name| xtask.env(name, "/dev/null")).env("AWS_EC2_METADATA_DISABLED", "true")
}

#[test]
fn all_on_docker_needs_nothing_of_aws_and_stays_on_docker() {
    let checkout = Arc::new(Checkout::new());
    let local = OfContainers::read("local", &checkout);
    let stack = Stack::of(NAME, &checkout, NAME);
    let xtask = without_credentials(&stack);
    let up = stack.with(&xtask, "up", &["--yes"]).success();
    for service in stack.services().as_object().unwrap().keys() {
        let row = up.stderr.lines().rfind(|line| line.starts_with(service)).unwrap_or_default();
        assert!(row.contains(" ready "), "{service} in\n{}", up.stderr);
    }
    let variables = stack.variables();
    clients::write(&variables);
    clients::check(&variables);
    clients::are_refused(&variables);
    local.has_all_of(&OfContainers::of(&stack));
    stack.with(&xtask, "plan", &["--detailed-exitcode"]).success();
    // What `init` remembers is lost with a clean checkout; the state is where it was.
    fs::remove_dir_all(stack.directory().join(".terraform")).unwrap();
    stack.with(&xtask, "plan", &["--detailed-exitcode"]).success();
    is_not_moved_to_aws(&stack, &xtask);
    clients::check(&variables);
    stack.with(&xtask, "destroy", &["--yes"]).success().says("is destroyed");
    assert_eq!(stack.remains(), Vec::<String>::new());
}

/// Credentials are there, and nobody gets to see them.
fn is_not_moved_to_aws(stack: &Stack, xtask: &Xtask) {
    let state = stack.state_file();
    let before = fs::read(&state).unwrap();
    let flipped = xtask.clone().env(ON_AWS.0, ON_AWS.1).env("AWS_ACCESS_KEY_ID", "AKIA").env("AWS_SECRET_ACCESS_KEY", "secret");
    for verb in ["plan", "up", "destroy", "down"] {
        stack.with(&flipped, verb, &["--yes"]).exits(3).complains(&format!(
            "error: everything in the state of `{NAME}/{}` has environment = \"local\", and now it is set to the other side\n  \
             all of it would be removed, and made on the other side without its data\n\
             hint: set environment = \"local\" again, and then `destroy` it first; or use another --instance for the other side\n",
            stack.name()
        ));
    }
    assert_eq!(fs::read(&state).unwrap(), before);
}

/// Beside one on Docker in the same directory, whose state it must neither take over nor be kept from by.
#[test]
#[ignore = "thorough: a second life on the emulator; `whole_life` has that of the environment aws"]
fn all_on_aws_has_a_life_of_its_own_beside_one_on_docker() {
    let checkout = Arc::new(Checkout::new());
    let stack = Stack::of(NAME, &checkout, "beside");
    stack.infra("up", &["--yes"]).success();
    let (written, containers) = (stack.variables(), OfContainers::of(&stack));
    clients::write(&written);

    let aws = Emulated::of(NAME, &checkout, NAME, &[ON_AWS]);
    aws.infra("up", &["--yes"]).success().says("  reachable  ").says("is up");
    services::are_on_loopback_alone(&aws);
    services::serve_their_clients(&aws);
    contract::is_the_same(&containers, &aws);
    let planned = aws.infra("plan", &["--detailed-exitcode"]).success();
    assert_eq!(planned.stdout, format!("emulated {NAME}/{}: no changes\n", aws.name()));
    needs_no_docker_engine(&aws);
    is_destroyed_once_its_protection_is_lifted(&aws);
    aws.infra("destroy", &["--yes"]).success().says("is destroyed, its emulator and its state with it");
    assert_eq!(aws.remains(), Vec::<String>::new());
    assert!(!aws.directory().join(".emulated").exists(), ".emulated is still there");

    clients::check(&written);
    stack.infra("plan", &["--detailed-exitcode"]).success();
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

/// The xtask starts the emulator in a container; Terraform itself asks no engine for anything.
fn needs_no_docker_engine(aws: &Emulated) {
    let call = aws.terraform_call("plan -no-color -input=false -detailed-exitcode");
    call.env("DOCKER_HOST", "unix:///nonexistent/docker.sock").run().success();
}

fn is_destroyed_once_its_protection_is_lifted(aws: &Emulated) {
    let database = services::database_url(&aws.variables());
    let refused = aws.terraform("destroy -no-color -auto-approve");
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!((refused.stdout + &refused.stderr).contains("is protected, and nothing of it was removed"));
    postgres::check(&database);

    aws.settings("protected = false\nkeep_on_destroy = false\n");
    aws.infra("up", &["--yes"]).success();
    aws.terraform("destroy -no-color -auto-approve").success();
    assert_eq!(aws.terraform("state list").success().stdout, "");
    let left: Vec<String> = docker::containers(aws.name()).into_iter().map(|container| container.name).collect();
    assert_eq!(left, [aws.docker_name()], "the databases are gone with what they stood for");
}
