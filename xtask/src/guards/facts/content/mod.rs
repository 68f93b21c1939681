//! Whether a file is a state or a plan of Terraform's, recognised by its content and not by its name.

mod archive;
mod json;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

use self::archive::{entries, gzip_name};

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A state.
    State,
    /// A saved plan.
    Plan,
    /// What Terraform prints of a state or plan, in these words.
    Shown(&'static str),
    /// A log of Terraform's.
    Log,
    /// A private key, or a file of credentials with one in it.
    PrivateKey,
    /// An archive with a state or plan of this name in it.
    Holding(String),
    /// Not seen, empty, binary, or JSON of another kind: its name decides.
    Unknown,
}

/// Only this much of a file is read. A larger state is recognised by its beginning.
const LIMIT: u64 = 64 << 20;

/// Looks at a file; `None` for a link, a directory, and text that neither Terraform nor OpenTofu would have written.
pub(super) fn of(path: &Path, is_private: &dyn Fn(&str) -> bool) -> Option<Content> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let read = file.and_then(|mut file| {
        let mut head = [0; 512];
        let length = file.read(&mut head)?;
        Ok((file, head, length))
    });
    match read {
        Ok((mut file, head, length)) => told(&head[..length], &mut file, is_private),
        Err(error) if error.kind() == ErrorKind::IsADirectory || error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => None,
        Err(_) => Some(Content::Unknown),
    }
}

/// By the first bytes, where they rule out everything; else by the whole.
fn told(head: &[u8], file: &mut (impl Read + Seek), is_private: &dyn Fn(&str) -> bool) -> Option<Content> {
    if head.starts_with(b"PK\x03\x04") {
        let names = entries(file).unwrap_or_default();
        // https://github.com/hashicorp/terraform/blob/main/internal/plans/planfile/writer.go
        if names.iter().any(|name| name == "tfplan") {
            return Some(Content::Plan);
        }
        return Some(names.into_iter().find(|name| is_private(name)).map_or(Content::Unknown, Content::Holding));
    }
    if let Some(name) = gzip_name(head) {
        return Some(if is_private(&name) { Content::Holding(name) } else { Content::Unknown });
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.first() == Some(&b'{') {
        return Some(json::of_text(utf8(&whole(head, file))));
    }
    // As PowerShell before version 6 writes what a program prints:
    // https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding
    if head.starts_with(b"\xff\xfe{\0") {
        return Some(json::of_text(&utf16(&whole(head, file)[2..])));
    }
    // A letter of several bytes may be cut in two.
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |text| !text.contains('\0'));
    if text.is_empty() || text.starts_with(b"PK") || !is_text(head) {
        return Some(Content::Unknown);
    }
    of_words(&String::from_utf8_lossy(text))
}

/// As much of a file as is looked at; what is there already, where it cannot be read again.
fn whole(head: &[u8], file: &mut (impl Read + Seek)) -> Vec<u8> {
    let mut text = Vec::new();
    let read = file.rewind().and_then(|()| file.take(LIMIT).read_to_end(&mut text));
    if read.is_ok() { text } else { head.to_vec() }
}

/// A text up to where it is none.
fn utf8(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_else(|error| std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default())
}

fn utf16(text: &[u8]) -> String {
    let units: Vec<u16> = text.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// True for a key that is there and that no passphrase locks: one that is locked says so in its first two lines
/// (https://www.rfc-editor.org/rfc/rfc1421), and OpenSSH's in what its Base64 begins with
/// (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key): `openssh-key-v1`, and the cipher `none`.
fn is_open_key(text: &str) -> bool {
    const OPEN: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
    let is_base64 = |line: &str| line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    let has_content = text.lines().skip(1).any(|line| line.trim_end().len() >= 40 && is_base64(line.trim_end()));
    has_content && !text.contains("ENCRYPTED") && (!text.contains("BEGIN OPENSSH") || text.contains(OPEN))
}

/// By how a text begins that is no JSON.
fn of_words(text: &str) -> Option<Content> {
    // `{\n  "version": 4,\n  "terraform_version": "`, as every state begins, in Base64.
    const STATE: &str = "ewogICJ2ZXJzaW9uIjogNCwKICAidGVycmFmb3JtX3ZlcnNpb24iOiAi";
    let first = text.lines().next().unwrap_or_default();
    if text.starts_with(STATE) {
        return Some(Content::State);
    }
    if first.starts_with("-----BEGIN ") && first.trim_end().ends_with("PRIVATE KEY-----") {
        return is_open_key(text).then_some(Content::PrivateKey);
    }
    // The first line of what TF_LOG and a crash leave: https://developer.hashicorp.com/terraform/internals/debugging
    let is_log = first.contains("[INFO]") && ["Terraform version: ", "OpenTofu version: "].iter().any(|name| first.contains(name));
    is_log.then_some(Content::Log)
}

#[cfg(test)]
mod tests {
    use super::{Content, of, told};

    fn of_bytes(bytes: &[u8]) -> Option<Content> {
        let head = &bytes[..bytes.len().min(512)];
        told(head, &mut std::io::Cursor::new(bytes), &|name| name.ends_with(".tfstate"))
    }

    /// A zip archive of empty files, with a comment.
    fn zip(names: &[&str]) -> Vec<u8> {
        let header = |sign: &[u8], fixed: usize, name: &str| {
            let mut header = sign.to_vec();
            header.resize(fixed, 0);
            let at = if fixed == 46 { 28 } else { 26 };
            header[at] = u8::try_from(name.len()).unwrap();
            [header, name.as_bytes().to_vec()].concat()
        };
        let files: Vec<u8> = names.iter().flat_map(|name| header(b"PK\x03\x04", 30, name)).collect();
        let directory: Vec<u8> = names.iter().flat_map(|name| header(b"PK\x01\x02", 46, name)).collect();
        let number = |length: usize| u32::try_from(length).unwrap().to_le_bytes();
        let end = [&b"PK\x05\x06\0\0\0\0\0\0\0\0"[..], &number(directory.len()), &number(files.len()), b"\x02\0hi"].concat();
        [files, directory, end].concat()
    }

    #[test]
    fn states_and_plans_are_told_by_what_they_hold() {
        let long = format!(r#"{{"check_results": "{}", "lineage": "l", "serial": 1, "version": 4}}"#, "x".repeat(2000));
        let cut = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "l", "resou"#;
        let key = |kind: &str, end: &str, text: &str| {
            format!("-----BEGIN {kind} PRIVATE KEY-----{end}{text}{}{end}", "x7".repeat(30)).into_bytes()
        };
        let wide = |text: &str| [b"\xff\xfe".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        let gzip = |name: &str| [b"\x1f\x8b\x08\x08\0\0\0\0\0\x03", name.as_bytes(), b"\0data"].concat();
        for (bytes, expected) in [
            (r#"{"version": 4, "serial": 1, "lineage": "l"}"#.into(), Some(Content::State)),
            ("\u{feff} {\"version\": 4, \"serial\": 1, \"lineage\": \"l\"}".into(), Some(Content::State)),
            (long.into_bytes(), Some(Content::State)),
            (cut.into(), Some(Content::State)),
            (r#"{"version": 3, "serial": 1, "modules": []}"#.into(), Some(Content::State)),
            (r#"{"version": 4, "serial": 1, "modules": []}"#.into(), Some(Content::Unknown)),
            (r#"{"version": 4, "inner": {"serial": 1, "lineage": "l"}}"#.into(), Some(Content::Unknown)),
            (r#"{"serial": "s", "lineage": "l"}"#.into(), Some(Content::Unknown)),
            ("{}".into(), Some(Content::Unknown)),
            (zip(&["tfplan", "tfstate", "tfconfig/modules.json"]), Some(Content::Plan)),
            (zip(&["readme.md", "old/terraform.tfstate"]), Some(Content::Holding("old/terraform.tfstate".to_owned()))),
            (zip(&["readme.md"]), Some(Content::Unknown)),
            (b"PK\x03\x04 and nothing more".to_vec(), Some(Content::Unknown)),
            (gzip("terraform.tfstate"), Some(Content::Holding("terraform.tfstate".to_owned()))),
            (gzip("notes"), Some(Content::Unknown)),
            (b"PK".to_vec(), Some(Content::Unknown)),
            (b"\0GITCRYPT\0".to_vec(), Some(Content::Unknown)),
            (Vec::new(), Some(Content::Unknown)),
            (b"#!/bin/sh\nterraform show\n".to_vec(), None),
            (b"ewogICJ2ZXJzaW9uIjogNCwKICAidGVycmFmb3JtX3ZlcnNpb24iOiAiMS4xMS40Iiw\nKICAi".to_vec(), Some(Content::State)),
            (b"ewogICJ2ZXJzaW9uIjogNCwKICAibmFtZSI6ICJ4In0=".to_vec(), None),
            (key("RSA", "\n", "MIIEpAIBAAKC"), Some(Content::PrivateKey)),
            (key("OPENSSH", "\r\n", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"), Some(Content::PrivateKey)),
            (key("OPENSSH", "\n", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI"), None),
            (key("ENCRYPTED", "\n", "MIIEpAIBAAKC"), None),
            (key("RSA", "\n", "Proc-Type: 4,ENCRYPTED\n"), None),
            (b"-----BEGIN RSA PRIVATE KEY-----\n<your key>\n-----END RSA PRIVATE KEY-----\n".to_vec(), None),
            (b"-----BEGIN CERTIFICATE-----\nMIIE\n".to_vec(), None),
            (b"2019/03/01 12:00:00 [INFO] Terraform version: 0.11.11\n".to_vec(), Some(Content::Log)),
            (b"2024-01-01T00:00:00.000Z [INFO]  OpenTofu version: 1.8.0\n".to_vec(), Some(Content::Log)),
            (b"Terraform version: 1.5\n".to_vec(), None),
            (wide(r#"{"version": 4, "serial": 1, "lineage": "l"}"#), Some(Content::State)),
            (wide(r#"{"version": 4}"#), Some(Content::Unknown)),
            (wide("words"), Some(Content::Unknown)),
            ("die Pl\u{e4}ne".into(), None),
        ] {
            assert_eq!(of_bytes(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("nowhere", place.path().join("link")).unwrap();
        let of = |path: &str| of(&place.path().join(path), &|_| true);
        assert_eq!((of("link"), of("."), of("gone")), (None, None, Some(Content::Unknown)));
    }
}
