//! Paths as the kernel resolves them.

use std::path::{Component, Path, PathBuf};

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

/// A file for a link to it in this checkout; anything else stays as it is.
pub(super) fn without_link(root: &Path, file: PathBuf) -> PathBuf {
    let real = file.is_symlink().then(|| file.canonicalize().ok()).flatten();
    real.and_then(|real| Some(root.join(real.strip_prefix(root.canonicalize().ok()?).ok()?))).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::resolved;
    use std::fs;

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
