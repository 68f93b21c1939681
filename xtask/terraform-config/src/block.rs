//! Blocks and the lines they stand on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::syntax::parse_expression;
use crate::value::Value;

/// A file and a line of it, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
}

impl Place {
    /// Where a file begins: for what is true of all of it.
    pub fn top_of(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), line: 1 }
    }
}

/// A comment of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The line in which it begins, counted from 1.
    pub line: usize,
    /// The line in which it ends.
    pub last_line: usize,
    /// Whether its lines hold nothing else.
    pub stands_alone: bool,
    /// What it says, without the signs of a comment.
    pub text: String,
}

/// A block with what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// `resource`, `terraform`, `backend`, ...
    pub kind: String,
    /// The strings after it.
    pub labels: Vec<String>,
    /// Attributes by name, with their lines.
    pub attributes: BTreeMap<String, (Value, usize)>,
    /// Blocks inside, in order.
    pub blocks: Vec<Block>,
    /// Where it begins.
    pub place: Place,
    /// All comments, in the block that stands for a whole file.
    pub comments: Vec<Comment>,
    /// Where attributes stand that an override file has set.
    pub(crate) overridden: BTreeMap<String, Place>,
}

impl Block {
    /// One with nothing in it yet.
    pub fn new(kind: &str, labels: Vec<String>, place: Place) -> Self {
        Self {
            kind: kind.to_owned(),
            labels,
            attributes: BTreeMap::new(),
            blocks: Vec::new(),
            place,
            comments: Vec::new(),
            overridden: BTreeMap::new(),
        }
    }

    /// The first string after its kind, such as a resource's type; empty where there is none.
    pub fn label(&self) -> &str {
        self.labels.first().map_or("", String::as_str)
    }

    /// The directory of the file that it is in.
    pub fn directory(&self) -> &Path {
        self.place.file.parent().unwrap_or(Path::new(""))
    }

    /// The value of an attribute.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name).map(|(value, _)| value)
    }

    /// The attribute's value, when it is a string with nothing to be filled in.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.text()
    }

    /// The blocks of one kind in it.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Self> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// Where an attribute stands, else where the block begins.
    pub fn place_of(&self, attribute: &str) -> Place {
        if let Some(place) = self.overridden.get(attribute) {
            return place.clone();
        }
        let line = self.attributes.get(attribute).map_or(self.place.line, |(_, line)| *line);
        Place { file: self.place.file.clone(), line }
    }

    /// The file of [`Self::place_of`] with another line: of something inside the attribute's value.
    pub fn place_within(&self, attribute: &str, line: usize) -> Place {
        Place { line, ..self.place_of(attribute) }
    }

    /// True where nothing in it is left to be evaluated.
    pub fn is_literal(&self) -> bool {
        self.attributes.values().all(|(value, _)| value.is_literal()) && self.blocks.iter().all(Self::is_literal)
    }

    /// As Terraform calls it: `docker_volume.data`, `data.http.it`, `module.network`, or the kind alone.
    pub fn address(&self) -> String {
        let kind = Some(&self.kind).filter(|kind| *kind != "resource" || self.labels.is_empty());
        kind.into_iter().chain(&self.labels).map(String::as_str).collect::<Vec<_>>().join(".")
    }

    /// Makes the names that may be written as strings, by the JSON syntax or by Terraform 0.11, what they are.
    pub(crate) fn read_names(&mut self) {
        for (name, (value, _)) in &mut self.attributes {
            if holds_names(&self.kind, name) {
                unquote(value);
            }
        }
        self.blocks.iter_mut().for_each(Self::read_names);
    }
}

/// Arguments that Terraform reads as names and not as values:
/// <https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping>, and below it for each kind of block.
fn holds_names(kind: &str, attribute: &str) -> bool {
    matches!(
        (kind, attribute),
        (_, "depends_on")
            | ("variable", "type")
            | ("resource" | "data" | "ephemeral", "provider")
            | ("module", "providers")
            | ("moved" | "removed", "from")
            | ("moved" | "import", "to")
            | ("lifecycle", "ignore_changes" | "replace_triggered_by")
    )
}

fn unquote(value: &mut Value) {
    match value {
        Value::Text(text) => {
            if let Ok(name) = parse_expression(text) {
                *value = name;
            }
        }
        Value::List(elements) => elements.iter_mut().for_each(unquote),
        Value::Object(entries) => entries.iter_mut().for_each(|entry| unquote(&mut entry.value)),
        _ => {}
    }
}
