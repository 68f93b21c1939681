//! JSON over HTTP, as the vector stores speak it.

use serde_json::Value;

/// The answer's status and its body, null when that is not JSON.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// GETs `url`, or POSTs a body to it, with a bearer token where there is one.
pub fn ask(url: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let request = match body {
        None => minreq::get(url),
        Some(body) => minreq::post(url).with_header("Content-Type", "application/json").with_body(body.to_string()),
    };
    let request = match token {
        None => request,
        Some(token) => request.with_header("Authorization", format!("Bearer {token}")),
    };
    let answer = request.with_timeout(60).send().unwrap_or_else(|error| panic!("{url}: {error}"));
    Answer { status: answer.status_code, body: serde_json::from_slice(answer.as_bytes()).unwrap_or_default() }
}

/// The body of an answer with status 200.
#[track_caller]
pub fn expect(url: &str, token: &str, body: Option<&Value>) -> Value {
    let answer = ask(url, Some(token), body);
    assert_eq!(answer.status, 200, "{url}: {}", answer.body);
    answer.body
}
