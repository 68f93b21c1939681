//! Files of settings: variables, backend settings, and environment variables that stand beside the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use terraform_config::backend::files::{self, Name};
use terraform_config::{Block, Comment, Place, Value, read_values, variable_files};

use super::EnvironmentFacts;
use super::tracked::Tracked;
use crate::host::masking;

/// The variable files of a root; with their mistakes.
pub(super) fn variables(directory: &Path) -> Vec<Result<Block, (Place, String)>> {
    variable_files(directory).iter().map(|file| read_attributes(file)).collect()
}

/// Those of variables and backend settings that git tracks anywhere else: given by `-var-file` and `-backend-config`, or linked. One
/// that does not parse is nobody's yet.
pub(super) fn other_settings(root: &Path, tracked: Option<&Tracked>, environments: &[EnvironmentFacts]) -> Vec<Block> {
    let directories: BTreeSet<&Path> = environments.iter().map(|environment| environment.directory.as_path()).collect();
    let completing = environments.iter().flat_map(|environment| &environment.backends.files);
    let completing: BTreeSet<&Path> = completing.map(|file| file.place.file.as_path()).collect();
    let is_variables = |file: &Path| [".tfvars", ".tfvars.json"].iter().any(|ending| file.to_string_lossy().ends_with(ending));
    let is_settings = |file: &Path| files::name(None, &file.file_name().unwrap_or_default().to_string_lossy()) == Some(Name::Telling);
    let is_read = |file: &Path| {
        is_variables(file) && file.parent().is_some_and(|directory| directories.contains(directory)) || completing.contains(file)
    };
    let named = tracked.into_iter().flat_map(|tracked| &tracked.files).filter(|file| is_variables(file) || is_settings(file));
    named.map(|file| root.join(file)).filter(|file| !is_read(file)).filter_map(|file| read_attributes(&file).ok()).collect()
}

/// A file of attributes; a mistake with its place.
fn read_attributes(file: &Path) -> Result<Block, (Place, String)> {
    let parsed = read_values(file);
    for (name, (value, _)) in parsed.iter().flat_map(|block| &block.attributes) {
        masking::learn_value(name, value);
    }
    parsed
}

/// Files of environment variables that git tracks, such as `.env`, each as one block of attributes.
pub(super) fn environment_variables(root: &Path, tracked: Option<&Tracked>) -> Vec<Block> {
    let named = tracked.into_iter().flat_map(|tracked| &tracked.files).filter(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        sets_environment(&name)
    });
    named.filter_map(|file| Some(assignments(&root.join(file), &fs::read_to_string(root.join(file)).ok()?))).collect()
}

/// True for the name of such a file, and no example of one.
fn sets_environment(name: &str) -> bool {
    const EXAMPLES: &str = "example sample template dist tpl defaults";
    let is_one = name == ".envrc" || name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    is_one && !name.split(['.', '-', '_']).any(|part| EXAMPLES.split(' ').any(|example| part == example))
}

/// `NAME=value` and `export NAME=value` lines, with the comments between them.
fn assignments(file: &Path, text: &str) -> Block {
    let mut block = Block::new("", Vec::new(), Place::top_of(file));
    for (line, text) in (1..).zip(text.lines().map(str::trim)) {
        if let Some(comment) = text.strip_prefix('#') {
            block.comments.push(Comment { line, last_line: line, stands_alone: true, text: comment.trim().to_owned() });
        } else if let Some((name, value)) = text.strip_prefix("export ").unwrap_or(text).split_once('=') {
            let value = value.trim().trim_matches(['"', '\'']);
            block.attributes.insert(name.trim().to_owned(), (Value::Text(value.to_owned()), line));
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::{assignments, sets_environment};
    use std::path::Path;

    #[test]
    fn files_of_environment_variables_are_known_by_name() {
        for (name, expected) in [
            (".env", true),
            (".env.production", true),
            ("prod.env", true),
            (".envrc", true),
            (".env.example", false),
            ("example.env", false),
            (".env-sample", false),
            ("environment", false),
            ("main.tf", false),
        ] {
            assert_eq!(sets_environment(name), expected, "{name}");
        }
    }

    #[test]
    fn names_and_values_are_read_with_their_lines() {
        let block = assignments(Path::new(".env"), "# keys\nA=1\n\nexport B=\"x=y\"\nwords\n");
        let found: Vec<_> = block.attributes.iter().map(|(name, (value, line))| (name.as_str(), value.text(), *line)).collect();
        assert_eq!(found, [("A", Some("1"), 2), ("B", Some("x=y"), 4)]);
        assert_eq!((block.comments[0].line, block.comments[0].text.as_str()), (1, "keys"));
    }
}
