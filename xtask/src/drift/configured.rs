//! A container of the configuration in the words of both sides: attributes of `docker_container`
//! (https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/container), and what its image adds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::description::{Description, Text};
use super::planned::PlannedContainer;
use super::running::Running;
use super::wording::{
    aliases, amount, capabilities, cpus, log_driver, named, number, published, restart_policy, say_health_check, say_variable, seconds,
    text, volume, words, yes_or_no,
};

const MIB: i64 = 1 << 20;

impl PlannedContainer {
    /// What `running` would be if it had been made from the configuration. `image` is the id of the configured image, if the engine
    /// has it.
    ///
    /// What the configuration leaves to the image is taken from the one that runs: another image is one difference, not many.
    pub(super) fn describe(&self, image: Option<&str>, running: &Running<'_>) -> Description {
        let mut is = Description::default();
        let inherited = running.image.map(|image| &image.config);
        match &self.image {
            Some(name) if image.is_none() => is.say("image", Text::shown("", format!("{name}, which is not here"))),
            Some(name) => is.say("image", Text::shown(image.unwrap_or_default(), name)),
            None => is.leave_open("image"),
        }
        self.describe_process(&mut is, inherited);
        self.describe_variables(&mut is, inherited);
        self.describe_labels(&mut is, inherited);
        self.describe_ports(&mut is);
        self.describe_mounts(&mut is, inherited);
        self.describe_networks(&mut is, running.container);
        self.describe_health_check(&mut is, inherited);
        self.describe_files(&mut is);
        self.describe_limits(&mut is);
        self.describe_safety(&mut is);
        is
    }

    /// An attribute of one value, which `None` leaves to the engine, as does a value that the engine fills in.
    fn say(&self, is: &mut Description, group: &'static str, attribute: &str, value: Option<Text>) {
        if let Some(value) = value.filter(|_| !self.is_open(attribute)) {
            is.say(group, value.hidden_if(self.is_secret(attribute)));
        }
    }

    /// The engine's rule: an entrypoint takes the image's command away, a command leaves the image's entrypoint
    /// (https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact).
    fn describe_process(&self, is: &mut Description, inherited: Option<&Value>) {
        let own = |attribute: &str| Some(words(self.get(attribute))).filter(|words| !words.is_empty());
        let of_image = |key: &str| inherited.map(|config| words(&config[key]));
        let (entrypoint, command) = (own("entrypoint"), own("command"));
        let command = command.or_else(|| if entrypoint.is_some() { Some(Vec::new()) } else { of_image("Cmd") });
        // Not by `self.say`: the provider calls both unknown when they are not given.
        for (name, words) in [("entrypoint", entrypoint.or_else(|| of_image("Entrypoint"))), ("command", command)] {
            if let Some(words) = words {
                is.say(name, Text::words(&words).hidden_if(self.is_secret(name)));
            }
        }
        let or_image =
            |attribute: &str, key: &str| self.text(attribute).or_else(|| inherited.map(|config| text_of(config, key))).map(named);
        self.say(is, "user", "user", or_image("user", "User"));
        self.say(is, "working directory", "working_dir", or_image("working_dir", "WorkingDir"));
        self.say(is, "stop signal", "stop_signal", or_image("stop_signal", "StopSignal"));
        self.say(is, "stop timeout", "stop_timeout", self.get("stop_timeout").as_i64().map(seconds));
        let policy = self.text("restart").unwrap_or_default();
        self.say(is, "restart policy", "restart", Some(restart_policy(policy, number(self.get("max_retry_count")))));
        let log = self.text("log_driver").map(|_| log_driver(self.get("log_driver"), self.get("log_opts")));
        self.say(is, "log driver", "log_opts", log);
    }

    fn describe_variables(&self, is: &mut Description, inherited: Option<&Value>) {
        if self.is_open("env") {
            return is.leave_open("variable");
        }
        let of_image = inherited.map(|config| words(&config["Env"])).unwrap_or_default();
        for variable in of_image.into_iter().chain(words(self.get("env"))) {
            say_variable(is, &variable);
        }
        complete_if_known(is, "variable", inherited);
    }

    fn describe_labels(&self, is: &mut Description, inherited: Option<&Value>) {
        if self.is_open("labels") {
            return is.leave_open("label");
        }
        let of_image = inherited.and_then(|config| config["Labels"].as_object()).into_iter().flatten();
        let own = self.list("labels").iter().map(|label| (text(&label["label"]), &label["value"]));
        for (name, value) in of_image.map(|(name, value)| (name.as_str(), value)).chain(own) {
            is.say_of("label", name, Text::plain(text(value)).hidden_if(self.is_secret("labels")));
        }
        complete_if_known(is, "label", inherited);
    }

    fn describe_ports(&self, is: &mut Description) {
        if self.is_open("ports") {
            return is.leave_open("port");
        }
        let mut addresses: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for port in self.list("ports") {
            let protocol = port["protocol"].as_str().unwrap_or("tcp");
            let external = port["external"].as_u64().and_then(|port| u16::try_from(port).ok());
            addresses.entry(format!("{}/{protocol}", number(&port["internal"]))).or_default().push(published(text(&port["ip"]), external));
        }
        for (port, addresses) in addresses {
            is.say_of("port", port, Text::set(addresses).hidden_if(self.is_secret("ports")));
        }
        is.is_complete_in("port");
    }

    fn describe_mounts(&self, is: &mut Description, inherited: Option<&Value>) {
        if ["mounts", "volumes", "tmpfs"].iter().any(|attribute| self.is_open(attribute)) {
            return is.leave_open("mount");
        }
        let is_secret = ["mounts", "volumes", "tmpfs"].iter().any(|attribute| self.is_secret(attribute));
        let mut say = |target: &str, what: String, read_only: &Value| {
            let what = what + if *read_only == true { ", read-only" } else { "" };
            is.say_of("mount", target, Text::plain(what).hidden_if(is_secret));
        };
        for mount in self.list("mounts") {
            let what = match text(&mount["type"]) {
                "volume" => volume(text(&mount["source"])),
                "bind" => format!("directory {}", text(&mount["source"])),
                other => other.to_owned(),
            };
            say(text(&mount["target"]), what, &mount["read_only"]);
        }
        for mount in self.list("volumes") {
            let directory = text(&mount["host_path"]);
            let what = if directory.is_empty() { volume(text(&mount["volume_name"])) } else { format!("directory {directory}") };
            say(text(&mount["container_path"]), what, &mount["read_only"]);
        }
        for (target, _) in self.get("tmpfs").as_object().into_iter().flatten() {
            say(target, "tmpfs".to_owned(), &Value::Null);
        }
        complete_if_known(is, "mount", inherited);
    }

    fn describe_networks(&self, is: &mut Description, running: &Value) {
        if self.is_open("networks_advanced") {
            return is.leave_open("network");
        }
        let mode = self.text("network_mode").unwrap_or("bridge");
        match self.list("networks_advanced") {
            // It has the network of another container, and none of its own.
            [] if mode.starts_with("container:") => return,
            [] => is.say_of("network", if mode == "default" { "bridge" } else { mode }, aliases([])),
            networks => {
                for network in networks {
                    is.say_of("network", called(text(&network["name"]), running), aliases(words(&network["aliases"])));
                }
            }
        }
        is.is_complete_in("network");
    }

    fn describe_health_check(&self, is: &mut Description, inherited: Option<&Value>) {
        if self.is_open("healthcheck") {
            return is.leave_open("health check");
        }
        let none = Value::Null;
        let of_image = inherited.map_or(&none, |config| &config["Healthcheck"]);
        // A field that is left out, or 0, is the image's.
        let or_image = |own: Value, key: &str| if own == 0 || own == json!([]) { of_image[key].clone() } else { own };
        let check = match self.list("healthcheck") {
            [own, ..] => json!({
                "Test": or_image(own["test"].clone(), "Test"),
                "Interval": or_image(nanoseconds(text(&own["interval"])).into(), "Interval"),
                "Timeout": or_image(nanoseconds(text(&own["timeout"])).into(), "Timeout"),
                "StartPeriod": or_image(nanoseconds(text(&own["start_period"])).into(), "StartPeriod"),
                "Retries": or_image(number(&own["retries"]).into(), "Retries"),
            }),
            [] => of_image.clone(),
        };
        say_health_check(is, &check, self.is_secret("healthcheck"));
        complete_if_known(is, "health check", inherited);
    }

    fn describe_files(&self, is: &mut Description) {
        if self.is_open("upload") {
            return is.leave_open("content of");
        }
        for (path, content) in self.files() {
            is.say_of("content of", path, Text::hidden(content));
        }
    }

    fn describe_limits(&self, is: &mut Description) {
        let in_mib = |attribute: &str| self.get(attribute).as_i64().filter(|amount| *amount != 0).map(|amount| amount.max(-1));
        let bytes = |amount: i64| amount_of(amount);
        self.say(is, "memory limit", "memory", Some(bytes(in_mib("memory").unwrap_or(0))));
        self.say(is, "memory reservation", "memory_reservation", Some(bytes(in_mib("memory_reservation").unwrap_or(0))));
        self.say(is, "memory and swap limit", "memory_swap", in_mib("memory_swap").map(bytes));
        self.say(is, "shared memory", "shm_size", in_mib("shm_size").map(bytes));
        let shares = number(self.get("cpu_shares")).to_string();
        self.say(is, "cpu shares", "cpu_shares", Some(Text::plain(shares)));
        self.say(is, "cpu set", "cpu_set", Some(named(self.text("cpu_set").unwrap_or_default())));
        self.say(is, "cpus", "cpus", Some(cpus(self.text("cpus").map_or(0, billionths))));
    }

    fn describe_safety(&self, is: &mut Description) {
        for (group, attribute) in
            [("privileged", "privileged"), ("read-only file system", "read_only"), ("publish all ports", "publish_all_ports")]
        {
            self.say(is, group, attribute, Some(yes_or_no(self.get(attribute))));
        }
        let options = Text::set(words(self.get("security_opts")));
        self.say(is, "security options", "security_opts", Some(options));
        let block = self.list("capabilities").first().unwrap_or(&Value::Null);
        self.say(is, "added capabilities", "capabilities", Some(capabilities(&block["add"])));
        self.say(is, "dropped capabilities", "capabilities", Some(capabilities(&block["drop"])));
    }
}

/// Without the image nobody can say what of a container came with it.
fn complete_if_known(is: &mut Description, group: &'static str, inherited: Option<&Value>) {
    if inherited.is_some() {
        is.is_complete_in(group);
    }
}

fn text_of<'a>(config: &'a Value, key: &str) -> &'a str {
    text(&config[key])
}

/// MiB as bytes; -1 stays what it is, as much as there is.
fn amount_of(mib: i64) -> Text {
    amount(if mib > 0 { mib * MIB } else { mib })
}

/// The name of a network that may have been given by its id.
fn called<'a>(network: &'a str, running: &'a Value) -> &'a str {
    let joined = running["NetworkSettings"]["Networks"].as_object().into_iter().flatten();
    joined.into_iter().find(|(_, endpoint)| endpoint["NetworkID"] == network).map_or(network, |(name, _)| name)
}

/// `1.5` processors in billionths of one.
fn billionths(cpus: &str) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a number of processors is small")]
    let billionths = (cpus.trim().parse::<f64>().unwrap_or_default() * 1e9).round() as i64;
    billionths
}

/// A duration as Go writes it (`1m30s`, `500ms`) in nanoseconds; what is none is 0.
pub(super) fn nanoseconds(duration: &str) -> i64 {
    const UNITS: [(&str, f64); 7] = [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];
    let (mut rest, mut total) = (duration.trim(), 0.0);
    while let Some(end) = rest.find(|character: char| !character.is_ascii_digit() && character != '.') {
        let (amount, after) = rest.split_at(end);
        let unit = after.find(|character: char| character.is_ascii_digit()).map_or(after, |end| &after[..end]);
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map_or(0.0, |(_, factor)| *factor);
        total += amount.parse::<f64>().unwrap_or_default() * factor;
        rest = &after[unit.len()..];
    }
    #[expect(clippy::cast_possible_truncation, reason = "a duration of a health check is short")]
    let total = total.round() as i64;
    total
}
