//! The programs that read a `.env` file, each asked what it finds in one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::clients::Variables;
use crate::docker::{self, Foreign};
use crate::process::{Call, is_installed};
use crate::stack::unique;
use crate::temporary;

/// Reads an environment.d(5) file, which is what an EnvironmentFile= is, with `${NAME}` in it besides; prints it for a shell.
const SYSTEMD: &str = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

type Read = BTreeMap<String, String>;

/// Fails the test unless every reader on this machine finds just these variables in the file. `image` is any that Docker has;
/// without one Docker is not asked.
#[track_caller]
pub fn is_read_alike(file: &Path, image: Option<&str>, expected: &Variables) {
    let mut readers = vec![("sh", by_a_shell("sh", file))];
    readers.extend(image.map(|image| ("docker", by_docker(file, image))));
    if is_installed("bash") {
        readers.push(("bash", by_a_shell("bash", file)));
    }
    // Node reads such files from 20.6 on.
    if is_installed("node") && Call::new("node").args(["--env-file=/dev/null", "--eval", ""]).run().code == Some(0) {
        readers.push(("node", by_node(file)));
    }
    if Path::new(SYSTEMD).exists() {
        readers.push(("systemd", by_systemd(file)));
    }
    for (reader, read) in readers {
        for name in expected.names() {
            let found = read.get(name).map(String::as_str);
            // Unlike EnvironmentFile=, environment.d(5) has no empty values.
            if (reader, expected.get(name)) != ("systemd", "") {
                assert_eq!(found, Some(expected.get(name)), "{name}, as {reader} reads {}", file.display());
            }
        }
    }
}

/// `A=1` and a null byte for each variable.
fn split(text: &str) -> Read {
    text.split('\0').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[track_caller]
fn by_a_shell(shell: &str, file: &Path) -> Read {
    let script = "set -a; . \"$1\"; exec env --null";
    split(&Call::new(shell).args(["-euc", script, shell]).args([file]).run().success().stdout)
}

#[track_caller]
fn by_node(file: &Path) -> Read {
    let print = "for (const name in process.env) process.stdout.write(`${name}=${process.env[name]}\\0`)";
    split(&Call::new("node").args([&format!("--env-file={}", file.display()), "--eval", print]).run().success().stdout)
}

#[track_caller]
fn by_docker(file: &Path, image: &str) -> Read {
    let container = Foreign::container("create", &unique("infra-tests-env"), &["--env-file", file.to_str().unwrap(), image]);
    let listed = docker::read(&["container", "inspect", "--format", "{{json .Config.Env}}", &container.name]);
    let pairs: Vec<String> = serde_json::from_str(&listed).unwrap();
    split(&pairs.join("\0"))
}

#[track_caller]
fn by_systemd(file: &Path) -> Read {
    let place = temporary::directory();
    let directory = place.path().join("environment.d");
    std::fs::create_dir(&directory).unwrap();
    std::fs::copy(file, directory.join("50.conf")).unwrap();
    let script = "set -a; eval \"$(\"$1\")\"; exec env --null";
    split(&Call::new("sh").args(["-euc", script, "sh", SYSTEMD]).env("XDG_CONFIG_HOME", place.path()).run().success().stdout)
}
