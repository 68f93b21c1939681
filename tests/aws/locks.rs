//! The state of a team on S3 (here MinIO): two checkouts on one state, the lock between them, a lock that is left behind, and
//! a bucket that is not there.

use std::fs;

use infra_tests::checkout::Checkout;
use infra_tests::minio::{ACCESS_KEY, Minio, REGION, SECRET_KEY};
use infra_tests::poll;
use infra_tests::proc;
use infra_tests::process::{Running, signal};
use infra_tests::temporary;
use infra_tests::xtask::Xtask;
use tempfile::TempDir;

const NAME: &str = "team";
const BUCKET: &str = "states";

/// One resource that takes as long as a file is there: nothing of AWS but the state.
const CODE: &str = r#"
terraform {
  backend "s3" {
    key                  = "environments/team/terraform.tfstate"
    workspace_key_prefix = "environments/team/instances"
    use_lockfile         = true
    encrypt              = true
  }
}

resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = ": > begun; while [ -e hold ]; do sleep 0.05; done"
  }
}

output "services" {
  value = {}
}

output "env" {
  sensitive = true
  value     = {}
}
"#;

/// A member of the team: a checkout and user directories of their own.
struct Member {
    checkout: Checkout,
    home: TempDir,
}

impl Member {
    fn new(minio: &Minio, bucket: &str) -> Self {
        let checkout = Checkout::new();
        let config = fs::read_to_string(checkout.infrastructure("infra.toml")).unwrap();
        let policy = format!(
            "[environments.{NAME}]\nprotected = false\naws = true\nregion = {REGION:?}\nallowed_account_ids = [\"111122223333\"]\n"
        );
        checkout.write("infra.toml", &format!("{config}\n{policy}"));
        checkout.write(&format!("environments/{NAME}/main.tf"), CODE);
        // MinIO knows no accounts and no STS.
        let settings = format!(
            "bucket = {bucket:?}\nregion = {REGION:?}\nendpoints = {{ s3 = {:?} }}\nuse_path_style = true\n\
             skip_credentials_validation = true\nskip_requesting_account_id = true\nskip_metadata_api_check = true\n",
            minio.url()
        );
        checkout.write(&format!("environments/{NAME}/state.tfbackend"), &settings);
        Self { checkout, home: temporary::directory() }
    }

    fn xtask(&self) -> Xtask {
        let directory = |name: &str| self.home.path().join(name);
        self.checkout
            .xtask()
            .env("XDG_CACHE_HOME", directory("cache"))
            .env("XDG_STATE_HOME", directory("state"))
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    }

    /// Starts an `up` and waits until it holds the lock, in the middle of its apply.
    fn up_held(&self) -> Running {
        self.checkout.write(&format!("environments/{NAME}/hold"), "");
        let mut running = self.xtask().start(&["up", NAME]);
        poll::until("the slow resource", || match self.checkout.environment(NAME).join("begun").exists() {
            true => Ok(()),
            false if running.has_ended() => panic!("it ended before: {}", running.said()),
            false => Err(running.said()),
        });
        running
    }

    fn release(&self) {
        fs::remove_file(self.checkout.environment(NAME).join("hold")).unwrap();
    }
}

fn until_said(running: &Running, text: &str) {
    poll::until(text, || if running.said().contains(text) { Ok(()) } else { Err(running.said()) });
}

/// `user@host`, as Terraform writes it.
fn this_user() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    format!("@{}", host.trim())
}

#[test]
fn the_second_of_two_applies_waits_and_says_for_whom() {
    let minio = Minio::start();
    minio.make_bucket(BUCKET);
    let [first, second] = [Member::new(&minio, BUCKET), Member::new(&minio, BUCKET)];
    let holding = first.up_held();
    let waiting = second.xtask().start(&["up", NAME]);
    until_said(&waiting, "the state of `team` is locked by ");
    let said = waiting.said();
    assert!(said.contains(&this_user()) && said.contains("(apply); waiting for it"), "{said}");
    first.release();
    holding.finish().success().says("team is up");
    waiting.finish().success().says("team is up, nothing changed");
    second.xtask().infra(&["destroy", NAME, "--yes"]).success();
}

#[test]
fn a_lock_that_a_killed_run_has_left_is_explained_and_taken_away_after_a_yes() {
    let minio = Minio::start();
    minio.make_bucket(BUCKET);
    let [first, second] = [Member::new(&minio, BUCKET), Member::new(&minio, BUCKET)];
    let running = first.up_held();
    // Terraform first: it would hear of its parent's end, and give the lock back.
    let mut pids: Vec<u32> = proc::tree(running.id()).iter().map(|process| process.pid).collect();
    pids.reverse();
    signal("KILL", &pids);
    running.finish();
    first.release();

    let waited = second.xtask().infra(&["plan", NAME]).exits(1);
    assert!(
        waited.complaint().starts_with("error: terraform plan: the state states/environments/team/terraform.tfstate is locked by "),
        "{}",
        waited.stderr
    );
    waited.says("(apply)\nhint: another Terraform is at work on it").says("`cargo xtask infra unlock team` removes it");

    let unlock = || second.xtask().infra(&["unlock", NAME]);
    let refused = unlock().exits(3);
    let expected = format!("{} since ", this_user());
    assert!(
        refused.complaint().starts_with("error: the state of `team` is locked by ") && refused.stderr.contains(&expected),
        "{}",
        refused.stderr
    );
    refused.says("(apply)\n  lock ").says(&format!("{BUCKET}/environments/team/terraform.tfstate\n")).says("hint: nobody is here to ask");
    unlock().exits(3);
    second.xtask().infra(&["unlock", NAME, "--yes"]).success().says("the state of `team` is free again");
    unlock().success().says("the state of `team` is not locked");
    second.xtask().infra(&["up", NAME]).success().says("team is up");
    second.xtask().infra(&["plan", NAME, "--detailed-exitcode"]).success();
    second.xtask().infra(&["destroy", NAME, "--yes"]).success();
}

#[test]
fn a_bucket_that_is_not_there_is_said_to_be_missing() {
    let minio = Minio::start();
    let member = Member::new(&minio, "nowhere");
    let outcome = member.xtask().infra(&["plan", NAME]).exits(1);
    outcome.complains(
        "error: terraform init: the bucket `nowhere`, which is to hold the state, does not exist\n\
         hint: make it: `cargo xtask infra create-backend team`; or correct `bucket` in its state.tfbackend\n",
    );
}
