//! What to do about a build that failed, read from the end of its log; pure.

/// What a rerun costs after any failure.
const RERUN: &str = "run again: what is already downloaded and compiled is kept";

/// Words in a log, and what helps. Read from the top: the cause stands before its consequences.
const ADVICE: [(&[&str], &str); 11] = [
    (
        &["no space left on device", "disk quota exceeded"],
        "make room: the builds need 8 GB in the cache directory, the temporary directory and Docker's own; then run again",
    ),
    (
        &["requires go >=", "toolchain not available"],
        "install the Go version that the log asks for, or a later one (https://go.dev/dl/), and run again",
    ),
    (
        &["checksum mismatch", "security error", "verifying module"],
        "a Go module is not the one that go.sum pins, and nothing of it is used: look at GOPROXY and GONOSUMDB, and at who changed go.sum",
    ),
    (
        &["missing go.sum entry", "updates to go.mod needed"],
        "bring go.mod and go.sum together with `go mod tidy` in the module's folder, and run again",
    ),
    (
        &["do not match the hashes", "hashes are required"],
        "a wheel is not the one that the requirements file pins, and nothing of it is used: look at the index pip uses",
    ),
    (
        &["no matching distribution found"],
        "no index that pip uses has that wheel for this Python and architecture: correct the requirements file",
    ),
    (
        &[
            "temporary failure resolving",
            "could not resolve",
            "no such host",
            "i/o timeout",
            "connection refused",
            "failed to fetch",
            "unable to connect to",
            "name resolution",
            "newconnectionerror",
        ],
        "the network refuses the package registries too: check the connection and the proxy settings (http_proxy, GOPROXY), and run again",
    ),
    (
        &["unable to locate package", "has no installation candidate"],
        "correct the package's name in the manifest: its suite has none of that name",
    ),
    (
        &["no_pubkey", "is not signed", "could not be verified", "keyring does not exist", "cannot find a valid keyring"],
        "install Debian's keys (the package debian-archive-keyring), and run again",
    ),
    (
        &["failed to unshare", "cannot open /etc/subuid", "newuidmap", "unable to pick chroot mode", "unable to use unshare"],
        "building without root needs the package uidmap and a line for you in /etc/subuid and /etc/subgid; or run this as root",
    ),
    (
        &["signal: killed", "cannot allocate memory", "out of memory"],
        "the build ran out of memory: close something, or add swap, and run again",
    ),
];

/// The hint for a log that ends like this.
pub(crate) fn advice(log: &str) -> &'static str {
    let text = log.to_lowercase();
    ADVICE.iter().find(|(words, _)| words.iter().any(|words| text.contains(words))).map_or(RERUN, |(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::{RERUN, advice};

    #[test]
    fn what_tools_say_leads_to_what_helps() {
        for (log, expected) in [
            ("go: go.mod requires go >= 1.27 (running go 1.24.4; GOTOOLCHAIN=local)", "install the Go version"),
            ("go: download go1.27 for linux/amd64: toolchain not available", "install the Go version"),
            ("verifying github.com/a/b@v1.0.0: checksum mismatch\n\nSECURITY ERROR", "not the one that go.sum pins"),
            ("main.go:3:8: missing go.sum entry for module providing package x", "go mod tidy"),
            ("dial tcp: lookup proxy.example: no such host", "package registries too"),
            ("E: Unable to locate package redis-sever", "correct the package's name"),
            ("E: Package 'x' has no installation candidate", "correct the package's name"),
            ("W: GPG error: NO_PUBKEY 6ED0E7B82643E131\nE: The repository is not signed.", "debian-archive-keyring"),
            ("Temporary failure resolving 'mirror.example'", "package registries too"),
            ("W: Temporary failure resolving 'mirror.example'\nE: Unable to locate package redis-server", "package registries too"),
            ("tar: x: Cannot write: No space left on device", "make room"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one that the requirements file pins"),
            ("ERROR: No matching distribution found for milvus==9", "no index that pip uses"),
            ("link: signal: killed", "out of memory"),
            ("customize.sh: 7: false", RERUN),
        ] {
            assert!(advice(log).contains(expected), "{log}: {}", advice(log));
        }
    }
}
