//! A pull whose connection dies in the middle: a real registry behind a proxy that cuts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use infra_tests::own_engine::OwnEngine;
use infra_tests::process::is_installed;

use super::registry::{Prepared, Registry, supplied_image};

/// Hands requests on to a registry; while it cuts, only half of anything large comes back.
struct Proxy {
    port: u16,
    cuts: Arc<AtomicBool>,
}

impl Proxy {
    /// In front of the registry at `port`; it serves until the tests end.
    fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), cuts: Arc::new(AtomicBool::new(true)) };
        let cuts = Arc::clone(&proxy.cuts);
        thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                let cuts = Arc::clone(&cuts);
                // Whoever breaks off is not this test's question.
                thread::spawn(move || serve(client, port, &cuts));
            }
        });
        proxy
    }

    fn cut(&self, cuts: bool) {
        self.cuts.store(cuts, Ordering::SeqCst);
    }
}

/// One request, one answer, one connection.
fn serve(mut client: TcpStream, port: u16, cuts: &AtomicBool) -> std::io::Result<()> {
    const LARGE: usize = 1 << 20;
    let request = head(&mut client)?;
    let mut registry = TcpStream::connect(("127.0.0.1", port))?;
    registry.write_all(request.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes())?;
    let answer = head(&mut registry)?;
    client.write_all(answer.as_bytes())?;
    let length = answer.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(ToOwned::to_owned));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or_default();
    let half = if cuts.load(Ordering::SeqCst) && length > LARGE { length / 2 } else { length };
    std::io::copy(&mut registry.take(half.try_into().unwrap()), &mut client)?;
    Ok(())
}

/// The head of a request or an answer, with the empty line at its end.
fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
        // The engine asks for TLS first (RFC 8446, 5.1).
        if head[0] == 0x16 {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn a_pull_that_breaks_off_is_said_to_and_tried_again_or_built() {
    let Some(registry) = Registry::start(false) else { return };
    registry.push(&supplied_image());
    // The engine itself tries five times, with pauses of 50 s in all: what it says at the end is the same.
    let Some(engine) = OwnEngine::start(&["--max-download-attempts=1"]) else { return };
    let proxy = Proxy::before(registry.port());
    let reference = format!("127.0.0.1:{}/redis:8", proxy.port);
    let prepared = Prepared::new(&reference);
    let xtask = || prepared.xtask().env("DOCKER_HOST", engine.host());
    let exists = |image: &str| engine.docker(&["image", "inspect", image]).code == Some(0);

    let failed = xtask().infra(&["supply", "redis", "--images", "registry"]).exits(1);
    let complaint = failed.complaint();
    assert!(complaint.starts_with(&format!("error: {reference}: the connection to its registry broke off in the middle\n")), "{complaint}");
    assert!(complaint.contains("\nhint: run again; or build images from packages"), "{complaint}");
    assert!(!exists(&reference));
    proxy.cut(false);
    xtask().infra(&["supply", "redis", "--images", "registry"]).success();
    assert!(exists(&reference));

    if is_installed("mmdebstrap") {
        proxy.cut(true);
        engine.docker(&["image", "rm", "--force", &reference]).success();
        let built = xtask().infra(&["supply", "redis", "--images", "auto"]).success();
        assert!(
            built.stderr.contains(&format!("the connection to the registry of {reference} broke off (unexpected EOF): ")),
            "{}",
            built.stderr
        );
        assert_eq!(built.stderr.matches("images are built from packages, now and from now on").count(), 1, "{}", built.stderr);
        assert!(exists(&prepared.built.name));
    }
}
