//! A login by SCRAM-SHA-256 (RFC 5802, RFC 7677): neither side shows the other the password. Postgres' way without channel binding.

use anyhow::{Context, Result, bail};
use hmac_sha256::{HMAC, Hash};

/// What the client says first, without the header that says "no channel binding, and no other identity".
#[derive(Debug)]
pub(super) struct Client {
    nonce: String,
    bare: String,
}

/// The client's last message, and how the server will show that it knows the password too.
#[derive(Debug)]
pub(super) struct Proof {
    /// To be sent.
    pub(super) message: String,
    signature: [u8; 32],
}

/// `n`: the client knows no channel binding.
const HEADER: &str = "n,,";

impl Client {
    /// For a user, with a nonce that no other login has. Postgres takes the name from the startup message and ignores this one.
    pub(super) fn new(user: &str, nonce: String) -> Self {
        Self { bare: format!("n={user},r={nonce}"), nonce }
    }

    /// The client's first message.
    pub(super) fn first(&self) -> String {
        format!("{HEADER}{}", self.bare)
    }

    /// The answer to the server's first message.
    ///
    /// # Errors
    /// It is not one, or of another login.
    pub(super) fn answer(&self, server_first: &str, password: &str) -> Result<Proof> {
        let part = |name: char| server_first.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let (Some(nonce), Some(salt), Some(iterations)) = (part('r'), part('s'), part('i')) else {
            bail!("its answer is not one of SCRAM's");
        };
        if !nonce.starts_with(&self.nonce) {
            bail!("it answers another login");
        }
        let salt = from_base64(salt).context("its salt is not base64")?;
        let salted = stretched(password, &salt, iterations.parse().context("its number of iterations is none")?);
        let without_proof = format!("c={},r={nonce}", to_base64(HEADER.as_bytes()));
        let signed = format!("{},{server_first},{without_proof}", self.bare);
        let client_key = HMAC::mac("Client Key", salted);
        let mut proof = HMAC::mac(&signed, Hash::hash(&client_key));
        proof.iter_mut().zip(client_key).for_each(|(byte, key)| *byte ^= key);
        let signature = HMAC::mac(&signed, HMAC::mac("Server Key", salted));
        Ok(Proof { message: format!("{without_proof},p={}", to_base64(&proof)), signature })
    }
}

impl Proof {
    /// True where the server's last message shows that it knows the password.
    pub(super) fn is_answered_by(&self, server_last: &str) -> bool {
        let said = server_last.split(',').find_map(|part| part.strip_prefix("v="));
        said.and_then(from_base64).is_some_and(|signature| signature == self.signature)
    }
}

/// PBKDF2 with HMAC-SHA-256 and a result of its length (RFC 8018, section 5.2).
pub(super) fn stretched(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut block = HMAC::mac([salt, &1_u32.to_be_bytes()].concat(), password);
    let mut result = block;
    for _ in 1..iterations {
        block = HMAC::mac(block, password);
        result.iter_mut().zip(block).for_each(|(byte, other)| *byte ^= other);
    }
    result
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let encode = |chunk: &[u8]| {
        let number = (0..3).fold(0, |number, at| number << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        (0..4).map(move |at| if at > chunk.len() { '=' } else { char::from(BASE64[number >> (18 - 6 * at) & 63]) }).collect::<String>()
    };
    bytes.chunks(3).map(encode).collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        let digit = BASE64.iter().position(|known| *known == character)?;
        (bits, count) = (bits << 6 | u32::try_from(digit).ok()?, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Client, from_base64, stretched, to_base64};
    use crate::host::digest::hex;

    /// The example of RFC 7677, section 3.
    #[test]
    fn a_login_is_the_standard_s_own() {
        let client = Client::new("user", "rOprNGfwEbeRWgbNEkqO".to_owned());
        assert_eq!(client.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = client.answer(server_first, "pencil").unwrap();
        assert_eq!(
            proof.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(proof.is_answered_by("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        assert!(!proof.is_answered_by("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95H4="));
        assert!(!proof.is_answered_by("e=other-error"));
    }

    #[test]
    fn what_is_no_answer_to_this_login_is_an_error() {
        let client = Client::new("u", "abc".to_owned());
        for answer in ["", "r=abcd,s=AAAA", "r=xabc,s=AAAA,i=1", "r=abcd,s=?,i=1", "r=abcd,s=AAAA,i=x"] {
            assert!(client.answer(answer, "p").is_err(), "{answer}");
        }
    }

    /// RFC 7914, section 11: its first 32 bytes.
    #[test]
    fn passwords_are_stretched_as_the_standard_says() {
        assert_eq!(hex(&stretched("passwd", b"salt", 1)), "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
        assert_eq!(hex(&stretched("Password", b"NaCl", 80_000)), "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
    }

    /// RFC 4648, section 10.
    #[test]
    fn base64_goes_both_ways() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(to_base64(text.as_bytes()), encoded);
            assert_eq!(from_base64(encoded).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(from_base64("!"), None);
    }
}
