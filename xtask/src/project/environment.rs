//! An environment and its instance, resolved once from the command line; all else asks this type.

use std::path::{Path, PathBuf};

use anyhow::Result;
use terraform_config::{Code, read_values};

use super::checkout::Checkout;
use super::infra_toml::{Config, NAME_RULE, Policy, is_name};
use super::roots;
use super::target::Target;
use crate::host::console;
use crate::host::error::Failure;

/// Terraform's name of the workspace that needs no name; also the name of the first instance.
pub(crate) const DEFAULT_INSTANCE: &str = "default";

/// The private directory of an environment's instances, and of those on an emulator.
const INSTANCES_DIRECTORY: &str = ".instances";
pub(crate) const EMULATED_DIRECTORY: &str = ".emulated";

/// A Terraform root module and one instance (workspace) of it.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    /// The directory's path below the one that holds all environments: `local`, `prod/eu`.
    pub(crate) name: String,
    /// The instance, which is the Terraform workspace of the same name.
    pub(crate) instance: String,
    /// The root module.
    pub(crate) directory: PathBuf,
    /// What infra.toml declares of it.
    pub(crate) policy: Policy,
    /// What its resources are made on.
    pub(crate) target: Target,
}

impl Environment {
    /// Resolves what was typed.
    ///
    /// # Errors
    /// An environment that does not exist (with the nearest that does), an instance name that cannot be one, or `emulated`
    /// for an environment without AWS.
    pub(crate) fn resolve(checkout: &Checkout, config: &Config, name: &str, instance: Option<&str>, emulated: bool) -> Result<Self> {
        let Some(root) = checkout.environments().iter().find(|root| root.name == name) else {
            return Err(unknown_environment(name, &checkout.names()).into());
        };
        let instance = instance.unwrap_or(DEFAULT_INSTANCE);
        if !is_name(instance) {
            return Err(Failure::usage(format!("`{instance}` cannot be the name of an instance")).hint(NAME_RULE).into());
        }
        let meant = format!("{name}/{instance}");
        if checkout.environments().iter().any(|root| root.name == meant) {
            return Err(Failure::usage(format!("`{meant}` is an environment, so that no instance of `{name}` can be called `{instance}`"))
                .hint(format!("leave --instance out for the environment: `{meant}`; or choose another name"))
                .into());
        }
        let policy = config.policy(name);
        if emulated && !policy.aws {
            return Err(Failure::usage(format!("`{name}` has nothing of AWS that could be emulated"))
                .hint("leave --emulated out, or write `aws = true` into its table in infrastructure/infra.toml")
                .into());
        }
        let target = Target::of(&policy, &root.directory, emulated);
        Ok(Self { name: name.to_owned(), instance: instance.to_owned(), directory: root.directory.clone(), policy, target })
    }

    /// True where the state is a file of this machine.
    pub(crate) fn has_local_state(&self) -> bool {
        Code::read(&self.directory).has_local_backend()
    }

    /// True where every apply asks first. What is emulated can be made again.
    pub(crate) fn is_protected(&self) -> bool {
        self.policy.protected && !self.target.emulated
    }

    /// True where credentials for AWS itself are needed.
    pub(crate) fn reaches_aws(&self) -> bool {
        self.target.aws && !self.target.emulated
    }

    /// True for the instance that has no name of its own.
    pub(crate) fn is_default_instance(&self) -> bool {
        self.instance == DEFAULT_INSTANCE
    }

    /// `local`, `local --instance t1`, `aws --emulated`: what a person types to name it.
    pub(crate) fn cli_args(&self) -> String {
        let instance = if self.is_default_instance() { String::new() } else { format!(" --instance {}", self.instance) };
        format!("{}{instance}{}", self.name, if self.target.emulated { " --emulated" } else { "" })
    }

    /// Its name where no slash can stand: in names of containers, volumes and workspaces, in labels and tags.
    pub(crate) fn label(&self) -> String {
        roots::label(&self.name)
    }

    /// The workspace of the bucket for its state, in the root that all environments share: instances share the bucket on AWS, and
    /// have one each on an emulator. A dot stands in no name, so that no two have one workspace.
    pub(crate) fn bucket_workspace(&self) -> String {
        if self.target.emulated && !self.is_default_instance() { format!("{}.{}", self.label(), self.instance) } else { self.label() }
    }

    /// `local`, `local/t1`, `emulated aws`: what a person types to confirm that it may be destroyed.
    pub(crate) fn display_name(&self) -> String {
        let instance = if self.is_default_instance() { String::new() } else { format!("/{}", self.instance) };
        format!("{}{}{instance}", if self.target.emulated { "emulated " } else { "" }, self.name)
    }

    /// Name of [`Self::instances_directory`], as the root's variable `instance_directory` takes it.
    pub(crate) fn instances_directory_name(&self) -> &'static str {
        if self.target.emulated { EMULATED_DIRECTORY } else { INSTANCES_DIRECTORY }
    }

    /// The private directory for what belongs to single instances.
    pub(crate) fn instances_directory(&self) -> PathBuf {
        self.directory.join(self.instances_directory_name())
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

    /// Volumes that a run was about to make.
    pub(crate) fn expected_volumes_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.volumes", self.instance))
    }

    /// Held while something changes this instance.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.lock", self.instance))
    }

    /// Held by `terraform init`, which works for all instances of the directory.
    pub(crate) fn initialisation_lock(&self) -> PathBuf {
        self.instances_directory().join(".init.lock")
    }

    /// Terraform's own: providers, and which backend it was initialised for. Each emulator is another backend.
    pub(crate) fn data_directory(&self) -> PathBuf {
        if self.target.emulated {
            self.instances_directory().join(format!("{}.terraform", self.instance))
        } else {
            self.directory.join(".terraform")
        }
    }

    /// Bucket and region of the state, for the S3 backend: made by `create-backend`, committed by the team.
    pub(crate) fn backend_file(&self) -> PathBuf {
        self.directory.join("state.tfbackend")
    }

    /// The same of an emulator's state, written at each run.
    pub(crate) fn emulated_backend_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.tfbackend", self.instance))
    }

    /// Where the local backend keeps this instance's state, if this root uses the local backend.
    pub(crate) fn local_state_file(&self) -> PathBuf {
        if self.target.emulated {
            return local_state_file(&self.instances_directory(), &self.instance);
        }
        // What is given to `init` counts for more than what the code says.
        let given = read_values(&self.backend_file()).ok();
        let code = Code::read(&self.directory);
        let setting = |name: &str| given.as_ref().and_then(|given| given.text(name)).or_else(|| code.backend()?.text(name));
        let configured = match self.is_default_instance() {
            true => setting("path").map(PathBuf::from),
            false => setting("workspace_dir").map(|directory| Path::new(directory).join(&self.instance).join("terraform.tfstate")),
        };
        configured.map_or_else(|| local_state_file(&self.directory, &self.instance), |path| self.directory.join(path))
    }

    /// The state before the last change, which Terraform keeps beside it.
    pub(crate) fn state_backup_file(&self) -> PathBuf {
        self.local_state_file().with_extension("tfstate.backup")
    }

    /// Where a state file that cannot be used is moved to.
    pub(crate) fn damaged_state_file(&self) -> PathBuf {
        self.local_state_file().with_extension("tfstate.damaged")
    }

    /// Where Terraform leaves a state that it could not write, of whatever instance.
    pub(crate) fn errored_state_file(&self) -> PathBuf {
        self.directory.join("errored.tfstate")
    }

    /// Where this instance's is kept until it is put back.
    pub(crate) fn unsaved_state_file(&self) -> PathBuf {
        self.instances_directory().join(format!("{}.unsaved.tfstate", self.instance))
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

/// Warns of tables of infra.toml that are no environment's: the one that is meant has the strictest policy, and nobody knows.
pub(crate) fn warn_of_strays<'a>(tables: impl Iterator<Item = &'a String>, checkout: &Checkout) {
    let known = checkout.names();
    for stray in tables.filter(|table| !known.contains(table)) {
        let meant = nearest(stray, &known).map(|nearest| format!("; is {} meant?", roots::table(nearest))).unwrap_or_default();
        console::warn(&format!("infra.toml has a table for `{stray}`, and there is no such environment{meant}"));
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
pub(crate) fn nearest<'a>(typed: &str, candidates: &'a [String]) -> Option<&'a String> {
    candidates
        .iter()
        .map(|candidate| (strsim::levenshtein(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 || (typed.len() > 1 && candidate.starts_with(typed)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::{Environment, local_state_file, nearest};
    use crate::project::infra_toml::Policy;
    use crate::project::target::Target;
    use std::path::Path;

    #[test]
    fn each_emulator_s_bucket_has_a_workspace_of_its_own() {
        for (name, instance, emulated, expected) in [
            ("aws", "default", true, "aws"),
            ("aws", "a", true, "aws.a"),
            ("aws-a", "default", true, "aws-a"),
            ("hybrid", "a", true, "hybrid.a"),
            ("prod/eu", "a", true, "prod-eu.a"),
            ("prod/eu", "default", false, "prod-eu"),
            ("aws", "default", false, "aws"),
            ("aws", "a", false, "aws"),
        ] {
            let (name, instance, directory) = (name.to_owned(), instance.to_owned(), "e".into());
            let environment =
                Environment { name, instance, directory, policy: Policy::default(), target: Target { emulated, ..Target::default() } };
            assert_eq!(environment.bucket_workspace(), expected, "{environment:?}");
        }
    }

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
