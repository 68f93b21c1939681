//! States that cannot be used: locked, damaged, or not written for want of space. Real Terraform, no containers.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use infra_tests::poll;
use infra_tests::process::{Call, Running};
use infra_tests::small_disk::SmallDisk;
use infra_tests::temporary;
use serde_json::Value;

use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

/// A root with a resource for every name. Each is 8 KiB of state.
fn code(resources: &[&str]) -> String {
    let resource = |name: &&str| {
        format!(
            "resource \"terraform_data\" \"{name}\" {{\n  input = join(\"\", [for n in range(1000) : \"{name}{name}{name}{name}\"])\n}}\n"
        )
    };
    let resources: String = resources.iter().map(resource).collect();
    resources + "output \"services\" {\n  value = {}\n}\noutput \"env\" {\n  value = {}\n}\n"
}

struct States {
    plain: Plain,
    directory: PathBuf,
}

impl States {
    fn new(resources: &[&str]) -> Self {
        let plain = Plain::new(POLICY, &code(resources));
        let directory = plain.checkout.environment(NAME);
        Self { plain, directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn declare(&self, resources: &[&str]) {
        fs::write(self.path("main.tf"), code(resources)).unwrap();
    }

    /// A plain Terraform that holds the lock while it waits for an answer, and what it notes about that.
    fn hold(&self) -> (Running, Value) {
        let holder = Call::new("sh").args(["-c", "sleep 600 | exec terraform apply -no-color"]).directory(&self.directory);
        let holder = holder.env_remove("TF_WORKSPACE").env("CHECKPOINT_DISABLE", "1").start();
        let note = self.path(".terraform.tfstate.lock.info");
        let note = poll::until("the lock", || {
            let text = fs::read_to_string(&note).map_err(|error| error.to_string())?;
            serde_json::from_str(&text).map_err(|error| error.to_string())
        });
        (holder, note)
    }

    /// Names and ids of what a state has.
    #[track_caller]
    fn resources(&self, file: &str) -> Vec<(String, String)> {
        let state: Value = serde_json::from_str(&fs::read_to_string(self.path(file)).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let resources = state["resources"].as_array().unwrap().iter().filter(|resource| resource["instances"][0].is_object());
        resources.map(|resource| (text(&resource["name"]), text(&resource["instances"][0]["attributes"]["id"]))).collect()
    }
}

/// Waits until a Terraform asks whether it may go on.
fn until_asked(holder: &mut Running) {
    poll::until("the question", || match holder.said() {
        said if said.contains("Enter a value:") => Ok(()),
        said if holder.has_ended() => panic!("it ended without a question:\n{said}"),
        said => Err(said),
    });
}

/// A `terraform` that waits one second for a lock in place of a minute, and else is the real one.
fn impatient() -> (tempfile::TempDir, String) {
    let place = temporary::directory();
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|place| place.join("terraform")).find(|path| path.is_file()).unwrap();
    let script = format!(
        "#!/bin/sh\nfor word; do shift; case $word in -lock-timeout=*) word=-lock-timeout=1s ;; esac; set -- \"$@\" \"$word\"; done\nexec '{}' \"$@\"\n",
        real.display()
    );
    let program = place.path().join("terraform");
    fs::write(&program, script).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{path}", place.path().display());
    (place, path)
}

#[test]
fn a_locked_state_is_said_to_be_with_its_holder_and_waited_for() {
    let states = States::new(&["a"]);
    let xtask = states.plain.xtask();
    xtask.infra(&["init", NAME]).success();
    let (holder, note) = states.hold();
    let since = note["Created"].as_str().unwrap()[..19].replace('T', " ");
    let locked = format!("locked by {} since {since} UTC (apply)", note["Who"].as_str().unwrap());

    let (_place, path) = impatient();
    let refused = xtask.clone().env("PATH", &path).infra(&["up", NAME]).exits(1);
    refused.clone().says(&format!("the state of `{NAME}` is {locked}; waiting for it, 60 s at most\n"));
    assert!(
        refused.complaint().starts_with(&format!(
            "error: terraform plan: the state terraform.tfstate is {locked}\nhint: another Terraform is at work on it"
        )),
        "{}",
        refused.stderr
    );

    let waiting = xtask.start(&["up", NAME]);
    // Whether it waits by now decides nothing but what this shows.
    thread::sleep(Duration::from_secs(1));
    holder.signal_group("KILL");
    holder.finish();
    waiting.finish().success();
    assert_eq!(states.resources("terraform.tfstate").len(), 1);
}

#[test]
fn a_state_that_is_being_written_is_not_taken_for_damaged() {
    let states = States::new(&["a"]);
    let xtask = states.plain.xtask();
    xtask.infra(&["up", NAME]).success();
    states.declare(&["a", "b"]);
    xtask.infra(&["up", NAME]).success();
    states.declare(&["a", "b", "c"]);
    let (mut holder, _) = states.hold();
    // It has read the state: of a half of it, it would complain, and end.
    until_asked(&mut holder);
    // What a Terraform that writes leaves there for a moment.
    let file = states.path("terraform.tfstate");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, "").unwrap();
    let mut looking = xtask.start(&["output", NAME, "services"]);
    thread::sleep(Duration::from_millis(500));
    assert!(!looking.has_ended(), "{}", looking.finish().stderr);
    fs::write(&file, whole).unwrap();
    holder.signal_group("KILL");
    holder.finish();
    assert_eq!(looking.finish().success().stdout.trim(), "{}");
}

#[test]
fn a_damaged_state_is_named_with_its_backup_and_nothing_is_overwritten() {
    let states = States::new(&["a"]);
    let xtask = states.plain.xtask();
    xtask.infra(&["up", NAME]).success();
    states.declare(&["a", "b"]);
    xtask.infra(&["up", NAME]).success();
    let (file, backup) = (states.path("terraform.tfstate"), states.path("terraform.tfstate.backup"));
    let whole = fs::read(&file).unwrap();
    let quoted = |path: &PathBuf| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
    let restore = format!("cp -p {} {}", quoted(&backup), quoted(&file));
    for (damage, how) in [
        (&whole[..whole.len() / 2], "is damaged (EOF while parsing"),
        (b"<<<<<<< HEAD\n", "is damaged (expected value at line 1 column 1)"),
        (b"{}", "is damaged (there is no version in it)"),
        (b"", "is empty"),
    ] {
        fs::write(&file, damage).unwrap();
        for verb in ["up", "plan", "apply", "destroy", "output", "env", "status"] {
            let options = if verb == "destroy" { &["--yes"][..] } else { &[] };
            let outcome = xtask.infra(&[&[verb, NAME], options].concat()).exits(1);
            let expected = format!("error: the state of `{NAME}` cannot be used: {} {how}", file.display());
            assert!(outcome.complaint().starts_with(&expected), "{verb}: {}", outcome.stderr);
            assert!(
                outcome
                    .complaint()
                    .ends_with(&format!("\nhint: its backup is the state before the last change; put it in its place: `{restore}`; then say so: `cargo xtask infra adopt {NAME} --reason TEXT`\n")),
                "{verb}: {}",
                outcome.stderr
            );
            assert_eq!(fs::read(&file).unwrap(), damage, "{verb} has touched it");
        }
    }
    Call::new("sh").args(["-ec", &restore]).run().success();
    xtask.infra(&["up", NAME]).exits(3).says("is older than what was applied here");
    xtask.infra(&["adopt", NAME, "--reason", "the newer one was damaged", "--yes"]).success();
    xtask.infra(&["up", NAME]).success();
    assert_eq!(states.resources("terraform.tfstate").len(), 2);
}

#[test]
fn a_damaged_state_without_a_backup_is_nobodys_to_guess() {
    let states = States::new(&["a"]);
    let xtask = states.plain.xtask();
    xtask.infra(&["up", NAME]).success();
    fs::write(states.path("terraform.tfstate"), "{").unwrap();
    xtask.infra(&["up", NAME]).exits(1).says("hint: there is no backup beside it: put back a copy of yours");
    // Terraform makes an empty one before it locks it, and leaves that behind when it is killed.
    fs::write(states.path("terraform.tfstate"), "").unwrap();
    xtask.infra(&["up", NAME]).success();
}

/// What the xtask holds free while Terraform works, in KiB.
const HELD: usize = 2048;

#[test]
fn a_state_that_finds_no_space_is_kept_and_put_back() {
    let states = States::new(&["a"]);
    let Some(disk) = SmallDisk::over(&states.directory, 12) else { return };
    let xtask = states.plain.xtask();
    for (resources, step) in [(&["a"][..], "the first apply"), (&["a", "b"], "a change")] {
        states.declare(resources);
        xtask.infra(&["plan", NAME]).success();
        // Enough for the lock's note, and for a part of the state.
        disk.fill(HELD + 8);
        let kept = states.path(".instances/default.unsaved.tfstate");
        let failed = xtask.infra(&["apply", NAME]).exits(1);
        let complaint = failed.complaint();
        assert!(
            complaint.starts_with("error: terraform apply: the new state could not be written: write terraform.tfstate"),
            "{step}: {complaint}"
        );
        assert!(complaint.contains(": no space left on device\n") && complaint.contains(kept.to_str().unwrap()), "{step}: {complaint}");
        assert!(
            complaint.ends_with(&format!("then `cargo xtask infra up {NAME}` puts the state in its place and goes on\n")),
            "{step}: {complaint}"
        );
        assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600, "a state holds secrets");
        let made = states.resources(".instances/default.unsaved.tfstate");
        assert_eq!(made.len(), resources.len(), "{step}");

        disk.free();
        xtask.infra(&["up", NAME]).success().says("the state that could not be written the last time is in its place now");
        assert_eq!(states.resources("terraform.tfstate"), made, "{step}: nothing was made a second time");
        assert!(!kept.exists() && !states.path("errored.tfstate").exists(), "{step}");
        xtask.infra(&["plan", NAME, "--detailed-exitcode"]).success();
    }
    xtask.infra(&["destroy", NAME, "--yes"]).success();
}

#[test]
fn on_a_full_disk_nothing_is_changed() {
    let states = States::new(&["a"]);
    let Some(disk) = SmallDisk::over(&states.directory, 12) else { return };
    let xtask = states.plain.xtask();
    xtask.infra(&["plan", NAME]).success();
    disk.fill(HELD / 2);
    let place = states.path(".instances");
    xtask.infra(&["apply", NAME]).exits(1).complains(&format!(
        "error: there is no room for the state of `{NAME}` in {}: nothing was changed\nhint: free some space there and run again\n",
        place.display()
    ));
    disk.fill(0);
    xtask.infra(&["up", NAME]).exits(1).says("no space left on device").says("hint: free some space");
    assert!(!states.path("terraform.tfstate").metadata().is_ok_and(|state| state.len() > 0), "nothing was made");
    disk.free();
    xtask.infra(&["up", NAME]).success();
}

#[test]
fn what_plain_terraform_could_not_write_stops_the_next_run() {
    let states = States::new(&["a"]);
    let xtask = states.plain.xtask();
    xtask.infra(&["up", NAME]).success();
    let (file, errored) = (states.path("terraform.tfstate"), states.path("errored.tfstate"));
    let mut newer: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    newer["serial"] = (newer["serial"].as_u64().unwrap() + 1).into();
    fs::write(&errored, newer.to_string()).unwrap();
    let refused = xtask.infra(&["up", NAME]).exits(3);
    let complaint = refused.complaint();
    assert!(
        complaint.starts_with(&format!("error: Terraform could not write a state of `{NAME}` and left it in {}\n", errored.display())),
        "{complaint}"
    );
    Call::new("sh").args(["-ec", &refused.hinted().concat()]).env_remove("TF_WORKSPACE").run().success();
    assert!(!errored.exists());
    // There is nothing newer in this one.
    fs::write(&errored, newer.to_string()).unwrap();
    xtask.infra(&["up", NAME]).success().says("it can be removed");
    fs::remove_file(errored).unwrap();
    assert!(!xtask.infra(&["up", NAME]).success().stderr.contains("errored.tfstate"));
}
