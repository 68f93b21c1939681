//! A directory under a second path, as a dev container sees it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::Call;
use crate::small_disk::{skip, unmount_below};

/// A second path to a directory; taken away again when dropped.
#[derive(Debug)]
pub struct BindMount {
    path: PathBuf,
}

impl BindMount {
    /// Mounts `directory` at `path` too. None where that is not allowed: it needs root, and the reason is printed.
    pub fn new(directory: &Path, path: &Path) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let mounted = Call::new("mount").args(["--bind"]).args([directory, path]).run();
        if mounted.code != Some(0) {
            skip(&format!("nothing can be mounted here: {}", mounted.stderr.trim()));
            return None;
        }
        Some(Self { path: path.to_owned() })
    }
}

impl Drop for BindMount {
    fn drop(&mut self) {
        unmount_below(&self.path);
    }
}
