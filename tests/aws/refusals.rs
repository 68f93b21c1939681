//! What AWS refuses: real Terraform with the real provider, and an AWS on loopback that says no in AWS' own words.

use std::fs;

use infra_tests::checkout::Checkout;
use infra_tests::fake_aws::{self, ACCOUNT, FakeAws, OTHER_ACCOUNT};
use infra_tests::temporary;
use infra_tests::xtask::Xtask;
use tempfile::TempDir;

const REGION: &str = "us-east-1";

/// A checkout whose `aws` belongs into one account of the fake's.
struct Real {
    checkout: Checkout,
    home: TempDir,
    aws: FakeAws,
}

impl Real {
    fn new() -> Self {
        let checkout = Checkout::new();
        checkout.replace("infra.toml", "allowed_account_ids = []", &format!("allowed_account_ids = [\"{ACCOUNT}\"]"));
        Self { checkout, home: temporary::directory(), aws: FakeAws::start() }
    }

    /// Plans with this access key, and the state in this bucket.
    fn plan(&self, key: &str, bucket: &str) -> infra_tests::process::Outcome {
        let settings = format!("bucket = {bucket:?}\nregion = {REGION:?}\nuse_path_style = true\n");
        self.checkout.write("environments/aws/state.tfbackend", &settings);
        // Each bucket is another backend, and this is the same checkout.
        let _ = fs::remove_dir_all(self.checkout.environment("aws").join(".terraform"));
        self.xtask(key).infra(&["plan", "aws"])
    }

    /// Everything of AWS at the fake's address, by a profile: an address in the shell is withheld from an environment on AWS.
    fn xtask(&self, key: &str) -> Xtask {
        self.xtask_at(&self.aws.url(), key)
    }

    fn xtask_at(&self, url: &str, key: &str) -> Xtask {
        let config = self.home.path().join("config");
        fs::write(&config, format!("[default]\nendpoint_url = {url}\n")).unwrap();
        self.checkout
            .xtask()
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", config)
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    }
}

#[test]
fn what_aws_has_against_a_plan_is_one_message() {
    const SHELL: &str = "those of AWS_ACCESS_KEY_ID in your shell";
    let seen = |account: &str| format!("\n  AWS sees arn:aws:sts::{account}:assumed-role/developer/ann, account {account}\n");
    let ours = seen(ACCOUNT);
    let real = Real::new();
    for (key, bucket, code, expected) in [
        (fake_aws::EXPIRED, "states", 1, format!("init: the AWS session has expired: {SHELL}\nhint: log in again")),
        (fake_aws::REMOVED, "states", 1, format!("init: AWS does not know these credentials: {SHELL}\nhint: the key was removed")),
        (
            fake_aws::NOTHING,
            "states",
            1,
            format!(
                "init: AWS denies S3 ListObjectsV2 on the bucket `states`: {SHELL}\n  User: arn:aws:sts::111111111111:assumed-role/developer/ann \
                 is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::states\""
            ),
        ),
        (
            fake_aws::GOOD,
            "missing",
            1,
            format!("init: the bucket `missing`, which is to hold the state, does not exist{ours}hint: make it: `cargo"),
        ),
        (
            fake_aws::GOOD,
            "theirs",
            1,
            format!("init: AWS denies S3 ListObjectsV2 on the bucket `theirs`: {SHELL}{ours}hint: have the permission"),
        ),
        (
            fake_aws::GOOD,
            "moved",
            1,
            format!("init: the bucket `moved` is in eu-west-1, and was looked for in us-east-1{ours}hint: write region = \"eu-west-1\""),
        ),
        (
            fake_aws::OTHER,
            "states",
            3,
            format!(
                "plan: these credentials are of account 222222222222, which is not allowed here: {SHELL}{}  in providers.tf",
                seen(fake_aws::OTHER_ACCOUNT)
            ),
        ),
        (fake_aws::STATES_ONLY, "states", 1, "plan: AWS denies ".to_owned()),
    ] {
        let outcome = real.plan(key, bucket).exits(code);
        let expected = format!("error: terraform {expected}");
        assert!(outcome.complaint().starts_with(&expected), "{key} and {bucket}: expected\n{expected}\n-- but\n{}", outcome.stderr);
        assert_eq!(outcome.complaint().matches("\nhint: ").count(), 1, "{}", outcome.stderr);
    }
}

/// A session that has ended is a file that is not there.
#[test]
fn a_profile_without_its_session_has_no_credentials() {
    let real = Real::new();
    real.checkout.write("environments/aws/state.tfbackend", "bucket = \"states\"\nregion = \"us-east-1\"\n");
    let config = real.home.path().join("sso");
    let sso = "sso_start_url = https://example.invalid/start\nsso_region = us-east-1\nsso_role_name = r";
    fs::write(&config, format!("[profile ann]\n{sso}\nsso_account_id = {ACCOUNT}\n")).unwrap();
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let xtask = keys.iter().fold(real.xtask(fake_aws::GOOD), |xtask, key| xtask.env(key, ""));
    let outcome = xtask.env("AWS_CONFIG_FILE", config).env("AWS_PROFILE", "ann").infra(&["plan", "aws"]).exits(1);
    let expected = "error: terraform init: no AWS credentials can be had: profile `ann`";
    assert!(outcome.complaint().starts_with(expected), "{}", outcome.stderr);
    outcome.says("hint: log in (`aws sso login`)");
}

/// Terraform itself would apply it: it asks again for nothing that it knew when it planned.
#[test]
fn a_plan_is_for_the_account_that_it_was_made_in_also_where_two_are_allowed() {
    let real = Real::new();
    let policy =
        format!("aws = true\nprotected = false\nregion = {REGION:?}\nallowed_account_ids = [\"{ACCOUNT}\", \"{OTHER_ACCOUNT}\"]\n");
    let config = fs::read_to_string(real.checkout.infrastructure("infra.toml")).unwrap();
    real.checkout.write("infra.toml", &format!("{config}\n[environments.two]\n{policy}"));
    let backend =
        format!("backend \"s3\" {{\n    bucket = \"states\"\n    key = \"two\"\n    region = {REGION:?}\n    use_path_style = true\n  }}");
    real.checkout
        .write("environments/two/main.tf", &format!("terraform {{\n  {backend}\n}}\n\nresource \"terraform_data\" \"this\" {{}}\n"));
    real.xtask(fake_aws::GOOD).infra(&["plan", "two"]).success();
    real.xtask(fake_aws::OTHER).infra(&["apply", "two"]).exits(3).says(&format!(
        "error: the plan is stale: it was made for {REGION} in account {ACCOUNT}, and this is {REGION} in account {OTHER_ACCOUNT}\n"
    ));
    real.xtask(fake_aws::GOOD).infra(&["apply", "two"]).success();
}

/// The other side of `hybrid` is not looked for: AWS is asked, and nothing of Docker.
#[test]
fn hybrid_on_aws_needs_no_docker_engine() {
    let real = Real::new();
    let region = "region         = \"us-east-1\"\nemulator_ports";
    real.checkout.replace("infra.toml", region, &format!("allowed_account_ids = [\"{ACCOUNT}\"]\n{region}"));
    for (key, code, expected) in [
        (fake_aws::STATES_ONLY, 1, "plan: AWS denies "),
        (fake_aws::OTHER, 3, "plan: these credentials are of account 222222222222, which is not allowed here: "),
    ] {
        let xtask = real.xtask(key).env("TF_VAR_environment", "aws").env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        let outcome = xtask.infra(&["plan", "hybrid"]).exits(code);
        assert!(outcome.complaint().starts_with(&format!("error: terraform {expected}")), "{}", outcome.stderr);
    }
}

#[test]
fn an_aws_that_cannot_be_reached_is_told_from_one_that_refuses() {
    let real = Real::new();
    real.checkout.write("environments/aws/state.tfbackend", "bucket = \"states\"\nregion = \"us-east-1\"\n");
    // Nothing listens at port 1.
    let xtask = real.xtask_at("http://127.0.0.1:1", fake_aws::GOOD).env("AWS_MAX_ATTEMPTS", "1");
    let outcome = xtask.infra(&["plan", "aws"]).exits(1);
    let expected =
        "error: terraform init: AWS cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused\nhint: look at the network";
    assert!(outcome.complaint().starts_with(expected), "{}", outcome.stderr);
}
