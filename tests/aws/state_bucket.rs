//! `create-backend`: the bucket for the states is made, found again by its tags, and refused where they say nothing of us.

use std::sync::Arc;
use std::thread;

use infra_tests::checkout::Checkout;
use infra_tests::emulated::Emulated;
use infra_tests::snapshot;
use serde_json::{Value, json};

/// The name that the bucket gets on an emulator: project, account and region are in it.
const BUCKET: &str = "tracker-terraform-state-000000000000-us-east-1";

#[test]
fn the_bucket_for_states_is_made_and_found_again() {
    let aws = Emulated::new("bucket");
    let made = aws.infra("create-backend", &["--yes"]).success().says("+ aws_s3_bucket.state").says(BUCKET);
    lets_nobody_delete_a_state(&serde_json::from_str(&made.stdout).unwrap());
    // Of an emulator's bucket nothing is remembered here: it is always one whose state was lost. What it is set to is set again,
    // and takes a minute; the bucket with the states is what counts.
    let found = aws.infra("create-backend", &[]).exits(3).says("the bucket exists and carries our tags: it is taken back");
    assert!(!found.stderr.contains("+ aws_s3_bucket.state\n") && !found.stderr.contains("to destroy"), "{}", found.stderr);
    found.says("+ aws_s3_bucket_versioning.state\n").says("make this, the bucket for Terraform's states?");
}

/// A plan locks the state, and whoever locks has to unlock.
fn lets_nobody_delete_a_state(printed: &Value) {
    let states = json!(format!("arn:aws:s3:::{BUCKET}/*.tfstate"));
    for role in ["plan", "apply"] {
        let statements = printed["policies"][role]["Statement"].as_array().unwrap();
        let of = |effect: &str, action: &str| -> Vec<&Value> {
            let matching =
                statements.iter().filter(|it| it["Effect"] == effect && it["Action"].as_array().unwrap().contains(&json!(action)));
            matching.map(|statement| &statement["Resource"]).collect()
        };
        assert_eq!(of("Deny", "s3:DeleteObject"), [&states], "{role}");
        assert_eq!(of("Deny", "s3:DeleteObjectVersion"), [&states], "{role}");
        assert_eq!(of("Allow", "s3:DeleteObject"), [&json!(format!("arn:aws:s3:::{BUCKET}/*.tflock"))], "{role}");
        assert_eq!(of("Allow", "s3:PutObject").contains(&&states), role == "apply", "{role}");
    }
}

/// Each with an emulator of its own, and with the files of one root.
#[test]
#[ignore = "thorough: two emulators at once, and the minute that the settings of a bucket take"]
fn the_buckets_of_two_emulators_are_made_at_once() {
    let checkout = Arc::new(Checkout::new());
    let both = ["one", "two"].map(|theme| Emulated::of("aws", &checkout, theme, &[]));
    thread::scope(|scope| {
        for aws in &both {
            scope.spawn(|| aws.infra("create-backend", &["--yes"]).success().says("+ aws_s3_bucket.state").says(BUCKET));
        }
    });
    let left = checkout.infrastructure("state-backend/s3/.emulated");
    assert!(!left.exists(), "{:?}", snapshot::of(&[&left]).into_keys());
}

#[test]
fn a_bucket_of_that_name_without_our_tags_is_refused() {
    let aws = Emulated::new("theirs");
    aws.infra("init", &[]).success();
    let made = minreq::put(format!("{}/{BUCKET}", aws.endpoint())).with_timeout(60).send().unwrap();
    assert_eq!(made.status_code, 200, "{}", made.as_str().unwrap_or_default());
    let refused = aws.infra("create-backend", &["--yes"]).exits(1);
    refused.says(&format!("the bucket {BUCKET} exists and does not carry the tags")).says("nothing was changed");
}
