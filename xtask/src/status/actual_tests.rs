//! A container as it was applied beside the same one with one thing changed, and what is said of it.

use serde_json::{Value, json};

use super::actual::describe;

const IMAGE: &str = "sha256:6f52b9cb11c5008893d7819d6730946854fa46391bae9f15cd170a8df94810a3";
const OTHER: &str = "sha256:0e08e4e5c25cf008c8b171328932e66232d99368c6517f5f5c3934b3b98fa8e3";
const NETWORK: &str = "8dd2cb825268ec47a51e4ae3226509dec6fbd187bcd2dd459c61f20b2299aec6";

/// A container of modules/container as the engine describes it: the image has added a variable, a label, a directory and its entrypoint.
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

/// A value put at a place (a JSON pointer) of what runs.
#[test]
fn whatever_was_changed_since_it_was_applied_is_seen() {
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
        ("/Mounts/0/Name", json!("e".repeat(64)), &["mount /data: volume without a name / volume data"]),
        (
            "/Mounts/2/Destination",
            json!("/made"),
            &["mount /made: volume without a name / -", "mount /of-image: - / volume without a name"],
        ),
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
        ("/Image", json!(OTHER), &["image: 0e08e4e5c25c / 6f52b9cb11c5"]),
    ];
    let applied = describe(&running());
    assert_eq!(applied.differences(&describe(&running())), []);
    for (place, value, expected) in cases {
        let mut changed = running();
        put(&mut changed, place, value.clone());
        let side = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
        let differences = applied.differences(&describe(&changed)).into_iter();
        let said: Vec<String> = differences.map(|it| format!("{}: {} / {}", it.attribute, side(it.running), side(it.configured))).collect();
        assert_eq!(said, expected, "{place} = {value}");
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
