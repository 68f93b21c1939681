//! What git tracks: files that are there would be given to everybody who clones.

use std::path::{Path, PathBuf};

use crate::process::Tool;

/// Paths in git's index, relative to the checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tracked {
    /// All of them.
    pub(crate) files: Vec<PathBuf>,
}

impl Tracked {
    /// Asks git; none where there is no git or no checkout of it.
    pub(crate) fn read(root: &Path) -> Option<Self> {
        let output = Tool::new("git").arg("-C").arg(root).args(["ls-files", "-z", "--", "infrastructure"]).output().ok()?;
        if !output.status.success() {
            return None;
        }
        let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Some(Self { files: paths.map(|path| PathBuf::from(String::from_utf8_lossy(path).into_owned())).collect() })
    }
}
