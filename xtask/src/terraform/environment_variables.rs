//! Variables of the caller's shell that Terraform would obey: withheld, or honoured and named.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use terraform_config::Code;

use crate::host::console;
use crate::project::environment::Environment;

/// How a variable of the shell is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    /// Terraform does not read it, or it changes no result.
    Passes,
    /// It sets an input that the environment declares.
    Honoured,
    /// It would change what Terraform does behind the xtask's back.
    Withheld,
    /// It is replaced by one of ours, as always: not worth a word.
    Replaced,
}

/// Names of the variables that must not reach Terraform in `directory`; AWS' own pass only where they are needed.
pub(crate) fn withheld(directory: &Path, reaches_aws: bool) -> Vec<OsString> {
    let declared = declared_variables(directory);
    let names = env::vars_os().map(|(name, _)| name);
    let is_withheld = |name: &str| matches!(disposition(name, &declared, reaches_aws), Disposition::Withheld | Disposition::Replaced);
    names.filter(|name| is_withheld(&name.to_string_lossy())).collect()
}

/// Says, in a line each, which variables of the shell are withheld and which are honoured.
pub(crate) fn announce(environment: &Environment) {
    warn_of_withheld(&environment.directory, environment.reaches_aws());
    let honoured = with_disposition(Disposition::Honoured, &environment.directory, environment.reaches_aws());
    if !honoured.is_empty() {
        console::say(&format!("from your shell: {honoured}"));
    }
}

/// Says which variables of the shell are withheld: enough where no input counts.
pub(crate) fn warn_of_withheld(directory: &Path, reaches_aws: bool) {
    let withheld = with_disposition(Disposition::Withheld, directory, reaches_aws);
    if !withheld.is_empty() {
        console::warn(&format!("set in your shell and withheld from Terraform: {withheld}"));
    }
}

/// Names of the shell's variables that this becomes of, sorted.
fn with_disposition(wanted: Disposition, directory: &Path, reaches_aws: bool) -> String {
    let declared = declared_variables(directory);
    let set = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut names: Vec<String> = set.filter(|name| disposition(name, &declared, reaches_aws) == wanted).collect();
    names.sort_unstable();
    names.join(", ")
}

/// https://developer.hashicorp.com/terraform/cli/config/environment-variables
fn disposition(name: &str, declared: &[String], reaches_aws: bool) -> Disposition {
    const OURS: [&str; 4] = ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG", "TF_INPUT", "TF_IN_AUTOMATION"];
    const WHO_AND_WHERE: [&str; 7] = ["ACCESS_KEY", "TOKEN", "PROFILE", "ROLE", "ENDPOINT", "CREDENTIALS", "CONFIG_FILE"];
    const REDIRECTING: [&str; 4] = ["TF_WORKSPACE", "TF_DATA_DIR", "TF_REATTACH_PROVIDERS", "TF_STATE_PERSIST_INTERVAL"];
    match name.strip_prefix("TF_VAR_") {
        // A shell that was set up for an emulator by hand would make AWS look like one.
        Some("instance_directory") => Disposition::Withheld,
        Some(variable) if declared.iter().any(|declared| declared == variable) => Disposition::Honoured,
        Some(_) => Disposition::Withheld,
        None if OURS.contains(&name) => Disposition::Replaced,
        // Credentials are withheld where AWS is not used, above all with an emulator. Variables that name neither credentials nor
        // an endpoint are not worth a word.
        None if !reaches_aws && name.starts_with("AWS_") => {
            if WHO_AND_WHERE.iter().any(|part| name.contains(part)) {
                Disposition::Withheld
            } else {
                Disposition::Replaced
            }
        }
        // With credentials for AWS in hand, an emulator's address would get them, and its resources would look real.
        None if reaches_aws && name.starts_with("AWS_ENDPOINT_URL") => Disposition::Withheld,
        None if REDIRECTING.contains(&name) || name.starts_with("TF_CLI_ARGS") => Disposition::Withheld,
        None => Disposition::Passes,
    }
}

/// Names of the variables that a root declares.
fn declared_variables(directory: &Path) -> Vec<String> {
    Code::read(directory).of_kind("variable").filter_map(|variable| variable.labels.first().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Disposition, declared_variables, disposition};

    #[test]
    fn withholds_what_would_redirect_terraform_and_honours_declared_inputs() {
        let declared = ["redis".to_owned(), "instance_directory".to_owned()];
        assert_eq!(disposition("AWS_PROFILE", &declared, true), Disposition::Passes);
        assert_eq!(disposition("AWS_ENDPOINT_URL_S3", &declared, true), Disposition::Withheld);
        for (name, expected) in [
            ("AWS_PROFILE", Disposition::Withheld),
            ("AWS_SECRET_ACCESS_KEY", Disposition::Withheld),
            ("AWS_CA_BUNDLE", Disposition::Replaced),
            ("TF_WORKSPACE", Disposition::Withheld),
            ("TF_DATA_DIR", Disposition::Withheld),
            ("TF_CLI_ARGS", Disposition::Withheld),
            ("TF_CLI_ARGS_plan", Disposition::Withheld),
            ("TF_CLI_CONFIG_FILE", Disposition::Replaced),
            ("TF_VAR_redis", Disposition::Honoured),
            ("TF_VAR_reddis", Disposition::Withheld),
            ("TF_VAR_instance_directory", Disposition::Withheld),
            ("TF_LOG", Disposition::Passes),
            ("PATH", Disposition::Passes),
        ] {
            assert_eq!(disposition(name, &declared, false), expected, "{name}");
        }
    }

    #[test]
    fn finds_the_variables_of_a_root() {
        let directory = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("main.tf", "/*\nvariable \"none\" {}\n*/\nresource \"x\" \"y\" {}\n"),
            ("variables.tf", "variable \"redis\" {\n}\n\n  variable ports {}\n"),
            ("variables2.tf.json", "{\"variable\": {\"store\": {}}}"),
        ] {
            std::fs::write(directory.path().join(file), text).unwrap();
        }
        assert_eq!(declared_variables(directory.path()), ["redis", "ports", "store"]);
    }
}
