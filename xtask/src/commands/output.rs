//! `infra output ENV [NAME]`: Terraform's outputs, secrets masked.

use anyhow::Result;
use serde_json::{Map, Value};

use crate::cli::OutputArgs;
use crate::host::console;
use crate::host::error::Failure;
use crate::host::secret::MASK;
use crate::run::context::Context;

/// Prints the outputs as JSON.
///
/// # Errors
/// Nothing has been applied yet, or there is no output of that name.
pub(crate) fn run(context: &Context, arguments: &OutputArgs) -> Result<()> {
    let session = context.open_read_only(&arguments.environment)?;
    let outputs = super::outputs(&session)?;
    let visible = |output: &Value| {
        let value = output.get("value").cloned().unwrap_or_default();
        let is_secret = output.get("sensitive").and_then(Value::as_bool).unwrap_or(false);
        if is_secret && !arguments.show_secrets { masked(value) } else { value }
    };
    let answer = match &arguments.name {
        None => outputs.raw.iter().map(|(name, output)| (name.clone(), visible(output))).collect::<Map<_, _>>().into(),
        Some(name) => visible(outputs.raw.get(name).ok_or_else(|| {
            let known: Vec<&str> = outputs.raw.keys().map(String::as_str).collect();
            Failure::usage(format!("there is no output `{name}`")).hint(format!("known outputs: {}", known.join(", ")))
        })?),
    };
    match answer {
        answer if arguments.show_secrets => console::answer_with_secrets(&as_text(&answer)),
        Value::String(_) => console::answer(&as_text(&answer)),
        document => console::answer_json(document),
    }
}

/// A string alone without its quotes.
fn as_text(answer: &Value) -> String {
    answer.as_str().map_or_else(|| format!("{answer:#}\n"), |text| format!("{text}\n"))
}

/// The same shape with every value masked: which part of a sensitive output is secret, only Terraform's code knows.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, masked(value))).collect::<Map<_, _>>().into(),
        Value::Array(items) => items.into_iter().map(masked).collect::<Vec<_>>().into(),
        Value::Null => Value::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => MASK.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;
    use serde_json::json;

    #[test]
    fn masks_every_value_and_keeps_the_shape() {
        assert_eq!(masked(json!({"A": "x", "b": [1, true, null]})), json!({"A": "********", "b": ["********", "********", null]}));
    }
}
