//! `test-infra`, with a Cargo that only records: what is run, and where a run that is asked to stop ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use infra_tests::poll;
use infra_tests::process::Call;
use infra_tests::temporary;
use infra_tests::xtask;
use tempfile::TempDir;

/// A `cargo` that writes down its arguments and does what `script` says, in a directory that it can reach as `$here`.
struct FakeCargo(TempDir);

impl FakeCargo {
    fn new(script: &str) -> Self {
        let place = temporary::directory();
        let program = place.path().join("cargo");
        let record = "echo \"$* changes=$INFRA_TESTS_CHANGES\" >> \"$here/calls\"";
        fs::write(&program, format!("#!/bin/sh\nhere=${{0%/*}}\n{record}\n{script}\n")).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        Self(place)
    }

    fn test_infra(&self, options: &[&str]) -> Call {
        let call = Call::new(xtask::binary()).args(["test-infra"]).args(options).directory(xtask::repository());
        call.env("CARGO", self.0.path().join("cargo")).env_remove("INFRA_TESTS_CHANGES")
    }

    fn calls(&self) -> Vec<String> {
        fs::read_to_string(self.0.path().join("calls")).unwrap_or_default().lines().map(ToOwned::to_owned).collect()
    }
}

#[test]
fn a_thorough_run_includes_what_is_otherwise_ignored() {
    for (options, expected) in [
        (&["--only", "unit"][..], "test --workspace --exclude infra-tests changes=50"),
        (&["--only", "unit", "--thorough"], "test --workspace --exclude infra-tests -- --include-ignored changes=1000"),
    ] {
        let cargo = FakeCargo::new("");
        cargo.test_infra(options).run().success();
        assert_eq!(cargo.calls(), [expected]);
    }
}

/// A first step that ends well although it was asked to stop, and leaves a process behind.
const STUBBORN: &str = r#"case $* in
fmt*) ;;
*) exit 0 ;;
esac
setsid sleep 300 &
echo $! > "$here/left"
trap '' INT TERM
: > "$here/begun"
while [ -e "$here/hold" ]; do sleep 0.05; done
exit 0"#;

#[test]
fn a_run_that_is_asked_to_stop_begins_nothing_more_and_leaves_nothing_running() {
    for (signal, whole_group) in [("INT", true), ("TERM", false), ("HUP", false)] {
        let cargo = FakeCargo::new(STUBBORN);
        let path = |name: &str| cargo.0.path().join(name);
        fs::write(path("hold"), "").unwrap();
        let mut running = cargo.test_infra(&["--only", "rust"]).start();
        poll::until("the first step", || match path("begun").exists() {
            true => Ok(()),
            false if running.has_ended() => panic!("it ended before: {}", running.said()),
            false => Err(running.said()),
        });
        if whole_group {
            running.signal_group(signal)
        } else {
            running.signal(signal)
        }
        poll::until("word of it", || if running.said().contains("interrupted: ") { Ok(()) } else { Err(running.said()) });
        fs::remove_file(path("hold")).unwrap();
        let outcome = running.finish().exits(130);
        assert_eq!(outcome.complaint(), "error: interrupted while the tests ran\nhint: run it again\n", "{}", outcome.stderr);
        assert_eq!(cargo.calls(), ["fmt --all --check changes="], "SIG{signal}: no step after it");
        let left = fs::read_to_string(path("left")).unwrap();
        assert!(!Path::new("/proc").join(left.trim()).exists(), "SIG{signal}: {left} was left running");
    }
}

#[test]
fn one_part_that_fails_is_shown_whole_and_does_not_stop_the_others() {
    let failing = "echo 'test a::b ... FAILED'; echo 'test result: FAILED. 1 passed; 1 failed'; echo 'error: test failed' >&2; exit 101";
    for (script, code, complaint) in [
        ("echo 'test result: ok. 2 passed; 0 failed'", 0, ""),
        (
            &format!("case $* in *docker*) {failing} ;; esac"),
            1,
            "error: `cargo test` ended with exit status 101\nhint: what it printed above says why\n",
        ),
        (
            &format!("case $* in *docker*|*aws*) {failing} ;; esac"),
            1,
            "error: 2 parts failed: aws, docker\nhint: what each printed above says why\n",
        ),
    ] {
        let cargo = FakeCargo::new(script);
        let outcome = cargo.test_infra(&["--only", "integration"]).run().exits(code);
        assert_eq!(outcome.complaint(), complaint);
        let mut calls = cargo.calls();
        calls.sort();
        let of = |program: &str| format!("test --package infra-tests --test {program} changes=50");
        let build = "test --package infra-tests --no-run changes=".to_owned();
        assert_eq!(calls, [build, of("aws"), of("command_line"), of("docker"), of("guards")]);
        for part in ["aws", "command_line", "docker", "guards"] {
            let words = if complaint.contains(part) || complaint.contains("101") && part == "docker" { "failed" } else { "passed" };
            assert!(outcome.stderr.contains(&format!("\n{part}: {words} in ")), "{}", outcome.stderr);
        }
        if code == 0 {
            assert_eq!(outcome.stdout.matches("test result: ok. 2 passed; 0 failed\n").count(), 5, "{}", outcome.stdout);
        } else {
            let block = "== docker\ntest a::b ... FAILED\ntest result: FAILED. 1 passed; 1 failed\nerror: test failed\nerror: `cargo test`";
            assert!(outcome.stdout.contains(block), "{}", outcome.stdout);
            outcome.says("  docker: a::b failed\n");
        }
    }
}
