//! Secrets kept out of whatever leaves the program: those that are known, however they are quoted, and what is one by its form.
//! Every line for people, every table, and every answer to another program but `env` and `--show-secrets` goes through here.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::secret::written::is_token;
use super::secret::{MASK, is_secret, strings_within};

/// Every form in which a known secret may stand in a text, the longest first: one that contains another leaves nothing behind.
static KNOWN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// A secret of ours. It is kept out of what is printed from when it is made or read; it goes into private files alone.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        learn(&secret);
        Self(secret)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// Remembers a secret. Each of its lines is one: a key of several is printed line by line.
pub(crate) fn learn(secret: &str) {
    let forms: Vec<String> = secret.lines().map(str::trim).filter(|line| is_telling(line)).flat_map(forms).collect();
    let is_known = |known: &[String]| forms.iter().all(|form| known.contains(form));
    if is_known(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.extend(forms);
    known.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
    known.dedup();
}

/// Remembers what is secret in a setting: all of it, by the setting's name, or a part, by its form.
pub(crate) fn learn_setting(name: &str, value: &str) {
    // A setting is the URL and nothing else: a quote in it ends nothing.
    let in_url = value.split_once("://").and_then(|(scheme, rest)| shifted(url_password(rest)?, scheme.len() + 3));
    for part in secret_parts(value).into_iter().chain(in_url) {
        learn(&value[part.clone()]);
        learn(&decoded(&value[part]));
    }
    if value.starts_with(['{', '[']) {
        strings_within(value).filter(|(name, _)| !name.is_empty()).for_each(|(name, value)| learn_setting(name, value));
    } else if is_secret(name, value) && !value.contains("://") && !is_place(value) {
        learn(value);
    }
}

/// The same of a value in Terraform's language: of every string in it, by the name that is nearest.
pub(crate) fn learn_value(name: &str, value: &terraform_config::Value) {
    if let Some(text) = value.text() {
        learn_setting(name, text);
    }
    value.elements().iter().for_each(|element| learn_value(name, element));
    value.entries().iter().for_each(|entry| learn_value(entry.key.text().unwrap_or(name), &entry.value));
}

/// Remembers what is secret in the variables of this process.
pub(crate) fn learn_environment() {
    for (name, value) in std::env::vars_os() {
        learn_setting(&name.to_string_lossy(), &value.to_string_lossy());
    }
}

/// `text` without any secret.
pub(crate) fn mask(text: &str) -> String {
    mask_known(text, &KNOWN.read().unwrap_or_else(PoisonError::into_inner))
}

/// A document in which no string has a secret in it: in the text of one, what is escaped could break.
pub(crate) fn mask_document(document: Value) -> Value {
    match document {
        Value::String(text) => mask(&text).into(),
        Value::Array(items) => items.into_iter().map(mask_document).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, mask_document(value))).collect(),
        other => other,
    }
}

fn mask_known(text: &str, known: &[String]) -> String {
    let is_in = |text: &str, secret: &String| text.contains(secret.as_str());
    let text = known.iter().fold(Cow::Borrowed(text), |text, secret| match is_in(&text, secret) {
        true => text.replace(secret.as_str(), MASK).into(),
        false => text,
    });
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for part in secret_parts(&text) {
        masked.push_str(&text[end..part.start]);
        masked.push_str(MASK);
        end = part.end;
    }
    masked + &text[end..]
}

/// False for what may well be a word of its own: masked, it would turn whole messages into stars.
fn is_telling(secret: &str) -> bool {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, |byte| !byte.is_ascii_alphanumeric()];
    let kinds = kinds.into_iter().filter(|is_of_kind| secret.bytes().any(|byte| is_of_kind(&byte))).count();
    secret.len() >= 16 || secret.len() >= 6 && kinds > 1
}

/// A secret as it is, as JSON and Terraform's language escape it, in one string or in a string in a string, and as a URL does.
fn forms(secret: &str) -> [String; 4] {
    let escaped = |text: &str| Value::from(text).to_string().trim_matches('"').to_owned();
    let in_json = secret.replace('\\', "\\\\").replace('"', "\\\"");
    let in_url = secret.bytes().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    [secret.to_owned(), escaped(&in_json), in_url.collect(), in_json]
}

/// What a URL's `%40` stands for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('%') {
        bytes.extend(plain.bytes());
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    bytes.extend(rest.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// True for where a secret is kept, or what has one's name and is none: a directory is called PWD.
fn is_place(value: &str) -> bool {
    value.starts_with('/') && Path::new(value).exists()
}

/// What is secret by its form: passwords in URLs, parameters of that name, tokens that say what they are.
fn secret_parts(text: &str) -> Vec<Range<usize>> {
    let after = |mark: &'static str| text.match_indices(mark).map(move |(at, _)| at + mark.len());
    let url = |from: usize| text[from..].split(|end: char| end.is_whitespace() || "\"'`<>".contains(end)).next();
    let in_urls = after("://").filter_map(|from| shifted(url_password(url(from)?)?, from));
    let parameters = after("=").filter_map(|from| shifted(parameter(&text[..from - 1], &text[from..])?, from));
    let mut parts: Vec<Range<usize>> = in_urls.chain(parameters).chain(tokens(text)).collect();
    parts.sort_by_key(|part| (part.start, part.end));
    // One in another is masked with it.
    let mut end = 0;
    parts.retain(|part| {
        part.start >= end && {
            end = part.end;
            true
        }
    });
    parts
}

fn shifted(range: Range<usize>, by: usize) -> Option<Range<usize>> {
    (!range.is_empty()).then_some(range.start + by..range.end + by)
}

/// The password in what follows the `://` of a URL. Go and libpq end it at the last `@` before the path.
fn url_password(url: &str) -> Option<Range<usize>> {
    let (user, after) = url.split_once(':').filter(|(user, _)| !user.contains(['/', '@', '?', '#', '[']))?;
    let host = &after[..after.find(['/', '?', '#']).unwrap_or(after.len())];
    let is_port = host.bytes().all(|byte| byte.is_ascii_digit());
    // Where a slash in the password was not escaped, the URL is wrong, and all the more likely to be quoted.
    let password = host.rfind('@').or_else(|| after.rfind('@').filter(|_| !is_port))?;
    let start = user.len() + 1;
    (!after.starts_with("${")).then_some(start..start + password)
}

/// The value behind a `=`, where the name before it is that of a secret: of a connection string, a URL, or Terraform's language.
fn parameter(before: &str, after: &str) -> Option<Range<usize>> {
    const NAMES: [&str; 7] = ["password", "passwd", "passphrase", "pwd", "secret", "token", "signature"];
    let spaced = before.trim_end_matches(' ');
    let name = spaced.rsplit(|part: char| !part.is_alphanumeric() && !"_-".contains(part)).next()?.to_ascii_lowercase();
    if !NAMES.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let value = after.trim_start_matches(' ');
    let start = after.len() - value.len();
    let quote = ["\\\"", "\"", "'"].into_iter().find(|quote| value.starts_with(quote));
    let (start, end) = match quote {
        Some(quote) => (start + quote.len(), value[quote.len()..].find(quote)?),
        // With blanks around it, it is an expression of Terraform's.
        None if start > 0 || spaced.len() < before.len() => return None,
        None => (0, value.find(|end: char| end.is_whitespace() || "&;,\"'`)\\".contains(end)).unwrap_or(value.len())),
    };
    (!after[start..].starts_with('$')).then_some(start..start + end)
}

/// Words that are tokens by how they begin.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let words = text.split(|part: char| !part.is_ascii_alphanumeric() && !"_-.".contains(part)).filter(|word| is_token(word));
    words.map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + word.len()
    })
}

#[cfg(test)]
mod tests {
    use super::{Secret, forms, is_telling, learn, learn_setting, mask, mask_document, mask_known, secret_parts};
    use serde_json::json;

    #[test]
    fn what_is_secret_by_its_form_is_masked_wherever_it_stands() {
        for (text, expected) in [
            ("parse \"postgres://ann:pw@db:5432/x\": no", "parse \"postgres://ann:********@db:5432/x\": no"),
            ("redis://:p@ss@h and https://u:x@h/a@b", "redis://:********@h and https://u:********@h/a@b"),
            ("postgres://ann:p/w@db/x", "postgres://ann:********@db/x"),
            ("é://u:é@h é", "é://u:********@h é"),
            ("http://127.0.0.1:9000/a@b http://h:1?x=y@z http://[::1]:1/a@b ssh://ann@h", ""),
            ("postgres://${var.user}:${var.password}@h oci://r/redis:8@sha256:0", ""),
            ("conn_str=host=h password=hunter2 dbname=x", "conn_str=host=h password=******** dbname=x"),
            ("sslpassword='a b' x", "sslpassword='********' x"),
            ("?a=b&access_token=abc&c=d X-Amz-Signature=abc", "?a=b&access_token=********&c=d X-Amz-Signature=********"),
            ("  password = \"hunter2\"", "  password = \"********\""),
            (r#"{"what": "password = \"hunter2\""}"#, r#"{"what": "password = \"********\""}"#),
            ("password = var.password; password=$PW; token =", ""),
            ("tokens = 3, a password = \"${var.x}\", monkey=1", ""),
            ("log in with glpat-0123456789abcdefghij.", "log in with ********"),
        ] {
            let expected = if expected.is_empty() { text } else { expected };
            assert_eq!(mask_known(text, &[]), expected);
            assert_eq!(mask_known(expected, &[]), expected, "twice is as once");
        }
    }

    #[test]
    fn what_is_known_is_masked_however_it_is_quoted_and_the_longest_first() {
        let known: Vec<String> = ["p\"w\\1$", "abcd", "ab"].iter().flat_map(|secret| forms(secret)).collect();
        for (text, expected) in [
            ("is p\"w\\1$ abcd ab", "is ******** ******** ********"),
            (r#"{"a": "p\"w\\1$"}"#, r#"{"a": "********"}"#),
            (r#"{"a": "{\"b\": \"p\\\"w\\\\1$\"}"}"#, r#"{"a": "{\"b\": \"********\"}"}"#),
            ("?x=p%22w%5C1%24", "?x=********"),
        ] {
            assert_eq!(mask_known(text, &known), expected);
        }
    }

    #[test]
    fn a_word_that_may_stand_anywhere_is_no_secret_by_itself() {
        for (secret, expected) in [
            ("", false),
            ("pw", false),
            ("a1b2c", false),
            ("postgres", false),
            ("12345678", false),
            ("hunter2", true),
            ("Tracker", true),
            ("correcthorsebattery", true),
        ] {
            assert_eq!(is_telling(secret), expected, "{secret}");
        }
    }

    #[test]
    fn a_secret_shows_itself_in_private_files_alone() {
        let secret: Secret = serde_json::from_str("\"of-a-private-file-1\"").unwrap();
        assert_eq!(format!("{secret:?} {}", mask("of-a-private-file-1")), "******** ********");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"of-a-private-file-1\"");
    }

    #[test]
    fn settings_are_learnt_by_name_and_by_form() {
        learn_setting("conn_str", "postgres://ann:Url%40Passw0rd@db/x");
        learn_setting("conn_str", "host=db password=DsnPassw0rd");
        learn_setting("secret_key", "SettingPassw0rd");
        learn_setting("TF_VAR_db", "{\"user\": \"JsonUs3r\", \"password\": \"JsonPassw0rd\"}");
        learn_setting("TF_VAR_db", "{ user = \"HclUs3r\", password = \"HclPassw0rd\" }");
        learn_setting("PWD", "/tmp");
        learn_setting("db_password_length", "Length-16");
        learn("-----BEGIN KEY-----\nMIIBVgIBADANBgkq\n");
        for secret in
            ["Url@Passw0rd", "Url%40Passw0rd", "DsnPassw0rd", "SettingPassw0rd", "JsonPassw0rd", "HclPassw0rd", "MIIBVgIBADANBgkq"]
        {
            assert_eq!(mask(secret), "********");
        }
        for other in ["/tmp", "Length-16", "JsonUs3r", "HclUs3r", "ann", "db"] {
            assert_eq!(mask(other), other);
        }
    }

    #[test]
    fn a_document_stays_one() {
        learn("Docum\"ent\\1");
        let masked = mask_document(json!({"a": ["Docum\"ent\\1", 1, null], "b": {"c": "x://u:p\"w@h password=\"x\""}}));
        assert_eq!(masked, json!({"a": ["********", 1, null], "b": {"c": "x://u:p\"w@h password=\"********\""}}));
    }

    #[test]
    fn parts_do_not_overlap() {
        let text = "password=x://u:glpat-0123456789abcdefghij@h token=token=a";
        let mut end = 0;
        for part in secret_parts(text) {
            assert!(part.start >= end && part.end > part.start, "{part:?}");
            end = part.end;
        }
    }
}
