//! Does a service answer its own protocol? One question, one answer, no waiting here.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::contract::{ProbeSpec, Protocol};
use super::login::{Account, Login, Refusal};
use super::{postgres, s3};

/// Longest time for one question; a service that needs longer is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks once, and logs in as an application would, with what stands in `env`; without `env` it is enough that the service asks who
/// it is.
///
/// # Errors
/// Why the service does not count as ready: a `Refusal` where asking again does not help.
pub(crate) fn ask(host: &str, probe: &ProbeSpec, env: Option<&BTreeMap<String, String>>) -> Result<()> {
    let login = probe.login.as_ref().zip(env).and_then(|(login, env)| Some((login, login.account(env)?, env)));
    let account = login.as_ref().map(|(_, account, _)| account);
    match probe.protocol {
        Protocol::Redis => redis(&mut connect(host, probe.port)?, account),
        Protocol::Postgres => postgres::ask(&mut connect(host, probe.port)?, account),
        Protocol::Http => {
            let at = format!("{host}:{}", probe.port);
            http(&at, probe.path.as_deref().unwrap_or("/"), probe.status.unwrap_or(200))?;
            match login {
                Some((Login::Bearer { path, .. }, account, _)) => bearer(&at, path, &account.password),
                Some((Login::S3 { region, .. }, account, env)) => {
                    s3::ask(&at, &account, env.get(region).map_or("us-east-1", String::as_str), PATIENCE)
                }
                Some((Login::Url(_), ..)) | None => Ok(()),
            }
        }
    }
}

/// Whether the port of a service takes a connection: less than that it is ready.
///
/// # Errors
/// Why it does not.
pub(crate) fn reach(host: &str, port: u16) -> Result<()> {
    connect(host, port).map(drop)
}

fn connect(host: &str, port: u16) -> Result<TcpStream> {
    let address: SocketAddr = (host, port).to_socket_addrs()?.next().context("the name has no address")?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// AUTH, then PING: a server that still loads its data answers -LOADING to the second
/// (https://redis.io/docs/latest/develop/reference/protocol-spec/). One that asks for a password that nobody has given is there.
fn redis(stream: &mut (impl Read + Write), account: Option<&Account>) -> Result<()> {
    if let Some(Account { user, password, .. }) = account {
        let words = if user.is_empty() { vec!["AUTH", password] } else { vec!["AUTH", user, password] };
        match say(stream, &words)?.as_str() {
            "+OK" => {}
            refused if refused.starts_with("-WRONGPASS") || refused.starts_with("-ERR AUTH") => {
                return Err(Refusal::of_the_account(refused.trim_start_matches('-')).into());
            }
            other => bail!("it answered `{other}`"),
        }
    }
    match say(stream, &["PING"])?.as_str() {
        "+PONG" => Ok(()),
        asks if account.is_none() && asks.starts_with("-NOAUTH") => Ok(()),
        other => bail!("it answered `{other}`"),
    }
}

/// Sends a command and returns the line that answers it.
fn say(stream: &mut (impl Read + Write), words: &[&str]) -> Result<String> {
    let command = words.iter().fold(format!("*{}\r\n", words.len()), |command, word| format!("{command}${}\r\n{word}\r\n", word.len()));
    stream.write_all(command.as_bytes())?;
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") && line.len() < 512 {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn http(at: &str, path: &str, expected: u16) -> Result<()> {
    let answer = minreq::get(format!("http://{at}{path}")).with_timeout(PATIENCE.as_secs()).send()?;
    if answer.status_code != expected {
        bail!("it answered with status {} and not {expected}", answer.status_code);
    }
    Ok(())
}

/// GET with a token, of what is only for those who have it.
fn bearer(at: &str, path: &str, token: &str) -> Result<()> {
    let request = minreq::get(format!("http://{at}{path}")).with_header("Authorization", format!("Bearer {token}"));
    match request.with_timeout(PATIENCE.as_secs()).send()?.status_code {
        200 => Ok(()),
        refused @ (401 | 403) => Err(Refusal::of_the_account(format!("status {refused} for {path}")).into()),
        other => bail!("it answered with status {other} for {path}"),
    }
}

#[cfg(test)]
pub(super) mod peer {
    use std::io::{Cursor, Read, Result, Write};

    /// A peer that has already written its answers, and keeps what it is sent.
    pub(crate) struct Peer {
        answers: Cursor<Vec<u8>>,
        pub(crate) received: Vec<u8>,
    }

    impl Peer {
        pub(crate) fn answering(answers: &[u8]) -> Self {
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
}

#[cfg(test)]
mod tests {
    use super::peer::Peer;
    use super::{ask, reach, redis};
    use crate::services::contract::{ProbeSpec, Protocol};
    use crate::services::login::{Account, Login, Refusal};
    use std::io::{Read, Write};

    #[test]
    fn redis_is_ready_when_it_answers_a_ping_after_the_password() {
        let account = Account { user: "default".to_owned(), password: "pw".to_owned(), path: "0".to_owned() };
        for (answers, account, expected) in [
            (&b"+OK\r\n+PONG\r\n"[..], Some(&account), ""),
            (b"-WRONGPASS invalid username-password pair\r\n", Some(&account), "!WRONGPASS invalid username-password pair"),
            (b"-ERR AUTH <password> called without any password\r\n", Some(&account), "!ERR AUTH <password> called without any password"),
            (b"+OK\r\n-LOADING Redis is loading\r\n", Some(&account), "it answered `-LOADING Redis is loading`"),
            (b"-LOADING Redis is loading\r\n", Some(&account), "it answered `-LOADING Redis is loading`"),
            (b"", Some(&account), "failed to fill whole buffer"),
            (b"-NOAUTH Authentication required.\r\n", None, ""),
            (b"+PONG\r\n", None, ""),
        ] {
            let said = redis(&mut Peer::answering(answers), account).err().map_or_else(String::new, |error| {
                let definite = if error.is::<Refusal>() { "!" } else { "" };
                format!("{definite}{error}")
            });
            assert_eq!(said, expected);
        }
        let mut peer = Peer::answering(b"+OK\r\n+PONG\r\n");
        redis(&mut peer, Some(&account)).unwrap();
        assert_eq!(peer.received, b"*3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n");
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
            let probe = ProbeSpec { path: Some("/x".to_owned()), status: Some(expected), ..spec(Protocol::Http, port) };
            assert_eq!(ask("127.0.0.1", &probe, None).is_ok(), ready, "{answer}");
            server.join().unwrap();
        }
    }

    #[test]
    fn a_token_that_is_refused_is_not_asked_about_again() {
        let env = [("KEY".to_owned(), "k".to_owned())].into();
        let login = Login::Bearer { token: "KEY".to_owned(), path: "/things".to_owned() };
        for (answer, expected) in [
            ("200 OK", ""),
            ("401 Unauthorized", "!status 401 for /things"),
            ("403 Forbidden", "!status 403 for /things"),
            ("503 Starting", "it answered with status 503 for /things"),
        ] {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                let answers = ["200 OK", answer].map(|answer| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let mut request = [0; 1024];
                    let count = stream.read(&mut request).unwrap();
                    write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
                    String::from_utf8_lossy(&request[..count]).into_owned()
                });
                assert!(!answers[0].contains("Bearer") && answers[1].contains("Authorization: Bearer k\r\n"), "{answers:?}");
            });
            let probe = ProbeSpec { login: Some(login.clone()), ..spec(Protocol::Http, port) };
            let said = ask("127.0.0.1", &probe, Some(&env)).err().map_or_else(String::new, |error| {
                let definite = if error.is::<Refusal>() { "!" } else { "" };
                format!("{definite}{error}")
            });
            assert_eq!(said, expected);
            server.join().unwrap();
        }
    }

    fn spec(protocol: Protocol, port: u16) -> ProbeSpec {
        ProbeSpec::of(protocol, port, None)
    }

    #[test]
    fn nobody_listening_is_neither_ready_nor_reachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let free = listener.local_addr().unwrap().port();
        assert!(reach("127.0.0.1", free).is_ok());
        drop(listener);
        assert!(reach("127.0.0.1", free).is_err());
        for protocol in [Protocol::Redis, Protocol::Postgres, Protocol::Http] {
            assert!(ask("127.0.0.1", &spec(protocol, free), None).is_err(), "{protocol:?}");
        }
    }
}
