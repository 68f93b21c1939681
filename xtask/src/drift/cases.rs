//! The comparison as a table: one thing changed on either side, and what is said of it.

use serde_json::{Value, json};

use super::configured::nanoseconds;
use super::planned::Planned;
use super::running::Running;
use super::survey::compare;
use crate::docker::image::Image;

const IMAGE: &str = "sha256:6f52b9cb11c5008893d7819d6730946854fa46391bae9f15cd170a8df94810a3";
const OTHER: &str = "sha256:0e08e4e5c25cf008c8b171328932e66232d99368c6517f5f5c3934b3b98fa8e3";
const NETWORK: &str = "8dd2cb825268ec47a51e4ae3226509dec6fbd187bcd2dd459c61f20b2299aec6";

/// Attributes as the provider plans them for a container of modules/container.
fn planned() -> Value {
    json!({
        "name": "c", "image": "redis:8", "entrypoint": null, "command": ["redis-server", "/conf"], "env": ["A=1", "SECRET=pw"],
        "labels": [{"label": "owner", "value": "us"}], "memory": 512, "memory_reservation": 0, "memory_swap": -1, "shm_size": 64,
        "cpus": null, "cpu_shares": null, "cpu_set": null, "restart": "unless-stopped", "max_retry_count": null, "user": null,
        "working_dir": null, "stop_signal": "SIGTERM", "stop_timeout": 30, "privileged": null, "read_only": false, "publish_all_ports": null,
        "log_driver": "json-file", "log_opts": {"max-size": "10m", "max-file": "3"}, "security_opts": ["no-new-privileges:true"],
        "capabilities": [{"add": ["CAP_CHOWN"], "drop": ["ALL"]}],
        "ports": [{"ip": "127.0.0.1", "internal": 6379, "external": 21000, "protocol": "tcp"}],
        "mounts": [{"type": "volume", "source": "data", "target": "/data", "read_only": null},
            {"type": "bind", "source": "/here", "target": "/there", "read_only": true}],
        "volumes": [], "tmpfs": null, "network_mode": "bridge", "networks_advanced": [],
        "healthcheck": [{"test": ["CMD", "ping"], "interval": "10s", "timeout": "5s", "start_period": "1m0s", "retries": 3}],
        "upload": [{"file": "/conf", "content": "port 6379\n"}],
    })
}

/// The same container as the engine describes it: the image has added a variable, a label, a directory and its entrypoint.
fn running() -> Value {
    json!({
        "Id": "db61489cfeec886c3d31576a46a1f8c9", "Name": "/c", "Image": IMAGE,
        "Config": {"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["redis-server", "/conf"], "Env": ["SECRET=pw", "A=1", "PATH=/bin"],
            "Labels": {"owner": "us", "of.image": "x"}, "User": "", "WorkingDir": "/data", "StopSignal": "SIGTERM", "StopTimeout": 30,
            "Healthcheck": {"Test": ["CMD", "ping"], "Interval": 10_000_000_000_i64, "Timeout": 5_000_000_000_i64,
                "StartPeriod": 60_000_000_000_i64, "Retries": 3}},
        "HostConfig": {"Memory": 512 << 20, "MemoryReservation": 0, "MemorySwap": -1, "ShmSize": 64 << 20, "NanoCpus": 0, "CpuShares": 0,
            "CpusetCpus": "", "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}, "Privileged": false,
            "ReadonlyRootfs": false, "PublishAllPorts": false, "SecurityOpt": ["no-new-privileges:true"], "CapAdd": ["CHOWN"],
            "CapDrop": ["ALL"], "LogConfig": {"Type": "json-file", "Config": {"max-file": "3", "max-size": "10m"}}, "Tmpfs": null,
            "PortBindings": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "21000"}]},
            "Mounts": [{"Type": "volume", "Source": "data", "Target": "/data"}, {"Type": "bind", "Source": "/here", "Target": "/there"}]},
        "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data", "RW": true},
            {"Type": "bind", "Source": "/host_mnt/here", "Destination": "/there", "RW": false},
            {"Type": "volume", "Name": "f".repeat(64), "Destination": "/of-image", "RW": true}],
        "NetworkSettings": {"Networks": {"bridge": {"NetworkID": NETWORK, "Aliases": null}}},
    })
}

fn image() -> Image {
    Image {
        id: IMAGE.to_owned(),
        names: vec!["redis:8".to_owned()],
        config: json!({"Env": ["PATH=/bin"], "Labels": {"of.image": "x"}, "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["redis-server"],
            "WorkingDir": "/data", "Volumes": {"/data": {}, "/of-image": {}}}),
        ..Image::default()
    }
}

/// Both sides, and the marks that a plan has beside its values.
struct Case {
    planned: Value,
    unknown: Value,
    sensitive: Value,
    running: Value,
    image: Option<Image>,
    current: Option<&'static str>,
    file: Option<&'static [u8]>,
}

impl Case {
    fn new() -> Self {
        // The provider calls an entrypoint that is not given unknown.
        let unknown = json!({"entrypoint": true});
        let sensitive = json!({"env": true, "upload": true});
        Self {
            planned: planned(),
            unknown,
            sensitive,
            running: running(),
            image: Some(image()),
            current: Some(IMAGE),
            file: Some(b"port 6379\n"),
        }
    }

    /// `attribute: runs / is configured`, a line each.
    fn says(self) -> Vec<String> {
        let change = json!({"mode": "managed", "type": "docker_container", "name": "this",
            "change": {"after": self.planned, "after_unknown": self.unknown, "after_sensitive": self.sensitive}});
        let planned = Planned::read(&json!({"resource_changes": [change]}));
        let files = self.file.iter().map(|content| ("/conf".to_owned(), content.to_vec())).collect();
        let running = Running { container: &self.running, image: self.image.as_ref(), files };
        let comparison = compare(&planned.containers[0], self.current, &running);
        let side = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
        let differences = comparison.differences.into_iter();
        let lines = differences.map(|it| format!("{}: {} / {}", it.attribute, side(it.running), side(it.configured)));
        lines.chain(comparison.open.into_iter().map(|group| format!("{group}: open"))).collect()
    }
}

#[test]
fn a_container_made_from_the_configuration_matches() {
    assert_eq!(Case::new().says(), Vec::<String>::new());
}

/// A value put at a place (a JSON pointer) of what runs.
#[test]
fn what_was_changed_on_the_running_side_is_seen() {
    let binding = |address: &str, port: &str| json!([{"HostIp": address, "HostPort": port}]);
    let cases = [
        ("/HostConfig/Memory", json!(300 << 20), &["memory limit: 300 MiB / 512 MiB"][..]),
        ("/HostConfig/Memory", json!(0), &["memory limit: unlimited / 512 MiB"]),
        ("/HostConfig/MemorySwap", json!(1 << 30), &["memory and swap limit: 1 GiB / unlimited"]),
        ("/HostConfig/MemorySwap", json!(0), &["memory and swap limit: not set / unlimited"]),
        ("/HostConfig/NanoCpus", json!(1_500_000_000), &["cpus: 1.5 / unlimited"]),
        ("/HostConfig/CpuShares", json!(512), &["cpu shares: 512 / 0"]),
        ("/HostConfig/ShmSize", json!(128 << 20), &["shared memory: 128 MiB / 64 MiB"]),
        ("/HostConfig/RestartPolicy", json!({"Name": "no", "MaximumRetryCount": 0}), &["restart policy: no / unless-stopped"]),
        ("/HostConfig/RestartPolicy", json!({"Name": "", "MaximumRetryCount": 0}), &["restart policy: no / unless-stopped"]),
        (
            "/HostConfig/RestartPolicy",
            json!({"Name": "on-failure", "MaximumRetryCount": 3}),
            &["restart policy: on-failure, 3 times / unless-stopped"],
        ),
        ("/HostConfig/Privileged", json!(true), &["privileged: yes / no"]),
        ("/HostConfig/ReadonlyRootfs", json!(true), &["read-only file system: yes / no"]),
        ("/HostConfig/SecurityOpt", Value::Null, &["security options: none / no-new-privileges:true"]),
        ("/HostConfig/CapAdd", json!(["CAP_CHOWN", "CAP_SYS_ADMIN"]), &["added capabilities: CHOWN, SYS_ADMIN / CHOWN"]),
        ("/HostConfig/CapAdd", json!(["cap_chown"]), &[]),
        ("/HostConfig/CapDrop", Value::Null, &["dropped capabilities: none / ALL"]),
        ("/HostConfig/LogConfig", json!({"Type": "journald", "Config": {}}), &["log driver: journald / json-file max-file=3 max-size=10m"]),
        ("/HostConfig/PortBindings/6379~1tcp", binding("", "21000"), &["port 6379/tcp: 0.0.0.0:21000 / 127.0.0.1:21000"]),
        ("/HostConfig/PortBindings/6379~1tcp", binding("127.0.0.1", ""), &["port 6379/tcp: 127.0.0.1, any port / 127.0.0.1:21000"]),
        ("/HostConfig/PortBindings", json!({}), &["port 6379/tcp: - / 127.0.0.1:21000"]),
        ("/HostConfig/PortBindings/1~1udp", binding("127.0.0.1", "9"), &["port 1/udp: 127.0.0.1:9 / -"]),
        ("/HostConfig/Tmpfs", json!({"/scratch": ""}), &["mount /scratch: tmpfs / -"]),
        ("/Mounts/0/Name", json!("other"), &["mount /data: volume other / volume data"]),
        ("/Mounts/0/Name", json!("e".repeat(64)), &["mount /data: - / volume data"]),
        ("/Mounts/2/Destination", json!("/made"), &["mount /made: volume without a name / -"]),
        ("/Mounts/1/RW", json!(true), &["mount /there: directory /here / directory /here, read-only"]),
        (
            "/HostConfig/Mounts/1/Source",
            json!("/elsewhere"),
            &["mount /there: directory /elsewhere, read-only / directory /here, read-only"],
        ),
        ("/Config/Env", json!(["SECRET=old", "A=1", "PATH=/bin"]), &["variable SECRET: ******** / ********"]),
        ("/Config/Env", json!(["A=1", "PATH=/bin"]), &["variable SECRET: - / ********"]),
        ("/Config/Env", json!(["SECRET=pw", "A=1", "PATH=/bin", "MORE=x"]), &["variable MORE: ******** / -"]),
        ("/Config/Env", json!(["SECRET=pw", "A=1", "PATH=/evil"]), &["variable PATH: ******** / ********"]),
        ("/Config/Labels", json!({"owner": "them", "of.image": "x"}), &["label owner: them / us"]),
        ("/Config/Labels/more", json!("y"), &["label more: y / -"]),
        ("/Config/Entrypoint", json!(["sh", "-c"]), &[r#"entrypoint: ["sh","-c"] / ["docker-entrypoint.sh"]"#]),
        ("/Config/Cmd", Value::Null, &[r#"command: none / ["redis-server","/conf"]"#]),
        ("/Config/User", json!("root"), &["user: root / none"]),
        ("/Config/WorkingDir", json!("/"), &["working directory: / / /data"]),
        ("/Config/StopSignal", json!("SIGKILL"), &["stop signal: SIGKILL / SIGTERM"]),
        ("/Config/StopTimeout", json!(5), &["stop timeout: 5 s / 30 s"]),
        ("/Config/StopTimeout", Value::Null, &["stop timeout: - / 30 s"]),
        ("/Config/Healthcheck", json!({"Test": ["NONE"]}), &[r#"health check: - / ["CMD","ping"]"#]),
        ("/Config/Healthcheck/Interval", json!(1_500_000_000), &["health check interval: 1.5 s / 10 s"]),
        ("/Config/Healthcheck/Test", json!(["CMD", "true"]), &[r#"health check: ["CMD","true"] / ["CMD","ping"]"#]),
        ("/NetworkSettings/Networks/bridge", json!({"Aliases": ["db61489cfeec"]}), &[]),
        ("/NetworkSettings/Networks/bridge", json!({"Aliases": ["redis"]}), &["network bridge: joined as redis / joined"]),
        ("/NetworkSettings/Networks/other", json!({"Aliases": null}), &["network other: joined / -"]),
        ("/NetworkSettings/Networks", json!({}), &["network bridge: - / joined"]),
        ("/Image", json!(OTHER), &["image: 0e08e4e5c25c / redis:8"]),
    ];
    for (place, value, expected) in cases {
        let mut case = Case::new();
        put(&mut case.running, place, value.clone());
        if place == "/Image" {
            // Its tag has gone to the one that is configured.
            case.image = case.image.map(|image| Image { names: Vec::new(), ..image });
        }
        assert_eq!(case.says(), expected, "{place} = {value}");
    }
}

/// Attributes of the code that were edited and not applied.
#[test]
fn what_was_changed_on_the_configured_side_is_seen() {
    let network = |name: &str| json!([{"name": name, "aliases": ["redis"]}]);
    let cases = [
        ("memory", json!(1024), &["memory limit: 512 MiB / 1 GiB"][..]),
        ("memory_swap", Value::Null, &[]),
        ("cpus", json!("0.5"), &["cpus: unlimited / 0.5"]),
        ("image", json!("redis:9"), &[]),
        ("command", json!([]), &[r#"command: ["redis-server","/conf"] / ["redis-server"]"#]),
        ("entrypoint", json!(["sh"]), &[r#"entrypoint: ["docker-entrypoint.sh"] / ["sh"]"#]),
        ("env", json!(["A=1"]), &["variable SECRET: ******** / -"]),
        ("labels", json!([]), &["label owner: us / -"]),
        ("ports", json!([]), &["port 6379/tcp: 127.0.0.1:21000 / -"]),
        ("mounts", json!([{"type": "volume", "source": "data", "target": "/data"}]), &["mount /there: directory /here, read-only / -"]),
        ("volumes", json!([{"container_path": "/more", "volume_name": "v"}]), &["mount /more: - / volume v"]),
        ("tmpfs", json!({"/scratch": ""}), &["mount /scratch: - / tmpfs"]),
        ("networks_advanced", network("own"), &["network bridge: joined / -", "network own: - / joined as redis"]),
        ("networks_advanced", network(NETWORK), &["network bridge: joined / joined as redis"]),
        ("network_mode", json!("none"), &["network bridge: joined / -", "network none: - / joined"]),
        (
            "healthcheck",
            json!([{"test": ["CMD", "ping"], "interval": "30s", "timeout": "5s", "start_period": "1m0s", "retries": 3}]),
            &["health check interval: 10 s / 30 s"],
        ),
        ("healthcheck", json!([]), &[r#"health check: ["CMD","ping"] / -"#]),
        ("upload", json!([{"file": "/conf", "content": "port 1\n"}]), &["content of /conf: ******** / ********"]),
        ("restart", json!("no"), &["restart policy: unless-stopped / no"]),
        ("stop_timeout", Value::Null, &[]),
    ];
    for (attribute, value, expected) in cases {
        let mut case = Case::new();
        case.planned[attribute] = value.clone();
        assert_eq!(case.says(), expected, "{attribute} = {value}");
    }
}

#[test]
fn an_image_that_was_rebuilt_is_one_difference_and_one_that_is_not_here_too() {
    let rebuilt = Case { current: Some(OTHER), ..Case::new() };
    assert_eq!(rebuilt.says(), [format!("image: {IMAGE} / {OTHER}")], "both are called redis:8 here");
    let missing = Case { current: None, ..Case::new() };
    assert_eq!(missing.says(), ["image: redis:8 / redis:8, which is not here"]);
}

/// What comes with an image cannot be told from what was added by hand.
#[test]
fn without_the_running_image_only_what_is_configured_counts() {
    assert_eq!(Case { image: None, ..Case::new() }.says(), Vec::<String>::new());
    let mut case = Case { image: None, ..Case::new() };
    put(&mut case.running, "/Config/Labels/owner", json!("them"));
    assert_eq!(case.says(), ["label owner: them / us"]);
}

#[test]
fn what_is_known_only_after_an_apply_is_said_to_be_left_open() {
    let case = Case { unknown: json!({"mounts": [{"source": true}], "memory": true}), ..Case::new() };
    let mut planned = case.planned.clone();
    planned["memory"] = Value::Null;
    planned["image"] = Value::Null;
    assert_eq!(Case { planned, ..case }.says(), ["image: open", "mount: open"]);
}

#[test]
fn whatever_terraform_calls_sensitive_is_not_shown() {
    let mut case = Case { sensitive: json!({"command": [false, true], "labels": true}), ..Case::new() };
    case.planned["command"] = json!(["redis-server", "--requirepass=pw"]);
    case.planned["labels"] = json!([{"label": "owner", "value": "pw"}]);
    assert_eq!(case.says(), ["command: ******** / ********", "label owner: ******** / ********"]);
}

#[test]
fn a_file_that_is_gone_differs() {
    assert_eq!(Case { file: None, ..Case::new() }.says(), ["content of /conf: - / ********"]);
}

#[test]
fn durations_are_read_as_go_writes_them() {
    for (text, expected) in
        [("10s", 10_000_000_000), ("1m0s", 60_000_000_000), ("1h2m3.5s", 3_723_500_000_000), ("500ms", 500_000_000), ("0s", 0), ("", 0)]
    {
        assert_eq!(nanoseconds(text), expected, "{text}");
    }
}

/// Puts a value at a JSON pointer whose last part may not exist yet.
fn put(document: &mut Value, place: &str, value: Value) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        object => object[key.replace("~1", "/")] = value,
    }
}
