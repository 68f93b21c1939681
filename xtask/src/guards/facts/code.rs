//! Terraform code as the guards see it: blocks, attributes and the lines they stand on, from HCL and from its JSON form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;
use hcl_edit::{Decorate, Span};

use super::json_code;
use crate::unreadable;

/// A file and a line of it, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line.
    pub(crate) line: usize,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A string without anything to be filled in.
    Text(String),
    /// Anything else, as it is written.
    Expression(String),
}

/// A block with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// `resource`, `terraform`, `backend`, ...
    pub(crate) kind: String,
    /// The strings after it.
    pub(crate) labels: Vec<String>,
    /// Attributes by name, with their lines.
    pub(crate) attributes: BTreeMap<String, (Value, usize)>,
    /// Blocks inside.
    pub(crate) blocks: Vec<Block>,
    /// Where it begins.
    pub(crate) place: Place,
    /// Where attributes stand that an override file has set.
    overridden: BTreeMap<String, Place>,
}

/// Everything that Terraform reads in one directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Code {
    /// Blocks of the ordinary files in the order of file names, changed by the override files; then those of the override files
    /// that change none: a later one wins.
    pub(crate) blocks: Vec<Block>,
    /// Files that cannot be understood, and why.
    pub(crate) mistakes: Vec<(Place, String)>,
}

impl Code {
    /// Reads the `.tf` and `.tf.json` files of a directory, as Terraform would; OpenTofu's own `.tofu` files are not for it.
    pub(crate) fn read(directory: &Path) -> Self {
        let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let mut files: Vec<PathBuf> = entries.filter(|path| is_code(path)).collect();
        // https://developer.hashicorp.com/terraform/language/files/override
        files.sort_by_key(|path| (is_override(path), path.clone()));
        let mut code = Self::default();
        for file in files {
            let mistake = |line, why| (Place { file: file.clone(), line }, why);
            match unreadable::read_text(&file) {
                Ok(text) => match parse(&file, &text) {
                    Ok(blocks) if is_override(&file) => blocks.into_iter().for_each(|block| code.override_by(block)),
                    Ok(blocks) => code.blocks.extend(blocks),
                    Err((line, why)) => code.mistakes.push(mistake(line, why)),
                },
                Err(error) => code.mistakes.push(mistake(1, error.to_string())),
            }
        }
        code
    }

    /// Attributes and nested blocks of an override file replace those of the block of the same name.
    fn override_by(&mut self, block: Block) {
        if block.kind == "locals" {
            for locals in self.blocks.iter_mut().filter(|found| found.kind == "locals") {
                locals.attributes.retain(|name, _| !block.attributes.contains_key(name));
            }
        }
        let is_named = !block.labels.is_empty();
        let same = |found: &&mut Block| is_named && found.address() == block.address() && found.text("alias") == block.text("alias");
        let Some(base) = self.blocks.iter_mut().find(same) else {
            self.blocks.push(block);
            return;
        };
        for (name, (value, line)) in block.attributes {
            base.overridden.insert(name.clone(), Place { file: block.place.file.clone(), line });
            base.attributes.insert(name, (value, line));
        }
        base.blocks.retain(|nested| block.blocks.iter().all(|other| other.kind != nested.kind));
        base.blocks.extend(block.blocks);
    }

    /// The blocks of one kind.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

impl Block {
    /// One with nothing in it yet.
    pub(super) fn new(kind: &str, labels: Vec<String>, place: Place) -> Self {
        Self { kind: kind.to_owned(), labels, attributes: BTreeMap::new(), blocks: Vec::new(), place, overridden: BTreeMap::new() }
    }

    /// The attribute's value, when it is a plain string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name) {
            Some((Value::Text(text), _)) => Some(text),
            _ => None,
        }
    }

    /// Where an attribute stands, else where the block begins.
    pub(crate) fn place_of(&self, attribute: &str) -> Place {
        if let Some(place) = self.overridden.get(attribute) {
            return place.clone();
        }
        let line = self.attributes.get(attribute).map_or(self.place.line, |(_, line)| *line);
        Place { file: self.place.file.clone(), line }
    }

    /// `resource.docker_volume.data`, or the kind alone.
    pub(crate) fn address(&self) -> String {
        std::iter::once(&self.kind).chain(&self.labels).map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

/// As Terraform's own `IsIgnoredFile` has it: a `#` at the beginning alone hides nothing.
fn is_code(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_ignored = name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#');
    !is_ignored && (name.ends_with(".tf") || name.ends_with(".tf.json"))
}

fn is_override(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_end_matches(".json").trim_end_matches(".tf");
    stem == "override" || stem.ends_with("_override")
}

/// The blocks of a file; a mistake with its line.
pub(crate) fn parse(file: &Path, text: &str) -> Result<Vec<Block>, (usize, String)> {
    let text = without_mark(text);
    if file.extension().is_some_and(|extension| extension == "json") {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| (error.line(), error.to_string()))?;
        return Ok(json_code::blocks(file, &value));
    }
    let body: Body = hcl_edit::parser::parse_body(text).map_err(|error| (error.location().line(), error.message().to_owned()))?;
    Ok(Lines::of(file, text).block("", Vec::new(), &body, 1).blocks)
}

/// Attributes at the top of a file, as `.tfbackend` and `.tfvars` files have them, also in JSON.
pub(crate) fn parse_attributes(file: &Path, text: &str) -> Result<Block, (usize, String)> {
    let text = without_mark(text);
    if file.extension().is_some_and(|extension| extension == "json") {
        let fields = serde_json::from_str(text).map_err(|error| (error.line(), error.to_string()))?;
        let mut block = json_code::block(file, "", &[], &fields);
        for (name, (_, line)) in &mut block.attributes {
            let key = format!("\"{name}\"");
            *line = text.lines().position(|text| text.trim_start().starts_with(&key)).map_or(1, |at| at + 1);
        }
        return Ok(block);
    }
    let body: Body = hcl_edit::parser::parse_body(text).map_err(|error| (error.location().line(), error.message().to_owned()))?;
    Ok(Lines::of(file, text).block("", Vec::new(), &body, 1))
}

/// Editors of Windows begin a file with a byte order mark, which Terraform passes over.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

impl Value {
    fn of(expression: &Expression) -> Self {
        if let Some(text) = literal(expression) {
            return Self::Text(text);
        }
        // What stands around it are blanks and comments.
        let mut bare = expression.clone();
        bare.decor_mut().clear();
        Self::Expression(bare.to_string().trim().to_owned())
    }
}

/// The text that an expression comes to without anything to be filled in, however it is spelled.
fn literal(expression: &Expression) -> Option<String> {
    let part = |element: &Element| match element {
        Element::Literal(text) => Some(text.to_string()),
        Element::Interpolation(inner) => literal(&inner.expr),
        Element::Directive(_) => None,
    };
    match expression {
        Expression::String(text) => Some(text.to_string()),
        Expression::Parenthesis(inner) => literal(inner.inner()),
        Expression::StringTemplate(template) => template.iter().map(part).collect(),
        Expression::HeredocTemplate(heredoc) => heredoc.template.iter().map(part).collect(),
        _ => None,
    }
}

/// Where the lines of a file begin.
struct Lines<'a> {
    file: &'a Path,
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(file: &'a Path, text: &str) -> Self {
        Self { file, ends: text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect() }
    }

    fn line(&self, spanned: &impl Span) -> usize {
        let start = spanned.span().map_or(0, |span| span.start);
        self.ends.partition_point(|end| *end < start) + 1
    }

    fn block(&self, kind: &str, labels: Vec<String>, body: &Body, line: usize) -> Block {
        let place = Place { file: self.file.to_owned(), line };
        let mut block =
            Block { kind: kind.to_owned(), labels, attributes: BTreeMap::new(), blocks: Vec::new(), place, overridden: BTreeMap::new() };
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    block.attributes.insert(attribute.key.to_string(), (Value::of(&attribute.value), self.line(&attribute.key)));
                }
                Structure::Block(inner) => {
                    let labels = inner.labels.iter().map(|label| label.as_str().to_owned()).collect();
                    block.blocks.push(self.block(inner.ident.as_str(), labels, &inner.body, self.line(&inner.ident)));
                }
            }
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Value, is_override, parse};
    use std::fs;
    use std::path::Path;

    const HCL: &str =
        "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key    = \"${local.k}\"\n  }\n}\n\nresource \"a\" \"b\" {}\n";
    const JSON: &str = r#"{"terraform": {"backend": {"s3": {"bucket": "b", "key": "${local.k}"}}}, "resource": {"a": {"b": {}}}}"#;

    #[test]
    fn both_forms_of_the_language_mean_the_same() {
        for (file, text, line) in [("main.tf", HCL, 3), ("main.tf.json", JSON, 1)] {
            let blocks = parse(Path::new(file), text).unwrap();
            let terraform = blocks.iter().find(|block| block.kind == "terraform").unwrap();
            let backend = &terraform.blocks[0];
            assert_eq!((backend.kind.as_str(), backend.labels[0].as_str()), ("backend", "s3"), "{file}");
            assert_eq!((backend.text("bucket"), backend.text("key")), (Some("b"), None), "{file}");
            assert_eq!(backend.place_of("bucket").line, line, "{file}");
            assert!(matches!(backend.attributes["key"].0, Value::Expression(_)), "{file}");
            let resource = blocks.iter().find(|block| block.kind == "resource").unwrap();
            assert_eq!(resource.address(), "resource.a.b", "{file}");
        }
    }

    #[test]
    fn reads_what_terraform_reads_overrides_last_and_names_what_it_cannot_understand() {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a_override.tf", "locals { x = 2 }\n"),
            ("z.tf", "locals {\n  x = 1\n}\n"),
            ("main.tofu", "locals { x = 3 }\n"),
            (".hidden.tf", "locals { x = 4 }\n"),
            ("broken.tf", "locals {\n  x = \n}\n"),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
        }
        let code = Code::read(directory.path());
        let files: Vec<_> = code.blocks.iter().map(|block| block.place.file.file_name().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(files, ["z.tf", "a_override.tf"]);
        assert_eq!(code.mistakes.len(), 1);
        assert_eq!(code.mistakes[0].0.line, 2, "{:?}", code.mistakes);
    }

    #[test]
    fn variables_have_lines_in_both_forms() {
        for (file, text) in [("a.tfvars", "size = \"s\"\nowner = \"o\"\n"), ("a.tfvars.json", "{\"size\": \"s\",\n \"owner\": \"o\"}")] {
            let block = super::parse_attributes(Path::new(file), text).unwrap();
            assert_eq!((block.text("owner"), block.place_of("owner").line), (Some("o"), 2), "{file}");
        }
        assert_eq!(super::parse_attributes(Path::new("a.tfvars.json"), "{\n,").unwrap_err().0, 2);
    }

    #[test]
    fn override_files_are_known_by_their_names() {
        for (name, expected) in
            [("override.tf", true), ("x_override.tf.json", true), ("overrides.tf", false), ("override_x.tf", false), ("main.tf", false)]
        {
            assert_eq!(is_override(Path::new(name)), expected, "{name}");
        }
    }
}
