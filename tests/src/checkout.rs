//! A copy of the repository's `infrastructure/` to work in: a test may edit it, and a person's own is never touched.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::sweep;
use crate::temporary;
use crate::xtask::{Xtask, repository};

/// Spaces, a quote and letters beyond ASCII, because people's directories have them.
const NAME: &str = "Zoë's tracker";

/// A copy, removed when dropped.
#[derive(Debug)]
pub struct Checkout {
    root: PathBuf,
    _place: TempDir,
    // It says that the copy is in use, and goes after it: other runs sweep what nobody holds.
    _lock: File,
}

impl Checkout {
    /// Copies what is in the repository now, without what runs have left there.
    pub fn new() -> Self {
        Self::of(repository())
    }

    /// Copies what is in another checkout.
    pub(crate) fn of(source: &Path) -> Self {
        sweep::once();
        let place = temporary::named(sweep::PREFIX);
        let lock = sweep::claim(place.path());
        let root = place.path().join(NAME);
        copy(&source.join("infrastructure"), &root.join("infrastructure"));
        Self { root, _lock: lock, _place: place }
    }

    /// Puts the repository's code in place of what is there, as `git pull` does: what runs have left stays.
    pub fn pull(&self) {
        remove_code(&self.infrastructure(""));
        copy(&repository().join("infrastructure"), &self.infrastructure(""));
    }

    /// The copy's root directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the copy's `infrastructure/`.
    pub fn infrastructure(&self, below: &str) -> PathBuf {
        self.root.join("infrastructure").join(below)
    }

    /// The directory of an environment.
    pub fn environment(&self, name: &str) -> PathBuf {
        self.infrastructure("environments").join(name)
    }

    /// The xtask in the copy's root directory.
    pub fn xtask(&self) -> Xtask {
        Xtask::in_directory(&self.root)
    }

    /// Writes a file below `infrastructure/`.
    pub fn write(&self, below: &str, text: &str) {
        let path = self.infrastructure(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Gives every file the line ends that Git writes with core.autocrlf.
    pub fn with_windows_line_ends(self) -> Self {
        give_windows_line_ends(&self.infrastructure(""));
        self
    }

    /// Replaces the only occurrence of `from` in a file below `infrastructure/`; returns its line number.
    #[track_caller]
    pub fn replace(&self, below: &str, from: &str, to: &str) -> usize {
        let path = self.infrastructure(below);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {below}");
        let line = text[..text.find(from).unwrap()].matches('\n').count() + 1;
        fs::write(path, text.replace(from, to)).unwrap();
        line
    }

    /// Writes the settings of `local`, in place of all that were there.
    pub fn settings(&self, tfvars: &str) {
        self.write("environments/local/terraform.tfvars", tfvars);
    }
}

impl Default for Checkout {
    fn default() -> Self {
        Self::new()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if is_left_by_a_run(&name.to_string_lossy()) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().unwrap().is_dir() { copy(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(drop).unwrap() }
    }
}

fn remove_code(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if is_left_by_a_run(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            remove_code(&entry.path());
            // One that a run has left something in stays.
            let _ = fs::remove_dir(entry.path());
        } else {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

fn give_windows_line_ends(directory: &Path) {
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            give_windows_line_ends(&path);
        } else {
            fs::write(&path, fs::read_to_string(&path).unwrap().replace('\n', "\r\n")).unwrap();
        }
    }
}

fn is_left_by_a_run(name: &str) -> bool {
    [".terraform", ".instances", ".emulated", "state.tfbackend", "terraform.tfstate", ".terraform.lock.hcl"]
        .iter()
        .any(|left| name.starts_with(left))
        || name.contains(".auto.tfvars")
}
