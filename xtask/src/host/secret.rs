//! Secrets: made from the system's random source, and known by their names and forms. `host/masking.rs` keeps them out of what is printed.

mod named;
pub(crate) mod within;
pub(crate) mod written;

use anyhow::{Context, Result};

use super::digest::hex;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What stands in place of a secret.
pub(crate) const MASK: &str = "********";

/// `length` random letters and digits: safe in URLs, shells and every engine's configuration (5.9 bits a character).
///
/// # Errors
/// The system has no random source.
pub(crate) fn password(length: usize) -> Result<String> {
    let mut password = String::with_capacity(length);
    let mut block = [0_u8; 64];
    while password.len() < length {
        getrandom::fill(&mut block).context("reading the system's random source")?;
        // Bytes from 248 up are thrown away, so that every character is equally likely (248 = 4 * 62).
        let fair = block.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHANUMERIC[usize::from(byte % 62)]));
        password.extend(fair.take(length - password.len()));
    }
    Ok(password)
}

/// 32 random hexadecimal characters.
///
/// # Errors
/// The system has no random source.
pub(crate) fn identifier() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).context("reading the system's random source")?;
    Ok(hex(&bytes))
}

/// By the name of a setting, or by the form of its value; a reference to a secret is none. What is printed is masked by it, and one
/// masked too many does no harm; whether a file holds a credential is for [`written::judge`].
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    const WORDS: [&str; 12] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "credential",
        "apikey",
        "api_key",
        "access_key",
        "private_key",
        "privatekey",
    ];
    // What is said of a secret, or where it is kept, is none.
    const ABOUT: [&str; 12] =
        ["_arn", "_name", "_id", "_length", "_ttl", "_days", "_policy", "_path", "_file", "_version", "_rotation", "_enabled"];
    let value = value.trim();
    let name = name.to_lowercase();
    let is_about = ABOUT.iter().any(|ending| name.ends_with(ending)) || value.starts_with("arn:") || value.is_empty();
    written::has_form(value) || !is_about && WORDS.iter().any(|word| name.contains(word))
}

/// The strings inside an object, in HCL or in JSON, each with its key.
pub(crate) fn strings_within(text: &str) -> impl Iterator<Item = (&str, &str)> {
    // Every other part is a string; what stands before one says what it is of.
    let parts: Vec<&str> = text.split('"').collect();
    (1..parts.len()).step_by(2).filter_map(move |at| {
        let before = parts[at - 1].trim_end().strip_suffix(['=', ':'])?.trim_end();
        let key = match before.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next() {
            Some("") | None => parts[..at - 1].last()?,
            Some(word) => word,
        };
        Some((key, parts[at]))
    })
}

#[cfg(test)]
mod tests {
    use super::{identifier, is_secret, password, strings_within};

    #[test]
    fn passwords_have_their_length_their_alphabet_and_differ() {
        let (one, two) = (password(32).unwrap(), password(32).unwrap());
        assert_eq!(one.len(), 32);
        assert!(one.chars().all(|character| character.is_ascii_alphanumeric()), "{one}");
        assert_ne!(one, two);
        assert_eq!(password(200).unwrap().len(), 200);
    }

    #[test]
    fn identifiers_are_32_hexadecimal_characters() {
        let identifier = identifier().unwrap();
        assert!(identifier.len() == 32 && identifier.chars().all(|character| character.is_ascii_hexdigit()), "{identifier}");
    }

    #[test]
    fn secrets_in_objects_are_found_by_their_keys() {
        for (text, expected) in [
            ("{ user = \"u\", password = \"hunter2\" }", Some("password")),
            ("{\n  a = { api_key=\"x\" }\n}", Some("api_key")),
            ("{\"user\":\"u\",\"password\":\"hunter2\"}", Some("password")),
            ("{ password = null, size = \"small\" }", None),
            ("{ password_secret_arn = \"arn:aws:x\" }", None),
            ("[\"password\", \"x\"]", None),
        ] {
            assert_eq!(strings_within(text).find(|(key, value)| is_secret(key, value)).map(|(key, _)| key), expected, "{text}");
        }
    }

    #[test]
    fn secrets_are_known_by_name_or_form_and_references_are_none() {
        for (name, value, expected) in [
            ("db_password", "hunter2", true),
            ("anything", "AKIAIOSFODNN7EXAMPLE", true),
            ("password_secret_arn", "arn:aws:x", false),
            ("db_password", "", false),
            ("region", "eu-central-1", false),
            ("DB_PASSWORD", "x", true),
            ("adminPassword", "x", true),
            ("token_ttl", "3600", false),
            ("url", "postgres://app:hunter2@db/app", true),
            ("url", "postgres://app@db/app", false),
            ("url", "https://example.com/a:b@c", false),
            ("ci", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", true),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}");
        }
    }
}
