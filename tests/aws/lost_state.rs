//! A state that is empty where AWS has something of this environment: Terraform would make all of it a second time.

use infra_tests::emulated::Emulated;

#[test]
fn an_empty_state_beside_what_was_made_is_refused() {
    let aws = Emulated::new("lost");
    aws.infra("init", &[]).success();
    let bucket = format!("tracker-aws-{}", aws.name());
    let tags: String = [("project", "tracker"), ("environment", "aws"), ("instance", aws.name())]
        .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
        .concat();
    let place = format!("{}/{bucket}", aws.endpoint());
    let tagging = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
    for made in [minreq::put(&place), minreq::put(format!("{place}?tagging")).with_body(tagging)] {
        let answer = made.with_timeout(60).send().unwrap();
        assert!((200..300).contains(&answer.status_code), "{}", answer.as_str().unwrap_or_default());
    }

    let what =
        format!("error: the state of `emulated aws/{}` is empty, and AWS has what was made for it:\n  arn:aws:s3:::{bucket}\n", aws.name());
    // `up` plans in the same way.
    aws.infra("plan", &[]).exits(3).says(&what).says("--allow lost-state --reason TEXT");
    aws.infra("plan", &["--allow", "lost-state", "--reason", "another team's"])
        .success()
        .says("passed, as you asked: the state of ")
        .says("is empty, and AWS has what was made for it: arn:aws:s3:::");
}
