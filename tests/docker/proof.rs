//! `up` proves that nothing changed without starting Terraform: after any small change it must not believe so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use infra_tests::dice::{self, Dice};
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::process::Outcome;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};
use infra_tests::temporary;
use infra_tests::xtask::Xtask;
use tempfile::TempDir;

/// How many changes are tried where INFRA_TESTS_CHANGES does not say; in a thorough run it is a thousand.
const CHANGES: usize = 75;
/// One change in so many is made in Docker: those cost seconds to take back, those of a file milliseconds.
const IN_DOCKER: usize = 25;

/// A `terraform` on PATH that is the real one until the gate is closed, and then fails.
pub(crate) struct Gate {
    place: TempDir,
}

impl Gate {
    pub(crate) fn open() -> Self {
        let place = temporary::directory();
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|directory| directory.join("terraform"))
            .find(|path| path.is_file());
        let script =
            format!("#!/bin/sh\n[ -e '{}/closed' ] && exit 9\nexec '{}' \"$@\"\n", place.path().display(), real.unwrap().display());
        fs::write(place.path().join("terraform"), script).unwrap();
        fs::set_permissions(place.path().join("terraform"), fs::Permissions::from_mode(0o755)).unwrap();
        Self { place }
    }

    pub(crate) fn xtask(&self, stack: &Stack) -> Xtask {
        let path = format!("{}:{}", self.place.path().display(), std::env::var("PATH").unwrap());
        stack.checkout().xtask().env("PATH", path)
    }

    /// `up` that cannot start Terraform: succeeds only by the proof.
    pub(crate) fn closed(&self, stack: &Stack, variable: Option<(&str, &str)>) -> Outcome {
        fs::write(self.place.path().join("closed"), "").unwrap();
        let xtask = variable.into_iter().fold(self.xtask(stack), |xtask, (name, value)| xtask.env(name, value));
        let outcome = stack.with(&xtask, "up", &[]);
        fs::remove_file(self.place.path().join("closed")).unwrap();
        outcome
    }
}

#[test]
fn small_changes_are_all_seen() {
    let mut dice = Dice::thrown();
    let stack = Stack::with_settings("proof", ONLY_REDIS);
    stack.infra("init", &[]).success();
    // A tag of its own, which can be moved without harm to the stacks of other tests.
    let image = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
    let tag = Foreign::image(&image, &format!("localhost/infra-tests/proof:{}", unique("t")));
    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ image = \"{}\" }}\n", tag.name));
    let other = Foreign::commit(
        &Foreign::container("create", &unique("infra-tests-proof"), &[&image]).name,
        &format!("{}-other", tag.name),
        "LABEL a=b",
    );
    let gate = Gate::open();
    let up = || stack.with(&gate.xtask(&stack), "up", &[]).success();
    up();
    gate.closed(&stack, None).success();

    let files = files_that_matter(&stack);
    for change in 0..dice::trials("INFRA_TESTS_CHANGES", CHANGES) {
        if change % IN_DOCKER == IN_DOCKER - 1 {
            let what = in_docker(&mut dice, &stack, &image, &tag.name, &other.name);
            let outcome = gate.closed(&stack, None);
            assert_ne!(outcome.code, Some(0), "change {change}, {what}, was not seen\n{}", outcome.stderr);
            up();
            // Docker calls a container unhealthy for some seconds after a pause, and what is unhealthy proves nothing.
            poll::until(&format!("a proof after {what} and another `up`"), || match gate.closed(&stack, None) {
                proven if proven.code == Some(0) => Ok(()),
                unproven => Err(unproven.stderr),
            });
        } else if change % 10 == 0 {
            let variable =
                *dice.one_of(&[("TF_VAR_network", "true"), ("TF_VAR_ports", "{}"), ("TF_LOG", "off"), ("DOCKER_CONFIG", "/nowhere")]);
            let outcome = gate.closed(&stack, Some(variable));
            assert_ne!(outcome.code, Some(0), "change {change}, {variable:?}, was not seen\n{}", outcome.stderr);
        } else {
            let file = dice.one_of(&files);
            let what = with_a_changed_byte(&mut dice, file, || {
                let outcome = gate.closed(&stack, None);
                (outcome.code != Some(0)).then_some(()).ok_or(outcome.stderr)
            });
            assert!(what.is_ok(), "change {change}, {what:?}, was not seen");
        }
    }
    gate.closed(&stack, None).success();
    // Its images can go when no container needs them any more.
    drop(stack);
}

/// Every file of the copy that Terraform or the supply reads, the state and the instance file among them.
fn files_that_matter(stack: &Stack) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![stack.checkout().infrastructure("")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_name() == ".terraform" || entry.file_name() == ".instances" || path.to_string_lossy().contains(".backup") {
                continue;
            }
            let is_another_environment = path.parent().is_some_and(|parent| parent.ends_with("environments")) && path != stack.directory();
            match path.is_dir() {
                true if is_another_environment => {}
                true => open.push(path),
                false => files.push(path),
            }
        }
    }
    files.push(stack.directory().join(format!(".instances/{}.json", stack.name())));
    files.retain(|path| path.metadata().unwrap().len() > 0);
    // The pin of the provider and the project's name are obeyed before there is anything to prove: another provider would be
    // built, another directory of the user's begun.
    files.retain(|path| !path.starts_with(stack.checkout().infrastructure("images/provider")) && !path.ends_with("infra.toml"));
    files.sort();
    files
}

/// Changes one byte, tries, and puts it back; the error names the file and the place.
fn with_a_changed_byte(dice: &mut Dice, file: &Path, attempt: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let before = fs::read(file).unwrap();
    let mut after = before.clone();
    let at = dice.below(after.len());
    after[at] ^= 1 << dice.below(7);
    fs::write(file, &after).unwrap();
    let outcome = attempt();
    fs::write(file, before).unwrap();
    outcome.map_err(|words| format!("byte {at} of {}: {words}", file.display()))
}

/// Changes something in Docker by hand; the next `up` puts it right.
fn in_docker(dice: &mut Dice, stack: &Stack, image: &str, tag: &str, other: &str) -> &'static str {
    let container = stack.docker_name("redis");
    match dice.below(8) {
        0 => {
            docker::read(&["container", "kill", &container]);
            "a killed container"
        }
        1 => {
            docker::read(&["container", "rm", "--force", &container]);
            "a removed container"
        }
        2 => {
            docker::read(&["container", "update", "--memory", "300m", "--memory-swap", "-1", &container]);
            "a container with another limit"
        }
        3 => {
            docker::read(&["container", "rename", &container, &format!("{container}-renamed")]);
            "a renamed container"
        }
        4 => {
            docker::read(&["volume", "rm", &stack.docker_name("weaviate")]);
            "a removed volume"
        }
        5 => {
            let id = |name: &str| docker::read(&["image", "inspect", "--format", "{{.Id}}", name]);
            docker::read(&["image", "tag", if id(tag) == id(image) { other } else { image }, tag]);
            "a moved tag"
        }
        6 => {
            docker::pause(&container);
            "a paused container"
        }
        _ => {
            docker::read(&["container", "rm", "--force", &container]);
            let instance = format!("io.tracker.instance={}", stack.name());
            let owner = format!("io.tracker.owner={}", stack.instance_file()["owner"].as_str().unwrap());
            docker::read(&[
                "container",
                "run",
                "--detach",
                "--name",
                &container,
                "--label",
                &instance,
                "--label",
                &owner,
                "--tmpfs",
                "/data",
                tag,
            ]);
            "a container made by hand under our name"
        }
    }
}
