//! A server of the `http` backend (https://developer.hashicorp.com/terraform/language/backend/http), which can be told to fail.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Keeps one state, on loopback, for as long as the test runs.
pub(crate) struct StateServer {
    address: SocketAddr,
    fails: Arc<AtomicBool>,
}

impl StateServer {
    /// Starts it, with no state.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), fails: Arc::default() };
        let fails = Arc::clone(&server.fails);
        let state = Mutex::new(Vec::new());
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away in the middle is no matter.
                let _ = answer(stream.unwrap(), &state, &fails);
            }
        });
        server
    }

    /// What the backend's `address` is.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/state", self.address)
    }

    /// From now on no state is taken, as by a disk that is full.
    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<Vec<u8>>, fails: &AtomicBool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.to_ascii_lowercase());
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut state = state.lock().unwrap();
    let (status, body) = match lines.first().map_or("", |line| line.split(' ').next().unwrap_or_default()) {
        "get" if state.is_empty() => ("404 Not Found", Vec::new()),
        "get" => ("200 OK", state.clone()),
        _ if fails.load(Ordering::SeqCst) => ("507 Insufficient Storage", Vec::new()),
        _ => {
            *state = body;
            ("200 OK", Vec::new())
        }
    };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}
