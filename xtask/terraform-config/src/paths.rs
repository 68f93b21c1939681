//! Paths without dots and links.

use std::path::{Component, Path, PathBuf};

/// The path without links and dots, as far as it exists: as the kernel resolves it.
pub fn resolved(path: &Path) -> PathBuf {
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

/// The path without dots, by its text alone, as Go's `filepath.Clean` does it.
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

/// The path from one directory to another, as Terraform writes `path.module`.
pub(crate) fn relative(from: &Path, to: &Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(left, right)| left == right).count();
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::{relative, resolved, without_dots};
    use std::fs;
    use std::path::Path;

    #[test]
    fn dots_go_by_text() {
        for (path, expected) in [("a/../b", "b"), ("./a/./b", "a/b"), ("../../a/../b", "../../b"), ("/a/../../b", "/b"), ("a/..", "")] {
            assert_eq!(without_dots(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn one_directory_is_named_from_another() {
        for (from, to, expected) in [("/a/b", "/a/b", "."), ("/a/b", "/a/c/d", "../c/d"), ("/a", "/a/b", "b")] {
            assert_eq!(relative(Path::new(from), Path::new(to)), expected, "{from} {to}");
        }
    }

    #[test]
    fn dots_go_by_what_is_there() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("far/away")).unwrap();
        std::os::unix::fs::symlink(root.join("far/away"), root.join("link")).unwrap();
        for (path, expected) in [("link/x", "far/away/x"), ("link/../x", "far/x"), ("none/../x", "x"), ("far/./away", "far/away")] {
            assert_eq!(resolved(&root.join(path)), root.join(expected), "{path}");
        }
    }
}
