//! What git's history has added since a commit that was looked through: what was ever in it, everybody who clones has.

use std::path::{Path, PathBuf};

use super::tracked::PATHS;
use crate::process::Tool;

/// Files added since the baseline of infra.toml.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// The baseline.
    pub(crate) since: String,
    /// Each file with the commit that added it, the latest first; none when git does not know the baseline.
    pub(crate) added: Option<Vec<(PathBuf, String)>>,
}

impl History {
    /// Asks git.
    pub(crate) fn read(root: &Path, since: &str) -> Self {
        let tool =
            Tool::new("git").arg("-C").arg(root).args(["log", "--format=commit %H", "--name-only", "--relative", "--diff-filter=AR", "-z"]);
        let output = tool.arg(format!("{since}..HEAD")).arg("--").args(PATHS).output().ok();
        let added = output.filter(|output| output.status.success()).map(|output| parse(&String::from_utf8_lossy(&output.stdout)));
        Self { since: since.to_owned(), added }
    }
}

fn parse(text: &str) -> Vec<(PathBuf, String)> {
    let mut commit = String::new();
    let mut added = Vec::new();
    for part in text.split('\0').map(|part| part.trim_start_matches('\n')).filter(|part| !part.is_empty()) {
        match part.strip_prefix("commit ") {
            Some(hash) => hash.trim_end().clone_into(&mut commit),
            None => added.push((PathBuf::from(part), commit.clone())),
        }
    }
    added
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_file_goes_with_its_commit() {
        let text = "commit aaa\0\ninfrastructure/x y.tfstate\0infrastructure/b\0\0commit bbb\0\ninfrastructure/c\0";
        let found: Vec<String> = parse(text).into_iter().map(|(file, commit)| format!("{commit} {}", file.display())).collect();
        assert_eq!(found, ["aaa infrastructure/x y.tfstate", "aaa infrastructure/b", "bbb infrastructure/c"]);
    }
}
