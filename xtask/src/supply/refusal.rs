//! Why a registry did not give what was asked for, read from the words of Docker and Terraform; pure.

use crate::failure::Failure;

/// The reasons that call for different answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The network does not let us there: no name, no route, no answer, no trusted TLS, a proxy that says no.
    Network,
    /// The registry answered, and the connection ended before all of it had come.
    BrokenOff,
    /// The registry has no such thing.
    NotFound,
    /// The registry wants to know who asks, or does not let them.
    Denied,
    /// The registry has been asked too often.
    RateLimited,
    /// What came is not what was promised.
    Damaged,
    /// There is no room for it.
    DiskFull,
    /// The registry answers, and with an error of its own.
    Broken,
    /// None of these.
    Other,
}

/// Words of each reason. Read from the top: what a registry says is more telling than how the connection to it ended.
const WORDS: [(Refusal, &[&str]); 8] = [
    (Refusal::DiskFull, &["no space left on device", "disk quota exceeded"]),
    (Refusal::RateLimited, &["toomanyrequests", "429 too many requests", "pull rate limit"]),
    (
        Refusal::NotFound,
        &[
            "manifest unknown",
            "name unknown",
            "no matching manifest",
            "repository does not exist",
            "status: 404",
            "404 not found",
            ": not found",
        ],
    ),
    (
        Refusal::Damaged,
        &["digest mismatch", "verification failed", "unexpected commit digest", "does not match any", "authentication signature"],
    ),
    (Refusal::Denied, &["unauthorized", "denied:", "access denied", "no basic auth credentials", "401 ", "403 forbidden"]),
    (Refusal::Broken, &["unexpected http status", "unexpected status code", "500 internal server error", "unexpected status from"]),
    (Refusal::BrokenOff, &["unexpected eof", "broken pipe", "use of closed network connection"]),
    (
        Refusal::Network,
        &[
            "no such host",
            "name resolution",
            "server misbehaving",
            "connection refused",
            "connection reset",
            "network is unreachable",
            "no route to host",
            "i/o timeout",
            "timeout exceeded",
            "deadline exceeded",
            "handshake",
            "x509:",
            "tls:",
            "http response to https client",
            "proxyconnect",
            ": forbidden",
            ": bad gateway",
            ": service unavailable",
            ": gateway timeout",
            ": proxy authentication required",
            ": eof",
            "could not connect to",
            "failed to request discovery document",
        ],
    ),
];

/// The reason behind `messages`.
pub(crate) fn classify(messages: &str) -> Refusal {
    // Terraform breaks its lines wherever they are full.
    let text = messages.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    WORDS.iter().find(|(_, words)| words.iter().any(|words| text.contains(words))).map_or(Refusal::Other, |(refusal, _)| *refusal)
}

impl Refusal {
    /// True when it is the network that keeps a thing from us, and packages may be had where it cannot.
    pub(crate) fn is_the_networks(self) -> bool {
        matches!(self, Self::Network | Self::BrokenOff)
    }

    /// What the network did to a registry, in half a sentence.
    pub(crate) fn told(self, registry: &str) -> String {
        match self {
            Self::BrokenOff => format!("the connection to {registry} broke off"),
            _ => format!("the network refuses {registry}"),
        }
    }

    /// The failure for `what`, which `messages` were said about. `elsewhere` is what to do when the registry will not give it.
    pub(crate) fn failure(self, what: &str, messages: &str, elsewhere: &str) -> Failure {
        let (problem, hint) = match self {
            Self::Network => ("the network does not let us reach its registry", elsewhere.to_owned()),
            Self::BrokenOff => ("the connection to its registry broke off in the middle", format!("run again; or {elsewhere}")),
            Self::NotFound => ("its registry does not have it", format!("correct its name in the manifest; or {elsewhere}")),
            Self::Denied => ("its registry does not give it to us", format!("log in (`{}`); or {elsewhere}", login(what))),
            Self::RateLimited => {
                ("its registry has been asked too often", format!("log in (`{}`), or wait an hour; or {elsewhere}", login(what)))
            }
            Self::Damaged => (
                "what its registry sent is not what was promised",
                "nothing of it is used; run again, and if it stays so, do not trust that registry".to_owned(),
            ),
            Self::DiskFull => ("the disk is full", "make room (`docker system df` shows what the engine holds), then run again".to_owned()),
            Self::Broken => ("its registry answers with an error of its own", format!("run again later; or {elsewhere}")),
            Self::Other => ("it could not be had from its registry", format!("run again; or {elsewhere}")),
        };
        Failure::new(format!("{what}: {problem}")).details(last_line(messages)).hint(hint)
    }
}

/// The command that logs in to the registry of an image; without a host the client takes Docker Hub
/// (https://pkg.go.dev/github.com/distribution/reference).
fn login(image: &str) -> String {
    let host = image.split_once('/').map(|(host, _)| host).filter(|host| host.contains(['.', ':']) || *host == "localhost");
    host.map_or_else(|| "docker login".to_owned(), |host| format!("docker login {host}"))
}

/// The line that says most: the last that is not empty.
pub(crate) fn last_line(messages: &str) -> Option<String> {
    messages.lines().map(str::trim).rfind(|line| !line.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, classify};

    #[test]
    fn real_messages_are_understood() {
        use Refusal::{Broken, BrokenOff, Damaged, Denied, DiskFull, Network, NotFound, Other, RateLimited};
        let registry = |words: &str| format!("Error response from daemon: Get \"https://registry-1.docker.io/v2/\": {words}");
        for (messages, expected) in [
            (registry("dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host"), Network),
            (registry("dial tcp: lookup registry-1.docker.io: Temporary failure in name resolution"), Network),
            (registry("dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: server misbehaving"), Network),
            (registry("dial tcp 1.2.3.4:443: connect: connection refused"), Network),
            (registry("dial tcp 1.2.3.4:443: connect: network is unreachable"), Network),
            (registry("dial tcp 1.2.3.4:443: connect: no route to host"), Network),
            (registry("dial tcp 1.2.3.4:443: i/o timeout"), Network),
            (registry("net/http: TLS handshake timeout"), Network),
            (registry("net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"), Network),
            (registry("context deadline exceeded"), Network),
            (registry("read tcp 10.0.0.2:5->1.2.3.4:443: read: connection reset by peer"), Network),
            (registry("x509: certificate signed by unknown authority"), Network),
            (registry("tls: failed to verify certificate: x509: certificate is valid for proxy.example, not docker.io"), Network),
            (registry("remote error: tls: handshake failure"), Network),
            (registry("http: server gave HTTP response to HTTPS client"), Network),
            (registry("proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused"), Network),
            (registry("Forbidden"), Network),
            (registry("Proxy Authentication Required"), Network),
            (registry("EOF"), Network),
            ("Error response from daemon: unexpected EOF".to_owned(), BrokenOff),
            ("unexpected EOF".to_owned(), BrokenOff),
            ("write tcp 10.0.0.2:5->1.2.3.4:443: write: broken pipe".to_owned(), BrokenOff),
            (
                "registry: could not connect to registry.terraform.io: failed to request\ndiscovery document: Get\n\"https://x\": dial tcp: lookup\nx: no such\nhost."
                    .to_owned(),
                Network,
            ),
            ("Error response from daemon: manifest for redis:0 not found: manifest unknown: manifest unknown".to_owned(), NotFound),
            ("Error response from daemon: manifest unknown: manifest unknown".to_owned(), NotFound),
            ("Error response from daemon: pull access denied for x, repository does not exist or may require 'docker login'".to_owned(), NotFound),
            ("Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries".to_owned(), NotFound),
            ("Error response from daemon: unauthorized: authentication required".to_owned(), Denied),
            (registry("no basic auth credentials"), Denied),
            ("Error response from daemon: denied: requested access to the resource is denied".to_owned(), Denied),
            ("Error response from daemon: toomanyrequests: You have reached your pull rate limit.".to_owned(), RateLimited),
            ("filesystem layer verification failed for digest sha256:01".to_owned(), Damaged),
            ("Error response from daemon: manifest verification failed for digest sha256:01".to_owned(), Damaged),
            ("failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device".to_owned(), DiskFull),
            ("Error response from daemon: received unexpected HTTP status: 503 Service Unavailable".to_owned(), Broken),
            ("Error response from daemon: something new".to_owned(), Other),
            (String::new(), Other),
        ] {
            assert_eq!(classify(&messages), expected, "{messages}");
        }
    }

    #[test]
    fn one_logs_in_to_the_images_own_registry() {
        for (image, expected) in [
            ("redis:8", "`docker login`"),
            ("qdrant/qdrant:v1", "`docker login`"),
            ("quay.io/minio/minio:1", "`docker login quay.io`"),
            ("127.0.0.1:5000/redis:8", "`docker login 127.0.0.1:5000`"),
        ] {
            let text = Refusal::Denied.failure(image, "denied", "build it").to_string();
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn the_failure_names_what_why_and_what_to_do() {
        let text = Refusal::NotFound.failure("redis:0", "a\nmanifest unknown\n", "take another").to_string();
        assert_eq!(
            text,
            "redis:0: its registry does not have it\n  manifest unknown\nhint: correct its name in the manifest; or take another"
        );
    }
}
