//! What Docker says, and what is done in it by hand, through its own client.

use std::net::IpAddr;

use serde_json::Value;

use crate::engine::Engine;
use crate::poll;
use crate::process::{Call, Outcome};

/// A container as `docker inspect` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// 64 hexadecimal characters.
    pub id: String,
    /// When its process was started last.
    pub started_at: String,
    /// `running`, `exited`, …
    pub status: String,
    /// Its first process, as this machine numbers it; 0 when it does not run.
    pub pid: u64,
    /// Addresses and ports of this machine that it publishes.
    pub published: Vec<(IpAddr, u16)>,
}

/// Runs the client.
pub fn run(arguments: &[&str]) -> Outcome {
    Call::new("docker").args(arguments).run()
}

/// What the client prints when it must succeed, without the last line break.
#[track_caller]
pub fn read(arguments: &[&str]) -> String {
    run(arguments).success().stdout.trim_end().to_owned()
}

/// Pauses a container. On a busy machine runc gives up the freezing of its processes ("unable to freeze"), and can be asked again.
#[track_caller]
pub fn pause(container: &str) {
    let asked = poll::until("a paused container", || match run(&["container", "pause", container]) {
        failed if failed.stderr.contains("unable to freeze") => Err(failed.stderr),
        asked => Ok(asked),
    });
    asked.success();
}

/// The containers of an instance, running or not, sorted by name.
pub fn containers(instance: &str) -> Vec<Container> {
    let ids = Engine::of_the_tests().labelled("containers", &label(instance)).unwrap();
    let mut containers: Vec<Container> = ids.iter().flat_map(|id| container(id)).collect();
    containers.sort_by(|left, right| left.name.cmp(&right.name));
    containers
}

/// One container by name or id, if there is such a one.
pub fn container(name: &str) -> Option<Container> {
    Engine::of_the_tests().container(name).unwrap().as_ref().map(parse)
}

/// What a container has written beside its volume, and so loses with itself; without what no start misses.
pub fn written_outside_volumes(container: &str) -> Vec<String> {
    // Temporary files and sockets, and what was put in before the first start.
    const FINE: [&str; 5] = ["/tmp/", "/run/", "/usr/local/", "/docker-entrypoint-initdb.d/", "/docker-entrypoint.sh"];
    let changed = read(&["container", "diff", container]);
    let added = changed.lines().filter_map(|line| line.strip_prefix("A "));
    added.filter(|path| !FINE.iter().any(|fine| format!("{path}/").starts_with(fine))).map(ToOwned::to_owned).collect()
}

/// Names of the volumes of an instance, sorted.
pub fn volumes(instance: &str) -> Vec<String> {
    Engine::of_the_tests().labelled("volumes", &label(instance)).unwrap()
}

/// Everything of an instance that is there, a line each; also that the engine does not say.
pub fn everything(instance: &str) -> Vec<String> {
    Engine::of_the_tests().everything(&label(instance))
}

/// Removes everything of an instance, without asking Terraform.
pub fn remove_instance(instance: &str) {
    Engine::of_the_tests().remove(&label(instance));
}

/// The label that everything of an instance carries.
pub(crate) fn label(instance: &str) -> String {
    format!("io.tracker.instance={instance}")
}

fn parse(described: &Value) -> Container {
    let text = |path: &str| described.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let bindings = described["HostConfig"]["PortBindings"].as_object().cloned().unwrap_or_default();
    let published = bindings.values().filter_map(Value::as_array).flatten().map(|binding| {
        let part = |name: &str| binding[name].as_str().unwrap_or_default();
        // Docker writes all addresses as none.
        (part("HostIp").parse().unwrap_or(IpAddr::from([0, 0, 0, 0])), part("HostPort").parse().unwrap())
    });
    Container {
        name: text("/Name").trim_start_matches('/').to_owned(),
        id: text("/Id"),
        started_at: text("/State/StartedAt"),
        status: text("/State/Status"),
        pid: described["State"]["Pid"].as_u64().unwrap_or_default(),
        published: published.collect(),
    }
}

/// Something in Docker that belongs to no stack; removed when dropped.
#[derive(Debug)]
pub struct Foreign {
    kind: &'static str,
    /// Its name, or id.
    pub name: String,
}

impl Foreign {
    /// Makes a container with the arguments of `docker run` or `docker create`.
    pub fn container(verb: &str, name: &str, arguments: &[&str]) -> Self {
        let foreign = Self { kind: "container", name: name.to_owned() };
        read(&[&["container", verb, "--name", name], arguments].concat());
        foreign
    }

    /// Makes a volume.
    pub fn volume(name: &str) -> Self {
        let foreign = Self { kind: "volume", name: name.to_owned() };
        read(&["volume", "create", name]);
        foreign
    }

    /// Makes a network on which ports are published on loopback alone, where nothing else is said.
    pub fn network(name: &str) -> Self {
        let foreign = Self { kind: "network", name: name.to_owned() };
        read(&["network", "create", "--opt", "com.docker.network.bridge.host_binding_ipv4=127.0.0.1", name]);
        foreign
    }

    /// Another name for an image.
    pub fn image(existing: &str, name: &str) -> Self {
        let foreign = Self { kind: "image", name: name.to_owned() };
        read(&["image", "tag", existing, name]);
        foreign
    }

    /// The name of an image that the test will have made.
    pub fn image_to_be(name: &str) -> Self {
        Self { kind: "image", name: name.to_owned() }
    }

    /// An image out of a container, with changes as Dockerfiles write them.
    pub fn commit(container: &str, name: &str, change: &str) -> Self {
        let foreign = Self { kind: "image", name: name.to_owned() };
        read(&["container", "commit", "--change", change, container, name]);
        foreign
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let arguments: &[&str] = if self.kind == "container" { &["rm", "--force", "--volumes"] } else { &["rm", "--force"] };
        run(&[&[self.kind], arguments, &[&self.name]].concat());
    }
}
