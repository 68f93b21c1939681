//! A request to S3, signed with a key (Signature Version 4, https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use hmac_sha256::{HMAC, Hash};

use super::login::{Account, Refusal};
use crate::host::digest::hex;

/// The hash of no content.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Asks for no more than one name: that a bucket can be listed is the answer.
const QUERY: &str = "list-type=2&max-keys=1";

/// Lists the bucket that the account's path names, at `host`, which has its port.
///
/// # Errors
/// A `Refusal` where the keys are wrong or the bucket is not there; anything else where it may still come.
pub(super) fn ask(host: &str, account: &Account, region: &str, time_limit: Duration) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock of this machine is before 1970")?;
    let (moment, path) = (moment(now.as_secs()), format!("/{}", account.path));
    let authorization =
        sign(account, region, &moment, &[("host", host), ("x-amz-content-sha256", EMPTY), ("x-amz-date", &moment)], &path, QUERY);
    let answer = minreq::get(format!("http://{host}{path}?{QUERY}"))
        .with_header("x-amz-date", moment)
        .with_header("x-amz-content-sha256", EMPTY)
        .with_header("Authorization", authorization)
        .with_timeout(time_limit.as_secs())
        .send()?;
    if answer.status_code == 200 {
        return Ok(());
    }
    let body = String::from_utf8_lossy(answer.as_bytes()).into_owned();
    let element = |name: &str| body.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>")).map(|found| found.0.to_owned());
    let said = match (element("Code"), element("Message")) {
        (Some(code), Some(message)) => format!("{code}: {}", message.trim_end_matches('.')),
        _ => format!("status {}", answer.status_code),
    };
    match answer.status_code {
        // The moment that was signed is one of them.
        400 | 401 | 403 => Err(Refusal::of_the_account(said).into()),
        404 => Err(Refusal::of_the_path(said).into()),
        _ => bail!("it answered with {said}"),
    }
}

/// The header `Authorization` of a GET; `headers` are sorted by their names, which are in lower case.
fn sign(account: &Account, region: &str, moment: &str, headers: &[(&str, &str)], path: &str, query: &str) -> String {
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect::<String>();
    let request = format!("GET\n{path}\n{query}\n{lines}\n{names}\n{EMPTY}");
    let day = &moment[..8];
    let scope = format!("{day}/{region}/s3/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hex(&Hash::hash(request.as_bytes())));
    let first = HMAC::mac(day, format!("AWS4{}", account.password));
    let key = [region, "s3", "aws4_request"].into_iter().fold(first, |key, part| HMAC::mac(part, key));
    let signature = hex(&HMAC::mac(text, key));
    format!("AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}", account.user)
}

/// `20260102T030405Z`, of seconds since 1970. Days by Howard Hinnant's civil_from_days
/// (https://howardhinnant.github.io/date_algorithms.html).
fn moment(seconds: u64) -> String {
    let (days, of_day) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, moment, sign};
    use crate::services::login::Account;

    #[test]
    fn moments_are_written_as_signatures_want_them() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (1_369_353_600, "20130524T000000Z"),
            (1_709_210_096, "20240229T123456Z"),
            (4_102_444_799, "20991231T235959Z"),
        ] {
            assert_eq!(moment(seconds), expected);
        }
    }

    /// "GET Bucket (List Objects)" of AWS' own examples
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
    #[test]
    fn a_signature_is_the_one_of_aws_own_example() {
        let account = Account {
            user: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            password: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            path: String::new(),
        };
        let headers = [("host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", EMPTY), ("x-amz-date", "20130524T000000Z")];
        assert_eq!(
            sign(&account, "us-east-1", "20130524T000000Z", &headers, "/", "max-keys=2&prefix=J"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;x-amz-content-sha256;x-amz-date,\
             Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
    }
}
