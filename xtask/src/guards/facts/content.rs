//! Whether a file is a state or a plan of Terraform's, recognised by its content and not by its name.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A state.
    State,
    /// A saved plan.
    Plan,
    /// An archive with a state or plan of this name in it.
    Holding(String),
    /// Not seen, empty, binary, or JSON of another kind: its name decides.
    Unknown,
}

/// So much of a file is read; a state beyond it is told by its beginning.
const LIMIT: u64 = 64 << 20;

/// Looks at a file; none for a link, a directory, and text that neither Terraform nor OpenTofu would have written.
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
        return Some(if is_state(head, file) { Content::State } else { Content::Unknown });
    }
    // A letter of several bytes may be cut in two.
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |text| !text.contains('\0'));
    (text.is_empty() || text.starts_with(b"PK") || !is_text(head)).then_some(Content::Unknown)
}

/// What every state has: https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go, and version3.go.
#[derive(Deserialize)]
struct Head {
    version: u64,
    #[expect(dead_code, reason = "only that it is there counts")]
    serial: u64,
    lineage: Option<String>,
    modules: Option<Vec<IgnoredAny>>,
}

fn is_state(head: &[u8], file: &mut (impl Read + Seek)) -> bool {
    let mut text = Vec::new();
    let whole = file.rewind().and_then(|()| file.take(LIMIT).read_to_end(&mut text));
    let text = if whole.is_ok() { text.as_slice() } else { head };
    let text = std::str::from_utf8(text).unwrap_or_else(|error| std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default());
    let has = |key: &str| text.contains(key);
    // Nearly all JSON ends here, unparsed.
    if !has("\"serial\"") || !has("\"lineage\"") && !has("\"modules\"") {
        return false;
    }
    match serde_json::from_str::<Head>(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        Ok(found) => found.lineage.is_some() || found.version <= 3 && found.modules.is_some(),
        // Cut off, or beyond the limit: what it begins with is enough.
        Err(error) => error.is_eof() && has("\"lineage\"") && has("\"terraform_version\""),
    }
}

/// The names in a zip archive, from the directory at its end: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.
fn entries(file: &mut (impl Read + Seek)) -> Option<Vec<String>> {
    const END: usize = 22;
    let length = file.seek(SeekFrom::End(0)).ok()?;
    // A comment of at most 65,535 bytes may follow it.
    let tail_at = length.saturating_sub(0xffff + END as u64);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(tail_at)).ok()?;
    file.read_to_end(&mut tail).ok()?;
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let number = |bytes: &[u8], at: usize, width: usize| {
        let bytes = bytes.get(at..at + width)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (size, at) = (number(&tail, end + 12, 4)?, number(&tail, end + 16, 4)?);
    let mut directory = Vec::new();
    file.seek(SeekFrom::Start(at)).ok()?;
    file.take(size.min(LIMIT)).read_to_end(&mut directory).ok()?;
    let (mut names, mut rest) = (Vec::new(), directory.as_slice());
    while rest.starts_with(b"PK\x01\x02") {
        let width = |at| number(rest, at, 2).and_then(|width| usize::try_from(width).ok());
        let (name, extra, comment) = (width(28)?, width(30)?, width(32)?);
        names.push(String::from_utf8_lossy(rest.get(46..46 + name)?).into_owned());
        rest = rest.get(46 + name + extra + comment..)?;
    }
    Some(names)
}

/// The name that a compressed file had: https://www.rfc-editor.org/rfc/rfc1952, 2.3.
fn gzip_name(head: &[u8]) -> Option<String> {
    const HAS_NAME: u8 = 8;
    let flags = head.strip_prefix(b"\x1f\x8b\x08").and_then(|rest| rest.first())?;
    // With an extra field in front of it, as no common tool writes one, it is not looked for.
    let name = head.get(10..).filter(|_| flags & (HAS_NAME | 4) == HAS_NAME)?;
    let end = name.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&name[..end]).into_owned())
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
