//! Links within a checkout.

use std::path::{Path, PathBuf};

/// A file for a link to it in this checkout; anything else stays as it is.
pub(super) fn without_link(root: &Path, file: PathBuf) -> PathBuf {
    let real = file.is_symlink().then(|| file.canonicalize().ok()).flatten();
    real.and_then(|real| Some(root.join(real.strip_prefix(root.canonicalize().ok()?).ok()?))).unwrap_or(file)
}
