//! An AWS that refuses, on loopback, in AWS' own words: the access key and the bucket say what it has against a request.
//!
//! The answers are those that the services document; what Terraform makes of them is what the tests are about.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// The account of most keys, and of the other one.
pub const ACCOUNT: &str = "111111111111";
/// The account of [`OTHER`].
pub const OTHER_ACCOUNT: &str = "222222222222";

/// May do everything that is asked for here.
pub const GOOD: &str = "AKIAGOOD";
/// Is of the other account.
pub const OTHER: &str = "AKIAOTHER";
/// Has expired.
pub const EXPIRED: &str = "AKIAEXPIRED";
/// Was removed.
pub const REMOVED: &str = "AKIAREMOVED";
/// May read and write states, and nothing else.
pub const STATES_ONLY: &str = "AKIASTATES";
/// May do nothing at all.
pub const NOTHING: &str = "AKIANOTHING";

/// It answers until the test's process ends.
#[derive(Debug)]
pub struct FakeAws {
    port: u16,
}

struct Request {
    method: String,
    bucket: String,
    key: String,
    /// Out of the signature's scope: access key, region and service.
    scope: [String; 3],
    body: String,
}

struct Answer {
    status: &'static str,
    headers: String,
    body: String,
}

impl FakeAws {
    /// Begins to answer.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                thread::spawn(move || serve(stream));
            }
        });
        Self { port }
    }

    /// Where it answers, for every service.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// One request a connection. One that breaks off gets no answer.
fn serve(mut stream: TcpStream) {
    if let Some(request) = read(&stream) {
        let Answer { status, headers, body } = answer(&request);
        let sent = if request.method == "HEAD" { "" } else { &body };
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\nx-amz-request-id: T\r\n{headers}\r\n", body.len());
        let _ = stream.write_all((head + sent).as_bytes());
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut scope) = (0, [const { String::new() }; 3]);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            // Credential=KEY/DATE/REGION/SERVICE/aws4_request
            "authorization" => {
                let parts: Vec<&str> = value.split_once("Credential=")?.1.split([',', '/']).collect();
                scope = [0, 2, 3].map(|at| parts.get(at).copied().unwrap_or_default().to_owned());
            }
            // The client sends the body after this alone.
            "expect" => (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Request { method, bucket: bucket.to_owned(), key: key.to_owned(), scope, body })
}

fn answer(request: &Request) -> Answer {
    let [key, _, service] = &request.scope;
    let refused = match key.as_str() {
        EXPIRED => Some(("ExpiredToken", "The security token included in the request is expired".to_owned())),
        REMOVED => Some(("InvalidClientTokenId", "The security token included in the request is invalid.".to_owned())),
        _ => None,
    };
    if let Some((code, message)) = refused {
        return error(service, "403 Forbidden", code, &message);
    }
    match service.as_str() {
        "sts" if request.body.contains("Action=GetCallerIdentity") => identity(key),
        "s3" if key != NOTHING => s3(request),
        _ => error(service, "403 Forbidden", denial(service), &not_authorized(request)),
    }
}

/// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
fn identity(key: &str) -> Answer {
    let account = if key == OTHER { OTHER_ACCOUNT } else { ACCOUNT };
    ok(format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{}</Arn><UserId>AROA:ann</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        arn(account)
    ))
}

/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
fn s3(request: &Request) -> Answer {
    let region = &request.scope[1];
    match request.bucket.as_str() {
        "missing" => error("s3", "404 Not Found", "NoSuchBucket", "The specified bucket does not exist"),
        "theirs" => error("s3", "403 Forbidden", "AccessDenied", "Access Denied"),
        "moved" if region != "eu-west-1" => {
            let moved = error("s3", "301 Moved Permanently", "PermanentRedirect", "Please send all future requests to this endpoint.");
            Answer { headers: "x-amz-bucket-region: eu-west-1\r\n".to_owned(), ..moved }
        }
        bucket if request.key.is_empty() => ok(format!("<ListBucketResult><Name>{bucket}</Name><KeyCount>0</KeyCount></ListBucketResult>")),
        _ if request.method == "PUT" || request.method == "DELETE" => ok(String::new()),
        _ => error("s3", "404 Not Found", "NoSuchKey", "The specified key does not exist."),
    }
}

/// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
fn not_authorized(request: &Request) -> String {
    let [_, _, service] = &request.scope;
    // What is asked of S3 stands in method and path; the rest says it itself.
    let action = request.body.split(['&', '=']).skip_while(|part| *part != "Action").nth(1).unwrap_or("ListBucket");
    let resource = if service == "s3" { format!(" on resource: \"arn:aws:s3:::{}\"", request.bucket) } else { String::new() };
    format!("User: {} is not authorized to perform: {service}:{action}{resource} because no identity-based policy allows it", arn(ACCOUNT))
}

fn denial(service: &str) -> &'static str {
    if service == "ec2" { "UnauthorizedOperation" } else { "AccessDenied" }
}

fn arn(account: &str) -> String {
    format!("arn:aws:sts::{account}:assumed-role/developer/ann")
}

fn ok(body: String) -> Answer {
    Answer { status: "200 OK", headers: "Content-Type: text/xml\r\n".to_owned(), body }
}

/// Each protocol of AWS' has its own envelope.
fn error(service: &str, status: &'static str, code: &str, message: &str) -> Answer {
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    let body = match service {
        "s3" => format!("<Error>{inner}<RequestId>T</RequestId></Error>"),
        "ec2" => format!("<Response><Errors><Error>{inner}</Error></Errors><RequestID>T</RequestID></Response>"),
        _ => format!("<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>T</RequestId></ErrorResponse>"),
    };
    Answer { status, ..ok(body) }
}
