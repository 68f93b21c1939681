//! What an expression says, as a tree.

/// An expression. Two are equal where they say the same, however they are written and wherever they stand; the order of an object's
/// entries makes no difference.
#[derive(Debug, Clone)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, written as Terraform turns it into a string: `1.50` is `1.5`.
    Number(String),
    /// A string with nothing to be filled in, however it is spelled: quoted, as a heredoc, or as `"${"text"}"`.
    Text(String),
    /// `[a, b]`: a list, set or tuple.
    List(Vec<Value>),
    /// `{ a = b }`: a map or object, in the order in which it is written; of two entries with one key the later has replaced the
    /// earlier.
    Object(Vec<Entry>),
    /// A string with parts to be filled in: literal texts and other values in turn.
    Template(Vec<Value>),
    /// `var.name`, `local.names["a"].b`, `each.key`, `aws_instance.this[*].id`.
    Reference(Reference),
    /// `split("/", x)[0]`: a part of something that is not a name.
    Access {
        /// What it is a part of.
        of: Box<Value>,
        /// The way to it.
        steps: Vec<Step>,
    },
    /// `format("%s-x", var.name)`.
    Call(Call),
    /// `a ? b : c`.
    Conditional {
        /// `a`.
        test: Box<Value>,
        /// `b`.
        then: Box<Value>,
        /// `c`.
        otherwise: Box<Value>,
    },
    /// `a + b`, `!a`.
    Operation {
        /// The sign.
        operator: &'static str,
        /// One or two.
        operands: Vec<Value>,
    },
    /// `[for x in xs : x.name]`, `{ for k, v in xs : k => v if v }`. A `%{ for }` in a template is `join("", [for ...])`.
    For(Box<For>),
    /// What evaluation could not find out. Never equal to anything, itself included.
    Unknown(Unknown),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) | (Self::Text(left), Self::Text(right)) => left == right,
            (Self::List(left), Self::List(right)) | (Self::Template(left), Self::Template(right)) => left == right,
            (Self::Object(left), Self::Object(right)) => left.len() == right.len() && left.iter().all(|entry| right.contains(entry)),
            (Self::Reference(left), Self::Reference(right)) => left == right,
            (Self::Access { of, steps }, Self::Access { of: other, steps: others }) => of == other && steps == others,
            (Self::Call(left), Self::Call(right)) => left == right,
            (Self::For(left), Self::For(right)) => left == right,
            (Self::Operation { operator, operands }, Self::Operation { operator: other, operands: others }) => {
                operator == other && operands == others
            }
            (Self::Conditional { .. }, Self::Conditional { .. }) => self.children() == other.children(),
            _ => false,
        }
    }
}

/// One entry of an object. The line takes no part in a comparison.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key: a [`Value::Text`] unless it is computed.
    pub key: Value,
    /// The value.
    pub value: Value,
    /// The line of the key, counted from 1.
    pub line: usize,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

/// A name and the way on from there.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// `var`, `local`, `data`, `each`, the type of a resource, ...
    pub root: String,
    /// The rest.
    pub steps: Vec<Step>,
}

/// A step from a value to a part of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `.name`.
    Attribute(String),
    /// `[key]`, and the old `.0`.
    Index(Value),
    /// `[*]`, and the old `.*`: all of them. What follows is a part of each.
    Splat,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its name, with namespaces: `join`, `provider::aws::arn_parse`.
    pub name: String,
    /// What it is called with.
    pub arguments: Vec<Value>,
    /// `...` after the last argument: that is a list of the remaining ones.
    pub expands: bool,
}

/// A `for` expression.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// Names that it gives: of the value, or of key and value.
    pub names: Vec<String>,
    /// What it goes through.
    pub collection: Value,
    /// The key of each result, where it makes an object.
    pub key: Option<Value>,
    /// Each result.
    pub result: Value,
    /// Results are lists by key (`...`).
    pub groups: bool,
    /// The condition for an element to count.
    pub condition: Option<Value>,
}

/// Something that cannot be known, with how it is written, for showing.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// How it is written.
    pub source: String,
}

impl Value {
    /// The string, when it is one with nothing to be filled in.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What Terraform makes of it where it needs a string: strings, numbers and bools.
    pub fn as_string(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The reference, when it is one.
    pub fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// The call, when it is one of this function.
    pub fn call(&self, name: &str) -> Option<&Call> {
        match self {
            Self::Call(call) if call.name == name => Some(call),
            _ => None,
        }
    }

    /// The elements of a list; none of anything else.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// The entries of an object; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The entry of an object with this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text() == Some(key))
    }

    /// True where nothing is left to be evaluated.
    pub fn is_literal(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => true,
            Self::List(elements) => elements.iter().all(Self::is_literal),
            Self::Object(entries) => entries.iter().all(|entry| entry.key.is_literal() && entry.value.is_literal()),
            _ => false,
        }
    }

    /// True for null and for a string, list or object with nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(elements) => elements.is_empty(),
            Self::Object(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// Itself and everything in it, from the outside in.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Every literal string in it, keys and parts of templates among them.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        self.walk(&mut |value| texts.extend(value.text()));
        texts
    }

    /// Every reference in it, those in the indices of others among them.
    pub fn references(&self) -> Vec<&Reference> {
        let mut references = Vec::new();
        self.walk(&mut |value| references.extend(value.reference()));
        references
    }

    /// Every entry of an object in it, however deep.
    pub fn entries_within(&self) -> Vec<&Entry> {
        let mut entries = Vec::new();
        self.walk(&mut |value| entries.extend(value.entries()));
        entries
    }

    /// What stands directly in it.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Unknown(_) => Vec::new(),
            Self::List(values) | Self::Template(values) | Self::Operation { operands: values, .. } => values.iter().collect(),
            Self::Object(entries) => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
            Self::Reference(reference) => reference.steps.iter().filter_map(Step::index).collect(),
            Self::Access { of, steps } => std::iter::once(&**of).chain(steps.iter().filter_map(Step::index)).collect(),
            Self::Call(call) => call.arguments.iter().collect(),
            Self::Conditional { test, then, otherwise } => vec![test, then, otherwise],
            Self::For(each) => {
                let optional = each.key.iter().chain(&each.condition);
                [&each.collection, &each.result].into_iter().chain(optional).collect()
            }
        }
    }
}

impl Step {
    fn index(&self) -> Option<&Value> {
        match self {
            Self::Index(key) => Some(key),
            _ => None,
        }
    }
}

impl Reference {
    /// The name after the root: `name` of `var.name.part`.
    pub fn name(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Attribute(name)) => Some(name),
            _ => None,
        }
    }

    /// True for `ROOT.NAME` and nothing more, as `each.key`.
    pub fn is(&self, root: &str, name: &str) -> bool {
        self.root == root && self.steps.len() == 1 && self.name() == Some(name)
    }
}
