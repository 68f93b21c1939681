//! Expressions, from the loosest operator to the tightest.

use super::{Parser, Result};
use crate::value::{Call, Entry, For, Reference, Step, Value};

/// Operators of two operands by how tightly they bind, the loosest first.
const LEVELS: [&[&str]; 6] = [&["||"], &["&&"], &["==", "!="], &[">=", "<=", ">", "<"], &["+", "-"], &["*", "/", "%"]];

/// More operands in a row than anybody writes: each one makes the tree deeper.
const LENGTH: usize = 500;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Value> {
        let test = self.binary(0)?;
        if !self.takes("?") {
            return Ok(test);
        }
        let lines_matter = self.lines_matter;
        self.with_lines(lines_matter, |parser| {
            let then = Box::new(parser.expression()?);
            parser.expect(":")?;
            let otherwise = Box::new(parser.expression()?);
            Ok(Value::Conditional { test: Box::new(test), then, otherwise })
        })
    }

    fn binary(&mut self, level: usize) -> Result<Value> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        let mut length = 0;
        while let Some(operator) = operators.iter().copied().find(|operator| self.is_operator(operator)) {
            length += 1;
            if length > LENGTH {
                return Err(self.error("it is too long"));
            }
            self.takes(operator);
            let right = self.binary(level + 1)?;
            left = Value::Operation { operator, operands: vec![left, right] };
        }
        Ok(left)
    }

    /// `=>` of a `for` is no operator, nor is a `%{` in a template.
    fn is_operator(&self, operator: &str) -> bool {
        self.rest().strip_prefix(operator).is_some_and(|rest| operator != "%" || !rest.starts_with('{'))
    }

    fn unary(&mut self) -> Result<Value> {
        let operator = match self.peek() {
            Some(b'-') => "-",
            Some(b'!') => "!",
            _ => return self.with_steps(),
        };
        self.takes(operator);
        let lines_matter = self.lines_matter;
        let operand = self.with_lines(lines_matter, Self::unary)?;
        Ok(match operand {
            Value::Number(number) if operator == "-" && number == "0" => Value::Number(number),
            Value::Number(number) if operator == "-" && !number.starts_with('-') => Value::Number(format!("-{number}")),
            operand => Value::Operation { operator, operands: vec![operand] },
        })
    }

    /// A term and what is taken out of it.
    fn with_steps(&mut self) -> Result<Value> {
        let mut value = self.term()?;
        let mut steps = Vec::new();
        // After `.*` an index is one of the result, and after `[*]` of each element:
        // https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#splat-operators
        let mut is_of_attributes = false;
        loop {
            match self.peek() {
                // `...` after a last argument or a grouped result.
                Some(b'.') if self.rest().starts_with("...") => break,
                Some(b'.') => is_of_attributes |= self.dot(&mut steps)?,
                Some(b'[') => {
                    if std::mem::take(&mut is_of_attributes) {
                        value = part(value, std::mem::take(&mut steps));
                    }
                    steps.push(self.with_lines(false, Self::index)?);
                }
                _ => break,
            }
            self.blanks();
        }
        Ok(part(value, steps))
    }

    /// What follows a dot; true for a star.
    fn dot(&mut self, steps: &mut Vec<Step>) -> Result<bool> {
        self.takes(".");
        if let Some(name) = self.name() {
            steps.push(Step::Attribute(name.to_owned()));
        } else if self.takes("*") {
            steps.push(Step::Splat);
            return Ok(true);
        } else {
            let digits = self.digits();
            if digits.is_empty() {
                return Err(self.unexpected("a name after the dot"));
            }
            if self.rest().starts_with('.') && self.rest()[1..].starts_with(|next: char| next.is_ascii_digit()) {
                return Err(self.error("two old indices in a row are written [0][1]"));
            }
            steps.push(Step::Index(Value::Number(number(&digits))));
        }
        Ok(false)
    }

    fn index(&mut self) -> Result<Step> {
        self.takes("[");
        if self.takes("*") {
            self.closes("]")?;
            return Ok(Step::Splat);
        }
        let key = self.expression()?;
        self.closes("]")?;
        Ok(Step::Index(key))
    }

    /// A bracket at the end: whether ends of lines after it matter is for what is around it.
    fn closes(&mut self, token: &str) -> Result<()> {
        if !self.rest().starts_with(token) {
            return Err(self.unexpected(&format!("`{token}`")));
        }
        self.at += token.len();
        Ok(())
    }

    fn term(&mut self) -> Result<Value> {
        let value = match self.peek() {
            Some(b'"') => self.quoted()?,
            Some(b'<') if self.rest().starts_with("<<") => self.heredoc()?,
            Some(b'(') => self.with_lines(false, |parser| {
                parser.takes("(");
                let value = parser.expression()?;
                parser.closes(")")?;
                Ok(value)
            })?,
            Some(b'[') => self.with_lines(false, Self::list)?,
            Some(b'{') => self.object()?,
            Some(b'0'..=b'9') => self.number(),
            _ => self.named()?,
        };
        self.blanks();
        Ok(value)
    }

    /// A keyword, a call, or a name.
    fn named(&mut self) -> Result<Value> {
        let Some(first) = self.name() else {
            return Err(self.unexpected("an expression"));
        };
        let after_name = self.at;
        self.blanks();
        let mut name = first.to_owned();
        while self.takes("::") {
            let Some(part) = self.name() else {
                return Err(self.unexpected("the rest of a function's name"));
            };
            name = format!("{name}::{part}");
            self.blanks();
        }
        if self.peek() == Some(b'(') {
            return self.with_lines(false, |parser| parser.call(name));
        }
        if name != first {
            return Err(self.unexpected("`(`"));
        }
        self.at = after_name;
        Ok(match first {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            root => Value::Reference(Reference { root: root.to_owned(), steps: Vec::new() }),
        })
    }

    fn call(&mut self, name: String) -> Result<Value> {
        self.takes("(");
        let (mut arguments, mut expands) = (Vec::new(), false);
        while self.peek() != Some(b')') {
            arguments.push(self.expression()?);
            expands = self.takes("...");
            if expands || !self.takes(",") {
                break;
            }
        }
        self.closes(")")?;
        Ok(Value::Call(Call { name, arguments, expands }))
    }

    fn list(&mut self) -> Result<Value> {
        self.takes("[");
        if self.is_word("for") {
            return self.comprehension("]");
        }
        let mut elements = Vec::new();
        while self.peek() != Some(b']') {
            elements.push(self.expression()?);
            if !self.takes(",") {
                break;
            }
        }
        self.closes("]")?;
        Ok(Value::List(elements))
    }

    fn object(&mut self) -> Result<Value> {
        // A `for` may begin in a line below.
        let opened = self.at;
        let each = self.with_lines(false, |parser| {
            parser.takes("{");
            if parser.is_word("for") { parser.comprehension("}").map(Some) } else { Ok(None) }
        })?;
        if let Some(each) = each {
            return Ok(each);
        }
        self.at = opened;
        self.with_lines(true, Self::entries)
    }

    fn entries(&mut self) -> Result<Value> {
        self.takes("{");
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            self.empty_lines();
            if self.peek() == Some(b'}') {
                break;
            }
            let line = self.line();
            let is_computed = self.peek() == Some(b'(');
            let key = match self.expression()? {
                Value::Reference(Reference { root, steps }) if steps.is_empty() && !is_computed => Value::Text(root),
                // Keywords are names here.
                key @ (Value::Null | Value::Bool(_)) if !is_computed => Value::Text(key.to_string()),
                Value::Number(number) => Value::Text(number),
                key => key,
            };
            if !self.takes("=") && !self.takes(":") {
                return Err(self.unexpected("`=`"));
            }
            let value = self.expression()?;
            // Terraform takes the later one.
            entries.retain(|entry| entry.key.text().is_none() || entry.key != key);
            entries.push(Entry { key, value, line });
            if self.peek() == Some(b'}') {
                break;
            }
            if !self.takes(",") && !self.takes_line_end() {
                return Err(self.unexpected("`,`, `}` or the end of the line"));
            }
        }
        self.closes("}")?;
        Ok(Value::Object(entries))
    }

    /// From `for` to the closing bracket.
    fn comprehension(&mut self, close: &str) -> Result<Value> {
        self.takes_word("for");
        let names = self.names_of_for()?;
        let collection = self.expression()?;
        self.expect(":")?;
        let mut result = self.expression()?;
        let key = match close == "}" {
            true => {
                self.expect("=>")?;
                Some(std::mem::replace(&mut result, self.expression()?))
            }
            false => None,
        };
        let groups = self.takes("...");
        let condition = if self.takes_word("if") { Some(self.expression()?) } else { None };
        self.closes(close)?;
        Ok(Value::For(Box::new(For { names, collection, key, result, groups, condition })))
    }

    /// `v in`, or `k, v in`.
    pub(super) fn names_of_for(&mut self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        loop {
            let Some(name) = self.name() else {
                return Err(self.unexpected("a name"));
            };
            names.push(name.to_owned());
            self.blanks();
            if names.len() == 2 || !self.takes(",") {
                break;
            }
        }
        if self.takes_word("in") { Ok(names) } else { Err(self.unexpected("`in`")) }
    }

    fn digits(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }

    fn number(&mut self) -> Value {
        let mut text = self.digits();
        let follows = |text: &str, skipped: usize| text.as_bytes().get(skipped).is_some_and(u8::is_ascii_digit);
        if self.rest().starts_with('.') && follows(self.rest(), 1) {
            self.at += 1;
            text = format!("{text}.{}", self.digits());
        }
        if self.rest().starts_with(['e', 'E']) {
            let sign = usize::from(self.rest()[1..].starts_with(['+', '-']));
            if follows(self.rest(), 1 + sign) {
                let mark = self.rest()[..=sign].to_owned();
                self.at += 1 + sign;
                text = format!("{text}{mark}{}", self.digits());
            }
        }
        Value::Number(number(&text))
    }
}

/// A part of a value. What follows all elements of a name is of the list that they make.
fn part(value: Value, mut steps: Vec<Step>) -> Value {
    match value {
        value if steps.is_empty() => value,
        Value::Reference(mut reference) if !reference.steps.contains(&Step::Splat) => {
            reference.steps.append(&mut steps);
            Value::Reference(reference)
        }
        value => Value::Access { of: Box::new(value), steps },
    }
}

/// A number as Terraform makes a string of it.
pub(crate) fn number(text: &str) -> String {
    if text.contains(['e', 'E']) {
        return text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| number.to_string());
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let digits = digits.trim_start_matches('0');
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    match digits {
        "" => "0".to_owned(),
        digits if digits.starts_with('.') => format!("{sign}0{digits}"),
        digits => format!("{sign}{digits}"),
    }
}
