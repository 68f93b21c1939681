//! Why a registry did not give what was asked for, read from the codes in what Docker and Terraform print; pure.

use rustix::io::Errno;

use crate::host::codes::Printed;
use crate::host::error::Failure;

/// Each calls for another answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be reached: no name, no route, no answer, no trusted TLS, a proxy that says no.
    Network,
    /// The registry answered, and the connection ended before all of it had come.
    BrokenOff,
    /// The registry has no such thing.
    NotFound,
    /// The registry wants to know who asks, or does not let them.
    Denied,
    /// The registry has been asked too often.
    RateLimited,
    /// There is no room for it.
    DiskFull,
    /// The registry answers, and with an error of its own.
    Broken,
    /// None of these.
    Other,
}

/// Codes of the registries' interface, as Docker writes them
/// (https://distribution.github.io/distribution/spec/api/#errors-2).
const CODES: [(&str, Refusal); 5] = [
    ("toomanyrequests", Refusal::RateLimited),
    ("manifest unknown", Refusal::NotFound),
    ("name unknown", Refusal::NotFound),
    ("unauthorized:", Refusal::Denied),
    ("denied:", Refusal::Denied),
];
/// Printed by Docker in place of a code if a registry asks for a login and nobody is logged in.
const NO_LOGIN: &str = "no basic auth credentials";
/// Printed by Go if an answer ends too soon.
const ENDS_TOO_SOON: &str = "unexpected eof";

/// The reason behind `messages`. What a registry says is more telling than how the connection to it ended.
pub(crate) fn classify(messages: &str) -> Refusal {
    let printed = Printed::of(messages);
    if printed.has_errno(&[Errno::NOSPC, Errno::DQUOT]) {
        return Refusal::DiskFull;
    }
    if let Some((_, refusal)) = CODES.iter().find(|(code, _)| printed.says(code)) {
        return *refusal;
    }
    match printed.http_status() {
        Some(429) => Refusal::RateLimited,
        Some(404) => Refusal::NotFound,
        Some(401 | 403) => Refusal::Denied,
        Some(_) => Refusal::Broken,
        None if printed.says(NO_LOGIN) => Refusal::Denied,
        None if printed.says(ENDS_TOO_SOON) || printed.has_errno(&[Errno::PIPE]) => Refusal::BrokenOff,
        None if printed.got_no_answer() || printed.has_errno(UNREACHABLE) => Refusal::Network,
        None => Refusal::Other,
    }
}

/// How a connection fails where a network blocks it.
pub(super) const UNREACHABLE: &[Errno] = &[Errno::CONNREFUSED, Errno::CONNRESET, Errno::NETUNREACH, Errno::HOSTUNREACH, Errno::TIMEDOUT];

impl Refusal {
    /// True for a failure of the network: packages may be available where the registry is not.
    pub(crate) fn is_the_networks(self) -> bool {
        matches!(self, Self::Network | Self::BrokenOff)
    }

    /// This failure to get something from `registry`, as the beginning of a sentence.
    pub(crate) fn told(self, registry: &str) -> String {
        match self {
            Self::BrokenOff => format!("the connection to {registry} broke off"),
            _ => format!("cannot reach {registry}"),
        }
    }

    /// The failure to get `what`, with the last of `messages`. `elsewhere` says where else to get it.
    pub(crate) fn failure(self, what: &str, messages: &str, elsewhere: &str) -> Failure {
        let (problem, hint) = match self {
            Self::Network => ("its registry cannot be reached", elsewhere.to_owned()),
            Self::BrokenOff => ("the connection to its registry broke off in the middle", format!("run again; or {elsewhere}")),
            Self::NotFound => ("its registry does not have it", format!("correct its name in the manifest; or {elsewhere}")),
            Self::Denied => (
                "its registry does not give it to us",
                format!("correct its name in the manifest, or log in (`{}`); or {elsewhere}", login(what)),
            ),
            Self::RateLimited => {
                ("its registry has been asked too often", format!("log in (`{}`), or wait an hour; or {elsewhere}", login(what)))
            }
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
        use Refusal::{Broken, BrokenOff, Denied, DiskFull, Network, NotFound, Other, RateLimited};
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
            (
                "Error response from daemon: pull access denied for x, repository does not exist or may require 'docker login': denied: \
                 requested access to the resource is denied"
                    .to_owned(),
                Denied,
            ),
            ("unexpected status from HEAD request to https://x/v2/redis/manifests/0: 404 Not Found".to_owned(), NotFound),
            ("Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries".to_owned(), Other),
            (registry("unauthorized: authentication required"), Denied),
            ("Error response from daemon: unauthorized: authentication required".to_owned(), Denied),
            (registry("no basic auth credentials"), Denied),
            ("Error response from daemon: denied: requested access to the resource is denied".to_owned(), Denied),
            ("Error response from daemon: toomanyrequests: You have reached your pull rate limit.".to_owned(), RateLimited),
            // Not the network's fault, so nothing else replaces it.
            ("filesystem layer verification failed for digest sha256:01".to_owned(), Other),
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
