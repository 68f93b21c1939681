//! Does a service answer its own protocol? One question, one answer, no waiting here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::contract::{ProbeSpec, Protocol};
use super::tls;

/// Longest time for one question; a service that needs longer is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks once.
///
/// # Errors
/// Why the service does not count as ready.
pub(crate) fn ask(host: &str, probe: &ProbeSpec, password: Option<&str>) -> Result<()> {
    match probe.protocol {
        Protocol::Redis => redis(&mut connect(host, probe.port)?, password),
        Protocol::Postgres => postgres(&mut connect(host, probe.port)?),
        Protocol::Http => {
            http(&format!("http://{host}:{}{}", probe.port, probe.path.as_deref().unwrap_or("/")), probe.status.unwrap_or(200))
        }
    }
}

/// Asks once whether a service that speaks TLS answers in it: less than that it is ready, which only a client of TLS could ask.
///
/// # Errors
/// Why it does not.
pub(crate) fn ask_in_tls(host: &str, probe: &ProbeSpec) -> Result<()> {
    let mut stream = connect(host, probe.port)?;
    if probe.protocol == Protocol::Postgres {
        // SSLRequest: its length, and a number that is no version (as above).
        stream.write_all(&[&8_u32.to_be_bytes()[..], &80_877_103_u32.to_be_bytes()].concat())?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        if answer != [b'S'] {
            bail!("it does not speak TLS");
        }
    }
    tls::greet(&mut stream, host)
}

fn connect(host: &str, port: u16) -> Result<TcpStream> {
    let address: SocketAddr = (host, port).to_socket_addrs()?.next().context("the name has no address")?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// AUTH, then PING: a server that still loads its data answers -LOADING to the second
/// (https://redis.io/docs/latest/develop/reference/protocol-spec/).
fn redis(stream: &mut (impl Read + Write), password: Option<&str>) -> Result<()> {
    if let Some(password) = password {
        let command = format!("*2\r\n$4\r\nAUTH\r\n${}\r\n{password}\r\n", password.len());
        expect_line(stream, command.as_bytes(), "+OK")?;
    }
    expect_line(stream, b"*1\r\n$4\r\nPING\r\n", "+PONG")
}

fn expect_line(stream: &mut (impl Read + Write), command: &[u8], expected: &str) -> Result<()> {
    stream.write_all(command)?;
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") && line.len() < 512 {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    let answer = String::from_utf8_lossy(&line);
    if answer.trim_end() != expected {
        bail!("it answered `{}`", answer.trim_end());
    }
    Ok(())
}

/// A startup message (protocol 3.0) is answered with `R`, an authentication request, once logins work; an SSLRequest
/// would be answered seconds earlier (https://www.postgresql.org/docs/current/protocol-message-formats.html).
fn postgres(stream: &mut (impl Read + Write)) -> Result<()> {
    const PARAMETERS: &[u8] = b"user\0readiness\0\0";
    let length = u32::try_from(8 + PARAMETERS.len()).expect("a few bytes");
    let message = [&length.to_be_bytes()[..], &196_608_u32.to_be_bytes(), PARAMETERS].concat();
    stream.write_all(&message)?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    match kind[0] {
        b'R' => Ok(()),
        b'E' => bail!("it is still starting"),
        other => bail!("it answered with a message of type {other:#x}"),
    }
}

fn http(url: &str, expected: u16) -> Result<()> {
    let answer = minreq::get(url).with_timeout(PATIENCE.as_secs()).send()?;
    if answer.status_code != expected {
        bail!("it answered with status {} and not {expected}", answer.status_code);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ask, ask_in_tls, postgres, redis};
    use crate::services::contract::{ProbeSpec, Protocol};
    use std::io::{Cursor, Read, Result, Write};

    /// A peer that has already written its answers, and keeps what it is sent.
    struct Peer {
        answers: Cursor<Vec<u8>>,
        received: Vec<u8>,
    }

    impl Peer {
        fn answering(answers: &[u8]) -> Self {
            Self { answers: Cursor::new(answers.to_vec()), received: Vec::new() }
        }
    }

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            self.answers.read(buffer)
        }
    }

    impl Write for Peer {
        fn write(&mut self, buffer: &[u8]) -> Result<usize> {
            self.received.write(buffer)
        }
        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn redis_is_ready_when_it_answers_a_ping_after_the_password() {
        for (answers, ready) in [
            (&b"+OK\r\n+PONG\r\n"[..], true),
            (b"-WRONGPASS invalid\r\n", false),
            (b"+OK\r\n-LOADING Redis is loading\r\n", false),
            (b"", false),
        ] {
            assert_eq!(redis(&mut Peer::answering(answers), Some("pw")).is_ok(), ready, "{}", String::from_utf8_lossy(answers));
        }
        let mut peer = Peer::answering(b"+OK\r\n+PONG\r\n");
        redis(&mut peer, Some("pw")).unwrap();
        assert_eq!(peer.received, b"*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n");
    }

    #[test]
    fn postgres_is_ready_when_it_asks_for_authentication() {
        for (answer, ready) in [(&b"R"[..], true), (b"E", false), (b"N", false), (b"", false)] {
            assert_eq!(postgres(&mut Peer::answering(answer)).is_ok(), ready, "{answer:?}");
        }
    }

    #[test]
    fn http_is_ready_when_it_answers_with_the_expected_status() {
        for (answer, expected, ready) in
            [("200 OK", 200, true), ("401 Unauthorized", 401, true), ("503 Starting", 200, false), ("200 OK", 401, false)]
        {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                // The request must be read before the answer: closing on unread bytes resets the connection.
                let _ = stream.read(&mut [0; 1024]).unwrap();
                write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            });
            let probe = ProbeSpec { protocol: Protocol::Http, port, path: Some("/x".to_owned()), status: Some(expected) };
            assert_eq!(ask("127.0.0.1", &probe, None).is_ok(), ready, "{answer}");
            server.join().unwrap();
        }
    }

    /// Answers each of the next questions with the next of these, once it has read something.
    fn server(answers: Vec<&'static [u8]>) -> (u16, std::thread::JoinHandle<()>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for answer in answers {
                let _ = stream.read(&mut [0; 1024]).unwrap();
                stream.write_all(answer).unwrap();
            }
        });
        (port, thread)
    }

    #[test]
    fn a_service_in_tls_answers_to_a_greeting() {
        let (hello, alert): (&[u8], &[u8]) = (&[22, 3, 3, 0, 90, 2, 0, 0, 86], &[21, 3, 3, 0, 2, 2, 40]);
        for (protocol, answers, expected) in [
            (Protocol::Redis, vec![hello], ""),
            (Protocol::Redis, vec![alert], "it speaks TLS, and refuses to with us"),
            (Protocol::Redis, vec![&b"-ERR Protocol error\r\n"[..]], "it does not speak TLS"),
            (Protocol::Http, vec![&b"HTTP/1.1 400 Bad Request\r\n"[..]], "it does not speak TLS"),
            (Protocol::Postgres, vec![&b"S"[..], hello], ""),
            (Protocol::Postgres, vec![&b"N"[..]], "it does not speak TLS"),
        ] {
            let (port, thread) = server(answers);
            let said = ask_in_tls("127.0.0.1", &ProbeSpec { protocol, port, path: None, status: None });
            assert_eq!(said.err().map(|error| error.to_string()).unwrap_or_default(), expected, "{protocol:?}");
            thread.join().unwrap();
        }
    }

    #[test]
    fn nobody_listening_is_not_ready() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for protocol in [Protocol::Redis, Protocol::Postgres, Protocol::Http] {
            assert!(ask("127.0.0.1", &ProbeSpec { protocol, port: free, path: None, status: None }, None).is_err(), "{protocol:?}");
        }
    }
}
