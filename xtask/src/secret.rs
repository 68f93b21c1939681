//! Secrets: made from the system's random source, and kept out of what is printed.

use anyhow::{Context, Result};

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
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `text` with every one of `secrets` masked.
pub(crate) fn mask<'a>(text: &str, secrets: impl IntoIterator<Item = &'a String>) -> String {
    // The longest first: a secret that contains another must not leave its rest behind.
    let mut secrets: Vec<&String> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(*secret, MASK))
}

#[cfg(test)]
mod tests {
    use super::{identifier, mask, password};

    #[test]
    fn passwords_have_their_length_their_alphabet_and_differ() {
        let (one, two) = (password(32).unwrap(), password(32).unwrap());
        assert_eq!(one.len(), 32);
        assert!(one.chars().all(|character| character.is_ascii_alphanumeric()), "{one}");
        assert_ne!(one, two);
        assert_eq!(password(200).unwrap().len(), 200);
    }

    #[test]
    fn masks_every_occurrence_and_the_longest_first() {
        for (text, secrets, expected) in [
            ("a pw b pw", vec!["pw"], "a ******** b ********"),
            ("abcd", vec!["ab", "abcd"], "********"),
            ("nothing", vec!["", "pw"], "nothing"),
        ] {
            let secrets: Vec<String> = secrets.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(mask(text, &secrets), expected);
        }
    }

    #[test]
    fn identifiers_are_32_hexadecimal_characters() {
        let identifier = identifier().unwrap();
        assert!(identifier.len() == 32 && identifier.chars().all(|character| character.is_ascii_hexdigit()), "{identifier}");
    }
}
