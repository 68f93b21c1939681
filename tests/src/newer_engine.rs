//! The machine's engine behind a socket that refuses interfaces before 1.44, as Docker 29 does.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

/// The engine's own socket.
const ENGINE: &str = "/var/run/docker.sock";

/// The oldest interface that is answered: 1.44.
const MINIMUM: u32 = 44;

/// Listens until it is dropped.
#[derive(Debug)]
pub struct NewerEngine {
    place: TempDir,
    refused: Arc<AtomicUsize>,
}

impl NewerEngine {
    /// One before the machine's engine.
    pub fn before_the_machines() -> Self {
        let place = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(place.path().join("docker.sock")).unwrap();
        let refused = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&refused);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let count = Arc::clone(&count);
                // A client that goes away in the middle is no matter.
                thread::spawn(move || drop(answer(client, &count)));
            }
        });
        Self { place, refused }
    }

    /// Its address, as DOCKER_HOST takes it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.place.path().join("docker.sock").display())
    }

    /// How many requests were of an interface that is too old.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}

/// One request a connection.
fn answer(mut client: UnixStream, refused: &AtomicUsize) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (line, rest) = head.split_once("\r\n").unwrap();
    let path = line.split_whitespace().nth(1).unwrap_or_default();
    let version = path.strip_prefix("/v").and_then(|path| path.split_once('/')).map(|(version, _)| version);
    if version.and_then(|version| version.split_once('.')?.1.parse::<u32>().ok()).is_some_and(|minor| minor < MINIMUM) {
        refused.fetch_add(1, Ordering::SeqCst);
        let body =
            format!(r#"{{"message":"client version {} is too old. Minimum supported API version is 1.{MINIMUM}"}}"#, version.unwrap());
        return write!(client, "HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    }
    // Asked without a version, the engine behind speaks the newest that it has.
    let line = version.map_or(line.to_owned(), |version| line.replacen(&format!("/v{version}/"), "/", 1));
    let mut engine = UnixStream::connect(ENGINE)?;
    write!(engine, "{line}\r\nConnection: close\r\n{rest}")?;
    let (mut from_client, mut to_engine) = (client.try_clone()?, engine.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from_client, &mut to_engine));
    if path.ends_with("/version") {
        let mut said = Vec::new();
        engine.read_to_end(&mut said)?;
        // Of the same length, because the length has been announced.
        let said = String::from_utf8_lossy(&said).into_owned();
        let mut parts = said.split("\"MinAPIVersion\":\"");
        write!(client, "{}", parts.next().unwrap())?;
        for part in parts {
            write!(client, "\"MinAPIVersion\":\"1.{MINIMUM}{}", &part[4..])?;
        }
    } else {
        std::io::copy(&mut engine, &mut client)?;
    }
    client.shutdown(Shutdown::Both)
}
