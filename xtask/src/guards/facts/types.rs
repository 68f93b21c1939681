//! What a variable's type lets an object hold, and what a value has in it that the type does not know: Terraform drops that without
//! a word (https://developer.hashicorp.com/terraform/language/expressions/type-constraints#structural-types).

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey};
use hcl_edit::structure::Structure;

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
pub(crate) struct Dropped {
    /// What it is in: `redis`, or `databases["app"].backup`.
    pub(crate) object: String,
    /// Its name.
    pub(crate) name: String,
    /// Lines below the one in which the value begins.
    pub(crate) line: usize,
    /// The attributes that there are.
    pub(crate) known: Vec<String>,
}

/// What is dropped of the `value` of a variable of this name and type, both as they are written.
pub(crate) fn dropped(name: &str, declared: &str, value: &str) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    if declared.contains("object")
        && let (Some((declared, _)), Some((parsed, value))) = (parse(declared), parse(value))
    {
        collect(name, &Type::of(&declared), &parsed, &value, &mut dropped);
    }
    dropped
}

/// An expression, and the text that its spans are of.
pub(crate) fn parse(text: &str) -> Option<(Expression, String)> {
    let text = format!("it = {text}\n");
    let body = hcl_edit::parser::parse_body(&text).ok()?;
    let expression = body.into_iter().find_map(|structure| match structure {
        Structure::Attribute(attribute) => Some(attribute.value),
        Structure::Block(_) => None,
    });
    Some((expression?, text))
}

fn collect(path: &str, declared: &Type, value: &Expression, text: &str, dropped: &mut Vec<Dropped>) {
    match (declared, value) {
        (_, Expression::Parenthesis(inner)) => collect(path, declared, inner.inner(), text, dropped),
        (Type::Object(attributes), Expression::Object(object)) => {
            for (name, key, value) in entries(object) {
                match attributes.get(&name) {
                    Some(declared) => collect(&format!("{path}.{name}"), declared, value, text, dropped),
                    None => {
                        let at = key.span().map_or(0, |span| span.start);
                        let line = text.get(..at).unwrap_or_default().matches('\n').count();
                        dropped.push(Dropped { object: path.to_owned(), name, line, known: attributes.keys().cloned().collect() });
                    }
                }
            }
        }
        (Type::Each(declared), Expression::Object(object)) => {
            for (name, _, value) in entries(object) {
                collect(&format!("{path}[\"{name}\"]"), declared, value, text, dropped);
            }
        }
        (Type::Each(declared), Expression::Array(values)) => {
            for (at, value) in values.iter().enumerate() {
                collect(&format!("{path}[{at}]"), declared, value, text, dropped);
            }
        }
        (Type::Tuple(declared), Expression::Array(values)) => {
            for (at, (declared, value)) in declared.iter().zip(values).enumerate() {
                collect(&format!("{path}[{at}]"), declared, value, text, dropped);
            }
        }
        _ => {}
    }
}

/// The entries of an object whose keys are written out.
pub(crate) fn entries(object: &Object) -> impl Iterator<Item = (String, &ObjectKey, &Expression)> {
    object.iter().filter_map(|(key, value)| {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(Expression::String(name)) => name.as_str().to_owned(),
            ObjectKey::Expression(_) => return None,
        };
        Some((name, key, value.expr()))
    })
}

impl Type {
    fn of(expression: &Expression) -> Self {
        match expression {
            Expression::Parenthesis(inner) => Self::of(inner.inner()),
            Expression::FuncCall(call) => Self::of_call(call),
            _ => Self::Other,
        }
    }

    fn of_call(call: &FuncCall) -> Self {
        match (call.name.name.as_str(), call.args.get(0)) {
            ("object", Some(Expression::Object(attributes))) => {
                Self::Object(entries(attributes).map(|(name, _, value)| (name, Self::of(value))).collect())
            }
            ("optional", Some(inner)) => Self::of(inner),
            ("list" | "set" | "map", Some(inner)) => Self::Each(Box::new(Self::of(inner))),
            ("tuple", Some(Expression::Array(parts))) => Self::Tuple(parts.iter().map(Self::of).collect()),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dropped;

    const REDIS: &str = "object({\n  maxmemory = optional(string, \"256mb\")\n  tls = optional(object({ port = number }))\n})";

    #[test]
    fn attributes_that_the_type_does_not_know_are_named_with_their_lines() {
        for (declared, value, expected) in [
            (REDIS, "{ maxmemory = \"1gb\" }", &[][..]),
            (REDIS, "{ maxmemry = \"1gb\" }", &[("v", "maxmemry", 0)]),
            (
                REDIS,
                "{\n  # a comment\n  \"maxmemry\" = \"1gb\"\n  tls = {\n    prt = 1\n  }\n}",
                &[("v", "maxmemry", 2), ("v.tls", "prt", 4)],
            ),
            // As JSON has it, and a variable of the shell.
            (REDIS, "{\"maxmemry\":\"1gb\",\"tls\":{\"port\":1}}", &[("v", "maxmemry", 0)]),
            (REDIS, "null", &[]),
            (REDIS, "{", &[]),
            ("map(object({ a = string }))", "{ x = { b = 1 }, y = { a = \"1\" } }", &[("v[\"x\"]", "b", 0)]),
            ("list(object({ a = string }))", "[{ a = \"1\" }, { b = 1 }]", &[("v[1]", "b", 0)]),
            ("tuple([string, object({ a = string })])", "[\"x\", { b = 1 }]", &[("v[1]", "b", 0)]),
            ("map(string)", "{ any = \"1\" }", &[]),
            ("any", "{ any = { at = \"all\" } }", &[]),
            ("object({ a = any })", "{ a = { b = 1 } }", &[]),
        ] {
            let found = dropped("v", declared, value);
            let found: Vec<_> = found.iter().map(|it| (it.object.as_str(), it.name.as_str(), it.line)).collect();
            assert_eq!(found, expected, "{value}");
        }
        assert_eq!(dropped("v", REDIS, "{ maxmemry = 1 }")[0].known, ["maxmemory", "tls"]);
    }
}
