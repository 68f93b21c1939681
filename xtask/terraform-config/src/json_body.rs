//! The JSON syntax, as the blocks that it stands for: <https://developer.hashicorp.com/terraform/language/syntax/json>.

use std::path::Path;

use crate::block::{Block, Place};
use crate::json::{Json, Member};
use crate::syntax::{Result, SyntaxError, number, parse_template};
use crate::value::{Entry, Value};

/// A file of blocks.
pub(crate) fn parse_file(file: &Path, text: &str) -> Result<Block> {
    let mut top = Block::new("", Vec::new(), Place::top_of(file));
    let json = Json::parse(text)?;
    let parts = if let Json::List(parts) = &json { parts.as_slice() } else { std::slice::from_ref(&json) };
    for part in parts {
        if !matches!(part, Json::Object(_)) {
            return Err(SyntaxError { line: 1, message: "expected an object at the top".to_owned() });
        }
        members(part).iter().filter(|member| !is_comment(member)).try_for_each(|member| nested(&mut top, member))?;
    }
    Ok(top)
}

/// A file of values: strings stand for themselves.
pub(crate) fn parse_values(file: &Path, text: &str) -> Result<Block> {
    let mut top = Block::new("", Vec::new(), Place::top_of(file));
    for member in members(&Json::parse(text)?) {
        top.attributes.insert(member.name.clone(), (value(&member.value, member.line, false)?, member.line));
    }
    Ok(top)
}

/// How many labels a block of this kind has.
fn label_count(kind: &str) -> usize {
    match kind {
        "resource" | "data" | "ephemeral" | "action" | "list" => 2,
        "variable" | "output" | "module" | "provider" | "backend" | "check" | "provisioner" | "dynamic" | "provider_meta" => 1,
        _ => 0,
    }
}

/// What the members of a block are.
enum Members {
    /// These are blocks, and all others arguments.
    Known(&'static [&'static str]),
    /// These are blocks. The provider's schema says what the others are, so they are kept as both.
    OfProvider(&'static [&'static str]),
}

fn members_of(kind: &str) -> Members {
    match kind {
        "terraform" => Members::Known(&["backend", "cloud", "required_providers", "provider_meta"]),
        "variable" => Members::Known(&["validation"]),
        "output" => Members::Known(&["precondition"]),
        "check" => Members::Known(&["assert", "data"]),
        "removed" => Members::Known(&["lifecycle", "provisioner"]),
        "lifecycle" => Members::Known(&["precondition", "postcondition"]),
        "backend" | "cloud" => Members::Known(&["workspaces"]),
        "dynamic" => Members::Known(&["content"]),
        "resource" | "data" | "ephemeral" => Members::OfProvider(&["lifecycle", "provisioner", "connection", "dynamic"]),
        "provisioner" => Members::Known(&["connection"]),
        "locals" | "module" | "moved" | "import" | "required_providers" | "validation" | "precondition" | "postcondition" | "assert"
        | "workspaces" | "connection" => Members::Known(&[]),
        _ => Members::OfProvider(&[]),
    }
}

/// Adds the blocks that a member of a body stands for.
fn nested(block: &mut Block, member: &Member) -> Result<()> {
    labelled(block, &member.name, label_count(&member.name), &[], member.line, &member.value)
}

fn labelled(block: &mut Block, kind: &str, labels_left: usize, labels: &[String], line: usize, json: &Json) -> Result<()> {
    match json {
        Json::List(items) => items.iter().try_for_each(|item| labelled(block, kind, labels_left, labels, line, item)),
        Json::Object(members) if labels_left > 0 => members.iter().filter(|member| !is_comment(member)).try_for_each(|member| {
            let labels = [labels, std::slice::from_ref(&member.name)].concat();
            labelled(block, kind, labels_left - 1, &labels, member.line, &member.value)
        }),
        Json::Object(members) => {
            let mut inner = Block::new(kind, labels.to_vec(), Place { file: block.place.file.clone(), line });
            members.iter().filter(|member| !is_comment(member)).try_for_each(|member| inner_member(&mut inner, member))?;
            block.blocks.push(inner);
            Ok(())
        }
        Json::Null => Ok(()),
        _ => Err(SyntaxError { line, message: format!("`{kind}` is a block: expected an object") }),
    }
}

fn inner_member(block: &mut Block, member: &Member) -> Result<()> {
    let is_object = |json: &Json| matches!(json, Json::Object(_));
    let (is_block, is_argument) = match members_of(&block.kind) {
        Members::Known(blocks) | Members::OfProvider(blocks) if blocks.contains(&member.name.as_str()) => {
            nested(block, member)?;
            (true, false)
        }
        Members::OfProvider(_) if is_object(&member.value) || matches!(&member.value, Json::List(all) if all.iter().all(is_object)) => {
            labelled(block, &member.name, 0, &[], member.line, &member.value)?;
            (true, true)
        }
        Members::Known(_) | Members::OfProvider(_) => (false, true),
    };
    if is_argument {
        // A default is used before there is anything to fill in.
        let fills = (block.kind.as_str(), member.name.as_str()) != ("variable", "default");
        let earlier = block.attributes.insert(member.name.clone(), (value(&member.value, member.line, fills)?, member.line));
        if !is_block && let Some((_, first)) = earlier {
            let message = format!("`{}` is already set in line {first} of this block", member.name);
            return Err(SyntaxError { line: member.line, message });
        }
    }
    Ok(())
}

/// An argument. Strings are templates where something can be filled in.
fn value(json: &Json, line: usize, fills: bool) -> Result<Value> {
    let text = |text: &str, line| if fills { parse_template(text, line) } else { Ok(Value::Text(text.to_owned())) };
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(written) => Value::Number(number(written)),
        Json::Text(written) => text(written, line)?,
        Json::List(items) => Value::List(items.iter().map(|item| value(item, line, fills)).collect::<Result<_>>()?),
        Json::Object(members) => {
            let mut entries: Vec<Entry> = Vec::new();
            for member in members {
                let key = text(&member.name, member.line)?;
                if let Some(entry) = entries.iter().find(|entry| entry.key.text().is_some() && entry.key == key) {
                    let message = format!("`{}` is already set in line {} of this object", member.name, entry.line);
                    return Err(SyntaxError { line: member.line, message });
                }
                entries.push(Entry { key, value: value(&member.value, member.line, fills)?, line: member.line });
            }
            Value::Object(entries)
        }
    })
}

fn members(json: &Json) -> &[Member] {
    if let Json::Object(members) = json { members } else { &[] }
}

/// `//` in a body is a comment.
fn is_comment(member: &Member) -> bool {
    member.name == "//"
}
