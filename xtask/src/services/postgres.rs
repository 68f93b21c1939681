//! A login to Postgres (https://www.postgresql.org/docs/current/protocol-flow.html), as far as an application comes before its
//! first query.

use std::io::{Read, Write};

use anyhow::{Context, Result, bail};

use super::login::{Account, Refusal};
use super::scram;
use crate::host::secret;

/// The protocol's version 3.0.
const VERSION: u32 = 196_608;
/// No message of a login is longer; what says that it is speaks another protocol.
const LONGEST: usize = 1 << 16;

/// Logs in, and waits until the server would take a query. Without an account, a server that asks for a password is good enough.
///
/// # Errors
/// A `Refusal` where asking again would not help; anything else where it may.
pub(super) fn ask(stream: &mut (impl Read + Write), account: Option<&Account>) -> Result<()> {
    let (user, database) = account.map_or(("readiness", ""), |account| (account.user.as_str(), account.path.as_str()));
    let mut parameters = format!("user\0{user}\0").into_bytes();
    if !database.is_empty() {
        parameters.extend(format!("database\0{database}\0").bytes());
    }
    parameters.push(0);
    send(stream, &[], &[&VERSION.to_be_bytes()[..], &parameters].concat())?;
    let mut login: Option<(scram::Client, Option<scram::Proof>)> = None;
    loop {
        let (kind, body) = receive(stream)?;
        let (number, rest) = match (kind, body.split_first_chunk::<4>()) {
            (b'E', _) => return Err(refusal(&body)),
            (b'Z', _) => {
                // Goodbye: it is ready, however it takes that.
                let _ = send(stream, b"X", &[]);
                return Ok(());
            }
            (b'R', Some((number, rest))) => (u32::from_be_bytes(*number), rest),
            // Parameters, the key for a cancellation, notices.
            (b'S' | b'K' | b'N' | b'v', _) => continue,
            (other, _) => bail!("it answered with a message of type {other:#x}"),
        };
        let Some(account) = account else {
            return Ok(());
        };
        let text = || std::str::from_utf8(rest).context("its answer is not text");
        match number {
            // AuthenticationOk
            0 => {}
            // A password as it is.
            3 => send(stream, b"p", format!("{}\0", account.password).as_bytes())?,
            // SASL: a list of mechanisms.
            10 if rest.split(|byte| *byte == 0).any(|mechanism| mechanism == MECHANISM.as_bytes()) => {
                let client = scram::Client::new("", secret::identifier()?);
                let first = client.first();
                let length = u32::try_from(first.len()).context("a short message")?.to_be_bytes();
                send(stream, b"p", &[MECHANISM.as_bytes(), &[0], &length, first.as_bytes()].concat())?;
                login = Some((client, None));
            }
            // SASL goes on.
            11 => {
                let Some((client, proof)) = &mut login else {
                    bail!("it goes on with a login that nobody began");
                };
                let answer = client.answer(text()?, &account.password)?;
                send(stream, b"p", answer.message.as_bytes())?;
                *proof = Some(answer);
            }
            // SASL ends.
            12 => match &login {
                Some((_, Some(proof))) if proof.is_answered_by(text()?) => {}
                _ => return Err(Refusal::of_the_account("it does not know the password either").into()),
            },
            // MD5, Kerberos and the like, which nothing here sets up: it asks for a login, and that is all that is known.
            _ => return Ok(()),
        }
    }
}

const MECHANISM: &str = "SCRAM-SHA-256";

/// What an error says. Its fields: a letter, a text and a zero each
/// (https://www.postgresql.org/docs/current/protocol-error-fields.html).
fn refusal(body: &[u8]) -> anyhow::Error {
    let field = |name: u8| {
        let found = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(&[name]));
        String::from_utf8_lossy(found.unwrap_or_default()).into_owned()
    };
    let words = field(b'M');
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    match field(b'C').as_str() {
        "3D000" => Refusal::of_the_path(words).into(),
        "28P01" | "28000" => Refusal::of_the_account(words).into(),
        // It starts, stops or is full (57P03, 53300).
        _ => anyhow::anyhow!("{words}"),
    }
}

fn send(stream: &mut impl Write, kind: &[u8], body: &[u8]) -> Result<()> {
    let length = u32::try_from(body.len() + 4).context("a short message")?.to_be_bytes();
    Ok(stream.write_all(&[kind, &length, body].concat())?)
}

fn receive(stream: &mut impl Read) -> Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if !(4..=LONGEST).contains(&length) {
        bail!("it does not speak Postgres' protocol");
    }
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body)?;
    Ok((head[0], body))
}

#[cfg(test)]
mod tests {
    use super::ask;
    use crate::services::login::{Account, Refusal};
    use crate::services::probe::peer::Peer;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind][..], &length, body].concat()
    }

    fn account() -> Account {
        Account { user: "tracker".to_owned(), password: "pw".to_owned(), path: "other".to_owned() }
    }

    #[test]
    fn it_is_ready_when_it_would_take_a_query() {
        let (cleartext, done, ready) = (message(b'R', &[0, 0, 0, 3]), message(b'R', &[0, 0, 0, 0]), message(b'Z', b"I"));
        let setting = message(b'S', b"server_version\0seventeen\0");
        for (answers, expected) in [
            (vec![&cleartext, &done, &setting, &ready], ""),
            (vec![&done, &setting, &ready], ""),
            (vec![&message(b'R', &[0, 0, 0, 5, 1, 2, 3, 4])], ""),
            (vec![&message(b'E', b"SFATAL\0C57P03\0Mthe database system is starting up\0\0")], "the database system is starting up"),
            (vec![&message(b'E', b"SFATAL\0C3D000\0Mdatabase \"other\" does not exist\0\0")], "!database \"other\" does not exist"),
            (vec![&cleartext, &message(b'E', b"C28P01\0Mpassword authentication failed\0\0")], "!password authentication failed"),
            (vec![&message(b'R', b"\0\0\0\x0cv=AAAA")], "!it does not know the password either"),
            (vec![&message(b'R', b"\0\0\0\x0br=x,s=AAAA,i=1")], "it goes on with a login that nobody began"),
            (vec![&b"HTTP/1.1 400 Bad Request\r\n".to_vec()], "it does not speak Postgres' protocol"),
            (vec![], "failed to fill whole buffer"),
        ] {
            let mut peer = Peer::answering(&answers.into_iter().flatten().copied().collect::<Vec<u8>>());
            let said = ask(&mut peer, Some(&account())).err().map_or_else(String::new, |error| {
                let definite = if error.is::<Refusal>() { "!" } else { "" };
                format!("{definite}{error}")
            });
            assert_eq!(said, expected);
            assert!(peer.received.starts_with(b"\0\0\0\x25\0\x03\0\0user\0tracker\0database\0other\0\0"), "{:?}", peer.received);
        }
    }

    #[test]
    fn without_an_account_it_is_enough_that_it_asks_for_a_password() {
        assert!(ask(&mut Peer::answering(&message(b'R', &[0, 0, 0, 10])), None).is_ok());
        assert!(ask(&mut Peer::answering(&message(b'E', b"C57P03\0Mstarting\0\0")), None).is_err());
    }
}
