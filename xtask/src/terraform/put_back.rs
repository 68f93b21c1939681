//! Putting back what an earlier run could not write, and looking whether the state in place can be used.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::invocation::Request;
use super::run::Terraform;
use super::state::{self, CutOff};
use crate::host::error::Failure;
use crate::host::quoting::shell_quoted;
use crate::host::{console, private_file};
use crate::project::environment::Environment;

impl Terraform {
    /// Puts a state in its place that an earlier run could not write there, and looks whether the one in place can be used.
    ///
    /// # Errors
    /// There is one that cannot be put back, or the one in place is damaged.
    pub(crate) fn put_back_unsaved_state(&self) -> Result<()> {
        let unsaved = self.environment.unsaved_state_file();
        if unsaved.is_file() {
            let damaged = self.environment.damaged_state_file();
            if state::read(&self.environment).is_err() {
                // The damaged file is only the beginning of the state that was kept.
                fs::rename(self.environment.local_state_file(), &damaged).with_context(|| format!("writing {}", damaged.display()))?;
            }
            self.initialise()?;
            self.read(&Request::PushState { from: unsaved.clone() }).map_err(|error| self.not_put_back(error, &unsaved))?;
            private_file::remove(&unsaved)?;
            private_file::remove(&damaged)?;
            console::say("the state that could not be written the last time is in its place now");
        }
        let current = match self.local_state() {
            // It has waited for one that still writes.
            Err(_) if self.replace_cut_off_state()? => self.local_state()?,
            current => current?,
        };
        let by_hand = self.by_hand("state push errored.tfstate");
        if let Some(note) = check_errored(&self.environment, current.as_ref(), &by_hand)? {
            console::warn(&note);
        }
        Ok(())
    }

    /// Puts the state before in the place of one that a killed Terraform has left cut off, or removes it; false for any other.
    fn replace_cut_off_state(&self) -> Result<bool> {
        let file = self.environment.local_state_file();
        // What cannot be read is said by whoever needs it.
        let Some(cut_off) = fs::read(&file).ok().and_then(|text| CutOff::of(&text, &self.environment)) else {
            return Ok(false);
        };
        let outcome = if let Some(backup) = cut_off.backup {
            private_file::write(&file, &backup)?;
            "the one before is in its place, and what was made since is found by its labels"
        } else {
            private_file::remove(&file)?;
            "what was made is found by its labels"
        };
        console::say(&format!("the state is {}: a Terraform was killed while it wrote it; {outcome}", cut_off.how));
        Ok(true)
    }

    fn not_put_back(&self, error: anyhow::Error, unsaved: &Path) -> anyhow::Error {
        let message = "the state that could not be written the last time cannot be put back";
        let failure = error
            .downcast::<Failure>()
            .map_or_else(|error| Failure::new(format!("{message}: {error:#}")), |failure| failure.restated(message));
        let force = self.by_hand(&format!("state push -force {}", shell_quoted(&unsaved.to_string_lossy())));
        failure.hint(format!("if the one in place is right: `rm {}`; if not: `{force}`", shell_quoted(&unsaved.to_string_lossy()))).into()
    }
}

/// Refuses where plain Terraform has left a state that it could not write, and that may be this instance's.
/// A note is returned where it is certainly of no use to this instance. `put_back` is the command line that puts it back.
///
/// # Errors
/// The refusal.
fn check_errored(environment: &Environment, current: Option<&Value>, put_back: &str) -> Result<Option<String>> {
    let file = environment.errored_state_file();
    let errored = match fs::read(&file) {
        // An empty one: there was no room for it.
        Ok(text) if !text.is_empty() => state::parse(&text).ok().flatten(),
        _ => return Ok(None),
    };
    if let (Some(current), Some(errored)) = (current, errored) {
        if current["lineage"] != errored["lineage"] {
            return Ok(Some(format!("{} holds a state that Terraform could not write; it is another instance's", file.display())));
        }
        if current["serial"].as_u64() >= errored["serial"].as_u64() {
            return Ok(Some(format!("{} holds a state that is older than the one in place; it can be removed", file.display())));
        }
    }
    Err(Failure::refused(format!("Terraform could not write a state of `{}` and left it in {}", environment.name, file.display()))
        .hint(format!(
            "put it back and remove that file: `{put_back} && rm {}` (if it is another instance's: with that one's TF_WORKSPACE)",
            shell_quoted(&file.to_string_lossy())
        ))
        .into())
}

#[cfg(test)]
mod tests {
    use super::check_errored;
    use crate::project::environment::Environment;
    use crate::project::infra_toml::Policy;
    use crate::project::target::Target;
    use serde_json::{Value, json};
    use std::fs;

    #[test]
    fn what_plain_terraform_has_left_stops_the_instance_that_it_may_belong_to() {
        let directory = tempfile::tempdir().unwrap();
        let (name, instance, policy) = ("e".to_owned(), "i".to_owned(), Policy::default());
        let environment = Environment { name, instance, directory: directory.path().to_owned(), policy, target: Target::default() };
        let state = |lineage: &str, serial: u32| json!({"version": 4, "lineage": lineage, "serial": serial});
        let note =
            |current: Option<&Value>| check_errored(&environment, current, "terraform state push").map_err(|error| error.to_string());
        assert_eq!(note(None), Ok(None), "there is none");
        fs::write(environment.errored_state_file(), "").unwrap();
        assert_eq!(note(None), Ok(None), "there is nothing in it");
        fs::write(environment.errored_state_file(), state("a", 7).to_string()).unwrap();
        assert!(note(Some(&state("b", 1))).unwrap().unwrap().contains("another instance's"));
        assert!(note(Some(&state("a", 7))).unwrap().unwrap().contains("older"));
        for current in [None, Some(&state("a", 6))] {
            let refusal = note(current).unwrap_err();
            assert!(refusal.contains("errored.tfstate\nhint: put it back") && refusal.contains("terraform state push"), "{refusal}");
        }
    }
}
