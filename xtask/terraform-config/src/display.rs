//! Values as Terraform's language writes them.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::block::Block;
use crate::value::{Entry, Reference, Step, Value};

impl Display for Value {
    /// As Terraform's language writes it, in one line.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(number) => out.write_str(number),
            Self::Text(text) => {
                out.write_char('"')?;
                escape(out, text)?;
                out.write_char('"')
            }
            Self::Template(parts) => {
                out.write_char('"')?;
                for part in parts {
                    match part {
                        Self::Text(text) => escape(out, text)?,
                        part => write!(out, "${{{part}}}")?,
                    }
                }
                out.write_char('"')
            }
            Self::List(elements) => {
                out.write_char('[')?;
                separated(out, elements, |out, element| write!(out, "{element}"))?;
                out.write_char(']')
            }
            Self::Object(entries) if entries.is_empty() => out.write_str("{}"),
            Self::Object(entries) => {
                out.write_str("{ ")?;
                separated(out, entries, |out, entry| write!(out, "{entry}"))?;
                out.write_str(" }")
            }
            Self::Reference(reference) => write!(out, "{reference}"),
            Self::Access { of, steps } => {
                write!(out, "{}", Nested(of))?;
                steps.iter().try_for_each(|step| write!(out, "{step}"))
            }
            Self::Call(call) => {
                write!(out, "{}(", call.name)?;
                separated(out, &call.arguments, |out, argument| write!(out, "{argument}"))?;
                out.write_str(if call.expands { "...)" } else { ")" })
            }
            Self::Conditional { test, then, otherwise } => write!(out, "{} ? {then} : {otherwise}", Nested(test)),
            Self::Operation { operator, operands } => match operands.as_slice() {
                [left, right] => write!(out, "({} {operator} {})", Nested(left), Nested(right)),
                operands => operands.iter().try_for_each(|operand| write!(out, "{operator}{}", Nested(operand))),
            },
            Self::For(each) => {
                let (open, close) = if each.key.is_some() { ("{", "}") } else { ("[", "]") };
                write!(out, "{open}for {} in {} : ", each.names.join(", "), each.collection)?;
                if let Some(key) = &each.key {
                    write!(out, "{key} => ")?;
                }
                write!(out, "{}{}", each.result, if each.groups { "..." } else { "" })?;
                if let Some(condition) = &each.condition {
                    write!(out, " if {condition}")?;
                }
                out.write_str(close)
            }
            Self::Unknown(unknown) => out.write_str(&unknown.source),
        }
    }
}

impl Display for Block {
    /// What it says, in one line: the same for two that differ in files, comments and blanks alone.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {{ ", self.kind, self.labels.join(" "))?;
        self.attributes.iter().try_for_each(|(name, (value, _))| write!(out, "{name} = {value}; "))?;
        self.blocks.iter().try_for_each(|inner| write!(out, "{inner}"))?;
        out.write_char('}')
    }
}

impl Display for Entry {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.key.text() {
            Some(name) if crate::syntax::is_identifier(name) => write!(out, "{name} = {}", self.value),
            Some(_) => write!(out, "{} = {}", self.key, self.value),
            None => write!(out, "({}) = {}", self.key, self.value),
        }
    }
}

impl Display for Reference {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.root)?;
        self.steps.iter().try_for_each(|step| write!(out, "{step}"))
    }
}

impl Display for Step {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(out, ".{name}"),
            Self::Index(key) => write!(out, "[{key}]"),
            Self::Splat => out.write_str("[*]"),
        }
    }
}

/// A value within another one: a conditional does not hold together by itself, and what follows all elements is of each.
struct Nested<'a>(&'a Value);

impl Display for Nested<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            value @ Value::Conditional { .. } => write!(out, "({value})"),
            all @ (Value::Reference(Reference { steps, .. }) | Value::Access { steps, .. }) if steps.contains(&Step::Splat) => {
                write!(out, "({all})")
            }
            value => write!(out, "{value}"),
        }
    }
}

fn separated<T>(out: &mut Formatter<'_>, items: &[T], mut one: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.write_str(", ")?;
        }
        one(out, item)?;
    }
    Ok(())
}

/// A literal as it stands between quotes.
fn escape(out: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '$' | '%' if rest.peek() == Some(&'{') => write!(out, "{character}{character}")?,
            other => out.write_char(other)?,
        }
    }
    Ok(())
}
