//! What instance files say of themselves.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::project::infra_toml::Policy;
use crate::project::instance::{Claim, claim};
use crate::project::user_dirs::UserDirs;

/// The head of an instance file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct InstanceFile {
    /// The file.
    #[serde(skip)]
    pub(crate) path: PathBuf,
    /// Whose it is.
    pub(crate) project: String,
    /// Whose it is.
    pub(crate) environment: String,
    /// Whose it is.
    pub(crate) instance: String,
    /// The instance file that it is a duplicate of, in another checkout.
    #[serde(skip)]
    pub(crate) original: Option<PathBuf>,
}

/// Those of an environment. One that cannot be understood is named by whatever opens it.
pub(super) fn read(directory: &Path, policy: &Policy, user: Option<&UserDirs>) -> Vec<InstanceFile> {
    let mut files = Vec::new();
    for private in [".instances", ".emulated"] {
        let entries = directory.join(private).read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        for path in entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
            let head = fs::read(&path).ok().and_then(|text| serde_json::from_slice::<InstanceFile>(&text).ok());
            let original = match user.map(|user| claim(&path, policy, user)) {
                Some(Ok(Claim::Elsewhere(original))) => Some(original),
                _ => None,
            };
            files.extend(head.map(|head| InstanceFile { path, original, ..head }));
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}
