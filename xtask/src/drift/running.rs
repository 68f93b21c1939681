//! A running container in the words of both sides, from `GET /containers/ID/json`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::description::{Description, Text};
use super::wording::{
    aliases, amount, amount_with_swap, capabilities, cpus, log_driver, named, number, published, restart_policy, say_health_check,
    say_variable, seconds, text, volume, words, yes_or_no,
};
use crate::docker::image::Image;

/// A container that runs, and what is asked about it beside its own description.
#[derive(Debug)]
pub(super) struct Running<'a> {
    /// The engine's description.
    pub(super) container: &'a Value,
    /// The image that it was made from, if the engine still has it.
    pub(super) image: Option<&'a Image>,
    /// What the configured files hold, by their paths; those that are not there are left out.
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl Running<'_> {
    /// Everything about it that can be configured.
    pub(super) fn describe(&self) -> Description {
        let mut is = Description::default();
        let (config, host) = (&self.container["Config"], &self.container["HostConfig"]);
        let id = text(&self.container["Image"]);
        is.say("image", Text::shown(id, self.image.and_then(|image| image.names.first()).map_or(short(id), String::as_str)));
        is.say("entrypoint", Text::words(&words(&config["Entrypoint"])));
        is.say("command", Text::words(&words(&config["Cmd"])));
        for variable in words(&config["Env"]) {
            say_variable(&mut is, &variable);
        }
        for (label, value) in config["Labels"].as_object().into_iter().flatten() {
            is.say_of("label", label, Text::plain(text(value)));
        }
        for (port, bindings) in host["PortBindings"].as_object().into_iter().flatten() {
            let address = |binding: &Value| published(text(&binding["HostIp"]), text(&binding["HostPort"]).parse().ok());
            is.say_of("port", port, Text::set(bindings.as_array().into_iter().flatten().map(address)));
        }
        self.describe_mounts(&mut is);
        for (name, endpoint) in self.container["NetworkSettings"]["Networks"].as_object().into_iter().flatten() {
            is.say_of("network", name, aliases(self.aliases(endpoint)));
        }
        say_health_check(&mut is, &config["Healthcheck"], false);
        for (path, content) in &self.files {
            is.say_of("content of", path, Text::hidden(String::from_utf8_lossy(content)));
        }
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

    fn describe_mounts(&self, is: &mut Description) {
        let host = &self.container["HostConfig"];
        // Docker Desktop shows where its own machine has the directory; what was asked for is with the host's configuration.
        let asked = |target: &str| {
            let mounts = host["Mounts"].as_array().into_iter().flatten();
            mounts.filter(|mount| mount["Target"] == target).find_map(|mount| mount["Source"].as_str())
        };
        // What an image declares and nobody mounts is a volume that the engine makes, and nobody configures.
        let declared = self.image.and_then(|image| image.config["Volumes"].as_object());
        let came_with_image = |mount: &Value, target: &str| {
            mount["Type"] == "volume" && is_made_up(text(&mount["Name"])) && declared.is_some_and(|declared| declared.contains_key(target))
        };
        for mount in self.container["Mounts"].as_array().into_iter().flatten() {
            let target = text(&mount["Destination"]);
            if came_with_image(mount, target) {
                continue;
            }
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
    fn aliases(&self, endpoint: &Value) -> Vec<String> {
        let id = text(&self.container["Id"]);
        words(&endpoint["Aliases"]).into_iter().filter(|alias| alias.len() < 12 || !id.starts_with(alias.as_str())).collect()
    }
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

/// The first twelve characters of an id, as Docker's own tables show it.
fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id)
}
