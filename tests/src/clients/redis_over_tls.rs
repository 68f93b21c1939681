//! Redis behind TLS, by `redis-cli` in a container: the Rust driver would bring a TLS library for this one question.

use crate::docker;
use crate::process::{Call, Outcome};

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    image: String,
    address: String,
    password: String,
}

impl Client {
    /// For the server at `url` (`rediss://USER@HOST:PORT/0`), with `redis-cli` out of the image of `container`.
    #[track_caller]
    pub fn new(container: &str, url: &str, password: &str) -> Self {
        let address = url.strip_prefix("rediss://").expect("an address for TLS").rsplit_once('@').unwrap().1;
        let address = address.strip_suffix("/0").unwrap();
        let image = docker::read(&["container", "inspect", "--format", "{{.Config.Image}}", container]);
        Self { image, address: address.to_owned(), password: password.to_owned() }
    }

    /// Runs one command of Redis. The certificate is one that the server has signed itself.
    pub fn run(&self, words: &[&str]) -> Outcome {
        let (host, port) = self.address.split_once(':').unwrap();
        let fixed = ["run", "--rm", "--network", "host", "--env", "REDISCLI_AUTH", "--entrypoint", "redis-cli", &self.image];
        let server = ["--tls", "--insecure", "--no-auth-warning", "-h", host, "-p", port];
        Call::new("docker").args(fixed).args(server).args(words).env("REDISCLI_AUTH", &self.password).run()
    }

    /// Writes a key, and finds it again.
    #[track_caller]
    pub fn write_and_check(&self) {
        assert_eq!(self.run(&["SET", "holdings", "VWCE=12"]).success().stdout, "OK\n");
        assert_eq!(self.run(&["GET", "holdings"]).success().stdout, "VWCE=12\n");
    }

    /// Is refused with a wrong password.
    #[track_caller]
    pub fn is_refused(&self) {
        let wrong = Self { image: self.image.clone(), address: self.address.clone(), password: "wrong".to_owned() };
        let outcome = wrong.run(&["GET", "holdings"]);
        let said = outcome.stdout + &outcome.stderr;
        assert!(said.contains("WRONGPASS") && said.contains("NOAUTH"), "{said}");
    }
}
