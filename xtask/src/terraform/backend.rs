//! Where a root keeps its state: the part of the backend's configuration that is not in the code.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;
use terraform_config::{Block, Code};

use crate::aws::Aws;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::private_file;
use crate::report::quoting::hcl_quoted;

/// The bucket of an emulator's state. Names are its own: no other account could have it already.
pub(crate) const EMULATED_BUCKET: &str = "terraform-state";

/// What `init` is told about the backend beside the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BackendConfig {
    /// A file with the rest of the backend's settings.
    pub(crate) file: Option<PathBuf>,
    /// What infra.toml says that `init` is given: `NAME=VALUE`, or the path of a file.
    pub(crate) options: Vec<OsString>,
    /// Forget which backend the data directory was initialised for. Only for an emulator's: nothing there is worth moving.
    pub(crate) reconfigure: bool,
    /// What a data directory that knows of no backend is told it was initialised for.
    pub(super) record: Option<String>,
}

/// True for a root without a backend block, whose state is in its own directory.
pub(crate) fn is_usual(directory: &Path) -> bool {
    Code::read(directory).backend().is_none()
}

/// True for a root whose state is in a file of this machine, its own directory or another.
pub(crate) fn is_local(directory: &Path) -> bool {
    Code::read(directory).backend().is_none_or(|block| is_of_kind(block, "local"))
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
            return Err(Failure::new(format!("`{}` has no bucket for its state: {} is missing", environment.title(), file.display()))
                .hint(format!(
                    "make the bucket and the file: cargo xtask infra create-backend {}; in a team, pull: the file is committed",
                    environment.typed()
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

/// What `init` writes down of a local backend, with these paths or its usual ones.
fn record_of_local(paths: &[Option<PathBuf>; 2]) -> String {
    let [path, workspace_dir] = paths;
    let backend = json!({ "type": "local", "config": { "path": path, "workspace_dir": workspace_dir }, "hash": 0 });
    json!({ "version": 3, "terraform_version": "1.11.0", "backend": backend }).to_string()
}

#[cfg(test)]
mod tests {
    use super::{BackendConfig, emulated_local, is_local, is_usual};
    use std::path::Path;

    #[test]
    fn only_the_backend_that_terraform_reads_says_where_a_state_is() {
        const LOCAL: &str = "terraform {\n  backend \"local\" {}\n}\n";
        const S3: &str = "terraform {\n  backend \"s3\" {}\n}\n";
        for (files, local, usual) in [
            (&[("main.tf", "")][..], true, true),
            (&[("main.tf", LOCAL)], true, false),
            (&[("main.tf", S3)], false, false),
            (&[("main.tf", "terraform {\n  backend s3 {\n  }\n}\n")], false, false),
            (&[("main.tf", "terraform {\n  backend   \"s3\"   {}\n}\n")], false, false),
            (&[("main.tf", "terraform { \n  cloud {}\n}\n")], false, false),
            (&[("main.tf.json", "{\"terraform\": {\"backend\": {\"s3\": {}}}}")], false, false),
            (&[("main.tf", "/*\nterraform {\n  backend \"s3\" {}\n}\n*/\n")], true, true),
            (&[("main.tf", "terraform {\n  # backend \"s3\" {}\n}\n")], true, true),
            (&[("main.tf", "locals {\n  text = <<E\nterraform {\n  backend \"s3\" {}\n}\nE\n}\n")], true, true),
            (&[("main.tf", "resource \"x\" \"y\" {\n  backend \"s3\" {}\n}\n")], true, true),
            // Whatever order the directory has them in.
            (&[("a_override.tf", S3), ("main.tf", LOCAL)], false, false),
            (&[("main.tf", S3), ("z_override.tf", LOCAL)], true, false),
            (&[("z_override.tf", LOCAL), ("b_override.tf", S3), ("main.tf", "")], true, false),
            (&[(".#main.tf", S3), ("main.tf~", S3), ("main.tofu", S3), ("main.tf", "")], true, true),
        ] {
            let directory = tempfile::tempdir().unwrap();
            for (file, text) in files {
                std::fs::write(directory.path().join(file), text).unwrap();
            }
            assert_eq!((is_local(directory.path()), is_usual(directory.path())), (local, usual), "{files:?}");
        }
    }

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
