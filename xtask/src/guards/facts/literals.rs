//! What a value comes to, where the code and its variable files alone say so.

use terraform_config::{Block, Evaluator, Value};

use super::EnvironmentFacts;

/// Every text that `value`, in a block of this environment, may come to; empty where that takes more than reading, and where the
/// block is never made. See [`Evaluator::texts`].
pub(crate) fn texts(environment: &EnvironmentFacts, block: &Block, value: &Value) -> Vec<String> {
    evaluator(environment, block).texts(block, value)
}

/// The same of attributes that belong together; nothing where one of them is missing. See [`Evaluator::texts_together`].
pub(crate) fn texts_together(environment: &EnvironmentFacts, block: &Block, attributes: &[&str]) -> Vec<Vec<String>> {
    let values: Option<Vec<&Value>> = attributes.iter().map(|attribute| block.value(attribute)).collect();
    values.map(|values| evaluator(environment, block).texts_together(block, &values)).unwrap_or_default()
}

/// Everything that `value`, in a block of this environment, comes to, with what is unknown of it. See [`Evaluator::values`].
pub(crate) fn known(environment: &EnvironmentFacts, block: &Block, value: &Value) -> Vec<Value> {
    evaluator(environment, block).values(block, value)
}

/// True where it is known what an attribute, such as `count`, comes to; also where there is none.
pub(crate) fn is_known(environment: &EnvironmentFacts, block: &Block, attribute: &str) -> bool {
    let unknown = |value: &Value| evaluator(environment, block).values(block, value).iter().any(|value| matches!(value, Value::Unknown(_)));
    !block.value(attribute).is_some_and(unknown)
}

/// For a block that only one program reads, as that program does.
fn evaluator<'a>(environment: &'a EnvironmentFacts, block: &Block) -> Evaluator<'a> {
    let (first, others) = environment.readings.split_first().expect("an environment has code");
    let reading = if others.is_empty() || first.has(block) { None } else { others.iter().find(|reading| reading.has(block)) };
    reading.unwrap_or(first).evaluator()
}
