//! The native syntax, after its specification (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md) and, where that
//! leaves something open, after the scanner and parser beside it.

mod body;
mod expression;
mod template;

pub(crate) use expression::number;
pub(crate) use template::joined;

use std::ops::Range;
use std::path::Path;

use crate::block::Block;
use crate::value::Value;

/// Why a text is not understood, and in which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there, as a fragment: "expected `}`".
    pub message: String,
}

pub(crate) type Result<T> = std::result::Result<T, SyntaxError>;

/// Deeper nesting than anybody writes; it ends the recursion before the stack does.
const DEPTH: usize = 100;

/// A file: one block without a name, with everything in it.
pub(crate) fn parse_file(file: &Path, text: &str) -> Result<Block> {
    Parser::new(text).file(file)
}

/// A single expression, as in `TF_VAR_name` or a string of the JSON syntax.
///
/// # Errors
/// It is none.
pub fn parse_expression(text: &str) -> Result<Value> {
    let mut parser = Parser::new(text);
    parser.lines_matter = false;
    parser.blanks();
    let value = parser.expression()?;
    parser.blanks();
    if parser.at_end() { Ok(value) } else { Err(parser.unexpected("the end")) }
}

/// What stands between the quotes of a string, without its escapes: as strings of the JSON syntax are read.
pub(crate) fn parse_template(text: &str, line: usize) -> Result<Value> {
    let mut parser = Parser::new(text);
    parser.first_line = line;
    parser.bare_template()
}

/// True for what can stand as a name without quotes.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

fn starts_name(character: char) -> bool {
    character == '_' || character.is_alphabetic()
}

fn continues_name(character: char) -> bool {
    // Combining marks, which Rust's `is_alphanumeric` leaves out.
    character == '-' || character == '_' || character.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&character)
}

/// A place in a text. Every function leaves it behind what it has read, blanks after that included.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Not in parentheses, brackets or a template: there a line's end ends the expression.
    lines_matter: bool,
    depth: usize,
    first_line: usize,
    /// The last place whose line was computed: lines are asked for in ascending order.
    known_line: (usize, usize),
    /// Where comments stand. What is read a second time, in another way, has them already.
    comments: Vec<Range<usize>>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, at: 0, lines_matter: true, depth: 0, first_line: 1, known_line: (0, 0), comments: Vec::new() }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// The line of the place that was reached.
    fn line(&mut self) -> usize {
        let (from, ends) = if self.known_line.0 <= self.at { self.known_line } else { (0, 0) };
        let ends = ends + self.text.as_bytes()[from..self.at].iter().filter(|byte| **byte == b'\n').count();
        self.known_line = (self.at, ends);
        self.first_line + ends
    }

    fn error(&mut self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { line: self.line(), message: message.into() }
    }

    fn unexpected(&mut self, wanted: &str) -> SyntaxError {
        let found = match self.rest().chars().next() {
            None => "the end of the file".to_owned(),
            Some('\n' | '\r') => "the end of the line".to_owned(),
            Some(character) => format!("`{character}`"),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    /// Reads this, if it is next, and blanks after it.
    fn takes(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
            self.blanks();
        }
        is_next
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        if self.takes(token) { Ok(()) } else { Err(self.unexpected(&format!("`{token}`"))) }
    }

    /// Passes blanks and comments, and ends of lines where they do not matter.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let bytes = rest.as_bytes();
            match bytes {
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\n', ..] | [b'\r', b'\n', ..] if !self.lines_matter => self.at += 1,
                // The end of the line is none of the comment.
                [b'#', ..] | [b'/', b'/', ..] => self.comment(rest.find('\n').unwrap_or(rest.len())),
                [b'/', b'*', ..] => match rest.find("*/") {
                    Some(end) => self.comment(end + 2),
                    // Left where it is, for whoever looks next to complain about.
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Passes a comment of this length.
    fn comment(&mut self, length: usize) {
        let comment = self.at..self.at + length;
        self.at = comment.end;
        if self.comments.last().is_none_or(|last| last.end <= comment.start) {
            self.comments.push(comment);
        }
    }

    /// Reads the end of a line, if it is next.
    fn takes_line_end(&mut self) -> bool {
        let length = match self.text.as_bytes()[self.at..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return false,
        };
        self.at += length;
        self.blanks();
        true
    }

    /// Passes blanks, comments and empty lines.
    fn empty_lines(&mut self) {
        self.blanks();
        while self.takes_line_end() {}
    }

    /// Reads a name, without blanks after it.
    fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let mut characters = rest.char_indices();
        if !characters.next().is_some_and(|(_, first)| starts_name(first)) {
            return None;
        }
        let end = characters.find(|(_, character)| !continues_name(*character)).map_or(rest.len(), |(at, _)| at);
        self.at += end;
        Some(&rest[..end])
    }

    /// True where this word is next, and not only the beginning of a longer one.
    fn is_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| !rest.starts_with(continues_name))
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.is_word(word) && self.takes(word)
    }

    /// Reads something in which the ends of lines matter, or not.
    fn with_lines<T>(&mut self, matter: bool, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH {
            return Err(self.error("it is nested too deep"));
        }
        let before = std::mem::replace(&mut self.lines_matter, matter);
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        self.lines_matter = before;
        result
    }
}

#[cfg(test)]
mod tests;
