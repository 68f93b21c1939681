//! Whether `terraform init` is needed: a mark that says what the last one was made for, and the providers still in place.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::hash::Hash;

/// Where the last successful init left its mark.
fn mark(directory: &Path) -> PathBuf {
    directory.join(".terraform/xtask-initialised")
}

/// The hash of everything that init reads: the root's code, the modules', the lock file and the CLI configuration.
///
/// # Errors
/// One of them cannot be read.
pub(crate) fn inputs(directory: &Path, modules: &Path, cli_config: &Path) -> Result<String> {
    let mut hash = Hash::default();
    let is_code = |path: &Path| !is_hidden(path) && (path.is_dir() || path.extension().is_some_and(|extension| extension == "tf"));
    for code in [directory, modules] {
        if code.is_dir() {
            hash.files(code, is_code)?;
        }
    }
    for file in [cli_config, &directory.join(".terraform.lock.hcl")] {
        hash.part(fs::read(file).unwrap_or_default());
    }
    Ok(hash.finish())
}

/// True when the last init was made for these inputs and what it installed is still there.
pub(crate) fn is_current(directory: &Path, inputs: &str) -> bool {
    fs::read_to_string(mark(directory)).is_ok_and(|marked| marked == inputs) && providers_in_place(&directory.join(".terraform/providers"))
}

/// Remembers a successful init. A mark that cannot be written costs another init, nothing more.
pub(crate) fn remember(directory: &Path, inputs: &str) {
    let _ = fs::write(mark(directory), inputs);
}

/// Providers from a filesystem mirror are links into it: one whose target is gone needs a new init.
fn providers_in_place(directory: &Path) -> bool {
    let Ok(entries) = directory.read_dir() else {
        return true;
    };
    entries.filter_map(Result::ok).all(|entry| {
        let path = entry.path();
        path.exists() && (!path.is_dir() || providers_in_place(&path))
    })
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{inputs, is_current, remember};
    use std::fs;

    #[test]
    fn init_is_needed_until_done_again_after_an_edit_and_when_a_provider_is_gone() {
        let temporary = tempfile::tempdir().unwrap();
        let (root, modules, cache) = (temporary.path().join("root"), temporary.path().join("modules"), temporary.path().join("cache"));
        for directory in [&root.join(".terraform/providers/registry"), &modules, &cache] {
            fs::create_dir_all(directory).unwrap();
        }
        std::os::unix::fs::symlink(&cache, root.join(".terraform/providers/registry/docker")).unwrap();
        fs::write(root.join("main.tf"), "a").unwrap();
        let now = || inputs(&root, &modules, &temporary.path().join("terraform.rc")).unwrap();

        assert!(!is_current(&root, &now()), "never initialised");
        remember(&root, &now());
        assert!(is_current(&root, &now()));
        fs::write(root.join("terraform.tfstate"), "{}").unwrap();
        assert!(is_current(&root, &now()), "a state is no input of init");
        fs::write(modules.join("main.tf"), "b").unwrap();
        assert!(!is_current(&root, &now()), "a module changed");
        remember(&root, &now());
        fs::remove_dir(&cache).unwrap();
        assert!(!is_current(&root, &now()), "the provider's link leads nowhere");
    }
}
