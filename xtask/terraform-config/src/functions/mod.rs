//! The functions that people build names and addresses with, as <https://developer.hashicorp.com/terraform/language/functions> has
//! them. No answer means that it is not known here, or that Terraform would refuse.

mod collections;

use crate::syntax::{joined, number};
use crate::value::Value;

/// What a call comes to.
pub(crate) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    if needs_literals(name) && !arguments.iter().all(Value::is_literal) {
        return None;
    }
    let text = |at: usize| arguments.get(at)?.as_string();
    let whole = |at: usize| integer(arguments.get(at)?);
    match (name.strip_prefix("core::").unwrap_or(name), arguments) {
        ("lower", [_]) => Some(Value::Text(text(0)?.to_lowercase())),
        ("upper", [_]) => Some(Value::Text(text(0)?.to_uppercase())),
        ("title", [_]) => Some(Value::Text(titled(&text(0)?))),
        ("chomp", [_]) => Some(Value::Text(text(0)?.trim_end_matches(['\r', '\n']).to_owned())),
        ("trimspace", [_]) => Some(Value::Text(text(0)?.trim().to_owned())),
        ("trim", [_, _]) => {
            Some(Value::Text(text(0)?.trim_matches(|it| arguments[1].text().is_some_and(|set| set.contains(it))).to_owned()))
        }
        ("trimprefix", [_, _]) => {
            let (text, prefix) = (text(0)?, text(1)?);
            Some(Value::Text(text.strip_prefix(&prefix).unwrap_or(&text).to_owned()))
        }
        ("trimsuffix", [_, _]) => {
            let (text, suffix) = (text(0)?, text(1)?);
            Some(Value::Text(text.strip_suffix(&suffix).unwrap_or(&text).to_owned()))
        }
        // Between slashes it is a regular expression.
        ("replace", [_, _, _]) => {
            let (text, from, to) = (text(0)?, text(1)?, text(2)?);
            let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
            (!is_pattern).then(|| Value::Text(text.replace(&from, &to)))
        }
        ("substr", [_, _, _]) => Some(Value::Text(substr(&text(0)?, whole(1)?, whole(2)?)?)),
        ("strrev", [_]) => Some(Value::Text(text(0)?.chars().rev().collect())),
        ("startswith", [_, _]) => Some(Value::Bool(text(0)?.starts_with(&text(1)?))),
        ("endswith", [_, _]) => Some(Value::Bool(text(0)?.ends_with(&text(1)?))),
        ("strcontains", [_, _]) => Some(Value::Bool(text(0)?.contains(&text(1)?))),
        ("format", [_, rest @ ..]) => format(&text(0)?, rest),
        ("join", [_, lists @ ..]) if lists.iter().all(is_list) => {
            let separator = Value::Text(text(0)?);
            let elements = lists.iter().flat_map(Value::elements).enumerate();
            Some(joined(elements.flat_map(|(at, part)| (at > 0).then(|| separator.clone()).into_iter().chain([part.clone()])).collect()))
        }
        ("split", [_, _]) => {
            let (separator, text) = (text(0)?, text(1)?);
            let parts: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split(separator.as_str()).collect() };
            Some(Value::List(parts.into_iter().map(|part| Value::Text(part.to_owned())).collect()))
        }
        ("tolist" | "tomap" | "nonsensitive" | "sensitive", [value]) => Some(value.clone()),
        ("tostring", [value]) => value.as_string().map(Value::Text),
        ("tonumber", [value]) => Some(Value::Number(number(&value.as_string().filter(|text| text.parse::<f64>().is_ok())?))),
        ("tobool", [value]) => value.as_string()?.parse().ok().map(Value::Bool),
        ("basename", [_]) => Some(Value::Text(last_part(&text(0)?))),
        ("dirname", [_]) => {
            let path = text(0)?;
            Some(Value::Text(match path.rsplit_once('/') {
                None => ".".to_owned(),
                Some(("", _)) => "/".to_owned(),
                Some((directory, _)) => directory.to_owned(),
            }))
        }
        (name, arguments) => collections::call(name, arguments),
    }
}

/// Functions that look into every element. The others need to know no more than what they take out.
fn needs_literals(name: &str) -> bool {
    matches!(
        name,
        "contains"
            | "toset"
            | "distinct"
            | "compact"
            | "keys"
            | "coalesce"
            | "coalescelist"
            | "flatten"
            | "sort"
            | "index"
            | "alltrue"
            | "anytrue"
            | "max"
            | "min"
            | "setunion"
            | "setsubtract"
            | "setintersection"
            | "zipmap"
    )
}

fn is_list(value: &Value) -> bool {
    matches!(value, Value::List(_))
}

/// A whole number, also in a string.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    value.as_string()?.parse().ok()
}

fn titled(text: &str) -> String {
    let mut begins = true;
    let title = |character: char| {
        let title: String = if begins { character.to_uppercase().collect() } else { character.to_string() };
        begins = !character.is_alphanumeric() && character != '_';
        title
    };
    text.chars().map(title).collect()
}

/// Characters from `offset`, counted from the end if negative, `length` of them or, if negative, all.
fn substr(text: &str, offset: i64, length: i64) -> Option<String> {
    let all = i64::try_from(text.chars().count()).ok()?;
    let from = if offset < 0 { (all + offset).max(0) } else { offset };
    let rest = text.chars().skip(usize::try_from(from).ok()?);
    Some(if length < 0 { rest.collect() } else { rest.take(usize::try_from(length).ok()?).collect() })
}

fn last_part(path: &str) -> String {
    match path.trim_end_matches('/').rsplit('/').next() {
        Some("") | None => if path.is_empty() { "." } else { "/" }.to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// The verbs that names are made with: `%s`, `%v`, `%d` with a width, `%%`.
fn format(pattern: &str, arguments: &[Value]) -> Option<Value> {
    let mut arguments = arguments.iter();
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        parts.push(Value::Text(before.to_owned()));
        let flags = after.len() - after.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let (width, verb) = after.split_at(flags);
        let verb = verb.chars().next()?;
        parts.push(match verb {
            '%' => Value::Text("%".to_owned()),
            's' | 'v' if width.is_empty() => arguments.next()?.clone(),
            's' | 'v' => Value::Text(padded(&arguments.next()?.as_string()?, width, ' ')),
            'd' => Value::Text(padded(&integer(arguments.next()?)?.to_string(), width, if width.starts_with('0') { '0' } else { ' ' })),
            _ => return None,
        });
        rest = &after[flags + verb.len_utf8()..];
    }
    parts.push(Value::Text(rest.to_owned()));
    Some(joined(parts))
}

fn padded(text: &str, width: &str, fill: char) -> String {
    let missing = width.parse::<usize>().unwrap_or(0).min(1_000).saturating_sub(text.chars().count());
    std::iter::repeat_n(fill, missing).collect::<String>() + text
}

#[cfg(test)]
mod tests {
    use super::call;
    use crate::parse_expression;
    use crate::value::{Call, Value};

    /// What Terraform answers; most of them were compared with a real `apply`.
    #[test]
    fn functions_answer_as_terraform_does() {
        for (written, expected) in [
            ("lower(\"Ab\")", Some("\"ab\"")),
            ("title(\"prod-eu west\")", Some("\"Prod-Eu West\"")),
            ("trim(\"--a-\", \"-\")", Some("\"a\"")),
            ("trimprefix(\"v1\", \"v\")", Some("\"1\"")),
            ("trimsuffix(\"a.tf\", \".tf\")", Some("\"a\"")),
            ("replace(\"a_b_c\", \"_\", \"-\")", Some("\"a-b-c\"")),
            ("replace(\"a_b\", \"/_/\", \"-\")", None),
            ("substr(\"abcdef\", 1, 2)", Some("\"bc\"")),
            ("substr(\"abcdef\", -2, -1)", Some("\"ef\"")),
            ("format(\"%s-%03d%%\", \"a\", 7)", Some("\"a-007%\"")),
            ("format(\"%q\", \"a\")", None),
            ("format(\"%s\")", None),
            ("join(\"-\", [\"a\", 1], [\"b\"])", Some("\"a-1-b\"")),
            ("split(\",\", \"a,b\")", Some("[\"a\", \"b\"]")),
            ("split(\",\", \"\")", Some("[]")),
            ("element([\"a\", \"b\"], 3)", Some("\"b\"")),
            ("element([\"a\", \"b\"], -1)", Some("\"b\"")),
            ("length({ a = 1 })", Some("1")),
            ("concat([1], [2])", Some("[1, 2]")),
            ("toset([\"a\", \"a\"])", Some("[\"a\"]")),
            ("lookup({ a = 1 }, \"a\", 2)", Some("1")),
            ("lookup({ a = 1 }, \"b\", 2)", Some("2")),
            ("merge({ a = 1, b = 2 }, { a = 3 })", Some("{ b = 2, a = 3 }")),
            ("coalesce(null, \"\", \"b\")", Some("\"b\"")),
            ("keys({ b = 1, a = 2 })", Some("[\"a\", \"b\"]")),
            ("basename(\"/a/b/\")", Some("\"b\"")),
            ("dirname(\"a/b\")", Some("\"a\"")),
            ("dirname(\"a\")", Some("\".\"")),
            ("dirname(\"/a/b/\")", Some("\"/a/b\"")),
            ("basename(\"/\")", Some("\"/\"")),
            ("basename(\"\")", Some("\".\"")),
            ("one([])", Some("null")),
            ("one([\"a\"])", Some("\"a\"")),
            ("one([1, 2])", None),
            ("flatten([[1, [2]], 3])", Some("[1, 2, 3]")),
            ("flatten([[1], x.y])", None),
            ("slice([1, 2, 3], 1, 3)", Some("[2, 3]")),
            ("slice([1], 1, 3)", None),
            ("sort([\"b\", \"a\"])", Some("[\"a\", \"b\"]")),
            ("index([\"a\", \"b\"], \"b\")", Some("1")),
            ("range(3)", Some("[0, 1, 2]")),
            ("alltrue([true, \"false\"])", Some("false")),
            ("anytrue([])", Some("false")),
            ("max(1, 12, 3)", Some("12")),
            ("min(1.5, 2)", Some("1.5")),
            ("setunion([\"a\"], [\"b\", \"a\"])", Some("[\"a\", \"b\"]")),
            ("setsubtract([\"a\", \"b\"], [\"b\"])", Some("[\"a\"]")),
            ("setintersection([\"a\", \"b\"], [\"b\"])", Some("[\"b\"]")),
            ("zipmap([\"a\"], [1])", Some("{ a = 1 }")),
            ("coalescelist([], [1])", Some("[1]")),
            ("chomp(\"a\\n\")", Some("\"a\"")),
            ("uuid()", None),
        ] {
            let Value::Call(Call { name, arguments, .. }) = parse_expression(written).unwrap() else {
                panic!("{written}");
            };
            assert_eq!(call(&name, &arguments).map(|value| value.to_string()).as_deref(), expected, "{written}");
        }
    }
}
