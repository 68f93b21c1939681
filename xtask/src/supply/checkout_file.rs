//! Files of the repository that things are made from: the same in a checkout with Unix line ends and in one with Windows' (CRLF, as
//! Git's core.autocrlf writes them), so that scripts run and nothing is made twice.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The content of a file, with Unix line ends if it is text. A file with a zero byte is binary, as for Git.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let content = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(if content.contains(&0) || !content.contains(&b'\r') { content } else { unix_lines(&content) })
}

fn unix_lines(text: &[u8]) -> Vec<u8> {
    let is_kept = |at: usize| !(text[at] == b'\r' && text.get(at + 1) == Some(&b'\n'));
    (0..text.len()).filter(|at| is_kept(*at)).map(|at| text[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn line_ends_are_unix_s_in_text_and_bytes_stay_in_the_rest() {
        let directory = tempfile::tempdir().unwrap();
        for (content, expected) in
            [("a\r\nb\r\n", "a\nb\n"), ("a\nb\n", "a\nb\n"), ("a\rb\r\r\n\r", "a\rb\r\n\r"), ("a\r\n\0", "a\r\n\0"), ("", "")]
        {
            let path = directory.path().join("file");
            std::fs::write(&path, content).unwrap();
            assert_eq!(read(&path).unwrap(), expected.as_bytes(), "{content:?}");
        }
    }
}
