//! A state that Terraform could not write where it belongs: kept beside the instance file, for the next run to put back.
//!
//! Terraform itself writes it to `errored.tfstate`, one name for all instances of a directory, and where the disk is full it
//! can only print it (https://developer.hashicorp.com/terraform/cli/commands/state/push).

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use super::state;
use crate::host::error::Failure;
use crate::host::private_file;
use crate::project::environment::Environment;

/// Bytes held free while Terraform changes things: states of some thousand resources are smaller.
const RESERVE_BYTES: usize = 2 << 20;

/// Watches over the state of one apply.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    environment: &'a Environment,
    /// Without a name: it is gone with this process, however that ends.
    room: File,
    /// The content of `errored.tfstate` before.
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
            let mut content = vec![0; RESERVE_BYTES];
            getrandom::fill(&mut content)?;
            room.write_all(&content)?;
            Ok(room)
        };
        let room = reserve().map_err(|error| match io_kind(&error) {
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => Failure::new(format!(
                "there is no room for the state of `{}` in {}: nothing was changed",
                environment.display_name(),
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
                "free some space, or fix what it names; then `cargo xtask infra up {}` puts the state in its place and goes on",
                environment.cli_args()
            ))
            .into(),
        (Ok(failure), Err(lost)) => failure.details([format!("and it could not be kept elsewhere: {lost:#}")]).into(),
        (Ok(failure), Ok(None)) => failure.into(),
        (Err(error), _) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::{RESERVE_BYTES, Watch};
    use crate::project::environment::Environment;
    use crate::project::infra_toml::Policy;
    use serde_json::{Value, json};
    use std::fs;
    use std::path::Path;

    fn environment(directory: &Path) -> Environment {
        Environment {
            name: "e".to_owned(),
            instance: "i".to_owned(),
            directory: directory.to_owned(),
            policy: Policy::default(),
            target: crate::project::target::Target::default(),
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
            assert_eq!(watch.room.metadata().unwrap().len(), RESERVE_BYTES as u64);
            write(&after);
            let kept = watch.keep(dump).unwrap();
            let serial = kept.map(|kept| serde_json::from_slice::<Value>(&fs::read(kept).unwrap()).unwrap()["serial"].as_u64().unwrap());
            assert_eq!(serial, expected, "{before:?} {after:?} {dump:?}");
            assert_eq!(environment.errored_state_file().exists(), before == after && before.is_some(), "one that was there stays");
        }
    }
}
