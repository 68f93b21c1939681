//! A bucket in the emulator's S3, for the state of what is applied to it.

use anyhow::Result;

use super::Emulator;
use crate::host::error::Failure;

impl Emulator {
    /// Makes a bucket in its S3; one that is there already stays as it is.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub(crate) fn create_bucket(&self, bucket: &str, region: &str) -> Result<()> {
        let answer = minreq::put(format!("{}/{bucket}", self.url())).with_timeout(10).with_body(location(region)).send();
        let said = match &answer {
            Ok(answer) if answer.status_code == 200 => return Ok(()),
            Ok(answer) => format!("status {}: {}", answer.status_code, answer.as_str().unwrap_or_default()),
            Err(error) => error.to_string(),
        };
        if said.contains("BucketAlreadyOwnedByYou") {
            return Ok(());
        }
        Err(Failure::new(format!("the emulator at {} does not make the bucket `{bucket}`", self.url()))
            .details(said.lines())
            .hint(format!("the end of its log may say why: `docker logs --tail 30 {}`", self.name))
            .into())
    }
}

/// The body of CreateBucket: every region but the first has to be named
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html).
fn location(region: &str) -> String {
    if region == "us-east-1" {
        return String::new();
    }
    format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    )
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn a_bucket_is_made_where_it_is_asked_for() {
        assert_eq!(location("us-east-1"), "");
        assert!(location("eu-central-1").contains("<LocationConstraint>eu-central-1</LocationConstraint>"));
    }
}
