//! The end of what a container wrote.

use anyhow::Result;

use super::api::escaped;
use super::endpoint::Endpoint;

/// Before each piece of a log stand its stream, three zeros, and its length in four bytes
/// (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach).
const HEADER: usize = 8;

impl Endpoint {
    /// The last `count` lines that a container wrote, both streams, since a moment in seconds of Unix time; empty if it is gone.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn log_end(&self, container: &str, count: usize, since: Option<u64>) -> Result<Vec<String>> {
        let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
        let path = format!("/containers/{}/logs?stdout=1&stderr=1&tail={count}{since}", escaped(container));
        let text = text_of(&self.get_bytes(&path)?.unwrap_or_default());
        Ok(String::from_utf8_lossy(&text).lines().map(ToOwned::to_owned).collect())
    }
}

/// The pieces without what stands before them. A container with a terminal writes without pieces.
fn text_of(log: &[u8]) -> Vec<u8> {
    let (mut text, mut rest) = (Vec::new(), log);
    while let Some((&[0..=2, 0, 0, 0, a, b, c, d], behind)) = rest.split_first_chunk::<HEADER>() {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (piece, next) = behind.split_at(length.min(behind.len()));
        text.extend_from_slice(piece);
        rest = next;
    }
    text.extend_from_slice(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn the_pieces_of_a_log_become_its_text() {
        for (log, expected) in [
            (&b"\x01\0\0\0\0\0\0\x03ab\n\x02\0\0\0\0\0\0\x02c\n"[..], "ab\nc\n"),
            (b"\x01\0\0\0\0\0\0\x09broken off", "broken off"),
            (b"of a terminal\n", "of a terminal\n"),
            (b"", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&text_of(log)), expected);
        }
    }
}
