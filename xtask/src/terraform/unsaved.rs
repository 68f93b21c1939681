//! A state that Terraform could not write where it belongs: kept beside the instance file, and put back by the next run.
//!
//! Terraform itself writes it to `errored.tfstate`, one name for all instances of a directory, and where the disk is full it
//! can only print it (https://developer.hashicorp.com/terraform/cli/commands/state/push).

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::invocation::Request;
use super::run::Terraform;
use super::state;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::private_file;
use crate::report::console;
use crate::report::quoting::shell_quoted;

/// Bytes held free while Terraform changes things: states of some thousand resources are smaller.
const ROOM: usize = 2 << 20;

/// Watches over the state of one apply.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    environment: &'a Environment,
    /// Without a name: it is gone with this process, however that ends.
    room: File,
    /// What `errored.tfstate` held before.
    before: Option<Vec<u8>>,
}

impl<'a> Watch<'a> {
    /// Takes the room that a state needs, so that there is some for it when the disk is full afterwards.
    ///
    /// # Errors
    /// The disk is full already: nothing should be changed that cannot be written down.
    pub(crate) fn begin(environment: &'a Environment) -> Result<Self> {
        let directory = environment.instances_directory();
        let reserve = || -> Result<File> {
            private_file::create_directory(&directory)?;
            let mut room = tempfile::tempfile_in(&directory)?;
            // Random, because a file system may store zeros in no room at all.
            let mut content = vec![0; ROOM];
            getrandom::fill(&mut content)?;
            room.write_all(&content)?;
            Ok(room)
        };
        let room = reserve().map_err(|error| match io_kind(&error) {
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => Failure::new(format!(
                "there is no room for the state of `{}` in {}: nothing was changed",
                environment.title(),
                directory.display()
            ))
            .hint("free some space there and run again")
            .into(),
            _ => error.context(format!("writing in {}", directory.display())),
        })?;
        Ok(Self { environment, room, before: fs::read(environment.errored_state_file()).ok() })
    }

    /// Called when the apply has failed: keeps the state that Terraform could not put in its place, if there is such a one.
    /// `dump` is the state that it printed because it could write it nowhere.
    ///
    /// # Errors
    /// It cannot be written here either.
    pub(crate) fn keep(self, dump: Option<&Value>) -> Result<Option<PathBuf>> {
        let errored = self.environment.errored_state_file();
        let written = fs::read(&errored).ok().filter(|written| self.before.as_ref() != Some(written));
        let newest = dump.cloned().or_else(|| state::parse(written.as_ref()?).ok().flatten());
        // From here on there is room.
        drop(self.room);
        let kept = self.environment.unsaved_state_file();
        if let Some(mut newest) = newest.clone() {
            // Terraform gives it the number of the state in place, and would then refuse to put it there.
            newest["serial"] = newest["serial"].as_u64().unwrap_or_default().saturating_add(1).into();
            private_file::write(&kept, &serde_json::to_vec(&newest).context("writing JSON")?)?;
        }
        if written.is_some() {
            private_file::remove(&errored)?;
        }
        Ok(newest.map(|_| kept))
    }
}

fn io_kind(error: &anyhow::Error) -> Option<ErrorKind> {
    error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind)
}

/// The failure of an apply, with what has become of the state that it could not write.
pub(super) fn explain(error: anyhow::Error, environment: &Environment, kept: Result<Option<PathBuf>>) -> anyhow::Error {
    match (error.downcast::<Failure>(), kept) {
        (Ok(failure), Ok(Some(kept))) => failure
            .details([format!("nothing is lost: the state, which could not be written, is kept in {}", kept.display())])
            .hint(format!(
                "free some space, or mend what it names; then `cargo xtask infra up {}` puts the state in its place and goes on",
                environment.typed()
            ))
            .into(),
        (Ok(failure), Err(lost)) => failure.details([format!("and it could not be kept elsewhere: {lost:#}")]).into(),
        (Ok(failure), Ok(None)) => failure.into(),
        (Err(error), _) => error,
    }
}

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
                // What was being written when there was no more room is the beginning of what was kept.
                fs::rename(self.environment.local_state_file(), &damaged).with_context(|| format!("writing {}", damaged.display()))?;
            }
            self.initialise()?;
            self.read(&Request::PushState { from: unsaved.clone() }).map_err(|error| self.not_put_back(error, &unsaved))?;
            private_file::remove(&unsaved)?;
            private_file::remove(&damaged)?;
            console::say("the state that could not be written the last time is in its place now");
        }
        self.restore_emptied_state()?;
        let current = self.local_state()?;
        let by_hand = self.by_hand("state push errored.tfstate");
        if let Some(note) = check_errored(&self.environment, current.as_ref(), &by_hand)? {
            console::warn(&note);
        }
        Ok(())
    }

    /// Terraform empties the file before it writes its state anew: killed between the two, it leaves nothing in it, and the state
    /// before that change in the backup. What was made since is found by its labels, so this is only for where everything has them.
    fn restore_emptied_state(&self) -> Result<()> {
        let environment = &self.environment;
        if !state::is_found_by_labels(environment) || state::read(environment).is_ok() {
            return Ok(());
        }
        let file = environment.local_state_file();
        let backup = fs::read(environment.state_backup_file()).unwrap_or_default();
        let is_empty = file.metadata().is_ok_and(|found| found.len() == 0);
        if is_empty && state::parse(&backup).is_ok_and(|state| state.is_some()) {
            private_file::write(&file, &backup)?;
            console::say(
                "the state is empty: a Terraform was killed while it wrote it; the one before is in its place, \
                 and what was made since is found by its labels",
            );
        }
        Ok(())
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
    use super::{ROOM, Watch, check_errored};
    use crate::config::Policy;
    use crate::environment::Environment;
    use serde_json::{Value, json};
    use std::fs;
    use std::path::Path;

    fn environment(directory: &Path) -> Environment {
        Environment {
            name: "e".to_owned(),
            instance: "i".to_owned(),
            directory: directory.to_owned(),
            policy: Policy::default(),
            target: crate::target::Target::default(),
        }
    }

    fn text(value: &Value) -> Vec<u8> {
        serde_json::to_vec(value).unwrap()
    }

    #[test]
    fn the_newest_state_that_terraform_could_not_write_is_kept() {
        let (old, new) = (json!({"version": 4, "serial": 1}), json!({"version": 4, "serial": 2}));
        for (before, after, dump, expected) in [
            (None, None, None, None),
            (None, Some(text(&new)), None, Some(3)),
            (None, Some(Vec::new()), Some(&new), Some(3)),
            (Some(text(&old)), Some(text(&old)), None, None),
            (Some(text(&old)), Some(text(&new)), None, Some(3)),
            (None, Some(Vec::new()), None, None),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let environment = environment(directory.path());
            let write =
                |content: &Option<Vec<u8>>| content.as_ref().map(|content| fs::write(environment.errored_state_file(), content).unwrap());
            write(&before);
            let watch = Watch::begin(&environment).unwrap();
            assert_eq!(watch.room.metadata().unwrap().len(), ROOM as u64);
            write(&after);
            let kept = watch.keep(dump).unwrap();
            let serial = kept.map(|kept| serde_json::from_slice::<Value>(&fs::read(kept).unwrap()).unwrap()["serial"].as_u64().unwrap());
            assert_eq!(serial, expected, "{before:?} {after:?} {dump:?}");
            assert_eq!(environment.errored_state_file().exists(), before == after && before.is_some(), "one that was there stays");
        }
    }

    #[test]
    fn what_plain_terraform_has_left_stops_the_instance_that_it_may_belong_to() {
        let directory = tempfile::tempdir().unwrap();
        let environment = environment(directory.path());
        let state = |lineage: &str, serial: u32| json!({"version": 4, "lineage": lineage, "serial": serial});
        let note =
            |current: Option<&Value>| check_errored(&environment, current, "terraform state push").map_err(|error| error.to_string());
        assert_eq!(note(None), Ok(None), "there is none");
        fs::write(environment.errored_state_file(), "").unwrap();
        assert_eq!(note(None), Ok(None), "there is nothing in it");
        fs::write(environment.errored_state_file(), text(&state("a", 7))).unwrap();
        assert!(note(Some(&state("b", 1))).unwrap().unwrap().contains("another instance's"));
        assert!(note(Some(&state("a", 7))).unwrap().unwrap().contains("older"));
        for current in [None, Some(&state("a", 6))] {
            let refusal = note(current).unwrap_err();
            assert!(refusal.contains("errored.tfstate\nhint: put it back") && refusal.contains("terraform state push"), "{refusal}");
        }
    }
}
