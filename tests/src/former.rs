//! An earlier commit of this repository: its code, and the xtask that it builds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checkout::Checkout;
use crate::process::{Call, Outcome};
use crate::small_disk::skip;
use crate::stack::user_directory;
use crate::xtask::{Xtask, cargo, repository};

/// A commit that was taken out of the repository's history and built.
#[derive(Debug)]
pub struct Former {
    source: PathBuf,
    program: PathBuf,
}

impl Former {
    /// Takes `commit` out of the history, into the user's cache, and builds its xtask. What an earlier run built there, in whichever
    /// clone, is used again.
    /// `None` in a shallow clone, which has no history; the reason is printed.
    #[track_caller]
    pub fn at(commit: &str) -> Option<Self> {
        let found = git(&["rev-parse", "--verify", "--quiet", &format!("{commit}^{{commit}}")]);
        if found.code != Some(0) && git(&["rev-parse", "--is-shallow-repository"]).stdout.trim() == "true" {
            skip("this clone is shallow and lacks the earlier commit: `git fetch --unshallow` brings it");
            return None;
        }
        assert!(found.code == Some(0), "commit {commit} is not in this clone, so what it made cannot be tested\n{}", found.stderr);
        let place = user_directory("XDG_CACHE_HOME", ".cache").join("tests/former").join(found.stdout.trim());
        let source = place.join("source");
        if !source.exists() {
            extract(found.stdout.trim(), &source);
        }
        // Nothing of this checkout's is shared: Cargo takes the two xtasks for one and would put either in the other's place.
        let build = cargo().args(["build", "--quiet", "--package", "xtask"]).directory(&source);
        build.env("CARGO_TARGET_DIR", place.join("target")).env_remove("CARGO_BUILD_BUILD_DIR").run().success();
        Some(Self { source, program: place.join("target/debug/xtask") })
    }

    /// A copy of its `infrastructure/`, as in a checkout of that commit.
    pub fn checkout(&self) -> Checkout {
        Checkout::of(&self.source)
    }

    /// Its xtask in that copy.
    pub fn xtask(&self, checkout: &Checkout) -> Xtask {
        checkout.xtask().by(&self.program)
    }
}

/// Whole or not at all: a run may be killed, and two may come at once.
fn extract(commit: &str, source: &Path) {
    let place = source.parent().unwrap();
    fs::create_dir_all(place).unwrap();
    let unpacked = tempfile::tempdir_in(place).unwrap();
    let archive = unpacked.path().join("archive.tar");
    git(&["archive", "--format=tar", "--output", archive.to_str().unwrap(), commit]).success();
    let code = unpacked.path().join("code");
    fs::create_dir(&code).unwrap();
    Call::new("tar").args(["--extract", "--file", archive.to_str().unwrap()]).directory(&code).run().success();
    if let Err(error) = fs::rename(&code, source) {
        assert!(source.is_dir(), "{}: {error}", source.display());
    }
}

fn git(arguments: &[&str]) -> Outcome {
    Call::new("git").args(arguments).directory(repository()).run()
}
