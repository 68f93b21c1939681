//! Each supplied image by itself, started by a tool of other people's making.

use std::thread;

use infra_tests::clients::Variables;
use infra_tests::clients::{http, milvus, object_storage, postgres, redis, weaviate};
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::stack::unique;
use infra_tests::xtask::supplied_image;
use testcontainers::core::IntoContainerPort;
use testcontainers::runners::SyncRunner;
use testcontainers::{Container, ContainerRequest, GenericImage, ImageExt};

const PASSWORD: &str = "0123456789abcdefghijklmnopqrstuv";

/// A container with a port on loopback: testcontainers' own way is all addresses.
struct Started {
    // Dropped first: its network is free then.
    container: Container<GenericImage>,
    _network: Foreign,
    port: u16,
}

impl Started {
    /// From the supplied image of an engine that listens on `port`; `settings` adds to what it is started with.
    fn new(engine: &str, port: u16, settings: impl FnOnce(ContainerRequest<GenericImage>) -> ContainerRequest<GenericImage>) -> Self {
        let reference = supplied_image(engine);
        let (name, tag) = reference.rsplit_once(':').unwrap();
        let network = Foreign::network(&unique("infra-tests-images"));
        let request = GenericImage::new(name, tag).with_exposed_port(port.tcp()).with_network(&network.name);
        let container = settings(request).start().unwrap();
        let published = docker::read(&["port", container.id()]);
        assert!(published.lines().all(|line| line.contains(" -> 127.0.0.1:")), "{published}");
        let port = container.get_host_port_ipv4(port.tcp()).unwrap();
        Self { container, _network: network, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Waits until a GET has this status: anything else, also a closed connection, is a start that is still under way.
fn wait_for(url: &str, status: u16) {
    poll::until(url, || match minreq::get(url).with_timeout(2).send() {
        Ok(answer) if answer.status_code == status => Ok(()),
        Ok(answer) => Err(format!("status {}", answer.status_code)),
        Err(error) => Err(error.to_string()),
    });
}

fn wait_for_port(port: u16, question: &[u8]) {
    use std::io::{Read, Write};
    poll::until("an answer", || {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
        stream.write_all(question).map_err(|error| error.to_string())?;
        let mut first = [0];
        stream.read_exact(&mut first).map_err(|error| error.to_string())?;
        // `R` is Postgres' wish for a password, `+` is Redis' PONG.
        if matches!(first[0], b'R' | b'+') { Ok(()) } else { Err(format!("{:?}", char::from(first[0]))) }
    });
}

#[test]
fn redis_by_itself() {
    let started = Started::new("redis", 6379, |request| request);
    wait_for_port(started.port, b"PING\r\n");
    let url = format!("redis://127.0.0.1:{}", started.port);
    redis::write(&url);
    redis::check(&url);
}

#[test]
fn postgres_by_itself() {
    let started = Started::new("postgres", 5432, |request| {
        let request = request.with_env_var("POSTGRES_USER", "someone").with_env_var("POSTGRES_PASSWORD", PASSWORD);
        request.with_env_var("POSTGRES_DB", "something")
    });
    wait_for_port(started.port, b"\0\0\0\x16\0\x03\0\0user\0someone\0\0");
    let url = format!("postgres://someone:{PASSWORD}@127.0.0.1:{}/something", started.port);
    postgres::write(&url);
    postgres::check(&url);
    postgres::is_refused(&url);
}

#[test]
fn minio_by_itself() {
    let started = Started::new("minio", 9000, |request| {
        let request = request.with_env_var("MINIO_ROOT_USER", "someone").with_env_var("MINIO_ROOT_PASSWORD", PASSWORD);
        request.with_cmd(["minio", "server", "/data"])
    });
    let url = started.url();
    // Its /minio/health/ready says yes while S3 calls are still answered with 503.
    wait_for(&format!("{url}/"), 403);
    let pairs = [
        ("S3_ENDPOINT_URL", url.as_str()),
        ("S3_BUCKET", "tracker"),
        ("S3_REGION", "us-east-1"),
        ("S3_ACCESS_KEY_ID", "someone"),
        ("S3_SECRET_ACCESS_KEY", PASSWORD),
    ];
    let variables = Variables::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    object_storage::make_bucket(&variables);
    object_storage::write(&variables);
    object_storage::check(&variables);
    object_storage::is_refused(&variables);
}

#[test]
fn weaviate_by_itself() {
    let started = Started::new("weaviate", 8080, |request| {
        request
            .with_env_var("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "false")
            .with_env_var("AUTHENTICATION_APIKEY_ENABLED", "true")
            .with_env_var("AUTHENTICATION_APIKEY_ALLOWED_KEYS", PASSWORD)
            .with_env_var("AUTHENTICATION_APIKEY_USERS", "someone")
            .with_env_var("CLUSTER_HOSTNAME", "node1")
            .with_env_var("RAFT_BOOTSTRAP_EXPECT", "1")
    });
    let url = started.url();
    wait_for(&format!("{url}/v1/.well-known/ready"), 200);
    weaviate::write(&url, PASSWORD);
    weaviate::check(&url, PASSWORD);
    weaviate::is_refused(&url);
}

#[test]
fn milvus_by_itself() {
    let started = Started::new("milvus", 19530, |request| request.with_env_var("MILVUS_ROOT_PASSWORD", PASSWORD));
    let url = started.url();
    wait_for(&format!("{url}/v1/vector/collections"), 401);
    let token = format!("root:{PASSWORD}");
    milvus::write(&url, &token);
    milvus::check(&url, &token);
    milvus::is_refused(&url);
    assert_eq!(http::ask(&format!("{url}/v1/vector/collections"), Some(&token), None).status, 200);
}

/// Its entrypoint once deleted the session that the second server had just written, where both ran late: five of 24 hung for ever.
#[test]
#[ignore = "thorough: eight slow servers"]
fn milvus_comes_up_on_a_slow_machine_too() {
    let start = || {
        let started = Started::new("milvus", 19530, |request| request.with_env_var("MILVUS_ROOT_PASSWORD", PASSWORD));
        docker::read(&["container", "update", "--cpus", "0.4", started.container.id()]);
        started
    };
    let servers: Vec<Started> = thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    for server in &servers {
        wait_for(&format!("{}/v1/vector/collections", server.url()), 401);
    }
}

#[test]
fn ministack_by_itself() {
    let started = Started::new("ministack", 4566, |request| request);
    let url = started.url();
    wait_for(&format!("{url}/_ministack/health"), 200);
    for (path, body) in [("", ""), ("/object", "content")] {
        let answer = minreq::put(format!("{url}/bucket{path}")).with_body(body).send().unwrap();
        assert_eq!(answer.status_code, 200, "{path}");
    }
    assert_eq!(minreq::get(format!("{url}/bucket/object")).send().unwrap().as_str().unwrap(), "content");
}
