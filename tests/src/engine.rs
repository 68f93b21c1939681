//! The engine's interface, asked on its socket: the client is a process for each question, and tests ask thousands of times.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::process::Call;

/// An engine, by its socket.
#[derive(Debug, Clone)]
pub struct Engine {
    socket: PathBuf,
}

/// The kinds of things that an instance has on an engine, in the order in which they can be removed: the kind, where the engine's
/// interface lists it, and the field that names one.
const KINDS: [(&str, &str, &str); 3] =
    [("containers", "/containers/json", "Id"), ("volumes", "/volumes", "Name"), ("networks", "/networks", "Id")];

impl Engine {
    /// The one that the tests use: DOCKER_HOST names it, else the client's context.
    pub fn of_the_tests() -> &'static Self {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        ENGINE.get_or_init(|| {
            let named = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
            let format = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
            Self::at(&named.unwrap_or_else(|| Call::new("docker").args(format).run().success().stdout.trim().to_owned()))
        })
    }

    /// The one at this address, as DOCKER_HOST takes it.
    pub(crate) fn at(host: &str) -> Self {
        let socket = host.strip_prefix("unix://").unwrap_or_else(|| panic!("the tests need an engine on a socket, not on {host}"));
        Self { socket: socket.into() }
    }

    /// Its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The container of this name or id as the engine describes it, if there is one.
    pub(crate) fn container(&self, name: &str) -> io::Result<Option<Value>> {
        let (status, body) = self.ask("GET", &format!("/containers/{name}/json"))?;
        if status == 404 { Ok(None) } else { expect(status, body).map(Some) }
    }

    /// Ids, or names, of everything of this kind (`containers`, `volumes`, `networks`) with this label, sorted: the engine lists volumes in
    /// any order.
    pub(crate) fn labelled(&self, kind: &str, label: &str) -> io::Result<Vec<String>> {
        let (_, list, key) = KINDS.into_iter().find(|(known, ..)| *known == kind).unwrap();
        let filters = url_encoded(&json!({ "label": [label] }).to_string());
        let (status, body) = self.ask("GET", &format!("{list}?all=1&filters={filters}"))?;
        let listed = expect(status, body)?;
        // The volumes are in an object, and null where there are none.
        let found = if kind == "volumes" { &listed["Volumes"] } else { &listed };
        let mut names: Vec<String> =
            found.as_array().into_iter().flatten().filter_map(|each| each[key].as_str().map(ToOwned::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// Everything with this label, a line each; an engine that does not say is something too.
    pub(crate) fn everything(&self, label: &str) -> Vec<String> {
        let of = |kind: &str| match self.labelled(kind, label) {
            Ok(names) => names.iter().map(|name| format!("{} {name}", kind.trim_end_matches('s'))).collect(),
            Err(error) => vec![format!("{kind}, of which is not known: {error}")],
        };
        KINDS.iter().flat_map(|(kind, ..)| of(kind)).collect()
    }

    /// Removes everything with this label. `everything` lists what could not be removed.
    pub(crate) fn remove(&self, label: &str) {
        for (kind, ..) in KINDS {
            for name in self.labelled(kind, label).unwrap_or_default() {
                let options = if kind == "containers" { "force=1&v=1" } else { "force=1" };
                let _ = self.ask("DELETE", &format!("/{kind}/{name}?{options}"));
            }
        }
    }

    /// Status and content of an answer. By HTTP 1.0, where it ends with the connection.
    fn ask(&self, method: &str, path: &str) -> io::Result<(u16, Value)> {
        let mut stream = UnixStream::connect(&self.socket)?;
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: docker\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let unclear = || io::Error::other(format!("{method} {path} was answered with {answer:?}"));
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(unclear)?;
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).ok_or_else(unclear)?;
        Ok((status, serde_json::from_str(body).unwrap_or_default()))
    }
}

fn expect(status: u16, body: Value) -> io::Result<Value> {
    if status == 200 { Ok(body) } else { Err(io::Error::other(format!("the engine answered with status {status}: {body}"))) }
}

fn url_encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
