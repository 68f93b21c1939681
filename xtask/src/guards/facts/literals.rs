//! What a value comes to, where the code and its variable files alone say so.

use terraform_config::{Block, Evaluator, Value};

use super::EnvironmentFacts;

/// Every text that `value`, in a block of this environment, may come to; empty where that takes more than reading, and where the
/// block is never made. See [`Evaluator::texts`].
pub(crate) fn texts(environment: &EnvironmentFacts, block: &Block, value: &Value) -> Vec<String> {
    let code = std::iter::once(&environment.code).chain(&environment.modules).map(|code| &**code);
    Evaluator::new(&environment.directory, code.collect(), &environment.scopes).texts(block, value)
}
