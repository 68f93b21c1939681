//! `aws` without a way to AWS: what stands in the way is said at once, and nothing leaves this machine.

use std::fs;

use infra_tests::checkout::Checkout;
use infra_tests::xtask::Xtask;

/// Nothing that a shell on a developer's machine may have set.
fn without_credentials(checkout: &Checkout) -> Xtask {
    let nothing = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    let nowhere = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let xtask = nothing.iter().chain(&nowhere).fold(checkout.xtask(), |xtask, name| xtask.env(name, ""));
    let home = checkout.root().join("home");
    xtask
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_STATE_HOME", home.join("state"))
}

#[test]
fn what_is_kept_elsewhere_is_initialised_and_not_brought_up_again() {
    let checkout = Checkout::new();
    let said = "error: `aws` has not been initialised here\nhint: cargo xtask infra init aws\n";
    checkout.xtask().infra(&["env", "aws"]).exits(1).complains(said);
}

#[test]
fn no_credentials_is_one_message_and_soon() {
    let checkout = Checkout::new();
    let started = std::time::Instant::now();
    let outcome = without_credentials(&checkout).infra(&["plan", "aws"]).exits(1);
    // The message is what counts, and that no network is waited for; a loaded machine is slow.
    assert!(started.elapsed().as_secs() < 10, "it took {:?}", started.elapsed());
    outcome.complains(
        "error: no AWS credentials for `aws`\n  \
         any of these will do: a profile (`aws configure sso`, then AWS_PROFILE=NAME),\n  \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a role of the CI job (AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE),\n  \
         or a role of the machine or container this runs on\n\
         hint: give credentials, or try it without any: cargo xtask infra plan aws --emulated\n",
    );
    assert!(!checkout.environment("aws").join(".instances").exists(), "a refusal leaves nothing behind");
}

/// On a machine of Amazon's the metadata service has a role; here it is one that says no, and one that says yes.
#[test]
fn a_role_of_the_machine_counts() {
    let checkout = Checkout::new();
    let xtask = without_credentials(&checkout).env("AWS_EC2_METADATA_DISABLED", "false");
    let nobody = xtask.clone().env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    nobody.infra(&["plan", "aws"]).exits(1).says("error: no AWS credentials for `aws`");
    let (url, thread) = one_answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\ntoken");
    let outcome = xtask.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", url).infra(&["plan", "aws"]).exits(3);
    outcome.says("infra.toml allows `aws` no AWS account");
    assert!(thread.join().unwrap().starts_with("PUT /latest/api/token "));
}

/// Answers one request; the address, and what was asked.
fn one_answer(text: &'static str) -> (String, std::thread::JoinHandle<String>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (url, thread)
}

/// Code is code: no credentials, no account, no bucket and no instance file are needed to look at it, and nothing is left behind.
#[test]
fn code_is_checked_without_any_of_that() {
    let checkout = Checkout::new();
    let config = fs::read_to_string(checkout.infrastructure("infra.toml")).unwrap();
    checkout.write("infra.toml", &format!("{config}\n[environments.plain]\naws = true\nregion = \"eu-central-1\"\n"));
    let good = "terraform {\n  backend \"s3\" {\n    key = \"k\"\n  }\n}\n\nresource \"terraform_data\" \"one\" {\n}\n";
    checkout.write("environments/plain/main.tf", good);
    let xtask = without_credentials(&checkout).env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    xtask.infra(&["validate", "plain"]).success().says("plain is valid");
    checkout.write("environments/plain/main.tf", &good.replace("\"one\" {", "\"one\" {\n  input = var.nothing"));
    xtask.infra(&["validate", "plain"]).exits(1).says("terraform validate: main.tf:8: Reference to undeclared input variable");
    let left: Vec<_> = fs::read_dir(checkout.environment("plain")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["main.tf"]);
}

#[test]
fn half_of_the_credentials_is_said_to_lack_the_other_half() {
    let checkout = Checkout::new();
    for (set, missing) in [
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
    ] {
        let outcome = without_credentials(&checkout).env(set, "something").infra(&["plan", "aws"]).exits(1);
        outcome.complains(&format!(
            "error: the AWS credentials in your shell lack {missing}\n\
             hint: give credentials, or try it without any: cargo xtask infra plan aws --emulated\n"
        ));
    }
}

fn with_credentials(checkout: &Checkout) -> Xtask {
    without_credentials(checkout).env("AWS_ACCESS_KEY_ID", "AKIA").env("AWS_SECRET_ACCESS_KEY", "secret")
}

#[test]
fn no_account_is_allowed_until_one_is_written_down() {
    let checkout = Checkout::new();
    for verb in ["plan", "up", "create-backend"] {
        with_credentials(&checkout).infra(&[verb, "aws"]).exits(3).complains(
            "error: infra.toml allows `aws` no AWS account\n\
             hint: write the 12 digits of the right one into `allowed_account_ids` of [environments.aws]: Terraform then refuses any other\n",
        );
    }
}

#[test]
fn a_state_without_a_bucket_is_said_to_need_one() {
    let checkout = Checkout::new();
    checkout.replace("infra.toml", "allowed_account_ids = []", "allowed_account_ids = [\"111122223333\"]");
    let path = checkout.environment("aws").join("state.tfbackend");
    with_credentials(&checkout).infra(&["plan", "aws"]).exits(1).complains(&format!(
        "error: `aws` has no bucket for its state: {} is missing\n\
         hint: make the bucket and the file: cargo xtask infra create-backend aws; in a team, pull: the file is committed\n",
        path.display()
    ));
}

/// In a fresh clone nothing on this machine tells of an environment whose state is in a bucket.
#[test]
fn what_was_applied_from_elsewhere_is_not_said_to_be_nothing() {
    let checkout = Checkout::new();
    checkout.replace("infra.toml", "allowed_account_ids = []", "allowed_account_ids = [\"111122223333\"]");
    let outcome = with_credentials(&checkout).infra(&["destroy", "aws", "--yes"]).exits(1);
    assert!(outcome.complaint().starts_with("error: `aws` has no bucket for its state: "), "{}", outcome.stderr);
    with_credentials(&checkout).infra(&["destroy", "aws", "--emulated", "--yes"]).success().says("emulated aws: nothing to destroy");
}

#[test]
fn what_has_nothing_of_aws_can_neither_be_emulated_nor_need_a_bucket() {
    let checkout = Checkout::new();
    checkout.xtask().infra(&["plan", "local", "--emulated"]).exits(64).complains(
        "error: `local` has nothing of AWS that could be emulated\n\
         hint: leave --emulated out, or write `aws = true` into its table in infrastructure/infra.toml\n",
    );
    checkout.xtask().infra(&["create-backend", "local"]).exits(64).says("`local` keeps its state in a file");
    let on_aws = checkout.xtask().env("TF_VAR_environment", "aws");
    on_aws.infra(&["create-backend", "hybrid"]).exits(64).complains(
        "error: `hybrid` keeps its state in a file: it needs no bucket\n\
         hint: for a state that a team shares, give it a backend.tf as environments/aws has, with a key of its own\n",
    );
}

/// With an engine that is not there: the warning comes first, and nothing is started.
#[test]
fn credentials_of_the_shell_are_withheld_from_an_emulator() {
    let checkout = Checkout::new();
    let xtask = with_credentials(&checkout).env("AWS_SESSION_TOKEN", "t").env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    let outcome = xtask.infra(&["plan", "aws", "--emulated"]).exits(1);
    let warning =
        outcome.stderr.lines().find(|line| line.contains("withheld from Terraform")).unwrap_or_else(|| panic!("{}", outcome.stderr));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"] {
        assert!(warning.contains(name), "{warning}");
    }
    let left = fs::read_dir(checkout.environment("aws")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| name != "terraform.tfstate"), "a state beside the code");
}

/// What refuses to go, when Terraform comes to it. The database that AWS itself would not delete may be switched off.
const PROTECTED: &str = r#"
resource "terraform_data" "protection" {
  input = { name = "guarded", protected = true }

  provisioner "local-exec" {
    when    = destroy
    command = "exit 1"
  }
}

output "services" {
  value = {}
}

output "env" {
  sensitive = true
  value     = { NAME = "value" }
}
"#;

/// Terraform takes the outputs out of the state before it comes to what refuses: so it is not asked.
#[test]
fn a_destroy_that_is_refused_leaves_the_outputs() {
    let checkout = Checkout::new();
    let policy = "aws = true\nregion = \"us-east-1\"\nallowed_account_ids = [\"111122223333\"]\n";
    let config = fs::read_to_string(checkout.infrastructure("infra.toml")).unwrap();
    checkout.write("infra.toml", &format!("{config}\n[environments.guarded]\n{policy}"));
    checkout.write("environments/guarded/main.tf", PROTECTED);
    let infra = |arguments: &[&str]| with_credentials(&checkout).infra(arguments);
    infra(&["up", "guarded", "--yes"]).success();
    let variables = infra(&["env", "guarded"]).success().stdout;
    assert_eq!(variables, "NAME=value\n");
    infra(&["destroy", "guarded", "--yes"]).exits(3).complains(
        "error: `guarded` is protected against deletion\n  terraform_data.protection has its deletion protection on\n\
         hint: if it is really to go: `protected = false` in the environment's terraform.tfvars, apply that, then try again\n",
    );
    assert_eq!(infra(&["env", "guarded"]).success().stdout, variables);
    checkout.replace("environments/guarded/main.tf", "protected = true", "protected = false");
    infra(&["up", "guarded", "--yes"]).success();
    // Its own refusal is another matter, and would come now.
    checkout.replace("environments/guarded/main.tf", "exit 1", "exit 0");
    infra(&["destroy", "guarded", "--yes"]).success().says("guarded is destroyed");
}
