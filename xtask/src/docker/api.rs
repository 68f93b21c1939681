//! One question to the engine over its own HTTP interface (https://docs.docker.com/reference/api/engine/).
//! A call of the command line client costs 20 ms before it asks anything, and a client library would bring an async runtime.

use std::fmt::Write as _;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::host::console;
use crate::host::error::Failure;
use crate::host::time_limit::{self, TimeLimit};

/// A daemon that is busy answers within this time.
const ANSWER: Duration = Duration::from_secs(30);
/// The limit for work on many files, such as counting and removing volumes.
pub(super) const WORK: Duration = Duration::from_secs(600);

/// An answer: its status and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Endpoint {
    /// The JSON at `path`, if the engine has it.
    ///
    /// # Errors
    /// The engine does not answer, or not with what was asked for.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        self.get_within(path, TimeLimit::for_an_answer(ANSWER))
    }

    /// The same, for what may take longer than other questions.
    pub(super) fn get_within<T: DeserializeOwned>(&self, path: &str, time_limit: TimeLimit) -> Result<Option<T>> {
        let Some(body) = self.get_bytes_within(path, time_limit)? else {
            return Ok(None);
        };
        serde_json::from_slice(&body).map(Some).with_context(|| format!("understanding the engine's answer to {path}"))
    }

    /// The bytes at `path`, if the engine has it: for what is not JSON.
    ///
    /// # Errors
    /// The engine does not answer, or refuses.
    pub(crate) fn get_bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.get_bytes_within(path, TimeLimit::for_an_answer(ANSWER))
    }

    /// The same, for what may take longer than other questions.
    pub(super) fn get_bytes_within(&self, path: &str, time_limit: TimeLimit) -> Result<Option<Vec<u8>>> {
        let answer = self.ask("GET", path, time_limit)?;
        if answer.status == 404 { Ok(None) } else { answer.accepted(path).map(Some) }
    }

    /// Asks for something to be done; done already, or to something that is gone, is done.
    ///
    /// # Errors
    /// The engine refuses.
    pub(crate) fn act(&self, method: &str, path: &str) -> Result<()> {
        let answer = self.ask(method, path, TimeLimit::for_work(WORK))?;
        // 304: it was so already. 404: it has gone by itself, or another run was faster.
        if matches!(answer.status, 304 | 404) { Ok(()) } else { answer.accepted(path).map(drop) }
    }

    fn ask(&self, method: &str, path: &str, time_limit: TimeLimit) -> Result<Answer> {
        self.exchange(method, path, time_limit).map_err(|error| match error.downcast::<Failure>() {
            Ok(failure) => failure.or_hint(SILENT).into(),
            // An engine that is gone gets another message than one that breaks off.
            Err(error) => self.require().err().unwrap_or_else(|| error.context(format!("asking the Docker engine on {}", self.host()))),
        })
    }

    /// One request and its answer, in HTTP/1.0: the engine answers in one piece and closes the connection.
    pub(super) fn exchange(&self, method: &str, path: &str, time_limit: TimeLimit) -> Result<Answer> {
        console::command_line(&format!("docker engine: {method} {path}"));
        let request = format!("{method} {path} HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n");
        let whom = format!("the Docker engine on {}", self.host());
        let answer = match self.socket() {
            Some(socket) => {
                let mut stream = connect(socket, time_limit, &whom)?;
                stream.write_all(request.as_bytes())?;
                time_limit.read_to_end(stream, &whom)?
            }
            // The client knows every other way there: TCP, TLS, SSH.
            None => self.plain_client().args(["system", "dial-stdio"]).converse(request.as_bytes(), time_limit, &whom)?,
        };
        parse(&answer)
    }
}

/// The hint for an engine that listens and does not answer.
pub(super) const SILENT: &str =
    "see whether `docker version` answers; if not, restart the engine (`systemctl restart docker`, or Docker Desktop)";

/// Connecting waits too, where so many wait already that the engine's queue is full. It knows no limit: so a thread waits.
fn connect(socket: &Path, time_limit: TimeLimit, whom: &str) -> Result<UnixStream> {
    let (sender, connected) = mpsc::channel();
    let path = socket.to_owned();
    thread::spawn(move || sender.send(UnixStream::connect(path)));
    loop {
        match connected.recv_timeout(time_limit::LOOK) {
            Ok(stream) => return Ok(stream?),
            Err(RecvTimeoutError::Timeout) => time_limit.check(whom)?,
            Err(RecvTimeoutError::Disconnected) => bail!("connecting to {whom} broke off"),
        }
    }
}

impl Answer {
    fn accepted(self, path: &str) -> Result<Vec<u8>> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let message: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let message = message["message"].as_str().map_or_else(|| format!("status {} for {path}", self.status), ToOwned::to_owned);
        Err(Failure::new(format!("the Docker engine refuses: {message}")).hint("run again with -v to see what is asked for").into())
    }
}

/// Asks about all of them at the same time; the answers are in the order of the questions.
pub(crate) fn side_by_side<I: Sync, T: Send>(about: &[I], ask: impl Fn(&I) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let ask = &ask;
        let asked: Vec<_> = about.iter().map(|item| scope.spawn(move || ask(item))).collect();
        asked.into_iter().map(|handle| handle.join().expect("asking the engine does not panic")).collect()
    })
}

/// Splits an answer into its status and its body.
fn parse(raw: &[u8]) -> Result<Answer> {
    let Some(end) = raw.windows(4).position(|window| window == b"\r\n\r\n") else {
        bail!("the Docker engine closed the connection without an answer");
    };
    let head = String::from_utf8_lossy(&raw[..end]);
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).context("the engine's answer is not HTTP")?;
    Ok(Answer { status, body: raw[end + 4..].to_vec() })
}

/// `text` as it stands in a path or a query.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b':' | b'@' => escaped.push(char::from(byte)),
            _ => write!(escaped, "%{byte:02X}").expect("writing into a string"),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::{Answer, escaped, parse};

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let answer = parse(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}\r\n\r\n").unwrap();
        assert_eq!(answer, Answer { status: 200, body: b"{}\r\n\r\n".to_vec() });
        assert!(parse(b"").is_err(), "a closed connection is no answer");
    }

    #[test]
    fn a_refusal_is_told_in_the_engines_words() {
        let answer = Answer { status: 409, body: br#"{"message":"volume is in use"}"#.to_vec() };
        let message = answer.accepted("/volumes/x").unwrap_err().to_string();
        assert!(message.starts_with("the Docker engine refuses: volume is in use"), "{message}");
    }

    #[test]
    fn what_has_a_meaning_in_a_query_is_escaped() {
        assert_eq!(escaped(r#"{"label":["a=b"]}"#), "%7B%22label%22:%5B%22a%3Db%22%5D%7D");
        assert_eq!(escaped("localhost/tracker/redis:8@sha256:0"), "localhost/tracker/redis:8@sha256:0");
    }
}
