//! The caller's identity on AWS, for messages of the AWS provider and the S3 backend that do not name it.

use std::fs;

use anyhow::{Context, Result};

use super::run::Terraform;
use crate::aws::account_of;
use crate::host::private_file;

/// A backend asks STS who it is before anything else, and refuses this account, which nobody has: so nothing more is asked, no
/// provider is needed, and it takes half a second.
const ROOT: &str = r#"terraform {
  backend "s3" {
    bucket              = "never-asked-for"
    key                 = "never-asked-for"
    allowed_account_ids = ["000000000000"]
  }
}
"#;

impl Terraform {
    /// The ARN of the credentials that a run here uses; `None` if AWS does not say, and on an emulator.
    pub(super) fn caller_arn(&self) -> Option<String> {
        if !self.reach.uses_own_credentials() {
            return None;
        }
        // A message is worse without it, and no less true.
        self.ask_for_arn().ok().flatten()
    }

    /// The account of those credentials.
    pub(crate) fn caller_account(&self) -> Option<String> {
        account_of(&self.caller_arn()?).map(ToOwned::to_owned)
    }

    fn ask_for_arn(&self) -> Result<Option<String>> {
        // The ARN is in the log alone, with the answers of every other service that was asked on the way to the credentials: the
        // directory is private, and goes with the log in it: when this run is killed, by the next one.
        let place = private_file::temporary_directory(&self.environment.instances_directory(), "caller")?;
        let log = place.path().join("log");
        fs::write(place.path().join("main.tf"), ROOT).context("writing a root module")?;
        let tool = self.tool_in(place.path(), ["init", "-input=false", "-no-color"]);
        tool.env("TF_LOG", "DEBUG").env("TF_LOG_PATH", &log).output()?;
        Ok(arn_in(&fs::read_to_string(&log).context("reading the log")?))
    }
}

/// Out of STS' answer: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
fn arn_in(log: &str) -> Option<String> {
    let (_, answer) = log.rsplit_once("<GetCallerIdentityResult>")?;
    let (arn, _) = answer.split_once("<Arn>")?.1.split_once("</Arn>")?;
    arn.starts_with("arn:").then(|| arn.to_owned())
}

#[cfg(test)]
mod tests {
    use super::arn_in;

    #[test]
    fn the_arn_is_that_of_the_last_answer() {
        let answer = |arn: &str| format!("<GetCallerIdentityResult>\n  | <Arn>{arn}</Arn>\n  | <UserId>U</UserId>\n");
        for (log, expected) in [
            (String::new(), None),
            ("<AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::1:x</Arn></AssumedRoleUser>".to_owned(), None),
            (answer("arn:aws:iam::1:user/ann") + &answer("arn:aws:sts::1:assumed-role/r/ann"), Some("arn:aws:sts::1:assumed-role/r/ann")),
            ("<GetCallerIdentityResult><Arn>****</Arn>".to_owned(), None),
        ] {
            assert_eq!(arn_in(&log).as_deref(), expected, "{log}");
        }
    }
}
