//! What a service is logged in to with, taken from the output `env` as an application takes it, and a login that is refused.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Names of variables of the output `env`, whose values are secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Login {
    /// A URL with user, password and path.
    Url(String),
    /// A token of HTTP's.
    Bearer {
        /// Its variable.
        token: String,
        /// What needs the token: its answer is 200.
        path: String,
    },
    /// Keys for a bucket.
    S3 {
        /// The variable with the bucket's name; as below.
        bucket: String,
        region: String,
        access_key_id: String,
        secret_access_key: String,
    },
}

/// Who logs in, and to what there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Empty where a password is enough.
    pub(crate) user: String,
    /// Or a token.
    pub(crate) password: String,
    /// What the URL names, without its slash: a database.
    pub(crate) path: String,
}

impl Login {
    /// Who logs in with these variables; none where one is not there, or names nobody.
    pub(crate) fn account(&self, env: &BTreeMap<String, String>) -> Option<Account> {
        match self {
            Self::Url(url) => Account::of_url(env.get(url)?),
            Self::Bearer { token, .. } => Some(Account { password: env.get(token)?.clone(), ..Account::default() }),
            Self::S3 { bucket, access_key_id, secret_access_key, .. } => Some(Account {
                user: env.get(access_key_id)?.clone(),
                password: env.get(secret_access_key)?.clone(),
                path: env.get(bucket)?.clone(),
            }),
        }
    }
}

impl Account {
    /// `scheme://user:password@host/path?parameters`, where each part may be percent-encoded (RFC 3986, section 2.1).
    fn of_url(url: &str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        if password.is_empty() {
            return None;
        }
        Some(Self { user: decoded(user), password: decoded(password), path: decoded(path) })
    }
}

/// A `%` without two digits stands for itself.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A login that was understood and refused: asking again does not help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The engine's words.
    words: String,
    /// What was refused.
    pub(crate) refused: Refused,
}

/// What of a login was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// User, password, key or token.
    Account,
    /// The account is right, and what the path names is not there.
    Path,
}

impl Refusal {
    /// Wrong user, password, key or token.
    pub(super) fn of_the_account(words: impl Into<String>) -> Self {
        Self { words: words.into(), refused: Refused::Account }
    }

    /// No such database or bucket.
    pub(super) fn of_the_path(words: impl Into<String>) -> Self {
        Self { words: words.into(), refused: Refused::Path }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn an_account_stands_in_a_url_in_its_parts() {
        for (url, expected) in [
            ("redis://default:pw@127.0.0.1:6379/0", Some(("default", "pw", "0"))),
            ("postgres://u:a%40b%2Fc%25%3A%c3%a9@h:1/d?sslmode=disable", Some(("u", "a@b/c%:é", "d"))),
            ("postgres://u:100%@h", Some(("u", "100%", ""))),
            ("redis://:pw@h/0", Some(("", "pw", "0"))),
            ("redis://127.0.0.1:6379/0", None),
            ("rediss://iam-user@host", None),
            ("nonsense", None),
        ] {
            let account = Account::of_url(url);
            let parts = account.as_ref().map(|account| (account.user.as_str(), account.password.as_str(), account.path.as_str()));
            assert_eq!(parts, expected, "{url}");
        }
    }
}
