//! What AWS refuses, as messages for a person, out of the long chains that the S3 backend and the AWS provider make of it.
//!
//! The texts are those of Terraform 1.11 and of the provider's 5.100; whoever AWS knows the caller as is in them.

use crate::aws::caller::Caller;
use crate::failure::Failure;

/// A message for what AWS, or the way to it, has against this run; none for all else. `text` is everything Terraform said of
/// it. Whom AWS has seen is in it: what AWS itself says, or else what it answers when it is asked.
pub(crate) fn explain(verb: &str, text: &str, caller: &Caller<'_>) -> Option<Failure> {
    let source = caller.source();
    let text = text.split(['│', '╷', '╵']).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    let said = |piece: &str| text.contains(piece);
    let failure = |message: String, hint: &str| Some(Failure::new(format!("terraform {verb}: {message}")).hint(hint));
    if said("cached SSO token") {
        return failure(format!("there is no AWS session any more for {source}"), "`aws sso login`, and run again");
    }
    if said("api error ExpiredToken") || said("api error RequestExpired") {
        return failure(
            format!("the AWS session has expired: {source}"),
            "log in again (`aws sso login`), or put new temporary keys into the shell, and run again",
        );
    }
    if said("InvalidClientTokenId") || said("InvalidAccessKeyId") || said("UnrecognizedClientException") {
        return failure(
            format!("AWS does not know these credentials: {source}"),
            "the key was removed, or belongs to another partition (AWS GovCloud, China): take another",
        );
    }
    if said("SignatureDoesNotMatch") {
        return failure(
            format!("the secret key does not belong to the access key: {source}"),
            "copy both once more; a clock that is minutes off has the same effect",
        );
    }
    if said("No valid credential sources found") {
        return failure(
            format!("no AWS credentials can be had: {source}"),
            "log in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        );
    }
    if let Some(profile) = word_after(&text, "failed to get shared config profile, ") {
        return failure(
            format!("there is no AWS profile `{profile}`"),
            "`aws configure list-profiles` shows those there are: set AWS_PROFILE",
        );
    }
    if let Some(account) = word_after(&text, "AWS account ID not allowed: ") {
        let message = format!("terraform {verb}: these credentials are of account {account}, which is not allowed here: {source}");
        let hint = "take others; if it is the right one, add it to `allowed_account_ids` of this environment in infra.toml";
        return Some(Failure::refused(message).details(caller.seen()).hint(hint));
    }
    denied(verb, &text, caller).or_else(|| bucket(verb, &text, caller)).or_else(|| place(verb, &text, source))
}

/// Somebody is known, and may not.
fn denied(verb: &str, text: &str, caller: &Caller<'_>) -> Option<Failure> {
    let failure = |message: String, hint: &str| Some(Failure::new(format!("terraform {verb}: {message}")).hint(hint));
    if let Some((who, rest)) = text.split_once("User: ").and_then(|(_, rest)| rest.split_once(" is not authorized to perform: ")) {
        let action = rest.split_whitespace().next().unwrap_or_default();
        let resource = word_after(rest, "on resource: ").map(|word| word.trim_matches('"')).filter(|word| *word != "*");
        let on = resource.map(|resource| format!(" on {resource}")).unwrap_or_default();
        let hint = if action == "sts:AssumeRole" {
            "let that role trust it, or take other credentials"
        } else if action.starts_with("s3:") {
            "grant it, or take other credentials; `cargo xtask infra create-backend ENV` prints the policies for the state"
        } else {
            "grant it, or take other credentials"
        };
        return failure(format!("{who} may not {action}{on}"), hint);
    }
    if text.contains("api error AccessDenied") || text.contains("api error UnauthorizedOperation") {
        let operation = between(text, "operation error ", ",").unwrap_or("a request").replace(": ", " ");
        let what = match between(text, "S3 bucket \"", "\"") {
            Some(bucket) => format!("{operation} on the bucket `{bucket}`"),
            None => operation,
        };
        return Some(
            Failure::new(format!("terraform {verb}: AWS denies {what}: {}", caller.source()))
                .details(caller.seen())
                .hint("it may be another account's: look at the name, take other credentials, or have the permission granted"),
        );
    }
    None
}

/// The bucket of the state.
fn bucket(verb: &str, text: &str, caller: &Caller<'_>) -> Option<Failure> {
    if let Some(bucket) = between(text, "S3 bucket \"", "\" does not exist") {
        return Some(
            Failure::new(format!("terraform {verb}: the bucket `{bucket}`, which is to hold the state, does not exist"))
                .details(caller.seen())
                .hint("make it: `cargo xtask infra create-backend ENV`; or correct `bucket` in its state.tfbackend"),
        );
    }
    let moved = between(text, "requested bucket from \"", "\"").zip(between(text, "actual location \"", "\""));
    let (wanted, actual) = moved.or_else(|| between(text, "the region '", "'").zip(between(text, "expecting '", "'")))?;
    let bucket = between(text, "S3 bucket \"", "\"").map(|bucket| format!("the bucket `{bucket}`"));
    let bucket = bucket.unwrap_or_else(|| "the bucket".to_owned());
    Some(
        Failure::new(format!("terraform {verb}: {bucket} is in {actual}, and was looked for in {wanted}"))
            .details(caller.seen())
            .hint(format!("write region = \"{actual}\" into this environment's state.tfbackend")),
    )
}

/// Where AWS is, or is not; and what is there already.
fn place(verb: &str, text: &str, source: &str) -> Option<Failure> {
    let failure = |message: String, hint: &str| Some(Failure::new(format!("terraform {verb}: {message}")).hint(hint));
    if let Some(region) = word_after(text, "nvalid AWS Region: ") {
        return failure(format!("AWS has no region `{region}`"), "correct `region` of this environment in infra.toml");
    }
    if text.contains("operation error") && (text.contains("request send failed") || text.contains("dial tcp")) {
        let reason = text.rsplit_once("dial tcp ").map_or("no answer", |(_, reason)| reason);
        return failure(
            format!("AWS cannot be reached: {reason}"),
            "look at the network, at HTTPS_PROXY, and at AWS_ENDPOINT_URL if it is set; then run again",
        );
    }
    let exists = ["AlreadyExists", "AlreadyExist:", "AlreadyOwnedByYou", "ResourceExistsException"];
    if text.contains("operation error") && exists.iter().any(|code| text.contains(code)) {
        let what = between(text, "creating ", ": operation error").unwrap_or("something of that name");
        return failure(
            format!("{what} exists already, and this state knows nothing of it: {source}"),
            "a run that was killed may have made it: bring it in with `terraform import`, or remove it, and run again; or it is somebody else's",
        );
    }
    None
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// The word after `before`, without a comma or full stop that follows it.
fn word_after<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_whitespace().next().map(|word| word.trim_end_matches([',', '.']))
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::aws::caller::Caller;

    const STS: &str = "validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, \
                       https response error StatusCode: 403, RequestID: 0, api error ";
    const LIST: &str = "Failed to get existing workspaces: Unable to list objects in S3 bucket \"b\" with prefix \"p/\": operation error \
                        S3: ListObjectsV2, https response error StatusCode: 403, RequestID: T, HostID: h==, ";
    const IMDS: &str = "No valid credential sources found\nPlease see https://registry.terraform.io/providers/hashicorp/aws\nfor more \
                        information about providing credentials.\n\nError: failed to refresh cached credentials, ";
    const ROLE: &str = "arn:aws:sts::111111111111:assumed-role/tracker-plan/ci";

    #[test]
    fn each_refusal_is_one_message_with_whom_it_saw_and_what_to_do() {
        let cases = [
            (
                format!("{STS}ExpiredToken: The security token included in the request is expired"),
                "the AWS session has expired: profile `p`\nhint: log in again",
            ),
            (format!("{IMDS}refresh cached SSO token failed, cached SSO token is expired, or not present"), "there is no AWS session any more for profile `p`\nhint: `aws sso login`"),
            (format!("{IMDS}failed to read cached SSO token file, open /h: no such file"), "there is no AWS session any more for profile `p`\nhint: "),
            (
                format!("{IMDS}no EC2 IMDS role found, operation error ec2imds: GetMetadata, access disabled"),
                "no AWS credentials can be had: profile `p`\nhint: log in",
            ),
            (format!("{STS}InvalidClientTokenId: The security token"), "AWS does not know these credentials: profile `p`\nhint: the key was removed"),
            (format!("{STS}SignatureDoesNotMatch: The request signature"), "the secret key does not belong to the access key: profile `p`\nhint: "),
            ("failed to get shared config profile, nosuch".to_owned(), "there is no AWS profile `nosuch`\nhint: "),
            (
                "Invalid account ID\nAWS account ID not allowed: 111111111111".to_owned(),
                "these credentials are of account 111111111111, which is not allowed here: profile `p`\nhint: take others",
            ),
            (
                format!("creating IAM Role (r): operation error IAM: CreateRole, https response error StatusCode: 403, api error AccessDenied: User: {ROLE} is not authorized to perform: iam:CreateRole on resource: * because no"),
                "arn:aws:sts::111111111111:assumed-role/tracker-plan/ci may not iam:CreateRole\nhint: grant it",
            ),
            (
                format!("{LIST}api error AccessDenied: User: {ROLE} is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::b\" because"),
                "arn:aws:sts::111111111111:assumed-role/tracker-plan/ci may not s3:ListBucket on arn:aws:s3:::b\nhint: grant it, or take other credentials; `cargo xtask infra create-backend ENV`",
            ),
            (
                format!("Cannot assume IAM Role\nIAM Role (arn:r) cannot be assumed.\n\nError: operation error STS: AssumeRole, api error AccessDenied: User: {ROLE} is not authorized to perform: sts:AssumeRole on resource: arn:r\n\n"),
                "arn:aws:sts::111111111111:assumed-role/tracker-plan/ci may not sts:AssumeRole on arn:r\nhint: let that role trust it",
            ),
            (
                format!("{LIST}api error AccessDenied: Access Denied"),
                "AWS denies S3 ListObjectsV2 on the bucket `b`: profile `p`\nhint: it may be another account's",
            ),
            (
                "error loading state: S3 bucket \"missing\" does not exist.\n\nThe referenced S3 bucket must have".to_owned(),
                "the bucket `missing`, which is to hold the state, does not exist\nhint: make it",
            ),
            (
                format!("{LIST}requested bucket from \"eu-central-1\", actual location \"eu-west-1\""),
                "the bucket `b` is in eu-west-1, and was looked for in eu-central-1\nhint: write region = \"eu-west-1\"",
            ),
            (
                format!("{LIST}api error AuthorizationHeaderMalformed: The authorization header is malformed; the region 'eu-central-1' is wrong; expecting 'eu-west-1'"),
                "the bucket `b` is in eu-west-1, and was looked for in eu-central-1\nhint: ",
            ),
            ("Invalid region value\nInvalid AWS Region: eu-centrul-1".to_owned(), "AWS has no region `eu-centrul-1`\nhint: correct `region`"),
            (
                "operation error STS: GetCallerIdentity, exceeded maximum number of attempts, 3, request send failed, Post \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused".to_owned(),
                "AWS cannot be reached: 127.0.0.1:1: connect: connection refused\nhint: look at the network",
            ),
            (
                "creating IAM Role (r): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: 0, EntityAlreadyExists: Role with name r".to_owned(),
                "IAM Role (r) exists already, and this state knows nothing of it: profile `p`\nhint: a run that was killed",
            ),
        ];
        for (text, expected) in cases {
            // In a document of events, and as Terraform prints it for a person.
            let printed = format!("╷\n│ Error: {}\n╵\n", text.replace(' ', "\n│ "));
            for text in [text, printed] {
                let caller = Caller::of("profile `p`".to_owned(), &|| None);
                let message = explain("plan", &text, &caller).unwrap_or_else(|| panic!("not understood: {text}")).to_string();
                assert!(message.starts_with(&format!("terraform plan: {expected}")), "{message}\nis not\n{expected}");
            }
        }
    }

    /// It costs half a second: what AWS has said already, or cannot say, is not asked for.
    #[test]
    fn whom_aws_has_seen_is_asked_for_where_it_is_not_said() {
        let cases = [
            ("AWS account ID not allowed: 111111111111".to_owned(), 1),
            (format!("{LIST}api error AccessDenied: Access Denied"), 1),
            (format!("{LIST}requested bucket from \"eu-central-1\", actual location \"eu-west-1\""), 1),
            ("S3 bucket \"missing\" does not exist.".to_owned(), 1),
            (format!("{LIST}api error AccessDenied: User: {ROLE} is not authorized to perform: s3:ListBucket on resource: \"b\""), 0),
            (format!("{STS}ExpiredToken: The security token included in the request is expired"), 0),
            (format!("{STS}InvalidClientTokenId: The security token"), 0),
            ("Invalid AWS Region: eu-centrul-1".to_owned(), 0),
        ];
        for (text, times) in cases {
            let asked = std::cell::Cell::new(0);
            let ask = || {
                asked.set(asked.get() + 1);
                Some(ROLE.to_owned())
            };
            let message = explain("plan", &text, &Caller::of("profile `p`".to_owned(), &ask)).unwrap().to_string();
            assert_eq!(asked.get(), times, "{text}");
            let line = format!("\n  AWS sees {ROLE}, account 111111111111\nhint: ");
            assert_eq!(message.contains(&line), times > 0, "{message}");
        }
    }

    #[test]
    fn what_is_not_of_aws_is_left_alone() {
        for text in ["Invalid value for variable", "Docker: dial tcp: connection refused", "container already exists"] {
            assert!(explain("plan", text, &Caller::of(String::new(), &|| None)).is_none(), "{text}");
        }
    }
}
