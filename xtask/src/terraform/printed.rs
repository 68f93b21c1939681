//! Terraform's output, without the lines that a version manager prints before it.

/// The JSON document in this output, from the first line that begins one: version managers put a line of their own before it.
pub(crate) fn document(output: &[u8]) -> &[u8] {
    let starts = std::iter::once(0).chain(output.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1));
    let start = starts.into_iter().find(|start| output.get(*start) == Some(&b'{')).unwrap_or(0);
    &output[start..]
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn a_line_of_a_version_manager_is_passed_over() {
        for (output, expected) in [
            ("{\"a\": 1}", "{\"a\": 1}"),
            ("using 1.11.4 {x}\n{\n  1\n}\n", "{\n  1\n}\n"),
            ("no such version\n", "no such version\n"),
            ("", ""),
        ] {
            assert_eq!(document(output.as_bytes()), expected.as_bytes());
        }
    }
}
