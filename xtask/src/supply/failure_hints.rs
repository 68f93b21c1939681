//! What to do about a build that failed, read from the codes in the end of its log; pure.

use rustix::io::Errno;

use super::registry_error::UNREACHABLE;
use crate::host::codes::Printed;

/// The hint for a log that ends like this.
pub(crate) fn advice(log: &str) -> &'static str {
    let printed = Printed::of(log);
    if printed.has_errno(&[Errno::NOSPC, Errno::DQUOT]) {
        "make room: the builds need 8 GB in the cache directory, the temporary directory and Docker's own; then run again"
    } else if printed.has_errno(&[Errno::NOMEM]) {
        "the build ran out of memory: close something, or add swap, and run again"
    } else if printed.got_no_answer() || printed.has_errno(UNREACHABLE) {
        "the package registries cannot be reached either: check the connection and the proxy settings (http_proxy, GOPROXY), and run again"
    } else {
        "fix what these lines say, and run again: what is already downloaded and compiled is kept"
    }
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn what_tools_say_leads_to_what_helps() {
        for (log, expected) in [
            ("tar: x: Cannot write: No space left on device", "make room"),
            ("fork/exec /usr/bin/gcc: cannot allocate memory", "out of memory"),
            (
                "go: x@v1: Get \"https://proxy.example/x\": dial tcp: lookup proxy.example: no such host",
                "package registries cannot be reached",
            ),
            (
                "Could not connect to mirror.example:80 (10.0.0.1). - connect (111: Connection refused)",
                "package registries cannot be reached",
            ),
            ("verifying github.com/a/b@v1.0.0: checksum mismatch\n\nSECURITY ERROR", "fix what these lines say"),
        ] {
            assert!(advice(log).contains(expected), "{log}: {}", advice(log));
        }
    }
}
