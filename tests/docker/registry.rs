//! Images from a registry: a real one, on loopback.

use std::env;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use infra_tests::checkout::Checkout;
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::process::{Call, is_installed};
use infra_tests::stack::unique;
use infra_tests::xtask::Xtask;
use tempfile::TempDir;

/// Debian's docker-registry, ended when dropped.
pub(crate) struct Registry {
    server: Child,
    port: u16,
    place: TempDir,
}

impl Registry {
    /// One that serves, to everybody or to nobody without a login; `None` where there is no registry to start.
    pub(crate) fn start(with_login: bool) -> Option<Self> {
        if !is_there() {
            return None;
        }
        let place = tempfile::tempdir().unwrap();
        let port = free_port();
        let users = place.path().join("users");
        // No password has this hash: nobody can log in.
        fs::write(&users, "nobody:$2y$05$0000000000000000000000000000000000000000000000000000\n").unwrap();
        let login = format!("auth: {{ htpasswd: {{ realm: tests, path: {} }} }}\n", users.display());
        let config = format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: 127.0.0.1:{port} }}\n{}",
            place.path().join("data").display(),
            if with_login { &login } else { "" }
        );
        fs::write(place.path().join("config.yml"), config).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a server of the test's own, which Call would wait for")]
        let server = Command::new("docker-registry")
            .arg("serve")
            .arg(place.path().join("config.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        poll::until("the registry", || TcpStream::connect(("127.0.0.1", port)).map(drop).map_err(|error| error.to_string()));
        Some(Self { server, port, place })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Takes an image that Docker has, and returns the name under which it can be pulled.
    pub(crate) fn push(&self, image: &str) -> String {
        let name = format!("127.0.0.1:{}/redis:8", self.port);
        let tagged = Foreign::image(image, &name);
        docker::read(&["image", "push", "--quiet", &tagged.name]);
        name
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(self.place.path().join("data"));
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether there is a registry to start: installed now where INFRA_TESTS_INSTALL allows it and apt has it.
fn is_there() -> bool {
    // Root's umask may be one under which others cannot run what is installed.
    const INSTALL: &str = "umask 022; export DEBIAN_FRONTEND=noninteractive; apt-get update
        exec apt-get -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends docker-registry";
    static IS_THERE: OnceLock<bool> = OnceLock::new();
    *IS_THERE.get_or_init(|| {
        let is_in_apt = || is_installed("apt-get") && Call::new("apt-cache").args(["show", "docker-registry"]).run().code == Some(0);
        if !is_installed("docker-registry") && env::var_os("INFRA_TESTS_INSTALL").is_some() && is_in_apt() {
            let root = Call::new("id").args(["-u"]).run().success().stdout.trim() == "0";
            let words: &[&str] = if root { &["sh", "-c", INSTALL] } else { &["sudo", "--non-interactive", "sh", "-c", INSTALL] };
            Call::new(words[0]).args(&words[1..]).run().success();
        }
        is_installed("docker-registry")
    })
}

/// A checkout whose Redis comes from `reference`, or is built under `built`; with a memory of its own.
pub(crate) struct Prepared {
    checkout: Checkout,
    home: TempDir,
    pub(crate) built: Foreign,
}

impl Prepared {
    pub(crate) fn new(reference: &str) -> Self {
        let prepared = Self {
            checkout: Checkout::new(),
            home: tempfile::tempdir().unwrap(),
            built: Foreign::image_to_be(&format!("localhost/infra-tests/redis:{}", unique("registry"))),
        };
        let file = "images/images.toml";
        prepared.checkout.replace(file, "registry = \"redis:8.0.2-bookworm\"", &format!("registry = \"{reference}\""));
        let built = format!("image  = \"{}\"", prepared.built.name);
        prepared.checkout.replace(file, "image  = \"localhost/tracker/redis:8.0.2-debian\"", &built);
        prepared
    }

    pub(crate) fn xtask(&self) -> Xtask {
        self.checkout.xtask().env("XDG_STATE_HOME", self.home.path())
    }
}

pub(crate) fn supplied_image() -> String {
    let instance = Checkout::new();
    let manifest = fs::read_to_string(instance.infrastructure("images/images.toml")).unwrap();
    let line = manifest.lines().find(|line| line.contains("localhost/tracker/redis:")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

fn exists(image: &str) -> bool {
    docker::run(&["image", "inspect", image]).code == Some(0)
}

#[test]
fn an_image_is_pulled_by_its_tag_and_by_its_digest() {
    let Some(registry) = Registry::start(false) else { return };
    let name = registry.push(&supplied_image());
    let pull = |reference: &str| {
        let pulled = Foreign::image_to_be(reference);
        assert!(!exists(reference), "{reference} is there already");
        Prepared::new(reference).xtask().infra(&["supply", "redis"]).success();
        assert!(exists(reference));
        docker::read(&["image", "inspect", "--format", "{{range .RepoDigests}}{{.}}\n{{end}}", &pulled.name])
    };
    let digests = pull(&name);
    let by_digest = digests.lines().find(|digest| digest.starts_with("127.0.0.1:")).unwrap();
    docker::run(&["image", "rm", "--force", by_digest]);
    pull(by_digest);
}

#[test]
fn what_the_registry_does_not_have_is_said_and_not_replaced_by_something_else() {
    let Some(registry) = Registry::start(false) else { return };
    let name = registry.push(&supplied_image());
    let nothing = "@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for reference in [format!("{name}-missing"), format!("{name}{nothing}")] {
        let prepared = Prepared::new(&reference);
        prepared.xtask().infra(&["supply", "redis"]).exits(1).says(&reference).says("hint: ");
        assert!(!exists(&prepared.built.name), "nothing else in its place");
    }
}

#[test]
fn a_registry_that_wants_a_login_is_said_to_want_one() {
    let Some(registry) = Registry::start(true) else { return };
    let reference = format!("127.0.0.1:{}/redis:8", registry.port);
    let prepared = Prepared::new(&reference);
    prepared.xtask().infra(&["supply", "redis"]).exits(1).says(&reference).says(&format!("`docker login 127.0.0.1:{}`", registry.port));
    assert!(!exists(&prepared.built.name));
}

#[test]
fn where_nobody_answers_the_image_is_built_and_that_is_remembered() {
    if !is_installed("mmdebstrap") {
        return;
    }
    let reference = format!("127.0.0.1:{}/redis:8", free_port());
    let prepared = Prepared::new(&reference);
    prepared.xtask().infra(&["supply", "redis", "--images", "registry"]).exits(1).says(&reference).says("hint: ");
    assert!(!exists(&prepared.built.name), "the registry alone was asked for");
    let first = prepared.xtask().infra(&["supply", "redis", "--images", "auto"]).success();
    assert_eq!(first.stderr.matches("images are built from packages, now and from now on").count(), 1, "{}", first.stderr);
    assert!(exists(&prepared.built.name));
    let second = prepared.xtask().infra(&["supply", "redis"]).success();
    assert!(!second.stderr.contains("cannot reach"), "{}", second.stderr);
}
