//! `terraform init`, and whether it is needed: a mark says what the last one was made for, and the providers are still in place.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::backend::BackendConfig;
use super::invocation::Request;
use super::run::Terraform;
use crate::host::digest::Digest;
use crate::host::file_lock::FileLock;
use crate::host::tree;

impl Terraform {
    /// True when `init` would find nothing to do.
    ///
    /// # Errors
    /// The code cannot be read.
    pub(crate) fn is_initialised(&self) -> Result<bool> {
        let backend = BackendConfig::of(&self.environment, self.reach.aws.as_ref())?;
        Ok(is_current(&self.environment.data_directory(), &self.initialisation_inputs(&backend)))
    }

    fn initialisation_inputs(&self, backend: &BackendConfig) -> String {
        inputs(&self.environment.directory, &self.modules, &self.cli_config, backend)
    }

    /// Runs `init` when what it was last run for has changed; true when it ran.
    ///
    /// # Errors
    /// Terraform is missing or too old, or cannot get what the code requires.
    pub(crate) fn initialise(&self) -> Result<bool> {
        if self.is_initialised()? {
            return Ok(false);
        }
        // Instances share the directory's providers: one init at a time, and one is enough for all that wait.
        let _lock = FileLock::take(&self.environment.initialisation_lock(), "`terraform init`")?;
        if self.is_initialised()? {
            return Ok(false);
        }
        // https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache: not safe for two at once.
        let cache = std::env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from).filter(|directory| directory.is_dir());
        let _turn = cache.map(|cache| FileLock::take(&cache.join(".xtask.lock"), "the plugin cache")).transpose()?;
        let backend = BackendConfig::of(&self.environment, self.reach.aws.as_ref())?;
        backend.prepare(&self.environment.data_directory())?;
        self.run(&Request::Init { backend: backend.clone() }, |_| {})?;
        // Read again: init has written the lock file.
        remember(&self.environment.data_directory(), &self.initialisation_inputs(&backend));
        Ok(true)
    }
}

/// Where the last successful init left its mark. `data` is Terraform's data directory.
fn mark(data: &Path) -> PathBuf {
    data.join("xtask-initialised")
}

/// The hash of everything that init reads: the root's code, the modules', the lock file, the CLI configuration and the
/// rest of the backend's.
fn inputs(directory: &Path, modules: &Path, cli_config: &Path, backend: &BackendConfig) -> String {
    let mut hash = Digest::default();
    let has_code = |path: &Path| [".tf", ".tf.json"].iter().any(|ending| path.to_string_lossy().ends_with(ending));
    // Of states of other instances nothing is code, and one may be closed to us.
    let is_code = |path: &Path| !is_hidden(path) && !path.ends_with("terraform.tfstate.d") && (path.is_dir() || has_code(path));
    for code in [directory, modules].into_iter().filter(|code| code.is_dir()) {
        // What cannot be read is for Terraform to judge.
        for entry in tree::below(code, is_code) {
            let _ = hash.entry(code, &entry);
        }
    }
    for file in [cli_config, &directory.join(".terraform.lock.hcl")] {
        hash.part(fs::read(file).unwrap_or_default());
    }
    if let Some(file) = &backend.file {
        hash.part(fs::read(file).unwrap_or_default());
    }
    for option in &backend.options {
        hash.part(option.as_encoded_bytes());
        hash.part(fs::read(option).unwrap_or_default());
    }
    hash.finish()
}

/// True when the last init was made for these inputs and what it installed is still there.
fn is_current(data: &Path, inputs: &str) -> bool {
    fs::read_to_string(mark(data)).is_ok_and(|marked| marked == inputs) && providers_in_place(&data.join("providers"))
}

/// Remembers a successful init. A mark that cannot be written costs another init, nothing more.
fn remember(data: &Path, inputs: &str) {
    let _ = fs::write(mark(data), inputs);
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
    use super::{BackendConfig, inputs, is_current, remember};
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
        let now = || inputs(&root, &modules, &temporary.path().join("terraform.rc"), &BackendConfig::default());
        let data = root.join(".terraform");

        assert!(!is_current(&data, &now()), "never initialised");
        remember(&data, &now());
        assert!(is_current(&data, &now()));
        fs::write(root.join("terraform.tfstate"), "{}").unwrap();
        assert!(is_current(&data, &now()), "a state is no input of init");
        fs::write(modules.join("main.tf"), "b").unwrap();
        assert!(!is_current(&data, &now()), "a module changed");
        remember(&data, &now());
        fs::write(root.join("backend.tf.json"), "{}").unwrap();
        assert!(!is_current(&data, &now()), "code in JSON came");
        remember(&data, &now());
        fs::remove_dir(&cache).unwrap();
        assert!(!is_current(&data, &now()), "the provider's link leads nowhere");
    }
}
