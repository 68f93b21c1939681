//! Finds the holder of a state's lock, and removes the lock.

use anyhow::Result;

use super::invocation::Request;
use super::run::Terraform;
use super::state_lock::Holder;

impl Terraform {
    /// The holder of the state's lock; `None` if it is free.
    ///
    /// # Errors
    /// The state cannot be reached.
    pub(crate) fn lock_holder(&self) -> Result<Option<Holder>> {
        let output = self.tool(&Request::TryLock).output()?;
        let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if let Some(holder) = Holder::in_message(&words) {
            return Ok(Some(holder));
        }
        if output.status.success() {
            return Ok(None);
        }
        Err(self.complaint(Request::TryLock.verb(), &[], &words).into())
    }

    /// Removes a lock.
    ///
    /// # Errors
    /// It is another one meanwhile, or the backend refuses.
    pub(crate) fn force_unlock(&self, id: &str) -> Result<()> {
        self.read(&Request::ForceUnlock { id: id.to_owned() }).map(drop)
    }
}
