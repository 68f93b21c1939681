//! Refusals by AWS as messages for a person, found by the codes in the long errors of the S3 backend and the AWS provider.

use crate::aws::caller::Caller;
use crate::host::codes::Printed;
use crate::host::error::Failure;

/// Printed by the provider, before it asks for anything, for an account that `allowed_account_ids` does not list.
const NOT_ALLOWED: &str = "AWS account ID not allowed: ";
/// Printed by the backend and the provider if no source of credentials has any.
const NO_CREDENTIALS: &str = "No valid credential sources found";

/// The message for a refusal by AWS, or for a failure to reach it; `None` for anything else. `text` is all that Terraform printed about
/// it. The message names the caller as AWS does, or else AWS is asked who it is.
pub(crate) fn explain(verb: &str, text: &str, caller: &Caller<'_>) -> Option<Failure> {
    let (printed, source) = (Printed::of(text), caller.source());
    let failure = |message: String, hint: &str| Some(Failure::new(format!("terraform {verb}: {message}")).hint(hint));
    if let Some((_, account)) = printed.line().split_once(NOT_ALLOWED) {
        let account = account.split([' ', ',', '.']).next().unwrap_or_default();
        let message = format!("terraform {verb}: these credentials are of account {account}, which is not allowed here: {source}");
        let hint = "take others; if it is the right one, add it to `allowed_account_ids` of this environment in infra.toml";
        return Some(Failure::refused(message).details(caller.seen()).hint(hint));
    }
    if printed.line().contains(NO_CREDENTIALS) {
        return failure(
            format!("no AWS credentials can be had: {source}"),
            "log in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        );
    }
    let answer = Answer::in_line(printed.line())?;
    match answer.code {
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => failure(
            format!("the AWS session has expired: {source}"),
            "log in again (`aws sso login`), or put new temporary keys into the shell, and run again",
        ),
        Some("InvalidClientTokenId" | "InvalidAccessKeyId" | "UnrecognizedClientException") => failure(
            format!("AWS does not know these credentials: {source}"),
            "the key was removed, or belongs to another partition (AWS GovCloud, China): take another",
        ),
        Some("SignatureDoesNotMatch") => failure(
            format!("the secret key does not belong to the access key: {source}"),
            "copy both once more; a clock that is minutes off has the same effect",
        ),
        Some("AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation") => Some(denied(verb, &answer, caller)),
        Some("NoSuchBucket") => Some(
            Failure::new(format!("terraform {verb}: {}, which is to hold the state, does not exist", answer.bucket()))
                .details(caller.seen())
                .hint("make it: `cargo xtask infra create-backend ENV`; or correct `bucket` in its state.tfbackend"),
        ),
        Some("AuthorizationHeaderMalformed" | "PermanentRedirect") => elsewhere(verb, &answer, caller),
        Some(code) if code.contains("AlreadyExist") || code.contains("AlreadyOwned") || code == "ResourceExistsException" => failure(
            format!("{}: it exists already, and this state knows nothing of it: {source}", answer.doing),
            "a run that was killed may have made it: bring it in with `terraform import`, or remove it, and run again; or it is somebody else's",
        ),
        None if answer.words.contains("StatusCode: 301") => elsewhere(verb, &answer, caller),
        None if printed.got_no_answer() => failure(
            format!("AWS cannot be reached: {}", answer.words.rsplit_once("\": ").map_or(answer.words, |(_, why)| why)),
            "look at the network, at HTTPS_PROXY, and at AWS_ENDPOINT_URL if it is set; then run again",
        ),
        _ => None,
    }
}

/// The caller is known, and lacks a permission. AWS mostly says who that is, and which.
fn denied(verb: &str, answer: &Answer<'_>, caller: &Caller<'_>) -> Failure {
    let on = answer.named_bucket().map(|name| format!(" on the bucket `{name}`")).unwrap_or_default();
    let seen = if answer.message.contains("arn:") { Some(answer.message.to_owned()) } else { caller.seen() };
    Failure::new(format!("terraform {verb}: AWS denies {}{on}: {}", answer.operation, caller.source())).details(seen).hint(
        "have the permission granted, or take other credentials; of a bucket, look at its name: it may be another account's \
         (`cargo xtask infra create-backend ENV` prints the policies for the state)",
    )
}

/// The bucket of the state is in another region than the request went to; both are named last.
fn elsewhere(verb: &str, answer: &Answer<'_>, caller: &Caller<'_>) -> Option<Failure> {
    let regions: Vec<&str> = answer.words.split(['"', '\'']).skip(1).step_by(2).collect();
    let [.., wanted, actual] = regions.as_slice() else { return None };
    Some(
        Failure::new(format!("terraform {verb}: {} is in {actual}, and was looked for in {wanted}", answer.bucket()))
            .details(caller.seen())
            .hint(format!("write region = \"{actual}\" into this environment's state.tfbackend")),
    )
}

/// An answer of AWS' as its SDK prints it: `DOING: operation error SERVICE: OPERATION, WORDS`, and in these words, once AWS has
/// answered, `CODE: MESSAGE` (https://pkg.go.dev/github.com/aws/smithy-go#OperationError).
#[derive(Debug, Default)]
struct Answer<'a> {
    doing: &'a str,
    /// `S3 ListObjectsV2`.
    operation: String,
    words: &'a str,
    code: Option<&'a str>,
    message: &'a str,
}

impl<'a> Answer<'a> {
    /// The last of those in a line, which is the cause of the others.
    fn in_line(line: &'a str) -> Option<Self> {
        let (doing, rest) = line.rsplit_once("operation error ")?;
        let (operation, words) = rest.split_once(", ").unwrap_or((rest, ""));
        let code = words.split(", ").find_map(|part| {
            let (code, _) = part.strip_prefix("api error ").unwrap_or(part).split_once(':')?;
            let is_one = code.starts_with(char::is_uppercase) && code.chars().all(|letter| letter.is_ascii_alphanumeric());
            (is_one && !["RequestID", "HostID"].contains(&code)).then_some(code)
        });
        let message = code.and_then(|code| words.split_once(&format!("{code}:"))).map_or("", |(_, message)| message.trim());
        Some(Self { doing: doing.trim_end_matches([':', ' ']), operation: operation.replace(": ", " "), words, code, message })
    }

    /// As it is quoted in what was being done.
    fn named_bucket(&self) -> Option<&str> {
        self.doing.split('"').nth(1).filter(|_| self.operation.starts_with("S3 "))
    }

    fn bucket(&self) -> String {
        self.named_bucket().map_or_else(|| "the bucket".to_owned(), |name| format!("the bucket `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::aws::caller::Caller;

    const ROLE: &str = "arn:aws:sts::111111111111:assumed-role/tracker-plan/ci";

    /// What the SDK makes of an answer.
    fn answered(doing: &str, operation: &str, status: u16, words: &str) -> String {
        format!("{doing}: operation error {operation}, https response error StatusCode: {status}, RequestID: T, HostID: h==, {words}")
    }

    fn listed(status: u16, words: &str) -> String {
        answered("Unable to list objects in S3 bucket \"b\" with prefix \"p/\"", "S3: ListObjectsV2", status, words)
    }

    fn identified(words: &str) -> String {
        answered("retrieving caller identity from STS", "STS: GetCallerIdentity", 403, words)
    }

    fn not_authorized(action: &str) -> String {
        format!("api error AccessDenied: User: {ROLE} is not authorized to perform: {action} on resource: \"arn:aws:s3:::b\"")
    }

    #[test]
    fn each_refusal_is_one_message_with_whom_it_saw_and_what_to_do() {
        let cases = [
            (identified("api error ExpiredToken: The security token is expired"), "the AWS session has expired: profile `p`\nhint: log in again"),
            (
                "No valid credential sources found\nError: failed to refresh cached credentials, operation error ec2imds: GetMetadata, access disabled".to_owned(),
                "no AWS credentials can be had: profile `p`\nhint: log in",
            ),
            (identified("api error InvalidClientTokenId: The token"), "AWS does not know these credentials: profile `p`\nhint: the key was removed"),
            (identified("api error SignatureDoesNotMatch: The"), "the secret key does not belong to the access key: profile `p`\nhint: "),
            (
                "Invalid account ID\nAWS account ID not allowed: 111111111111".to_owned(),
                "these credentials are of account 111111111111, which is not allowed here: profile `p`\nhint: take others",
            ),
            (
                answered("creating IAM Role (r)", "IAM: CreateRole", 403, &not_authorized("iam:CreateRole")),
                "AWS denies IAM CreateRole: profile `p`\n  User: arn:aws:sts::111111111111:assumed-role/tracker-plan/ci is not authorized",
            ),
            (listed(403, &not_authorized("s3:ListBucket")), "AWS denies S3 ListObjectsV2 on the bucket `b`: profile `p`\n  User: arn:aws"),
            (listed(403, "api error AccessDenied: Access Denied"), "AWS denies S3 ListObjectsV2 on the bucket `b`: profile `p`\nhint: have"),
            (listed(404, "NoSuchBucket: "), "the bucket `b`, which is to hold the state, does not exist\nhint: make it"),
            (
                listed(301, "requested bucket from \"eu-central-1\", actual location \"eu-west-1\""),
                "the bucket `b` is in eu-west-1, and was looked for in eu-central-1\nhint: write region = \"eu-west-1\"",
            ),
            (
                listed(400, "api error AuthorizationHeaderMalformed: the region 'eu-central-1' is wrong; expecting 'eu-west-1'"),
                "the bucket `b` is in eu-west-1, and was looked for in eu-central-1\nhint: ",
            ),
            (
                "operation error STS: GetCallerIdentity, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused".to_owned(),
                "AWS cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused\nhint: look at the network",
            ),
            (
                answered("creating IAM Role (r)", "IAM: CreateRole", 409, "EntityAlreadyExists: Role with name r"),
                "creating IAM Role (r): it exists already, and this state knows nothing of it: profile `p`\nhint: a run that was killed",
            ),
        ];
        for (text, expected) in cases {
            // In a document of events, and as Terraform prints it for a person.
            let printed = format!("╷\n│ Error: {}\n╵\n", text.replace(' ', "\n│ "));
            for text in [text, printed] {
                let caller = Caller::of("profile `p`".to_owned(), &|| None);
                let message = explain("plan", &text, &caller).unwrap_or_else(|| panic!("not understood: {text}")).to_string();
                let message = message.replace("plan: Error: ", "plan: ");
                assert!(message.starts_with(&format!("terraform plan: {expected}")), "{message}\nis not\n{expected}");
            }
        }
    }

    /// It costs half a second: what AWS has said already, or cannot say, is not asked for.
    #[test]
    fn whom_aws_has_seen_is_asked_for_where_it_is_not_said() {
        let cases = [
            ("AWS account ID not allowed: 111111111111".to_owned(), 1),
            (listed(403, "api error AccessDenied: Access Denied"), 1),
            (listed(301, "requested bucket from \"eu-central-1\", actual location \"eu-west-1\""), 1),
            (listed(404, "NoSuchBucket: "), 1),
            (listed(403, &not_authorized("s3:ListBucket")), 0),
            (identified("api error ExpiredToken: The security token included in the request is expired"), 0),
            (identified("api error InvalidClientTokenId: The security token"), 0),
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
