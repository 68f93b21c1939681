//! What git tracks: files that are there would be given to everybody who clones.

use std::path::{Path, PathBuf};

use crate::process::Tool;

/// What is private by its name wherever it lies in the checkout, as git's pathspecs say it; all of `infrastructure/`.
pub(super) const PATHS: [&str; 11] = [
    "infrastructure",
    "*.tfstate",
    "*.tfstate.*",
    "*tfplan",
    "*.tfplan.*",
    "*tfplan.json",
    "*plan.out",
    "*.plan",
    "*.tfvars",
    "*.tfvars.json",
    "*/.terraform/*",
];

/// Paths in git's index, relative to the checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tracked {
    /// All of them that matter here.
    pub(crate) files: Vec<PathBuf>,
    /// Why git did not say, in a checkout of it.
    pub(crate) mistake: Option<String>,
}

impl Tracked {
    /// Asks git; none where there is no checkout of it.
    pub(crate) fn read(root: &Path) -> Option<Self> {
        if !root.ancestors().any(|directory| directory.join(".git").exists()) {
            return None;
        }
        let mistake = |why: String| Some(Self { files: Vec::new(), mistake: Some(why) });
        let output = match Tool::new("git").arg("-C").arg(root).args(["ls-files", "-z", "--"]).args(PATHS).output() {
            Ok(output) => output,
            Err(error) => return mistake(format!("{error:#}")),
        };
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return mistake(words.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned());
        }
        let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let files = paths.map(|path| PathBuf::from(String::from_utf8_lossy(path).into_owned())).collect();
        Some(Self { files, mistake: None })
    }
}
