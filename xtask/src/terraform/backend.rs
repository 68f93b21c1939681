//! Where a root keeps its state: the part of the backend's configuration that is not in the code.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;
use terraform_config::{Block, Code};

use crate::host::error::Failure;
use crate::host::private_file;
use crate::host::quoting::hcl_quoted;
use crate::project::environment::Environment;
use crate::project::instance::Aws;

/// The bucket of an emulator's state. Names are its own: no other account could have it already.
pub(crate) const EMULATED_BUCKET: &str = "terraform-state";

/// Settings of the backend that `init` gets beside the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BackendConfig {
    /// A file with the rest of the backend's settings.
    pub(crate) file: Option<PathBuf>,
    /// `backend_config` of infra.toml: `NAME=VALUE`, or the path of a file.
    pub(crate) options: Vec<OsString>,
    /// Forget which backend the data directory was initialised for. Only for an emulator's: nothing there is worth moving.
    pub(crate) reconfigure: bool,
    /// The record to put into a data directory that knows of no backend.
    pub(super) record: Option<String>,
}

fn is_of_kind(backend: &Block, kind: &str) -> bool {
    backend.labels.first().is_some_and(|label| label == kind)
}

impl BackendConfig {
    /// Finds or writes the file for an environment; `aws` says where its emulator is.
    ///
    /// # Errors
    /// The code leaves the bucket out and nothing names it.
    pub(crate) fn of(environment: &Environment, aws: Option<&Aws>) -> Result<Self> {
        let code = Code::read(&environment.directory);
        let block = code.backend();
        let emulator = aws.and_then(|aws| Some((aws, aws.emulator.as_ref()?))).filter(|_| environment.target.emulated);
        if let Some((aws, emulator)) = emulator {
            let file = environment.emulated_backend_file();
            let is_remote = block.is_some_and(|block| is_of_kind(block, "s3"));
            let text =
                if is_remote { emulated_s3(&emulator.endpoint, &aws.region) } else { emulated_local(&environment.instances_directory()) };
            if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
                private_file::write(&file, text.as_bytes())?;
            }
            let record = (!is_remote).then(|| record_of_local(&local_paths(&environment.instances_directory()).map(Some)));
            return Ok(Self { file: Some(file), reconfigure: is_remote, record, ..Self::default() });
        }
        let given = &environment.policy.backend_config;
        if !given.is_empty() {
            let absolute = |option: &String| environment.directory.join(option).into_os_string();
            let options = given.iter().map(|option| if option.contains('=') { option.into() } else { absolute(option) }).collect();
            return Ok(Self { options, ..Self::default() });
        }
        let file = environment.backend_file();
        if file.is_file() {
            return Ok(Self { file: Some(file), ..Self::default() });
        }
        if block.is_some_and(|block| is_of_kind(block, "s3") && block.value("bucket").is_none()) {
            return Err(Failure::new(format!(
                "`{}` has no bucket for its state: {} is missing",
                environment.display_name(),
                file.display()
            ))
            .hint(format!(
                "make the bucket and the file: cargo xtask infra create-backend {}; in a team, pull: the file is committed",
                environment.cli_args()
            ))
            .into());
        }
        let is_usual = block.is_some_and(|block| is_of_kind(block, "local") && block.attributes.is_empty());
        Ok(Self { record: is_usual.then(|| record_of_local(&[None, None])), ..Self::default() })
    }

    /// Prepares a data directory for `init` with a local backend. In one that knows of no backend, `init` takes the states beside
    /// the code for some that have to be moved, and asks, with `-reconfigure` too. For an emulated instance those are the real
    /// ones; for a real one they are where they belong, and the directory was lost.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn prepare(&self, data: &Path) -> Result<()> {
        let file = data.join("terraform.tfstate");
        match &self.record {
            Some(record) if !file.exists() => private_file::write(&file, record.as_bytes()),
            _ => Ok(()),
        }
    }
}

/// Explicit endpoints: with `AWS_ENDPOINT_URL` alone the initialised backend would look like one on AWS.
fn emulated_s3(emulator: &str, region: &str) -> String {
    format!(
        "bucket = \"{EMULATED_BUCKET}\"\nregion = \"{region}\"\nuse_path_style = true\nskip_metadata_api_check = true\n\
         endpoints = {{\n  s3  = \"{emulator}\"\n  sts = \"{emulator}\"\n  iam = \"{emulator}\"\n}}\n"
    )
}

fn emulated_local(directory: &Path) -> String {
    let [path, workspaces] = local_paths(directory).map(|path| hcl_quoted(&path.to_string_lossy()));
    format!("path = {path}\nworkspace_dir = {workspaces}\n")
}

/// State file and directory of workspaces below a directory.
fn local_paths(directory: &Path) -> [PathBuf; 2] {
    ["terraform.tfstate", "terraform.tfstate.d"].map(|name| directory.join(name))
}

/// The record that `init` writes for a local backend, with these paths or its usual ones.
fn record_of_local(paths: &[Option<PathBuf>; 2]) -> String {
    let [path, workspace_dir] = paths;
    let backend = json!({ "type": "local", "config": { "path": path, "workspace_dir": workspace_dir }, "hash": 0 });
    json!({ "version": 3, "terraform_version": "1.11.0", "backend": backend }).to_string()
}

#[cfg(test)]
mod tests {
    use super::{BackendConfig, emulated_local};
    use std::path::Path;

    #[test]
    fn a_data_directory_that_knows_its_backend_keeps_it() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("terraform.tfstate");
        let config = |record: Option<&str>| BackendConfig { record: record.map(ToOwned::to_owned), ..BackendConfig::default() };
        config(None).prepare(data.path()).unwrap();
        assert!(!file.exists());
        for record in ["first", "second"] {
            config(Some(record)).prepare(data.path()).unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), "first");
        }
    }

    #[test]
    fn a_local_state_of_an_emulator_is_beside_its_instance() {
        assert_eq!(
            emulated_local(Path::new("/a \"b/.emulated")),
            "path = \"/a \\\"b/.emulated/terraform.tfstate\"\nworkspace_dir = \"/a \\\"b/.emulated/terraform.tfstate.d\"\n"
        );
    }
}
