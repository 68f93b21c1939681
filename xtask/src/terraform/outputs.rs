//! What was applied last: the outputs and the state, from the state's own file where there is one, asked of Terraform elsewhere.

use anyhow::{Context, Result};
use serde_json::Value;
use terraform_config::Code;

use super::invocation::Request;
use super::run::Terraform;
use super::state;

/// Warnings of the backend stand behind the document, in words, on the same stream.
fn first_document(printed: &[u8]) -> Result<Value> {
    let first = serde_json::Deserializer::from_slice(printed).into_iter().next();
    Ok(first.context("it printed nothing")??)
}

impl Terraform {
    /// The outputs in the state: read from its own file where the backend keeps one, asked of Terraform elsewhere.
    ///
    /// # Errors
    /// The state cannot be read.
    pub(crate) fn outputs(&self) -> Result<Value> {
        if let Some(state) = self.local_state()? {
            return Ok(state["outputs"].clone());
        }
        let json = self.read(&Request::Output)?;
        first_document(&json).context("understanding `terraform output -json`")
    }

    /// The state's own file, when the backend keeps one that this xtask understands.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub(crate) fn local_state(&self) -> Result<Option<Value>> {
        state::read(&self.environment)
    }

    /// The state, wherever it is.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn state(&self) -> Result<Option<Value>> {
        match self.local_state()? {
            None => self.remote_state(),
            local => Ok(local),
        }
    }

    /// The state where it is kept elsewhere: asked of Terraform, which takes a moment.
    ///
    /// # Errors
    /// It cannot be read.
    fn remote_state(&self) -> Result<Option<Value>> {
        if Code::read(&self.environment.directory).backend().is_none() {
            return Ok(None);
        }
        self.initialise()?;
        let text = self.read(&Request::PullState)?;
        // Where there is no state yet, nothing is printed, or one without a lineage.
        let is_state = |state: &Value| state["version"] == 4 && state["lineage"].as_str().is_some_and(|lineage| !lineage.is_empty());
        Ok(serde_json::from_slice(&text).ok().filter(is_state))
    }
}

#[cfg(test)]
mod tests {
    use super::first_document;
    use serde_json::json;

    #[test]
    fn warnings_behind_the_outputs_are_no_part_of_them() {
        let warned = "{\n  \"a\": 1\n}\n\nWarning: Deprecated Parameter\n\n  on main.tf line 4\n";
        assert_eq!(first_document(warned.as_bytes()).unwrap(), json!({"a": 1}));
        for bad in ["", "\n", "Warning: x", "{\"a\":"] {
            assert!(first_document(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
