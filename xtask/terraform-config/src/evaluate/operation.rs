//! Operators.

use crate::value::Value;

/// What an operator makes of these values, where they are known.
pub(super) fn operation(operator: &str, operands: &[Value]) -> Option<Value> {
    let truth = |value: &Value| value.as_string()?.parse::<bool>().ok();
    let number = |value: &Value| value.as_string()?.parse::<f64>().ok();
    match (operator, operands) {
        ("&&", [left, right]) => match (truth(left), truth(right)) {
            (Some(false), _) | (_, Some(false)) => Some(Value::Bool(false)),
            (left, right) => Some(Value::Bool(left? && right?)),
        },
        ("||", [left, right]) => match (truth(left), truth(right)) {
            (Some(true), _) | (_, Some(true)) => Some(Value::Bool(true)),
            (left, right) => Some(Value::Bool(left? || right?)),
        },
        ("!", [value]) => Some(Value::Bool(!truth(value)?)),
        ("-", [value]) => Some(Value::Number((-number(value)?).to_string())),
        ("==" | "!=", [left, right]) if left.is_literal() && right.is_literal() => Some(Value::Bool((left == right) == (operator == "=="))),
        (_, [left, right]) => {
            let (left, right) = (number(left)?, number(right)?);
            let made = match operator {
                ">" => return Some(Value::Bool(left > right)),
                ">=" => return Some(Value::Bool(left >= right)),
                "<" => return Some(Value::Bool(left < right)),
                "<=" => return Some(Value::Bool(left <= right)),
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                "/" if right != 0.0 => left / right,
                "%" if right != 0.0 => left % right,
                _ => return None,
            };
            // Terraform calculates with more digits.
            let rounded = (made * 1e6).round() / 1e6;
            ((made - rounded).abs() < 1e-9).then(|| Value::Number(rounded.to_string()))
        }
        _ => None,
    }
}
