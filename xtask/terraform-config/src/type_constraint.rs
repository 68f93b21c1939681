//! What a variable's type lets an object hold, and what a value has in it that the type does not know: Terraform drops that without
//! a word (<https://developer.hashicorp.com/terraform/language/expressions/type-constraints#structural-types>).

use std::collections::BTreeMap;

use crate::value::{Call, Entry, Value};

/// A type, as far as objects are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    /// These attributes.
    Object(BTreeMap<String, Type>),
    /// Any number of these: a list, a set or a map.
    Each(Box<Type>),
    /// One after the other.
    Tuple(Vec<Type>),
    /// No object, or one that may hold anything.
    Other,
}

/// An attribute that is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// What it is in: `redis`, or `databases["app"].backup`.
    pub object: String,
    /// Its name.
    pub name: String,
    /// The line in which it stands.
    pub line: usize,
    /// The attributes that there are.
    pub known: Vec<String>,
}

/// What is dropped of the `value` of a variable of this name and declared type.
pub fn dropped(name: &str, declared: &Value, value: &Value) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    collect(name, &Type::of(declared), value, &mut dropped);
    dropped
}

/// What Terraform makes of a value of this type: a number is a string where one is wanted, and attributes that are left out have
/// their defaults. What does not fit is left for Terraform to refuse.
pub(crate) fn converted(declared: &Value, value: Value) -> Value {
    match declared {
        Value::Reference(simple) if simple.root == "string" => value.as_string().map_or(value, Value::Text),
        Value::Call(call) => match (call.name.as_str(), call.arguments.as_slice(), value) {
            ("object", [Value::Object(attributes)], Value::Object(entries)) => Value::Object(with_defaults(attributes, entries)),
            ("optional", [inner, ..], value) => converted(inner, value),
            ("list" | "set", [of], Value::List(elements)) => Value::List(elements.into_iter().map(|it| converted(of, it)).collect()),
            ("map", [of], Value::Object(entries)) => {
                let converted = entries.into_iter().map(|entry| Entry { value: converted(of, entry.value), ..entry });
                Value::Object(converted.collect())
            }
            (_, _, value) => value,
        },
        _ => value,
    }
}

fn with_defaults(attributes: &[Entry], mut entries: Vec<Entry>) -> Vec<Entry> {
    for attribute in attributes {
        let default = attribute.value.call("optional").and_then(|call| call.arguments.get(1));
        let found = entries.iter_mut().find(|entry| entry.key == attribute.key);
        match (found, default) {
            (Some(entry), Some(default)) if entry.value == Value::Null => entry.value = default.clone(),
            (None, Some(default)) => {
                entries.push(Entry { key: attribute.key.clone(), value: default.clone(), line: attribute.line });
            }
            (Some(_), _) | (None, None) => {}
        }
    }
    for entry in &mut entries {
        if let Some(attribute) = attributes.iter().find(|attribute| attribute.key == entry.key) {
            entry.value = converted(&attribute.value, std::mem::replace(&mut entry.value, Value::Null));
        }
    }
    entries
}

fn collect(path: &str, declared: &Type, value: &Value, dropped: &mut Vec<Dropped>) {
    let keyed = || value.entries().iter().filter_map(|entry| Some((entry.key.text()?, entry)));
    match declared {
        Type::Object(attributes) => {
            for (name, entry) in keyed() {
                match attributes.get(name) {
                    Some(declared) => collect(&format!("{path}.{name}"), declared, &entry.value, dropped),
                    None => {
                        let known = attributes.keys().cloned().collect();
                        dropped.push(Dropped { object: path.to_owned(), name: name.to_owned(), line: entry.line, known });
                    }
                }
            }
        }
        Type::Each(declared) => {
            for (name, entry) in keyed() {
                collect(&format!("{path}[\"{name}\"]"), declared, &entry.value, dropped);
            }
            for (at, value) in value.elements().iter().enumerate() {
                collect(&format!("{path}[{at}]"), declared, value, dropped);
            }
        }
        Type::Tuple(parts) => {
            for (at, (declared, value)) in parts.iter().zip(value.elements()).enumerate() {
                collect(&format!("{path}[{at}]"), declared, value, dropped);
            }
        }
        Type::Other => {}
    }
}

impl Type {
    fn of(declared: &Value) -> Self {
        let Value::Call(Call { name, arguments, .. }) = declared else {
            return Self::Other;
        };
        match (name.as_str(), arguments.first()) {
            ("object", Some(Value::Object(entries))) => {
                let named = entries.iter().filter_map(|entry| Some((entry.key.text()?.to_owned(), Self::of(&entry.value))));
                Self::Object(named.collect())
            }
            ("optional", Some(inner)) => Self::of(inner),
            ("list" | "set" | "map", Some(inner)) => Self::Each(Box::new(Self::of(inner))),
            ("tuple", Some(Value::List(parts))) => Self::Tuple(parts.iter().map(Self::of).collect()),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dropped;
    use crate::parse_expression;

    const REDIS: &str = "object({\n  maxmemory = optional(string, \"256mb\")\n  tls = optional(object({ port = number }))\n})";

    #[test]
    fn attributes_that_the_type_does_not_know_are_named_with_their_lines() {
        let value = |text: &str| parse_expression(text).unwrap();
        for (declared, written, expected) in [
            (REDIS, "{ maxmemory = \"1gb\" }", &[][..]),
            (REDIS, "{ maxmemry = \"1gb\" }", &[("v", "maxmemry", 1)]),
            (
                REDIS,
                "{\n  # a comment\n  \"maxmemry\" = \"1gb\"\n  tls = {\n    prt = 1\n  }\n}",
                &[("v", "maxmemry", 3), ("v.tls", "prt", 5)],
            ),
            // As JSON has it, and a variable of the shell.
            (REDIS, "{\"maxmemry\":\"1gb\",\"tls\":{\"port\":1}}", &[("v", "maxmemry", 1)]),
            (REDIS, "null", &[]),
            ("map(object({ a = string }))", "{ x = { b = 1 }, y = { a = \"1\" } }", &[("v[\"x\"]", "b", 1)]),
            ("list(object({ a = string }))", "[{ a = \"1\" }, { b = 1 }]", &[("v[1]", "b", 1)]),
            ("tuple([string, object({ a = string })])", "[\"x\", { b = 1 }]", &[("v[1]", "b", 1)]),
            ("map(string)", "{ any = \"1\" }", &[]),
            ("any", "{ any = { at = \"all\" } }", &[]),
            ("object({ a = any })", "{ a = { b = 1 } }", &[]),
        ] {
            let found = dropped("v", &value(declared), &value(written));
            let found: Vec<_> = found.iter().map(|it| (it.object.as_str(), it.name.as_str(), it.line)).collect();
            assert_eq!(found, expected, "{written}");
        }
        assert_eq!(dropped("v", &value(REDIS), &value("{ maxmemry = 1 }"))[0].known, ["maxmemory", "tls"]);
    }
}
