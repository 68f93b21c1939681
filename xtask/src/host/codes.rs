//! Codes in what other programs print: they stay as they are when the words around them change.

use rustix::io::Errno;

/// What a program printed, ready to be searched.
#[derive(Debug, Clone)]
pub(crate) struct Printed {
    /// In one line, without the frame that Terraform draws around it.
    line: String,
    /// The same in small letters: C's messages begin with a capital, Go's do not.
    small: String,
}

impl Printed {
    /// Takes it as it came, wrapped or not.
    pub(crate) fn of(text: &str) -> Self {
        let line = text.split(['│', '╷', '╵']).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        Self { small: line.to_lowercase(), line }
    }

    /// All of it, in one line.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// True when it holds these words, whatever their capitals.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.small.contains(words)
    }

    /// True when one of these errors of the system is in it. Go has the C library's names for them.
    pub(crate) fn has_errno(&self, errnos: &[Errno]) -> bool {
        errnos.iter().any(|errno| {
            let name = std::io::Error::from(*errno).to_string().to_lowercase();
            self.says(name.split(" (os error").next().unwrap_or(&name))
        })
    }

    /// The first status of HTTP that is an error: `404 Not Found`, `status: 503`, `StatusCode: 403`.
    pub(crate) fn http_status(&self) -> Option<u16> {
        let words: Vec<&str> = self.line.split(' ').collect();
        words.iter().enumerate().find_map(|(at, word)| {
            let status = word.trim_end_matches([',', '.', ';', ':', ')']).parse().ok().filter(|status| (400..600).contains(status))?;
            let before = at.checked_sub(1).map(|before| words[before].to_lowercase()).unwrap_or_default();
            let is_named = ["status", "status:", "code", "code:", "statuscode:"].contains(&before.as_str());
            let has_reason = words.get(at + 1).is_some_and(|next| next.starts_with(char::is_uppercase));
            (is_named || has_reason && word.len() == 3).then_some(status)
        })
    }

    /// True when no answer of HTTP came back. Go's errors say so by their form alone: the method and the address, quoted, and why
    /// (https://pkg.go.dev/net/url#Error).
    pub(crate) fn got_no_answer(&self) -> bool {
        ["get", "head", "post", "put"].iter().any(|method| {
            let asked = self.small.split_once(&format!("{method} \"http"));
            asked.is_some_and(|(_, rest)| rest.split_once('"').is_some_and(|(_, why)| why.starts_with(": ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Printed;
    use rustix::io::Errno;

    #[test]
    fn an_errno_is_known_in_go_and_in_c() {
        for text in
            ["write /x: no space left on device", "tar: x: Cannot write: No space left on device", "a no space\n│ left on\n│ device"]
        {
            assert!(Printed::of(text).has_errno(&[Errno::ACCESS, Errno::NOSPC]), "{text}");
        }
        assert!(!Printed::of("no space for it").has_errno(&[Errno::NOSPC]));
        assert!(Printed::of("read tcp 10.0.0.2:5->1.2.3.4:443: read: connection reset by peer").has_errno(&[Errno::CONNRESET]));
    }

    #[test]
    fn a_status_of_http_is_told_from_other_numbers() {
        for (text, expected) in [
            ("received unexpected HTTP status: 503 Service Unavailable", Some(503)),
            ("unexpected status code 404 for x", Some(404)),
            ("https response error StatusCode: 403, RequestID: 0", Some(403)),
            ("404 Not Found returned from github.com", Some(404)),
            ("read 512 bytes of 404", None),
            ("dial tcp 1.2.3.4:443: i/o timeout", None),
            ("status: 200 OK", None),
        ] {
            assert_eq!(Printed::of(text).http_status(), expected, "{text}");
        }
    }

    #[test]
    fn go_says_by_its_form_that_nothing_came_back() {
        for (text, expected) in [
            (
                "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host",
                true,
            ),
            ("failed to do request: Head \"https://x/v2/\": EOF", true),
            ("discovery document: Get\n\"https://x\": dial tcp: lookup\nx: no such\nhost.", true),
            ("unexpected status from HEAD request to https://x/v2/: 404 Not Found", false),
            ("get \"https://x\" yourself", false),
        ] {
            assert_eq!(Printed::of(text).got_no_answer(), expected, "{text}");
        }
    }
}
