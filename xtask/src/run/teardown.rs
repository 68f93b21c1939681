//! What is left of an instance when everything that it had is gone: its own files.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result};

use crate::host::private_file;
use crate::project::environment::Environment;
use crate::project::instance::{self, Instance};
use crate::project::user_dirs::UserDirs;
use crate::records::{lineage_pin, plan_record};

/// Removes every file that belongs to this instance alone; called when nothing else of it is left.
///
/// # Errors
/// One of them cannot be removed.
pub(crate) fn forget(environment: &Environment, directories: &UserDirs) -> Result<()> {
    Instance::forget(environment, directories)?;
    lineage_pin::unpin(environment)?;
    for file in [
        environment.plan_file(),
        plan_record::beside(&environment.plan_file()),
        environment.fingerprint_file(),
        environment.expected_volumes_file(),
        environment.state_backup_file(),
        environment.damaged_state_file(),
        environment.unsaved_state_file(),
        environment.local_state_file(),
        environment.emulated_backend_file(),
        environment.lock_file(),
    ] {
        private_file::remove(&file)?;
    }
    if environment.target.emulated {
        let data = environment.data_directory();
        match fs::remove_dir_all(&data) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(|| format!("removing {}", data.display())),
            _ => {}
        }
    }
    if instance::names(&environment.instances_directory()).is_empty() {
        private_file::remove(&environment.initialisation_lock())?;
    }
    // These fail, as they should, while other instances are in them. A workspace's directory stays where Terraform has not
    // removed the workspace, and it never removes the one that they all are in.
    for directory in environment.local_state_file().ancestors().skip(1).take(2) {
        let _ = fs::remove_dir(directory);
    }
    let _ = fs::remove_dir(environment.instances_directory());
    Ok(())
}
