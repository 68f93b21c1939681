//! Paths as Terraform and the kernel resolve them, which is not always the same.

use std::path::{Component, Path, PathBuf};

/// The path without dots, by its text alone, as Go's filepath.Clean does it.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            // There is nothing above the root.
            Component::ParentDir if plain.has_root() => {}
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The path without links and dots, as far as it exists.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
        if let Ok(real) = plain.canonicalize() {
            plain = real;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{resolved, without_dots};
    use std::fs;
    use std::path::Path;

    #[test]
    fn dots_go_by_text_or_by_what_is_there() {
        for (path, expected) in [("a/../b", "b"), ("./a/./b", "a/b"), ("../../a/../b", "../../b"), ("/a/../../b", "/b"), ("a/..", "")] {
            assert_eq!(without_dots(Path::new(path)), Path::new(expected), "{path}");
        }
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("far/away")).unwrap();
        std::os::unix::fs::symlink(root.join("far/away"), root.join("link")).unwrap();
        for (path, expected) in [("link/x", "far/away/x"), ("link/../x", "far/x"), ("none/../x", "x"), ("far/./away", "far/away")] {
            assert_eq!(resolved(&root.join(path)), root.join(expected), "{path}");
        }
    }
}
