//! Whether a name says that what is set under it is a credential.

/// What a setting is called, as far as credentials go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// `db_password`, `pwd`: whatever it is set to is one, weak or strong.
    Password,
    /// `api_token`, `secret_key`: it holds one, or the name of one.
    Key,
    /// `password_orders`: somebody's password, or what is done with it.
    BesidePassword,
    /// `token_signer`: something to do with a key.
    BesideKey,
    /// `token_ttl`, `secret_arn`, `access_key_id`: what is said of one, or where it is.
    About,
    /// `region`: something else.
    Other,
}

const PASSWORDS: &str = "password passwd passphrase passcode pwd pass pw";
const KEYS: &str = "secret token credential cred apikey";
/// What a key is called that opens something.
const KINDS: &str =
    "api access secret private account auth encryption signing master license shared storage client service app application";
/// What is said of a credential, or tells where it is.
const ABOUT: &str = "id ids arn arns name names version versions url uri urls path paths file files hash fingerprint thumbprint issuer \
                     audience bucket ref reference alias endpoint host domain sha sha256 digest policy type ttl length prefix suffix \
                     provider scope enabled rotation";
/// What follows a credential's name, and says only which one it is.
const NEUTRAL: &str = "value val string text plain plaintext base64 b64 hex default dev development prod production staging stage test qa \
                       uat live old new current primary secondary main admin root user db database app api raw input content data";

impl Named {
    pub(super) fn of(name: &str) -> Self {
        let words = words(name);
        // `token_for_slack`
        let end = words.iter().skip(1).position(|word| is_one(word, "for of to in on by at")).map_or(words.len(), |at| at + 1);
        let said = &words[..end];
        // `db_pass_x`, `password_eu`: two letters say no more than which one.
        let is_short = |word: &str| word.len() < 3 && !is_one(word, PASSWORDS) && !is_one(word, ABOUT);
        let is_neutral = |word: &&String| is_one(word, NEUTRAL) || word.bytes().all(|byte| byte.is_ascii_digit()) || is_short(word);
        let neutral = said.iter().rev().take_while(is_neutral).count();
        let mut backwards = said[..said.len() - neutral].iter().rev().map(String::as_str);
        let (last, before) = (backwards.next().unwrap_or_default(), backwards.next().unwrap_or_default());
        let one = last.strip_suffix('s').filter(|one| *one != "pas").unwrap_or(last);
        let ends_with = |ends: &str| ends.split(' ').any(|end| one.ends_with(end));
        if is_one(one, PASSWORDS) || ends_with("password passwd passphrase") {
            Self::Password
        } else if is_one(one, KEYS)
            || one == "key" && is_one(before, KINDS)
            || ends_with("secret token apikey accesskey privatekey secretkey authkey")
        {
            Self::Key
        } else if is_one(last, ABOUT) {
            Self::About
        } else if said.iter().any(|word| is_one(word, PASSWORDS)) {
            Self::BesidePassword
        } else if said.iter().any(|word| is_one(word, KEYS)) {
            Self::BesideKey
        } else {
            Self::Other
        }
    }
}

/// `adminPassword`, `DB_PASSWORD`, `db-pass`: the words of a name in small letters, numbers apart.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for character in name.chars() {
        let is_other_kind = last.is_lowercase() && character.is_uppercase() || last.is_numeric() != character.is_numeric();
        if character.is_alphanumeric() && (!last.is_alphanumeric() || is_other_kind) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        last = character;
    }
    words
}

/// True for a word of a list.
pub(super) fn is_one(word: &str, list: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_are_taken_apart_into_words() {
        for (name, expected) in [
            ("adminPassword", vec!["admin", "password"]),
            ("DB_PASSWORD", vec!["db", "password"]),
            ("db-pass2", vec!["db", "pass", "2"]),
            ("", vec![]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }
}
