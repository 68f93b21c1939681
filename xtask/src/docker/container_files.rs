//! A file inside a container, as the engine hands it out: in a tar archive (POSIX.1-1988 "ustar", with the extensions of 2001).

use anyhow::{Context, Result};

use super::api::escaped;
use super::endpoint::Endpoint;

/// Headers and contents fill whole blocks.
const BLOCK: usize = 512;

impl Endpoint {
    /// The content of a file inside a container, running or not; `None` if there is no such file.
    ///
    /// # Errors
    /// The engine does not answer, or not with an archive.
    pub(crate) fn file_in(&self, container: &str, path: &str) -> Result<Option<Vec<u8>>> {
        // In a query a slash needs no escape.
        let question = format!("/containers/{}/archive?path={}", escaped(container), escaped(path));
        let Some(archive) = self.get_bytes(&question)? else {
            return Ok(None);
        };
        first_file(&archive).with_context(|| format!("understanding the archive with {path} of container {container}"))
    }
}

/// The content of the first regular file; `None` if the path names a directory or a link.
fn first_file(archive: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut rest = archive;
    while let Some((header, content)) = rest.split_at_checked(BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let size = octal(&header[124..136]).context("the size in a header is not a number")?;
        match header[156] {
            // `0`, and before POSIX a zero byte.
            b'0' | 0 => return content.get(..size).map(|content| Some(content.to_vec())).context("the archive breaks off"),
            // Attributes of what follows: a long name, times with fractions.
            b'x' | b'g' | b'L' | b'K' => {}
            _ => break,
        }
        rest = content.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
    }
    Ok(None)
}

/// Digits in ASCII, ended by a blank or a zero byte.
fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    usize::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, first_file};

    fn entry(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut entry = vec![0; BLOCK];
        entry[..4].copy_from_slice(b"name");
        entry[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        entry[156] = kind;
        entry.extend(content);
        entry.resize(entry.len().next_multiple_of(BLOCK), 0);
        entry
    }

    #[test]
    fn the_first_file_is_taken_whole() {
        let long = vec![b'x'; 3 * BLOCK + 7];
        for (archive, expected) in [
            (vec![entry(b'0', b"port 6379\n"), vec![0; 2 * BLOCK]], Some(&b"port 6379\n"[..])),
            (vec![entry(b'0', b"")], Some(b"")),
            (vec![entry(b'x', b"30 mtime=1.5\n"), entry(b'0', &long)], Some(long.as_slice())),
            (vec![entry(b'5', b""), entry(b'0', b"of a directory")], None),
            (vec![entry(b'2', b"")], None),
            (vec![vec![0; 2 * BLOCK]], None),
            (vec![], None),
        ] {
            assert_eq!(first_file(&archive.concat()).unwrap().as_deref(), expected);
        }
    }

    #[test]
    fn what_breaks_off_or_is_no_archive_is_an_error() {
        let whole = entry(b'0', &[b'x'; 600]);
        assert!(first_file(&whole[..BLOCK + 100]).is_err());
        assert!(first_file(&[b'?'; BLOCK]).is_err());
    }
}
