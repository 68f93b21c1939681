//! A property: formatting, comments, quoting, splitting over files and rewriting as JSON never change what is read.
#![allow(clippy::unwrap_used, reason = "a step that cannot be done fails its test")]

use std::fmt::Write as _;
use std::fs;

use terraform_config::{Block, Call, Code, Entry, Place, Reference, Step, Value};

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

const NAMES: [&str; 8] = ["name", "key", "size", "für", "with-dash", "region", "null_x", "x1"];
const TEXTS: [&str; 9] =
    ["", "a", "with \"quotes\" and \\", "two\nlines\n", "tab\tü", "${not} %{either}", "$5 100%", "# no // comment /*", "1"];

fn value(dice: &mut Dice, depth: usize) -> Value {
    let kinds = if depth == 0 { 6 } else { 11 };
    match dice.below(kinds) {
        0 => Value::Null,
        1 => Value::Bool(dice.below(2) == 0),
        2 => Value::Number((*dice.one(&["0", "7", "1.5", "-3", "123456789012"])).to_owned()),
        3 | 4 => Value::Text((*dice.one(&TEXTS)).to_owned()),
        5 => reference(dice),
        6 => Value::List((0..dice.below(4)).map(|_| value(dice, depth - 1)).collect()),
        7 => {
            let mut entries: Vec<Entry> = Vec::new();
            for _ in 0..dice.below(4) {
                let key = Value::Text((*dice.one(&[&NAMES[..], &["for x", "a.b", "1"]].concat())).to_owned());
                if entries.iter().all(|entry| entry.key != key) {
                    entries.push(Entry { key, value: value(dice, depth - 1), line: 0 });
                }
            }
            // As serde_json writes them: order makes no difference to Terraform.
            entries.sort_by(|left, right| left.key.text().cmp(&right.key.text()));
            Value::Object(entries)
        }
        8 => Value::Template(vec![Value::Text("a-".to_owned()), reference(dice), Value::Text("\n%{x \"y\"".to_owned()), reference(dice)]),
        9 => Value::Call(Call {
            name: "f".to_owned(),
            arguments: vec![value(dice, depth - 1), reference(dice)],
            expands: dice.below(2) == 0,
        }),
        _ => Value::Conditional {
            test: Box::new(Value::Operation { operator: "==", operands: vec![reference(dice), value(dice, 0)] }),
            then: Box::new(value(dice, depth - 1)),
            otherwise: Box::new(reference(dice)),
        },
    }
}

fn reference(dice: &mut Dice) -> Value {
    let mut steps = vec![Step::Attribute((*dice.one(&NAMES)).to_owned())];
    match dice.below(4) {
        0 => steps.push(Step::Index(Value::Number("0".to_owned()))),
        1 => steps.push(Step::Index(Value::Text("k".to_owned()))),
        2 => steps.push(Step::Splat),
        _ => {}
    }
    Value::Reference(Reference { root: (*dice.one(&["var", "local", "each"])).to_owned(), steps })
}

fn block(dice: &mut Dice, kind: &str, labels: &[&str], depth: usize) -> Block {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    let mut block = Block::new(kind, labels, Place { file: "x.tf".into(), line: 1 });
    for _ in 0..dice.below(4) {
        let name = (*dice.one(&NAMES)).to_owned();
        block.attributes.insert(name, (value(dice, depth), 1));
    }
    block
}

/// A root's blocks. Where the provider's schema says what is a block, nothing is either.
fn root(dice: &mut Dice) -> Vec<Block> {
    let mut blocks = Vec::new();
    for at in 0..dice.below(6) {
        let name = format!("n{at}");
        blocks.push(match dice.below(4) {
            0 => block(dice, "locals", &[], 3),
            1 => block(dice, "module", &[&name], 2),
            2 => {
                let mut resource = block(dice, "resource", &["aws_x", &name], 0);
                resource.blocks.push(block(dice, "lifecycle", &[], 1));
                resource
            }
            _ => {
                let mut terraform = block(dice, "terraform", &[], 0);
                let (kind, labels) = *dice.one(&[("backend", &["s3"][..]), ("cloud", &[])]);
                terraform.blocks.push(block(dice, kind, labels, 2));
                terraform
            }
        });
    }
    blocks
}

/// What is read, without its places, in an order that files do not decide.
fn shape(blocks: &[Block]) -> Vec<String> {
    let one = |block: &Block| {
        let attributes: Vec<String> = block.attributes.iter().map(|(name, (value, _))| format!("{name} = {value}")).collect();
        format!("{} {attributes:?} {:?}", block.address(), shape(&block.blocks))
    };
    let mut shapes: Vec<String> = blocks.iter().map(one).collect();
    shapes.sort();
    shapes
}

/// One of many ways to write the same in the native syntax.
struct Hand<'a> {
    dice: &'a mut Dice,
    end: &'static str,
}

impl Hand<'_> {
    fn gap(&mut self) -> &'static str {
        self.dice.one::<&'static str>(&["", " ", "  ", "\t", " /* a \"comment\" { */ "])
    }

    fn line_end(&mut self) -> String {
        let comment = *self.dice.one(&["", "", " # }", " // \"", "  /* x */"]);
        let empty = *self.dice.one(&["", "", "  ", "# alone"]);
        let end = self.end;
        if empty.is_empty() { format!("{comment}{end}") } else { format!("{comment}{end}{empty}{end}") }
    }

    /// Blanks within brackets, where ends of lines are blanks too.
    fn inside(&mut self) -> String {
        if self.dice.below(4) == 0 { self.line_end() } else { self.gap().to_owned() }
    }

    fn block(&mut self, block: &Block) -> String {
        let mut text = format!("{}{}", self.gap(), block.kind);
        for label in &block.labels {
            let _ = if self.dice.below(2) == 0 { write!(text, " {label}") } else { write!(text, " \"{label}\"") };
        }
        let _ = write!(text, " {{");
        if block.blocks.is_empty() && block.attributes.len() == 1 && self.dice.below(3) == 0 {
            let attribute = self.attribute(block.attributes.iter().next().unwrap());
            // A heredoc needs lines of its own.
            if !attribute.contains("<<") {
                return format!("{text} {attribute} }}{}", self.line_end());
            }
        }
        text += &self.line_end();
        for attribute in &block.attributes {
            text += &self.attribute(attribute);
            text += &self.line_end();
        }
        for inner in &block.blocks {
            text += &self.block(inner);
        }
        format!("{text}}}{}", self.line_end())
    }

    fn attribute(&mut self, (name, (value, _)): (&String, &(Value, usize))) -> String {
        format!("{}{name}{}={}{}", self.gap(), self.gap(), self.gap(), self.value(value))
    }

    fn value(&mut self, value: &Value) -> String {
        match value {
            Value::Number(number) if self.dice.below(3) == 0 && !number.contains('.') => format!("{number}.0"),
            Value::Text(text) => self.text(text),
            Value::List(elements) => {
                let elements: Vec<String> =
                    elements.iter().map(|it| format!("{}{}{}", self.inside(), self.value(it), self.inside())).collect();
                let last = if self.dice.below(2) == 0 && !elements.is_empty() { "," } else { "" };
                format!("[{}{last}{}]", elements.join(","), self.inside())
            }
            Value::Object(entries) => {
                let mut text = "{".to_owned();
                for entry in entries {
                    // Of two entries with one key, the later counts.
                    if self.dice.below(5) == 0 {
                        text += &format!("{} = \"earlier\"{}", entry.key, self.line_end());
                    }
                    let key = match entry.key.text().unwrap() {
                        "1" => "1".to_owned(),
                        name if NAMES.contains(&name) && self.dice.below(2) == 0 => name.to_owned(),
                        name => format!("\"{name}\""),
                    };
                    let sign = *self.dice.one(&["=", ":"]);
                    let end = if self.dice.below(2) == 0 { ",".to_owned() } else { self.line_end() };
                    text += &format!("{}{key} {sign}{}{}{end}", self.gap(), self.gap(), self.value(&entry.value));
                }
                text + self.gap() + "}"
            }
            Value::Call(call) => {
                let arguments: Vec<String> = call.arguments.iter().map(|it| format!("{}{}", self.inside(), self.value(it))).collect();
                let end = if call.expands { "..." } else { "" };
                format!("{}{}({}{end}{})", call.name, self.gap(), arguments.join(","), self.inside())
            }
            Value::Reference(reference) if self.dice.below(3) == 0 => format!("\"${{{}{reference}{}}}\"", self.inside(), self.inside()),
            Value::Reference(reference) if reference.steps.last() == Some(&Step::Index(Value::Number("0".to_owned()))) => {
                format!("{}.0", reference.to_string().trim_end_matches("[0]"))
            }
            value if self.dice.below(3) == 0 => format!("({}{value}{})", self.inside(), self.inside()),
            value => value.to_string(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let value = Value::Text(text.to_owned());
        match self.dice.below(4) {
            // In one with Windows' ends of lines, they would be a part of it.
            0 if text.ends_with('\n') && self.end == "\n" => format!("(<<E\n{text}E\n)"),
            1 if text.ends_with('\n') && self.end == "\n" => {
                format!("(<<-E\n{}    E\n)", text.split_inclusive('\n').map(|it| format!("    {it}")).collect::<String>())
            }
            2 => value.to_string().replace('ü', "\\u00fc"),
            3 => format!("\"${{{value}}}\""),
            _ => value.to_string(),
        }
    }
}

fn json_of(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => serde_json::from_str(number).unwrap(),
        Value::Text(text) => text.replace("${", "$${").replace("%{", "%%{").into(),
        Value::List(elements) => elements.iter().map(json_of).collect(),
        Value::Object(entries) => entries.iter().map(|entry| (entry.key.text().unwrap().to_owned(), json_of(&entry.value))).collect(),
        Value::Template(parts) => {
            let part =
                |part: &Value| if let Value::Text(_) = part { json_of(part).as_str().unwrap().to_owned() } else { format!("${{{part}}}") };
            parts.iter().map(part).collect::<String>().into()
        }
        other => format!("${{{other}}}").into(),
    }
}

fn json_block(block: &Block) -> serde_json::Value {
    let attributes = block.attributes.iter().map(|(name, (value, _))| (name.clone(), json_of(value)));
    let mut body: serde_json::Map<_, _> = attributes.collect();
    body.insert("//".to_owned(), "a comment".into());
    for inner in &block.blocks {
        body.insert(inner.kind.clone(), labelled(inner));
    }
    body.into()
}

fn labelled(block: &Block) -> serde_json::Value {
    block.labels.iter().rev().fold(json_block(block), |content, label| serde_json::json!({ label: content }))
}

#[test]
fn the_way_in_which_it_is_written_never_changes_what_is_read() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..400 {
        let blocks = root(&mut dice);
        let expected = shape(&blocks);
        for way in 0..3 {
            let directory = tempfile::tempdir().unwrap();
            let mut files = [String::new(), String::new()];
            if way == 2 {
                // A list of objects, since each may be there more than once.
                let parts: Vec<serde_json::Value> =
                    blocks.iter().map(|block| serde_json::json!({ &block.kind: labelled(block) })).collect();
                let text = if dice.below(2) == 0 { serde_json::to_string(&parts) } else { serde_json::to_string_pretty(&parts) };
                fs::write(directory.path().join("main.tf.json"), text.unwrap()).unwrap();
            } else {
                let end: &'static str = dice.one::<&'static str>(&["\n", "\n", "\r\n"]);
                for block in &blocks {
                    let file = dice.below(2);
                    files[file] += &Hand { dice: &mut dice, end }.block(block);
                }
                let mark = *dice.one(&["", "\u{feff}"]);
                fs::write(directory.path().join("a.tf"), format!("{mark}{}", files[0])).unwrap();
                fs::write(directory.path().join("b.tf"), &files[1]).unwrap();
            }
            let code = Code::read(directory.path());
            assert_eq!(code.mistakes, [], "round {round}\n{}\n{}", files[0], files[1]);
            assert_eq!(shape(&code.blocks), expected, "round {round}, way {way}\n{}\n{}", files[0], files[1]);
        }
    }
}
