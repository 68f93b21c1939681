//! What git's history has added: what was ever in it, everybody who clones has.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::private_names::pathspecs;
use crate::host::command::Tool;

/// A file with the commit that added it.
pub(crate) type Added = (PathBuf, String);

/// Files that commits have added to this branch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// The baseline of infra.toml; without one, all commits count.
    pub(crate) since: Option<String>,
    /// Each file once, the latest first; `None` when git does not know the baseline.
    pub(crate) added: Option<Vec<Added>>,
}

impl History {
    /// Asks git.
    pub(crate) fn read(root: &Path, since: Option<&str>) -> Self {
        let added = match since {
            Some(since) => log(root, &[&format!("{since}..HEAD")]),
            // Before the first commit there is no HEAD.
            None => Some(log(root, &["HEAD"]).unwrap_or_default()),
        };
        Self { since: since.map(ToOwned::to_owned), added }
    }
}

/// What other branches, here and on remotes as far as they were fetched, have added that this one has not, and that did not come
/// before the baseline.
pub(super) fn of_other_branches(root: &Path, since: Option<&str>) -> Vec<Added> {
    let mut range = vec!["--branches", "--remotes", "--not", "HEAD"];
    range.extend(since);
    log(root, &range).unwrap_or_default()
}

fn log(root: &Path, range: &[&str]) -> Option<Vec<Added>> {
    let tool = Tool::new("git").arg("-C").arg(root).args([
        "log",
        "--format=commit %H",
        "--name-only",
        "--relative",
        "--no-renames",
        "--diff-filter=A",
        "-z",
    ]);
    let output = tool.args(range).arg("--").args(pathspecs()).output().ok()?;
    output.status.success().then(|| parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(text: &str) -> Vec<Added> {
    let (mut commit, mut seen) = (String::new(), HashSet::new());
    let mut added = Vec::new();
    for part in text.split('\0').map(|part| part.trim_start_matches('\n')).filter(|part| !part.is_empty()) {
        match part.strip_prefix("commit ") {
            Some(hash) => hash.trim_end().clone_into(&mut commit),
            None if seen.insert(part) => added.push((PathBuf::from(part), commit.clone())),
            None => {}
        }
    }
    added
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_file_goes_with_the_last_commit_that_added_it() {
        let text = "commit aaa\0\ninfrastructure/x y.tfstate\0infrastructure/b\0\0commit bbb\0\ninfrastructure/c\0infrastructure/b\0";
        let found: Vec<String> = parse(text).into_iter().map(|(file, commit)| format!("{commit} {}", file.display())).collect();
        assert_eq!(found, ["aaa infrastructure/x y.tfstate", "aaa infrastructure/b", "bbb infrastructure/c"]);
    }
}
