//! States, plans and secrets that others on this machine can read: repaired with a line, and no reason to refuse. Bare
//! Terraform writes them so.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::guards::facts::private_names::is_private;
use crate::guards::facts::unread::files;
use crate::host::{console, private_file};

/// Makes an environment's private files readable by their owner alone, with a line for each.
///
/// # Errors
/// A file belongs to another user.
pub(crate) fn repair(directory: &Path, root: &Path) -> Result<()> {
    for file in exposed(directory) {
        private_file::make_private(&file)?;
        let shown = file.strip_prefix(root).unwrap_or(&file).display();
        console::warn(&format!("others could read {shown}, which holds secrets: only you can now (mode 0600)"));
    }
    Ok(())
}

/// Private files whose mode lets others in.
fn exposed(directory: &Path) -> Vec<PathBuf> {
    let is_secret = |file: &Path| {
        let is_instance = file.parent().is_some_and(|parent| parent.ends_with(".instances") || parent.ends_with(".emulated"));
        is_private(Path::new(file.file_name().unwrap_or_default()))
            || is_instance && file.extension().is_some_and(|ending| ending == "json")
    };
    let is_open = |file: &Path| file.symlink_metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0);
    let mut exposed: Vec<PathBuf> = files(directory).map(|(file, _)| file).filter(|file| is_secret(file) && is_open(file)).collect();
    exposed.sort();
    exposed
}

#[cfg(test)]
mod tests {
    use super::exposed;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_private_files_that_are_open_to_others() {
        let directory = tempfile::tempdir().unwrap();
        for (file, mode, _) in CASES {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        }
        let mut expected: Vec<_> = CASES.iter().filter(|(.., exposed)| *exposed).map(|(file, ..)| directory.path().join(file)).collect();
        expected.sort();
        assert_eq!(exposed(directory.path()), expected);
    }

    const CASES: [(&str, u32, bool); 9] = [
        ("terraform.tfstate", 0o644, true),
        ("terraform.tfstate.backup", 0o640, true),
        ("terraform.tfstate.d/t1/terraform.tfstate", 0o604, true),
        (".instances/default.json", 0o644, true),
        ("a.tfplan", 0o644, true),
        ("private.tfstate", 0o600, false),
        ("main.tf", 0o644, false),
        ("terraform.tfvars", 0o644, false),
        (".instances/default.lock", 0o644, false),
    ];
}
