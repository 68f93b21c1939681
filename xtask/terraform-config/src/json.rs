//! JSON with the line of every key, which serde_json does not keep.

use crate::syntax::{Result, SyntaxError};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<Member>),
}

/// A key with its line, and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) value: Json,
}

impl Json {
    /// Reads a whole text.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { text, at: 0, line: 1, depth: 0 };
        if text.starts_with('\u{feff}') {
            return Err(reader.error("it begins with a byte-order mark, which Terraform takes in its own syntax and not in JSON"));
        }
        let value = reader.value()?;
        reader.blanks();
        if reader.at == text.len() { Ok(value) } else { Err(reader.unexpected("the end")) }
    }

    /// The value of a key.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().rev().find(|member| member.name == name).map(|member| &member.value),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// As JSON has them: no zeros before, digits on both sides of a dot.
fn is_number(text: &str) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) = text.split_once(['e', 'E']).map_or((text, "0"), |(text, exponent)| (text, exponent));
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let has_zero_before = whole.len() > 1 && whole.starts_with('0');
    are_digits(whole) && !has_zero_before && are_digits(part) && are_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    depth: usize,
}

/// As in the native syntax.
const DEPTH: usize = 100;

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { line: self.line, message: message.into() }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let found = self.text[self.at..].chars().next().map_or_else(|| "the end of the file".to_owned(), |it| format!("`{it}`"));
        self.error(format!("expected {wanted}, found {found}"))
    }

    /// Reads this, if it is next, and blanks after it.
    fn takes(&mut self, token: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(token);
        if is_next {
            self.at += token.len();
            self.blanks();
        }
        is_next
    }

    fn value(&mut self) -> Result<Json> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("it is nested too deep"));
        }
        self.blanks();
        let value = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.list()?,
            Some(b'"') => Json::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if self.takes("null") => Json::Null,
            _ if self.takes("true") => Json::Bool(true),
            _ if self.takes("false") => Json::Bool(false),
            _ => return Err(self.unexpected("a value")),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Json> {
        self.takes("{");
        let mut members = Vec::new();
        if self.takes("}") {
            return Ok(Json::Object(members));
        }
        loop {
            let line = self.line;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in quotes"));
            }
            let name = self.string()?;
            self.blanks();
            if !self.takes(":") {
                return Err(self.unexpected("`:`"));
            }
            let value = self.value()?;
            members.push(Member { name, line, value });
            self.blanks();
            if self.takes("}") {
                return Ok(Json::Object(members));
            }
            if !self.takes(",") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self) -> Result<Json> {
        self.takes("[");
        let mut elements = Vec::new();
        if self.takes("]") {
            return Ok(Json::List(elements));
        }
        loop {
            elements.push(self.value()?);
            self.blanks();
            if self.takes("]") {
                return Ok(Json::List(elements));
            }
            if !self.takes(",") {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn number(&mut self) -> Result<Json> {
        let rest = &self.text[self.at..];
        let end = rest.find(|it: char| !it.is_ascii_digit() && !"+-.eE".contains(it)).unwrap_or(rest.len());
        if !is_number(&rest[..end]) {
            return Err(self.error(format!("`{}` is no number", &rest[..end])));
        }
        self.at += end;
        Ok(Json::Number(rest[..end].to_owned()))
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|it: char| it == '"' || it == '\\' || it < ' ').unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(b'\t') => return Err(self.error("a tab in a string is written \\t")),
                _ => return Err(self.error("a string has no closing quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let code = self.text.as_bytes().get(self.at + 1).copied().unwrap_or_default();
        let simple = match code {
            b'"' | b'\\' | b'/' => Some(char::from(code)),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            _ => None,
        };
        if let Some(simple) = simple {
            self.at += 2;
            return Ok(simple);
        }
        let Some(first) = self.unit() else {
            return Err(self.error("a backslash begins no escape that JSON knows"));
        };
        // Two halves are one character.
        let second = if (0xd800..0xdc00).contains(&first) { self.unit() } else { None };
        let units = std::iter::once(first).chain(second);
        Ok(char::decode_utf16(units).next().and_then(std::result::Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Reads `\uNNNN`.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 6)?.strip_prefix("\\u")?;
        let unit = u16::from_str_radix(digits, 16).ok()?;
        self.at += 6;
        Some(unit)
    }
}
