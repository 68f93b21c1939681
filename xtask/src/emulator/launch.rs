//! The command lines that make an emulator's network and container; pure.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::recipe::Recipe;
use super::{ENGINE, Emulator};
use crate::host::error::Failure;

/// Where the emulator looks for the Docker engine; an engine in a virtual machine has its own socket there too.
const SOCKET: &str = "/var/run/docker.sock";

/// The program that starts the emulator by our rules, where it is copied to.
const PROGRAM: &str = "/emulator/launch.py";

/// One launch of an emulator.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    /// What is made: its name, which is its network's too, its labels and its ports.
    pub(super) emulator: &'a Emulator,
    /// References of the images by their tables in images.toml.
    pub(super) images: &'a BTreeMap<String, String>,
    /// The engine's socket, as the engine sees it.
    pub(super) socket: &'a Path,
    /// emulator.toml.
    pub(super) recipe: &'a Recipe,
}

impl Launch<'_> {
    /// Arguments of the Docker client that make the network: what is published in it is published on the loopback
    /// address, and nothing in it reaches anything outside it.
    pub(super) fn network(&self) -> Vec<String> {
        const BRIDGE: &str = "--opt=com.docker.network.bridge";
        let options = [format!("{BRIDGE}.host_binding_ipv4=127.0.0.1"), format!("{BRIDGE}.enable_ip_masquerade=false")];
        let words = ["network", "create"].map(ToOwned::to_owned).into_iter();
        words.chain(options).chain(self.label_options()).chain([self.emulator.name.clone()]).collect()
    }

    /// Arguments of the Docker client that make the container.
    ///
    /// # Errors
    /// The recipe names a port that the instance does not have.
    pub(super) fn container(&self) -> Result<Vec<String>, Failure> {
        let recipe = self.recipe;
        let fixed = [
            format!("--name={}", self.emulator.name),
            format!("--network={}", self.emulator.name),
            format!("--publish=127.0.0.1:{}:{}", self.emulator.port, recipe.port),
            format!("--mount=type=bind,source={},target={SOCKET}", self.socket.display()),
            format!("--memory={}m", recipe.memory_mb),
            "--log-driver=json-file".to_owned(),
            "--log-opt=max-size=10m".to_owned(),
            "--security-opt=no-new-privileges:true".to_owned(),
            // With SELinux a container may use the engine's socket only without a label of its own.
            "--security-opt=label=disable".to_owned(),
            // The public image's check starts a Python every ten seconds; we ask it ourselves.
            "--no-healthcheck".to_owned(),
            "--entrypoint=python3".to_owned(),
        ];
        let mut arguments = vec!["container".to_owned(), "create".to_owned()];
        arguments.extend(fixed);
        arguments.extend(self.label_options());
        arguments.extend(self.environment()?.into_iter().map(|(name, value)| format!("--env={name}={value}")));
        arguments.extend([self.images[ENGINE].clone(), PROGRAM.to_owned()]);
        Ok(arguments)
    }

    fn label_options(&self) -> impl Iterator<Item = String> {
        self.emulator.labels.iter().map(|(key, value)| format!("--label={key}={value}"))
    }

    fn environment(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut environment = self.recipe.environment.clone();
        for (name, variable) in &self.recipe.database_ports {
            let port = self.emulator.database_ports.get(name).ok_or_else(|| {
                Failure::new(format!("the emulator needs a port `{name}`, and this instance has none"))
                    .hint("add it to `emulator_ports` of the environment in infra.toml")
            })?;
            environment.insert(variable.clone(), port.to_string());
        }
        environment.insert("EMULATOR_RULES".to_owned(), self.rules());
        Ok(environment)
    }

    /// The rules for launch.py.
    fn rules(&self) -> String {
        let stand_ins: BTreeMap<&str, &str> =
            self.recipe.databases.images.iter().map(|(asked, table)| (asked.as_str(), self.images[table].as_str())).collect();
        let memory = self.recipe.databases.memory_mb << 20;
        json!({ "labels": self.emulator.labels, "network": self.emulator.name, "images": stand_ins, "memory": memory }).to_string()
    }
}

/// The engine's socket as the engine itself sees it: what stands on this machine, unless the engine runs in a virtual machine.
pub(super) fn socket_in_engine<'a>(socket: &'a Path, operating_system: &str, on_linux: bool) -> &'a Path {
    if on_linux && operating_system != "Docker Desktop" { socket } else { Path::new(SOCKET) }
}

#[cfg(test)]
mod tests {
    use super::{ENGINE, Emulator, Launch, Recipe, socket_in_engine};
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::path::Path;

    const RECIPE: &str = "port = 4566\nhealth = '/h'\nmemory_mb = 64\n[environment]\nA = '1'\n[database_ports]\ndb = 'DB_PORT'\n\
        [databases]\nmemory_mb = 2\n[databases.images]\n'postgres:17' = 'postgres'";

    fn map<V: Clone>(pairs: &[(&str, V)]) -> BTreeMap<String, V> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    #[test]
    fn everything_is_bound_to_loopback_labelled_and_limited() {
        let recipe: Recipe = toml::from_str(RECIPE).unwrap();
        let (labels, database_ports) = (map(&[("io.t.owner", "us".to_owned())]), map(&[("db", 29000)]));
        let images = map(&[(ENGINE, "t/emu:1".to_owned()), ("postgres", "t/postgres:17".to_owned())]);
        let emulator = Emulator { name: "t-aws-emulator".to_owned(), labels, port: 21000, database_ports };
        let launch = Launch { emulator: &emulator, images: &images, socket: Path::new("/run/docker.sock"), recipe: &recipe };
        let network = launch.network().join(" ");
        assert!(network.contains("host_binding_ipv4=127.0.0.1 ") && network.ends_with("--label=io.t.owner=us t-aws-emulator"), "{network}");
        let arguments = launch.container().unwrap();
        for expected in [
            "--publish=127.0.0.1:21000:4566",
            "--network=t-aws-emulator",
            "--mount=type=bind,source=/run/docker.sock,target=/var/run/docker.sock",
            "--memory=64m",
            "--label=io.t.owner=us",
            "--env=A=1",
            "--env=DB_PORT=29000",
        ] {
            assert!(arguments.iter().any(|argument| argument == expected), "{expected} in {arguments:?}");
        }
        assert_eq!(arguments[arguments.len() - 2..], ["t/emu:1", "/emulator/launch.py"]);
        let rules = arguments.iter().find_map(|argument| argument.strip_prefix("--env=EMULATOR_RULES=")).unwrap();
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(rules).unwrap(),
            json!({ "labels": { "io.t.owner": "us" }, "network": "t-aws-emulator", "images": { "postgres:17": "t/postgres:17" }, "memory": 2 << 20 })
        );

        let without_ports = Emulator { database_ports: BTreeMap::new(), ..emulator.clone() };
        let message = Launch { emulator: &without_ports, ..launch }.container().unwrap_err().to_string();
        assert!(message.starts_with("the emulator needs a port `db`"), "{message}");
    }

    #[test]
    fn the_socket_is_where_the_engine_sees_it() {
        for (socket, operating_system, on_linux, expected) in [
            ("/var/run/docker.sock", "Debian GNU/Linux 12", true, "/var/run/docker.sock"),
            ("/run/user/1000/docker.sock", "Ubuntu 24.04", true, "/run/user/1000/docker.sock"),
            ("/home/me/.docker/desktop/docker.sock", "Docker Desktop", true, "/var/run/docker.sock"),
            ("/Users/me/.docker/run/docker.sock", "Docker Desktop", false, "/var/run/docker.sock"),
            ("/Users/me/.colima/default/docker.sock", "Ubuntu 24.04", false, "/var/run/docker.sock"),
        ] {
            assert_eq!(socket_in_engine(Path::new(socket), operating_system, on_linux), Path::new(expected), "{socket}");
        }
    }
}
