//! Functions of lists, sets and objects.

use super::{integer, is_list};
use crate::value::{Entry, Value};

/// What a call comes to.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    let whole = |at: usize| integer(arguments.get(at)?);
    match (name, arguments) {
        ("concat", lists) if lists.iter().all(is_list) => {
            Some(Value::List(lists.iter().flat_map(|list| list.elements().to_vec()).collect()))
        }
        ("element", [Value::List(elements), _]) if !elements.is_empty() => {
            let length = i64::try_from(elements.len()).ok()?;
            elements.get(usize::try_from(whole(1)?.rem_euclid(length)).ok()?).cloned()
        }
        ("length", [Value::List(elements)]) => Some(count(elements.len())),
        ("length", [Value::Object(entries)]) => Some(count(entries.len())),
        ("length", [Value::Text(text)]) => Some(count(text.chars().count())),
        ("reverse", [Value::List(elements)]) => Some(Value::List(elements.iter().rev().cloned().collect())),
        ("compact", [Value::List(elements)]) => Some(Value::List(elements.iter().filter(|it| !it.is_empty()).cloned().collect())),
        ("contains", [Value::List(elements), wanted]) => Some(Value::Bool(elements.contains(wanted))),
        ("toset" | "distinct", [Value::List(elements)]) => {
            let mut each: Vec<Value> = Vec::new();
            for element in elements {
                if !each.contains(element) {
                    each.push(element.clone());
                }
            }
            Some(Value::List(each))
        }
        ("keys", [Value::Object(entries)]) => Some(Value::List(sorted(entries).into_iter().map(|entry| entry.key.clone()).collect())),
        ("values", [Value::Object(entries)]) => Some(Value::List(sorted(entries).into_iter().map(|entry| entry.value.clone()).collect())),
        ("lookup", [map @ Value::Object(_), Value::Text(key), rest @ ..]) => {
            map.get(key).map(|entry| &entry.value).or(rest.first()).cloned()
        }
        ("merge", maps) if maps.iter().all(|map| matches!(map, Value::Object(_) | Value::Null)) => {
            let mut merged: Vec<Entry> = Vec::new();
            for entry in maps.iter().flat_map(Value::entries) {
                merged.retain(|before| before.key != entry.key);
                merged.push(entry.clone());
            }
            Some(Value::Object(merged))
        }
        ("coalesce", values) => values.iter().find(|value| !matches!(value, Value::Null) && value.text() != Some("")).cloned(),
        ("coalescelist", lists) if lists.iter().all(is_list) => lists.iter().find(|list| !list.is_empty()).cloned(),
        ("flatten", [Value::List(elements)]) => Some(Value::List(elements.iter().flat_map(flattened).collect())),
        ("slice", [Value::List(elements), _, _]) => {
            let part = elements.get(usize::try_from(whole(1)?).ok()?..usize::try_from(whole(2)?).ok()?)?;
            Some(Value::List(part.to_vec()))
        }
        ("one", [Value::List(elements)]) => match elements.as_slice() {
            [] => Some(Value::Null),
            [one] => Some(one.clone()),
            _ => None,
        },
        ("sort", [Value::List(elements)]) => {
            let mut texts: Vec<String> = elements.iter().map(Value::as_string).collect::<Option<_>>()?;
            texts.sort_unstable();
            Some(Value::List(texts.into_iter().map(Value::Text).collect()))
        }
        ("index", [Value::List(elements), wanted]) => elements.iter().position(|element| element == wanted).map(count),
        ("range", [_]) => Some(Value::List((0..usize::try_from(whole(0)?).ok().filter(|end| *end <= 1_000)?).map(count).collect())),
        ("alltrue" | "anytrue", [Value::List(elements)]) => {
            let truths: Vec<bool> = elements.iter().map(|element| element.as_string()?.parse().ok()).collect::<Option<_>>()?;
            Some(Value::Bool(if name == "alltrue" { truths.iter().all(|it| *it) } else { truths.iter().any(|it| *it) }))
        }
        ("max" | "min", [_, ..]) => {
            let numbers: Vec<f64> = arguments.iter().map(|it| it.as_string()?.parse().ok()).collect::<Option<_>>()?;
            let ordered = numbers.into_iter().reduce(if name == "max" { f64::max } else { f64::min });
            ordered.map(|number| Value::Number(number.to_string()))
        }
        ("setunion", lists) if lists.iter().all(is_list) => {
            call("distinct", &[Value::List(lists.iter().flat_map(|list| list.elements().to_vec()).collect())])
        }
        ("setsubtract" | "setintersection", [Value::List(left), Value::List(right)]) => {
            let kept = left.iter().filter(|element| right.contains(element) == (name == "setintersection"));
            Some(Value::List(kept.cloned().collect()))
        }
        ("zipmap", [Value::List(keys), Value::List(values)]) if keys.len() == values.len() => {
            let entry = |(key, value): (&Value, &Value)| Some(Entry { key: Value::Text(key.as_string()?), value: value.clone(), line: 0 });
            keys.iter().zip(values).map(entry).collect::<Option<_>>().map(Value::Object)
        }
        _ => None,
    }
}

/// The elements of a list, and of the lists in it.
fn flattened(value: &Value) -> Vec<Value> {
    match value {
        Value::List(elements) => elements.iter().flat_map(flattened).collect(),
        other => vec![other.clone()],
    }
}

fn count(length: usize) -> Value {
    Value::Number(length.to_string())
}

fn sorted(entries: &[Entry]) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by(|left, right| left.key.text().cmp(&right.key.text()));
    entries
}
