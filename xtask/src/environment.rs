//! An environment and its instance, resolved once from the command line; all else asks this type.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::config::{Config, Policy, is_name};
use crate::failure::Failure;
use crate::repository::Repository;

/// Terraform's name of the workspace that needs no name; also the name of the first instance.
pub(crate) const DEFAULT_INSTANCE: &str = "default";

/// A Terraform root module and one instance (workspace) of it.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    /// The directory's name.
    pub(crate) name: String,
    /// The instance, which is the Terraform workspace of the same name.
    pub(crate) instance: String,
    /// The root module.
    pub(crate) directory: PathBuf,
    /// What infra.toml says of it.
    pub(crate) policy: Policy,
}

impl Environment {
    /// Resolves what was typed.
    ///
    /// # Errors
    /// An environment that does not exist (with the nearest that does), or an instance name that cannot be one.
    pub(crate) fn resolve(repository: &Repository, config: &Config, name: &str, instance: Option<&str>) -> Result<Self> {
        let known = repository.environments()?;
        if !known.iter().any(|candidate| candidate == name) {
            return Err(unknown_environment(name, &known).into());
        }
        let instance = instance.unwrap_or(DEFAULT_INSTANCE);
        if !is_name(instance) {
            return Err(Failure::usage(format!("`{instance}` cannot be the name of an instance"))
                .hint("use at most 32 lower-case letters, digits and hyphens, beginning with a letter")
                .into());
        }
        Ok(Self {
            name: name.to_owned(),
            instance: instance.to_owned(),
            directory: repository.environment_directory(name),
            policy: config.policy(name),
        })
    }

    /// True for the instance that has no name of its own.
    pub(crate) fn is_default_instance(&self) -> bool {
        self.instance == DEFAULT_INSTANCE
    }

    /// `local`, or `local --instance t1`: what a person types to name it.
    pub(crate) fn typed(&self) -> String {
        if self.is_default_instance() { self.name.clone() } else { format!("{} --instance {}", self.name, self.instance) }
    }

    /// `local`, or `local/t1`: what a person types to confirm that it may be destroyed.
    pub(crate) fn title(&self) -> String {
        if self.is_default_instance() { self.name.clone() } else { format!("{}/{}", self.name, self.instance) }
    }

    /// The private directory for what belongs to single instances.
    pub(crate) fn instances_directory(&self) -> PathBuf {
        self.directory.join(".instances")
    }

    /// Owner id, credentials, ports and images of this instance.
    pub(crate) fn instance_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.json", self.instance))
    }

    /// The plan saved last.
    pub(crate) fn plan_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.tfplan", self.instance))
    }

    /// The fingerprint of the last success.
    pub(crate) fn fingerprint_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.fingerprint", self.instance))
    }

    /// Held while something changes this instance.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.lock", self.instance))
    }

    /// Held by `terraform init`, which works for all instances of the directory.
    pub(crate) fn initialisation_lock(&self) -> PathBuf {
        self.instances_directory().join(".init.lock")
    }

    /// Where the local backend keeps this instance's state, if this root uses the local backend.
    pub(crate) fn local_state_file(&self) -> PathBuf {
        local_state_file(&self.directory, &self.instance)
    }
}

/// The local backend's file for a workspace (`terraform.tfstate.d/NAME/` for all but the default one).
pub(crate) fn local_state_file(directory: &Path, workspace: &str) -> PathBuf {
    if workspace == DEFAULT_INSTANCE {
        directory.join("terraform.tfstate")
    } else {
        directory.join("terraform.tfstate.d").join(workspace).join("terraform.tfstate")
    }
}

fn unknown_environment(name: &str, known: &[String]) -> Failure {
    let failure = Failure::usage(format!("there is no environment `{name}`"));
    match nearest(name, known) {
        Some(nearest) => failure.hint(format!("did you mean `{nearest}`? known environments: {}", known.join(", "))),
        None if known.is_empty() => failure.hint("make one: a directory of infrastructure/environments with Terraform code in it"),
        None => failure.hint(format!("known environments: {}", known.join(", "))),
    }
}

/// The candidate within two edits of `typed`, or that one begins the other.
fn nearest<'a>(typed: &str, candidates: &'a [String]) -> Option<&'a String> {
    candidates
        .iter()
        .map(|candidate| (strsim::levenshtein(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 || (typed.len() > 1 && candidate.starts_with(typed)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::{local_state_file, nearest};
    use std::path::Path;

    #[test]
    fn suggests_what_was_probably_meant_and_nothing_far_fetched() {
        let known = ["aws".to_owned(), "hybrid".to_owned(), "local".to_owned()];
        for (typed, expected) in [("locla", Some("local")), ("hyb", Some("hybrid")), ("aw", Some("aws")), ("production", None)] {
            assert_eq!(nearest(typed, &known).map(String::as_str), expected, "{typed}");
        }
    }

    #[test]
    fn state_files_are_where_terraform_puts_them() {
        assert_eq!(local_state_file(Path::new("e"), "default"), Path::new("e/terraform.tfstate"));
        assert_eq!(local_state_file(Path::new("e"), "t1"), Path::new("e/terraform.tfstate.d/t1/terraform.tfstate"));
    }
}
