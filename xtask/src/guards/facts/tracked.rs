//! What git tracks: files that are there would be given to everybody who clones.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::thread;

use super::content::{self, Content};
use super::private_names::{is_in_private_directory, is_private};
use crate::host::command::Tool;

/// Paths in git's index, relative to the checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tracked {
    /// All of them, in the order of their bytes.
    pub(crate) files: Vec<PathBuf>,
    /// What they hold, as they stand in the checkout; without those that their first bytes rule out.
    pub(crate) content: HashMap<PathBuf, Content>,
    /// Why git did not say, in a checkout of it.
    pub(crate) mistake: Option<String>,
}

impl Tracked {
    /// Asks git; `None` outside a git checkout.
    pub(crate) fn read(root: &Path) -> Option<Self> {
        if !root.ancestors().any(|directory| directory.join(".git").exists()) {
            return None;
        }
        let mistake = |why: String| Some(Self { mistake: Some(why), ..Self::default() });
        let output = match Tool::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output() {
            Ok(output) => output,
            Err(error) => return mistake(format!("{error:#}")),
        };
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return mistake(words.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned());
        }
        let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let mut files: Vec<PathBuf> = paths.map(|path| PathBuf::from(String::from_utf8_lossy(path).into_owned())).collect();
        files.sort_by(|one, other| one.as_os_str().cmp(other.as_os_str()));
        // In the middle of a merge a file is there three times.
        files.dedup();
        Some(Self { content: contents(root, &files), files, mistake: None })
    }

    /// True for one of the files.
    pub(crate) fn contains(&self, file: &Path) -> bool {
        self.files.binary_search_by(|known| known.as_os_str().cmp(file.as_os_str())).is_ok()
    }
}

fn contents(root: &Path, files: &[PathBuf]) -> HashMap<PathBuf, Content> {
    let share = files.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
    let of = |file: &PathBuf| Some((file.clone(), content::of(&root.join(file), &|name| is_private(Path::new(name)))?));
    // Whatever is in a private directory is private.
    let is_open = |file: &&PathBuf| !is_in_private_directory(file) && !is_source(file);
    let within = |files: &[PathBuf]| files.iter().filter(is_open).filter_map(of).collect::<Vec<_>>();
    thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(share).map(|files| scope.spawn(move || within(files))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("reading files does not panic")).collect()
    })
}

/// Programs, pages and pictures, by the ending of their names: most of a large repository, and opening a file takes 10 µs.
fn is_source(file: &Path) -> bool {
    const ENDINGS: [&str; 32] = [
        "c", "cc", "cpp", "cs", "css", "gif", "go", "h", "html", "java", "jpg", "js", "jsx", "kt", "lua", "md", "php", "pl", "png",
        "proto", "py", "rb", "rs", "rst", "scala", "scss", "svg", "swift", "tf", "tfvars", "ts", "tsx",
    ];
    file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.binary_search(&ending).is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_source;
    use std::path::Path;

    #[test]
    fn what_may_hold_a_state_is_opened() {
        for (file, expected) in [
            ("a/main.go", true),
            ("a/main.tf", true),
            ("a/logo.svg", true),
            ("a/prod", false),
            ("a/prod.bak", false),
            ("a/x.json", false),
            ("c", false),
        ] {
            assert_eq!(is_source(Path::new(file)), expected, "{file}");
        }
    }
}
