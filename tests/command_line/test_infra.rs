//! `test-infra`, with a Cargo that only records: what is run, and where a run that is asked to stop ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use infra_tests::process::Call;
use infra_tests::xtask;
use tempfile::TempDir;

/// A `cargo` that writes down its arguments and does what `script` says, in a directory that it can reach as `$here`.
struct FakeCargo(TempDir);

impl FakeCargo {
    fn new(script: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let program = place.path().join("cargo");
        let record = "echo \"$* changes=$INFRA_TESTS_CHANGES\" >> \"$here/calls\"";
        fs::write(&program, format!("#!/bin/sh\nhere=${{0%/*}}\n{record}\n{script}\n")).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        Self(place)
    }

    fn test_infra(&self, options: &[&str]) -> Call {
        let call = Call::new(xtask::binary()).args(["test-infra"]).args(options).directory(xtask::repository());
        call.env("CARGO", self.0.path().join("cargo"))
    }

    fn calls(&self) -> Vec<String> {
        fs::read_to_string(self.0.path().join("calls")).unwrap_or_default().lines().map(ToOwned::to_owned).collect()
    }
}

#[test]
fn a_thorough_run_includes_what_is_otherwise_ignored() {
    for (options, expected) in [
        (&["--only", "unit"][..], "test --workspace --exclude infra-tests changes="),
        (&["--only", "unit", "--thorough"], "test --workspace --exclude infra-tests -- --include-ignored changes=1000"),
    ] {
        let cargo = FakeCargo::new("");
        cargo.test_infra(options).env_remove("INFRA_TESTS_CHANGES").run().success();
        assert_eq!(cargo.calls(), [expected]);
    }
}
