//! Does a service speak TLS? The first message of a handshake and the answer to it: enough to know that what listens is up, and
//! a client for the rest would be most of this program.

use std::io::{Read, Write};

use anyhow::{Result, bail};

/// Of a record that carries a handshake, and of one that carries an alert (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
/// Of the answer to our message, also where it asks for another one (section 4.1.4).
const SERVER_HELLO: u8 = 2;

/// What a modern server takes at least one of: those of TLS 1.3, and of 1.2 with ECDHE (sections B.4 and RFC 5289, RFC 7905).
const CIPHER_SUITES: [u16; 9] = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];
/// X25519, P-256, P-384.
const GROUPS: [u16; 3] = [0x001d, 0x0017, 0x0018];
const SIGNATURES: [u16; 8] = [0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601];
const VERSIONS: [u16; 2] = [0x0304, 0x0303];

/// Begins a handshake with `host` and waits for the answer. Nothing is verified, and nothing that is said afterwards counts.
///
/// # Errors
/// It breaks off, or answers with something else.
pub(super) fn greet(stream: &mut (impl Read + Write), host: &str) -> Result<()> {
    stream.write_all(&hello(host))?;
    let mut head = [0; 6];
    stream.read_exact(&mut head)?;
    match (head[0], head[5]) {
        (HANDSHAKE, SERVER_HELLO) => Ok(()),
        (ALERT, _) => bail!("it speaks TLS, and refuses to with us"),
        _ => bail!("it does not speak TLS"),
    }
}

/// A ClientHello in its record (section 4.1.2). It offers no key: a server of TLS 1.3 then asks for one, which is an answer too.
fn hello(host: &str) -> Vec<u8> {
    let mut extensions = Vec::new();
    // Addresses are no names of servers (RFC 6066, section 3).
    if host.parse::<std::net::IpAddr>().is_err() {
        let name = [&[0], sized(2, host.as_bytes()).as_slice()].concat();
        extensions.extend(extension(0, &sized(2, &name)));
    }
    extensions.extend(extension(10, &sized(2, &numbers(&GROUPS))));
    extensions.extend(extension(13, &sized(2, &numbers(&SIGNATURES))));
    extensions.extend(extension(43, &sized(1, &numbers(&VERSIONS))));
    extensions.extend(extension(51, &sized(2, &[])));
    // Version, a random number and a session that count for nothing in what never becomes a connection.
    let mut body = vec![3, 3];
    body.extend([0x2a; 32]);
    body.extend(sized(1, &[0x2a; 32]));
    body.extend(sized(2, &numbers(&CIPHER_SUITES)));
    body.extend(sized(1, &[0]));
    body.extend(sized(2, &extensions));
    let message = [&[1], sized(3, &body).as_slice()].concat();
    [&[HANDSHAKE, 3, 1], sized(2, &message).as_slice()].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), sized(2, content).as_slice()].concat()
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// `content` behind its length in as many bytes.
fn sized(bytes: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - bytes..], content].concat()
}

#[cfg(test)]
mod tests {
    use super::hello;

    #[test]
    fn the_lengths_of_the_message_add_up() {
        for (host, named) in [("127.0.0.1", false), ("::1", false), ("master.t.cache.amazonaws.com", true)] {
            let hello = hello(host);
            assert_eq!(hello[..3], [22, 3, 1]);
            assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
            assert_eq!(usize::from(hello[7]) << 8 | usize::from(hello[8]), hello.len() - 9);
            let found = hello.windows(host.len()).any(|part| part == host.as_bytes());
            assert_eq!(found, named, "{host}");
        }
    }
}
