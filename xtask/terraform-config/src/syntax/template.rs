//! Strings: quoted, heredocs, and what is filled into them.

use super::{Parser, Result, SyntaxError};
use crate::value::{Call, For, Value};

/// A piece of a string, before directives are put together.
enum Piece {
    Text(String),
    /// `${ }`, with `~` at its beginning and end.
    Value(Value, [bool; 2]),
    /// `%{ }`.
    Directive(Directive, [bool; 2], usize),
}

enum Directive {
    If(Value),
    Else,
    EndIf,
    For(Vec<String>, Value),
    EndFor,
}

/// What ends a string.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// A quote.
    Quote,
    /// The end of a line, which belongs to it: in a heredoc.
    Line,
    /// The end of the text: in the JSON syntax.
    Text,
}

impl Parser<'_> {
    /// A string in quotes.
    pub(super) fn quoted(&mut self) -> Result<Value> {
        self.at += 1;
        let mut pieces = Vec::new();
        self.pieces(End::Quote, &mut pieces)?;
        self.at += 1;
        assemble(pieces)
    }

    /// A whole text.
    pub(super) fn bare_template(&mut self) -> Result<Value> {
        let mut pieces = Vec::new();
        self.pieces(End::Text, &mut pieces)?;
        assemble(pieces)
    }

    /// Reads up to the end, which is left.
    fn pieces(&mut self, end: End, pieces: &mut Vec<Piece>) -> Result<()> {
        let mut text = String::new();
        loop {
            let rest = self.rest();
            // What stands for itself is taken in one go.
            let plain = rest.find(['"', '\\', '\n', '$', '%']).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
            match bytes {
                [] if end != End::Quote => break,
                [b'\n', ..] if end == End::Line => {
                    text.push('\n');
                    self.at += 1;
                    break;
                }
                [b'"', ..] if end == End::Quote => break,
                [] => return Err(self.error("a string has no closing quote")),
                [b'\n', ..] if end == End::Quote => return Err(self.error("a string in quotes ends in its line")),
                [b'\\', ..] if end == End::Quote => text.push(self.escape()?),
                [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => {
                    text.push(char::from(bytes[0]));
                    text.push('{');
                    self.at += 3;
                }
                [b'$' | b'%', b'{', ..] => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    let is_value = bytes[0] == b'$';
                    let piece = self.with_lines(false, |parser| if is_value { parser.interpolation() } else { parser.directive() })?;
                    pieces.push(piece);
                }
                [byte, ..] => {
                    text.push(char::from(*byte));
                    self.at += 1;
                }
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<char> {
        let code = self.rest().as_bytes().get(1).copied().unwrap_or_default();
        let digits = match code {
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        let found = match code {
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'"' => Some('"'),
            b'\\' => Some('\\'),
            b'u' | b'U' => {
                let code = self.rest().get(2..2 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                // Half of a pair is no character.
                code.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            _ => None,
        };
        let Some(found) = found else {
            return Err(self.error("a backslash begins \\n, \\r, \\t, \\\", \\\\, \\uNNNN or \\UNNNNNNNN"));
        };
        self.at += 2 + digits;
        Ok(found)
    }

    /// Reads the beginning of a sequence; true if it trims what stands before.
    fn opens_sequence(&mut self) -> bool {
        self.at += 2;
        let trims = self.peek() == Some(b'~');
        self.at += usize::from(trims);
        self.blanks();
        trims
    }

    /// Reads the end of one; true if it trims what stands after.
    fn closes_sequence(&mut self) -> Result<bool> {
        let trims = self.rest().starts_with("~}");
        self.at += usize::from(trims);
        self.closes_brace()?;
        Ok(trims)
    }

    fn closes_brace(&mut self) -> Result<()> {
        if self.peek() != Some(b'}') {
            return Err(self.unexpected("`}`"));
        }
        self.at += 1;
        Ok(())
    }

    fn interpolation(&mut self) -> Result<Piece> {
        let before = self.opens_sequence();
        let value = self.expression()?;
        Ok(Piece::Value(value, [before, self.closes_sequence()?]))
    }

    fn directive(&mut self) -> Result<Piece> {
        let line = self.line();
        let before = self.opens_sequence();
        let Some(word) = self.name() else {
            return Err(self.unexpected("`if` or `for`"));
        };
        self.blanks();
        let directive = match word {
            "if" => Directive::If(self.expression()?),
            "else" => Directive::Else,
            "endif" => Directive::EndIf,
            "for" => Directive::For(self.names_of_for()?, self.expression()?),
            "endfor" => Directive::EndFor,
            _ => return Err(self.error(format!("there is no directive `{word}`"))),
        };
        Ok(Piece::Directive(directive, [before, self.closes_sequence()?], line))
    }

    /// `<<WORD` and `<<-WORD`, with their lines. The end of the line of the second `WORD` is left.
    pub(super) fn heredoc(&mut self) -> Result<Value> {
        let began = self.line();
        self.at += 2;
        let is_indented = self.peek() == Some(b'-');
        self.at += usize::from(is_indented);
        let Some(word) = self.name() else {
            return Err(self.unexpected("the word that ends the heredoc"));
        };
        let length = match self.text.as_bytes()[self.at..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return Err(self.unexpected("the end of the line")),
        };
        self.at += length;
        // One list of pieces a line: a part that is filled in may itself go over several.
        let mut lines = Vec::new();
        loop {
            let rest = self.rest();
            let line = rest.split('\n').next().unwrap_or_default();
            if line.trim() == word && line.len() < rest.len() {
                self.at += line.trim_end_matches('\r').len();
                break;
            }
            if line.len() == rest.len() {
                let message = format!("there is no line with `{word}` alone to end this heredoc");
                return Err(SyntaxError { line: began, message });
            }
            let mut line = Vec::new();
            self.pieces(End::Line, &mut line)?;
            lines.push(line);
        }
        if is_indented {
            outdent(&mut lines);
        }
        assemble(lines.into_iter().flatten().collect())
    }
}

/// Takes from the beginning of each line what all lines begin with; blank lines do not count, and stay.
fn outdent(lines: &mut [Vec<Piece>]) {
    let blanks = |text: &str| text.chars().take_while(|character| character.is_whitespace()).count();
    let is_blank = |text: &str| text.ends_with('\n') && text.trim().is_empty();
    let indents = lines.iter().filter_map(|line| match line.first() {
        Some(Piece::Text(text)) if is_blank(text) => None,
        Some(Piece::Text(text)) => Some(blanks(text)),
        _ => Some(0),
    });
    let least = indents.min().unwrap_or(0);
    for line in lines {
        if let Some(Piece::Text(text)) = line.first_mut()
            && !is_blank(text)
        {
            *text = text.chars().skip(least).collect();
        }
    }
}

/// The value of a string with these pieces.
fn assemble(mut pieces: Vec<Piece>) -> Result<Value> {
    trim(&mut pieces);
    let mut pieces = pieces.into_iter();
    let (parts, ended) = parts(&mut pieces)?;
    match ended {
        Some((line, word)) => Err(SyntaxError { line, message: format!("`{word}` has nothing to end") }),
        None => Ok(joined(parts)),
    }
}

/// Takes the blanks away that a `~` beside them asks for.
fn trim(pieces: &mut [Piece]) {
    let trims = |piece: &Piece| match piece {
        Piece::Text(_) => [false; 2],
        Piece::Value(_, trims) | Piece::Directive(_, trims, _) => *trims,
    };
    for at in 0..pieces.len() {
        let [before, after] = trims(&pieces[at]);
        if before
            && at > 0
            && let Piece::Text(text) = &mut pieces[at - 1]
        {
            text.truncate(text.trim_end().len());
        }
        if after && let Some(Piece::Text(text)) = pieces.get_mut(at + 1) {
            *text = text.trim_start().to_owned();
        }
    }
}

type Ended = Option<(usize, &'static str)>;

/// Parts up to a directive that ends something, or to the end.
fn parts(pieces: &mut impl Iterator<Item = Piece>) -> Result<(Vec<Value>, Ended)> {
    let mut parts = Vec::new();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) => parts.push(Value::Text(text)),
            Piece::Value(value, _) => parts.push(value),
            Piece::Directive(directive, _, line) => match directive {
                Directive::If(test) => parts.push(conditional(pieces, test, line)?),
                Directive::For(names, collection) => {
                    let result = match self::parts(pieces)? {
                        (result, Some((_, "endfor"))) => joined(result),
                        _ => return Err(SyntaxError { line, message: "this `for` has no `endfor`".to_owned() }),
                    };
                    let each = Value::For(Box::new(For { names, collection, key: None, result, groups: false, condition: None }));
                    let arguments = vec![Value::Text(String::new()), each];
                    parts.push(Value::Call(Call { name: "join".to_owned(), arguments, expands: false }));
                }
                Directive::Else => return Ok((parts, Some((line, "else")))),
                Directive::EndIf => return Ok((parts, Some((line, "endif")))),
                Directive::EndFor => return Ok((parts, Some((line, "endfor")))),
            },
        }
    }
    Ok((parts, None))
}

fn conditional(pieces: &mut impl Iterator<Item = Piece>, test: Value, line: usize) -> Result<Value> {
    let (then, mut ended) = parts(pieces)?;
    let mut otherwise = Vec::new();
    if matches!(ended, Some((_, "else"))) {
        (otherwise, ended) = parts(pieces)?;
    }
    match ended {
        Some((_, "endif")) => {
            Ok(Value::Conditional { test: Box::new(test), then: Box::new(joined(then)), otherwise: Box::new(joined(otherwise)) })
        }
        _ => Err(SyntaxError { line, message: "this `if` has no `endif`".to_owned() }),
    }
}

/// The parts as one value. A string of nothing but one value is that value.
pub(crate) fn joined(parts: Vec<Value>) -> Value {
    if let [_] = parts.as_slice() {
        return parts.into_iter().next().unwrap_or(Value::Null);
    }
    let mut merged: Vec<Value> = Vec::new();
    for part in parts {
        let inner = if let Value::Template(inner) = part { inner } else { vec![part] };
        for part in inner {
            match (merged.last_mut(), part.as_string()) {
                (Some(Value::Text(before)), Some(text)) => before.push_str(&text),
                (_, Some(text)) => merged.push(Value::Text(text)),
                (_, None) => merged.push(part),
            }
        }
    }
    match merged.as_slice() {
        [] => Value::Text(String::new()),
        [Value::Text(_)] => merged.remove(0),
        _ => Value::Template(merged),
    }
}
