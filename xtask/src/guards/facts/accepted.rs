//! What the repository says it accepts of what guards find: a comment at the line, or a table in infra.toml, with a reason.

use std::path::{Path, PathBuf};

use terraform_config::{Comment, Place};

use super::path::without_link;
use crate::project::infra_toml::Config;

/// One thing that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The guard.
    pub(crate) guard: String,
    /// Why.
    pub(crate) reason: String,
    /// Where it says so.
    pub(crate) place: Place,
    /// What it is about.
    pub(crate) scope: Scope,
}

/// What an acceptance is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What stands on this line of the file of the comment.
    Line(usize),
    /// What is in one of these environments, where any are named, and in this file or below this directory, where one is.
    Table {
        /// Their names; any when empty.
        environments: Vec<String>,
        /// The path.
        path: Option<PathBuf>,
    },
}

/// All that a checkout accepts, and what in it cannot be understood.
#[derive(Debug, Default)]
pub(crate) struct Acceptances {
    /// In the order of their places.
    pub(crate) all: Vec<Accepted>,
    /// What is wrong with others.
    pub(crate) mistakes: Vec<(Place, String)>,
}

impl Accepted {
    /// True for what an environment has at a place.
    pub(crate) fn covers(&self, environment: Option<&str>, place: &Place) -> bool {
        match &self.scope {
            Scope::Line(line) => place.line == *line && (place.file == self.place.file || is_link_to(&place.file, &self.place.file)),
            Scope::Table { environments, path } => {
                (environments.is_empty() || environment.is_some_and(|name| environments.iter().any(|other| other == name)))
                    && path.as_ref().is_none_or(|path| place.file.starts_with(path))
            }
        }
    }
}

impl Acceptances {
    /// Takes the comments of these files, and the tables of infra.toml.
    pub(super) fn read<'a>(
        root: &Path,
        config_file: &Path,
        config: &Config,
        files: impl Iterator<Item = (&'a Path, &'a [Comment])>,
    ) -> Self {
        let noted: Vec<Result<Accepted, (Place, String)>> = files.flat_map(|(file, comments)| noted(root, file, comments)).collect();
        let tables = config.accept.iter().map(|table| {
            let place = Place { file: config_file.to_owned(), line: table.line };
            if table.reason.trim().is_empty() {
                return Err((place, "it gives no reason".to_owned()));
            }
            if table.environments.is_empty() && table.path.is_none() {
                return Err((place, "it names neither `environments` nor a `path`".to_owned()));
            }
            let scope = Scope::Table { environments: table.environments.clone(), path: table.path.as_ref().map(|path| root.join(path)) };
            Ok(Accepted { guard: table.guard.get_ref().clone(), reason: table.reason.clone(), place, scope })
        });
        let mut acceptances = Self::default();
        for one in noted.into_iter().chain(tables) {
            match one {
                // Read once more by another link.
                Ok(accepted) if acceptances.all.contains(&accepted) => {}
                Err(mistake) if acceptances.mistakes.contains(&mistake) => {}
                Ok(accepted) => acceptances.all.push(accepted),
                Err(mistake) => acceptances.mistakes.push(mistake),
            }
        }
        acceptances.all.sort_by(|one, other| one.place.cmp(&other.place));
        acceptances
    }
}

fn is_link_to(link: &Path, file: &Path) -> bool {
    link.is_symlink() && link.canonicalize().ok() == file.canonicalize().ok()
}

const MARK: &str = "infra-check:";

/// What the comments of one file accept: `# infra-check: allow GUARD REASON` on the line that it is about, or above it.
fn noted(root: &Path, file: &Path, comments: &[Comment]) -> Vec<Result<Accepted, (Place, String)>> {
    let marked = comments.iter().filter_map(|comment| Some((comment, comment.text.strip_prefix(MARK)?.trim())));
    marked
        .map(|(comment, note)| {
            let place = Place { file: without_link(root, file.to_owned()), line: comment.line };
            let Some((guard, reason)) = note.strip_prefix("allow ").map(|rest| rest.trim().split_once(' ').unwrap_or((rest.trim(), "")))
            else {
                return Err((place, format!("`{MARK} {note}` is not `{MARK} allow GUARD REASON`")));
            };
            if reason.trim().is_empty() {
                return Err((place, format!("`{MARK} {note}` gives no reason")));
            }
            // On a line of its own it is about the next one that is no comment.
            let is_comment = |line: usize| comments.iter().any(|it| it.stands_alone && (it.line..=it.last_line).contains(&line));
            let about = if comment.stands_alone { (comment.last_line + 1..).find(|line| !is_comment(*line)) } else { None };
            let scope = Scope::Line(about.unwrap_or(comment.line));
            Ok(Accepted { guard: guard.to_owned(), reason: reason.trim().to_owned(), place, scope })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Accepted, Scope, noted};
    use std::path::Path;
    use terraform_config::{Place, parse};

    fn in_text(text: &str) -> Vec<Result<Accepted, (Place, String)>> {
        let file = Path::new("m.tf");
        noted(Path::new("."), file, &parse(file, text).unwrap().comments)
    }

    #[test]
    fn a_comment_is_about_its_line_or_the_one_below() {
        for (text, expected) in [
            ("a = 1 # infra-check: allow fixed-name one account each\n", Ok((1, "fixed-name", "one account each"))),
            ("a = 1 // infra-check: allow fixed-name why\r\n", Ok((1, "fixed-name", "why"))),
            ("a = 1 /* infra-check: allow fixed-name why */\n", Ok((1, "fixed-name", "why"))),
            ("# infra-check: allow fixed-name why\na = 1\n", Ok((2, "fixed-name", "why"))),
            ("#infra-check: allow fixed-name   why\n# and more\n\n  a = 1\n", Ok((3, "fixed-name", "why"))),
            ("# infra-check: allow fixed-name\na = 1\n", Err("gives no reason")),
            ("# infra-check: allow fixed-name  \na = 1\n", Err("gives no reason")),
            ("# infra-check: skip fixed-name why\na = 1\n", Err("is not `infra-check: allow GUARD REASON`")),
        ] {
            let found = in_text(text);
            assert_eq!(found.len(), 1, "{text}");
            match (&found[0], expected) {
                (Ok(Accepted { guard, reason, scope: Scope::Line(line), .. }), Ok(expected)) => {
                    assert_eq!((*line, guard.as_str(), reason.as_str()), expected, "{text}");
                }
                (Err((place, why)), Err(expected)) => assert!(why.contains(expected) && place.line == 1, "{text}: {why}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        for text in ["a = 1\n", "a = \"infra-check: allow fixed-name why\"\n", "# see infra-check: it is ours\n"] {
            assert_eq!(in_text(text), [], "{text}");
        }
    }

    #[test]
    fn several_comments_may_stand_above_one_line() {
        let found = in_text("x = 1\n# infra-check: allow a why\n# infra-check: allow b why\ny = 2\n");
        let about: Vec<_> = found.into_iter().map(|one| one.unwrap().scope).collect();
        assert_eq!(about, [Scope::Line(4), Scope::Line(4)]);
    }

    #[test]
    fn a_table_is_about_environments_and_a_path() {
        let place = |file: &str| Place { file: file.into(), line: 7 };
        for (environments, path, environment, file, expected) in [
            (&["a"][..], None, Some("a"), "/c/x", true),
            (&["a"], None, Some("b"), "/c/x", false),
            (&["a"], None, None, "/c/x", false),
            (&[], Some("/c/modules"), Some("b"), "/c/modules/m/main.tf", true),
            (&[], Some("/c/modules"), None, "/c/modules/m/main.tf", true),
            (&[], Some("/c/modules"), Some("b"), "/c/modules-old/m/main.tf", false),
            (&["a"], Some("/c/modules"), Some("b"), "/c/modules/m/main.tf", false),
        ] {
            let environments = environments.iter().map(|name| (*name).to_owned()).collect();
            let scope = Scope::Table { environments, path: path.map(Into::into) };
            let accepted = Accepted { guard: "g".to_owned(), reason: "r".to_owned(), place: place("/c/infra.toml"), scope };
            assert_eq!(accepted.covers(environment, &place(file)), expected, "{accepted:?} {environment:?} {file}");
        }
    }
}
