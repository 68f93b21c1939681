//! A container as the engine describes it (`GET /containers/ID/json`), in words that stay the same while it does.

use serde_json::Value;

use super::compare::{Description, Text};
use super::normalize::{
    aliases, amount, amount_with_swap, capabilities, cpus, log_driver, named, number, published, restart_policy, seconds, text, time,
    volume, words, yes_or_no,
};

/// Everything about a container that can be configured, but for its files.
pub(super) fn describe(container: &Value) -> Description {
    let mut is = Description::default();
    let (config, host) = (&container["Config"], &container["HostConfig"]);
    is.say("image", image(text(&container["Image"]), text(&config["Image"])));
    is.say("entrypoint", Text::words(&words(&config["Entrypoint"])));
    is.say("command", Text::words(&words(&config["Cmd"])));
    // A value may be secret whoever set it.
    for variable in words(&config["Env"]) {
        let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
        is.say_of("variable", name, Text::hidden(value));
    }
    for (label, value) in config["Labels"].as_object().into_iter().flatten() {
        is.say_of("label", label, Text::plain(text(value)));
    }
    for (port, bindings) in host["PortBindings"].as_object().into_iter().flatten() {
        let address = |binding: &Value| published(text(&binding["HostIp"]), text(&binding["HostPort"]).parse().ok());
        is.say_of("port", port, Text::set(bindings.as_array().into_iter().flatten().map(address)));
    }
    describe_mounts(&mut is, container);
    for (name, endpoint) in container["NetworkSettings"]["Networks"].as_object().into_iter().flatten() {
        is.say_of("network", name, aliases(aliases_in(container, endpoint)));
    }
    describe_health_check(&mut is, &config["Healthcheck"]);
    describe_limits(&mut is, host);
    is.say("user", named(text(&config["User"])));
    is.say("working directory", named(text(&config["WorkingDir"])));
    is.say("stop signal", named(text(&config["StopSignal"])));
    if let Some(timeout) = config["StopTimeout"].as_i64() {
        is.say("stop timeout", seconds(timeout));
    }
    let policy = &host["RestartPolicy"];
    is.say("restart policy", restart_policy(text(&policy["Name"]), number(&policy["MaximumRetryCount"])));
    is.say("privileged", yes_or_no(&host["Privileged"]));
    is.say("read-only file system", yes_or_no(&host["ReadonlyRootfs"]));
    is.say("publish all ports", yes_or_no(&host["PublishAllPorts"]));
    is.say("security options", Text::set(words(&host["SecurityOpt"])));
    is.say("added capabilities", capabilities(&host["CapAdd"]));
    is.say("dropped capabilities", capabilities(&host["CapDrop"]));
    is.say("log driver", log_driver(&host["LogConfig"]["Type"], &host["LogConfig"]["Config"]));
    is
}

/// An image by its id, shown by the name that the container was made with, if that was not the id.
fn image(id: &str, name: &str) -> Text {
    let short = id.strip_prefix("sha256:").and_then(|id| id.get(..12)).unwrap_or(id);
    Text::shown(id, if name.is_empty() || name.starts_with("sha256:") { short } else { name })
}

fn describe_mounts(is: &mut Description, container: &Value) {
    let host = &container["HostConfig"];
    // Docker Desktop shows where its own machine has the directory; what was asked for is with the host's configuration.
    let asked = |target: &str| {
        let mounts = host["Mounts"].as_array().into_iter().flatten();
        mounts.filter(|mount| mount["Target"] == target).find_map(|mount| mount["Source"].as_str())
    };
    for mount in container["Mounts"].as_array().into_iter().flatten() {
        let target = text(&mount["Destination"]);
        let what = match (text(&mount["Type"]), text(&mount["Name"])) {
            ("volume", name) => volume(if is_made_up(name) { "" } else { name }),
            ("bind", _) => format!("directory {}", asked(target).unwrap_or_else(|| text(&mount["Source"]))),
            (other, _) => other.to_owned(),
        };
        is.say_of("mount", target, Text::plain(what + if mount["RW"] == false { ", read-only" } else { "" }));
    }
    for target in host["Tmpfs"].as_object().into_iter().flat_map(serde_json::Map::keys) {
        is.say_of("mount", target, Text::plain("tmpfs"));
    }
}

/// The names that others in a network find it by; engines before API 1.45 add the beginning of its id.
fn aliases_in(container: &Value, endpoint: &Value) -> Vec<String> {
    let id = text(&container["Id"]);
    words(&endpoint["Aliases"]).into_iter().filter(|alias| alias.len() < 12 || !id.starts_with(alias.as_str())).collect()
}

/// Times are in nanoseconds, and what is the engine's default is left out.
fn describe_health_check(is: &mut Description, check: &Value) {
    let test = words(&check["Test"]);
    if test.is_empty() || test == ["NONE"] {
        return;
    }
    is.say("health check", Text::words(&test));
    for (item, key) in [("interval", "Interval"), ("timeout", "Timeout"), ("start period", "StartPeriod")] {
        let nanoseconds = number(&check[key]);
        is.say_of("health check", item, Text::shown(nanoseconds.to_string(), time(nanoseconds)));
    }
    is.say_of("health check", "retries", Text::plain(number(&check["Retries"]).to_string()));
}

fn describe_limits(is: &mut Description, host: &Value) {
    is.say("memory limit", amount(number(&host["Memory"])));
    is.say("memory reservation", amount(number(&host["MemoryReservation"])));
    is.say("memory and swap limit", amount_with_swap(number(&host["MemorySwap"])));
    is.say("shared memory", amount(number(&host["ShmSize"])));
    is.say("cpus", cpus(number(&host["NanoCpus"])));
    is.say("cpu shares", Text::plain(number(&host["CpuShares"]).to_string()));
    is.say("cpu set", named(text(&host["CpusetCpus"])));
}

/// 64 hexadecimal characters: the name the engine gives a volume that nobody named.
fn is_made_up(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
