//! Where a root keeps its state: the part of the backend's configuration that is not in the code.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::instance::Aws;
use crate::private_file;
use crate::report::quoting::hcl_quoted;

/// The bucket of an emulator's state. Names are its own: no other account could have it already.
pub(crate) const EMULATED_BUCKET: &str = "terraform-state";

/// What `init` is told about the backend beside the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BackendConfig {
    /// A file with the rest of the backend's settings.
    pub(crate) file: Option<PathBuf>,
    /// Forget which backend the data directory was initialised for. Only for an emulator's: nothing there is worth moving.
    pub(crate) reconfigure: bool,
}

/// True for a root without a backend block, whose state is in its own directory.
pub(crate) fn is_usual(directory: &Path) -> bool {
    Block::find(directory).kind.is_none()
}

/// True for a root whose state is in a file of this machine, its own directory or another.
pub(crate) fn is_local(directory: &Path) -> bool {
    Block::find(directory).kind.is_none_or(|kind| kind == "local")
}

impl BackendConfig {
    /// Finds or writes the file for an environment; `aws` says where its emulator is.
    ///
    /// # Errors
    /// The code leaves the bucket out and nothing names it.
    pub(crate) fn of(environment: &Environment, aws: Option<&Aws>) -> Result<Self> {
        let block = Block::find(&environment.directory);
        let emulator = aws.and_then(|aws| Some((aws, aws.emulator.as_ref()?))).filter(|_| environment.emulated);
        if let Some((aws, emulator)) = emulator {
            let file = environment.emulated_backend_file();
            let text = match block.kind.as_deref() {
                Some("s3") => emulated_s3(&emulator.endpoint, &aws.region),
                _ => emulated_local(&environment.instances_directory()),
            };
            if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
                private_file::write(&file, text.as_bytes())?;
            }
            return Ok(Self { file: Some(file), reconfigure: true });
        }
        let file = environment.backend_file();
        if file.is_file() {
            return Ok(Self { file: Some(file), reconfigure: false });
        }
        if block.kind.as_deref() == Some("s3") && !block.names_bucket {
            return Err(Failure::new(format!("`{}` has no bucket for its state: {} is missing", environment.title(), file.display()))
                .hint(format!(
                    "make the bucket and the file: cargo xtask infra create-backend {}; in a team, pull: the file is committed",
                    environment.typed()
                ))
                .into());
        }
        Ok(Self::default())
    }
}

/// The backend block of a root, as far as it matters here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Block {
    /// `s3`; none for Terraform's default, the local one.
    kind: Option<String>,
    names_bucket: bool,
}

impl Block {
    fn find(directory: &Path) -> Self {
        let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let code = entries.filter(|path| path.extension().is_some_and(|extension| extension == "tf"));
        code.filter_map(|path| fs::read_to_string(path).ok())
            .map(|text| Self::parse(&text))
            .find(|block| block.kind.is_some())
            .unwrap_or_default()
    }

    /// By the lines that `terraform fmt` writes.
    fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim);
        let kind = lines.find_map(|line| line.strip_prefix("backend \"")?.split_once('"').map(|(kind, _)| kind.to_owned()));
        let names_bucket = lines.take_while(|line| *line != "}").any(|line| line.starts_with("bucket"));
        Self { names_bucket: kind.is_some() && names_bucket, kind }
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
    let quoted = |path: PathBuf| hcl_quoted(&path.to_string_lossy());
    format!("path = {}\nworkspace_dir = {}\n", quoted(directory.join("terraform.tfstate")), quoted(directory.join("terraform.tfstate.d")))
}

#[cfg(test)]
mod tests {
    use super::{Block, emulated_local};
    use std::path::Path;

    #[test]
    fn finds_the_kind_of_backend_and_whether_the_code_names_the_bucket() {
        for (text, kind, names_bucket) in [
            ("terraform {\n  backend \"s3\" {\n    key = \"k\"\n  }\n}\n", Some("s3"), false),
            ("terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n", Some("s3"), true),
            ("terraform {\n  backend \"s3\" {\n  }\n}\nresource \"a\" \"b\" {\n  bucket = 1\n}\n", Some("s3"), false),
            ("terraform {\n  backend \"local\" {}\n}\n", Some("local"), false),
            ("terraform {}\n", None, false),
        ] {
            assert_eq!(Block::parse(text), Block { kind: kind.map(ToOwned::to_owned), names_bucket }, "{text}");
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
