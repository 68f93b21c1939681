//! The names of what is in an archive, without unpacking it.

use std::io::{Read, Seek, SeekFrom};

use super::LIMIT;

/// The names in a zip archive, from the directory at its end: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.
pub(super) fn entries(file: &mut (impl Read + Seek)) -> Option<Vec<String>> {
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
pub(super) fn gzip_name(head: &[u8]) -> Option<String> {
    const HAS_NAME: u8 = 8;
    let flags = head.strip_prefix(b"\x1f\x8b\x08").and_then(|rest| rest.first())?;
    // With an extra field in front of it, as no common tool writes one, it is not looked for.
    let name = head.get(10..).filter(|_| flags & (HAS_NAME | 4) == HAS_NAME)?;
    let end = name.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&name[..end]).into_owned())
}
