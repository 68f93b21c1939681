//! What a value comes to, where the code and its variable files alone say so: through variables, locals, calls of modules, `count`
//! and `for_each`, outputs of modules, and the functions that names are built with. Everything else is unknown. It is no second Terraform.

mod operation;
mod outputs;
mod scopes;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use self::operation::operation;
pub use self::scopes::Scopes;
use self::scopes::{Scope, of_directory};
use crate::block::Block;
use crate::code::Code;
use crate::functions;
use crate::modules::Calls;
use crate::paths::{relative, without_dots};
use crate::syntax::joined;
use crate::value::{Call, Entry, For, Reference, Step, Unknown, Value};

/// Modules that call each other deeper than this are not followed.
const DEPTH: usize = 16;
/// More calls of modules, or elements of one `for_each`, than this are not told apart.
const MOST: usize = 500;
/// Values that are looked at for one answer. Names take some ten; locals that multiply themselves end here.
const STEPS: usize = 20_000;

/// A root with its modules.
#[derive(Debug, Clone)]
pub struct Evaluator<'a> {
    root: &'a Path,
    code: Vec<&'a Code>,
    scopes: &'a Scopes,
}

impl<'a> Evaluator<'a> {
    /// One for a root directory, with its code and that of its modules.
    pub fn new(root: &'a Path, code: Vec<&'a Code>, scopes: &'a Scopes) -> Self {
        Self { root, code, scopes }
    }

    /// Everything that `value` comes to, in this block: once for each call of its module and each element of its `for_each`. Nothing
    /// where the block is never called or made.
    pub fn values(&self, block: &Block, value: &Value) -> Vec<Value> {
        let directory = block.directory();
        let code = of_directory(&self.code, directory);
        let program = Program { code: &self.code, calls: &self.scopes.calls, root: self.root };
        let mut values: Vec<Value> = Vec::new();
        for scope in self.scopes.by_directory.get(directory).into_iter().flatten() {
            let evaluation = Evaluation::new(program, code, Arc::clone(scope), directory);
            for counted in evaluation.repetitions(block) {
                let value = Evaluation { counted, ..evaluation.clone() }.of(value);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        values
    }

    /// The same block with what its values come to, where that is one thing each.
    pub fn filled(&self, block: &Block) -> Block {
        let mut filled = block.clone();
        filled.attributes.values_mut().for_each(|(value, _)| *value = self.one(block, value));
        filled.blocks.iter_mut().for_each(|inner| *inner = self.filled(inner));
        filled
    }

    /// What a value comes to, or each entry of an object, where that is one thing.
    pub fn one(&self, block: &Block, value: &Value) -> Value {
        if value.is_literal() {
            return value.clone();
        }
        if let Value::Object(entries) = value {
            return Value::Object(entries.iter().map(|entry| Entry { value: self.one(block, &entry.value), ..entry.clone() }).collect());
        }
        let mut values = self.values(block, value);
        if let [_] = values.as_slice() { values.remove(0) } else { unknown(value) }
    }

    /// The strings among [`Self::values`]. `${terraform.workspace}` and a `${count.index}` that nobody knows stay as they are: every
    /// root has a workspace `default`, and what is counted begins with 0.
    pub fn texts(&self, block: &Block, value: &Value) -> Vec<String> {
        if let Some(text) = value.text() {
            // The most common case, where it only matters whether there are any.
            return if self.values(block, &Value::Null).is_empty() { Vec::new() } else { vec![text.to_owned()] };
        }
        self.values(block, value).iter().filter_map(Self::text).collect()
    }

    /// One of [`Self::values`] as such a string.
    pub fn text(value: &Value) -> Option<String> {
        text_of(value)
    }

    /// The same of values that belong together, as a bucket and a key do: once for each call and element in which all are known.
    pub fn texts_together(&self, block: &Block, values: &[&Value]) -> Vec<Vec<String>> {
        let list = Value::List(values.iter().map(|value| (*value).clone()).collect());
        self.values(block, &list).iter().filter_map(|list| list.elements().iter().map(text_of).collect()).collect()
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Template(parts) => parts.iter().map(text_of).collect(),
        Value::Reference(reference) => Some(format!("${{{reference}}}")),
        value => value.as_string(),
    }
}

/// What `count.index`, `each.key` and `each.value` are in one repetition; none of what is not known.
#[derive(Debug, Clone, Default)]
struct Counted {
    index: Option<Value>,
    each: Option<(Value, Value)>,
}

/// A root with its modules, and where its calls lead.
#[derive(Clone, Copy)]
struct Program<'a> {
    code: &'a [&'a Code],
    calls: &'a Calls,
    root: &'a Path,
}

/// The evaluation of one value.
#[derive(Clone)]
struct Evaluation<'a> {
    program: Program<'a>,
    code: Option<&'a Code>,
    scope: Arc<Scope>,
    directory: &'a Path,
    counted: Counted,
    /// Names that the `for` expressions around give.
    bound: Vec<(&'a str, Value)>,
    depth: usize,
    steps: Rc<Cell<usize>>,
}

/// A part that is not there. Terraform fails, and `try` goes on.
struct Missing;

impl<'a> Evaluation<'a> {
    fn new(program: Program<'a>, code: Option<&'a Code>, scope: Arc<Scope>, directory: &'a Path) -> Self {
        Self { program, code, scope, directory, counted: Counted::default(), bound: Vec::new(), depth: 0, steps: Rc::default() }
    }

    /// How often a block is made: once, or as its `count` and `for_each` say. Where that is not known, it is made once, and what it
    /// counts by is unknown.
    fn repetitions(&self, block: &'a Block) -> Vec<Counted> {
        if let Some(count) = block.value("count") {
            return match functions::integer(&self.of(count)) {
                Some(count) => {
                    let count = usize::try_from(count).unwrap_or(0).min(MOST);
                    (0..count).map(|at| Counted { index: Some(Value::Number(at.to_string())), each: None }).collect()
                }
                None => vec![Counted::default()],
            };
        }
        let Some(each) = block.value("for_each").filter(|_| block.kind != "dynamic") else {
            return vec![Counted::default()];
        };
        let counted = |key: &Value, value: &Value| Counted { index: None, each: Some((key.clone(), value.clone())) };
        match self.of(each) {
            Value::Object(entries) => entries.iter().take(MOST).map(|entry| counted(&entry.key, &entry.value)).collect(),
            Value::List(elements) => elements.iter().take(MOST).map(|element| counted(element, element)).collect(),
            _ => vec![Counted::default()],
        }
    }

    /// What a value comes to; what is not known of it is [`Value::Unknown`].
    fn of(&self, value: &'a Value) -> Value {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > STEPS || self.depth > DEPTH * 2 {
            return unknown(value);
        }
        let of_all = |values: &'a [Value]| values.iter().map(|value| self.of(value)).collect::<Vec<_>>();
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Unknown(_) => value.clone(),
            Value::List(elements) => Value::List(of_all(elements)),
            Value::Template(parts) => joined(of_all(parts)),
            Value::Object(entries) => self.object(entries),
            Value::Reference(reference) => self.reference(reference).unwrap_or_else(|Missing| unknown(value)),
            Value::Access { of, steps } => self.access(self.of(of), steps).unwrap_or_else(|Missing| unknown(value)),
            Value::Call(call) if call.name == "try" => self.first_that_works(&call.arguments).unwrap_or_else(|| unknown(value)),
            Value::Call(call) => self.call(call).unwrap_or_else(|| unknown(value)),
            Value::Conditional { test, then, otherwise } => match self.of(test).as_string().as_deref() {
                Some("true") => self.of(then),
                Some("false") => self.of(otherwise),
                // Where both are one, it makes no difference.
                _ => Some(self.of(then)).filter(|then| *then == self.of(otherwise)).unwrap_or_else(|| unknown(value)),
            },
            Value::Operation { operator, operands } => operation(operator, &of_all(operands)).unwrap_or_else(|| unknown(value)),
            Value::For(each) => self.each(each).unwrap_or_else(|| unknown(value)),
        }
    }

    fn object(&self, entries: &'a [Entry]) -> Value {
        let mut made: Vec<Entry> = Vec::new();
        for entry in entries {
            let key = self.of(&entry.key);
            let key = key.as_string().map_or(key, Value::Text);
            made.retain(|before| before.key != key);
            made.push(Entry { key, value: self.of(&entry.value), line: entry.line });
        }
        Value::Object(made)
    }

    fn reference(&self, reference: &'a Reference) -> Result<Value, Missing> {
        let (root, rest) = (reference.root.as_str(), reference.steps.get(1..).unwrap_or_default());
        if let Some((_, value)) = self.bound.iter().rev().find(|(name, _)| *name == root) {
            return self.access(value.clone(), &reference.steps);
        }
        let whole = || Value::Reference(reference.clone());
        if let Some((value, rest)) = self.output(reference) {
            return self.access(value, rest);
        }
        let known = match (root, reference.name().unwrap_or_default()) {
            ("var", name) => self.variable(name),
            ("local", name) => self.local(name),
            ("each", "key") => self.counted.each.as_ref().map(|(key, _)| key.clone()),
            ("each", "value") => self.counted.each.as_ref().map(|(_, value)| value.clone()),
            ("count", "index") => self.counted.index.clone().or_else(|| Some(whole())),
            ("terraform", "workspace") => Some(whole()),
            ("path", "root") => Some(Value::Text(".".to_owned())),
            // Where people run Terraform: with -chdir it is where that was typed.
            ("path", "cwd") => Some(Value::Text(self.program.root.to_string_lossy().into_owned())),
            ("path", "module") => Some(Value::Text(relative(self.program.root, self.directory))),
            _ => None,
        };
        match known {
            Some(value) => self.access(value, rest),
            None => Ok(Value::Unknown(Unknown { source: reference.to_string() })),
        }
    }

    fn variable(&self, name: &str) -> Option<Value> {
        let declared = self.code?.variable(name)?;
        let value = self.scope.variables.get(name).or_else(|| declared.value("default"))?.clone();
        Some(match declared.value("type") {
            Some(kind) => crate::type_constraint::converted(kind, value),
            None => value,
        })
    }

    fn local(&self, name: &str) -> Option<Value> {
        let value = self.code?.local(name)?;
        let inside = Self { depth: self.depth + 1, bound: Vec::new(), counted: Counted::default(), ..self.clone() };
        Some(inside.of(value))
    }

    /// A part of a value.
    fn access(&self, value: Value, steps: &'a [Step]) -> Result<Value, Missing> {
        let Some((step, rest)) = steps.split_first() else {
            return Ok(value);
        };
        let key = match step {
            Step::Attribute(name) => Value::Text(name.clone()),
            Step::Index(key) => self.of(key),
            Step::Splat => {
                let elements = match value {
                    Value::List(elements) => elements,
                    Value::Null => Vec::new(),
                    one if one.is_literal() || matches!(one, Value::Object(_)) => vec![one],
                    // It may be a list of any length.
                    other => {
                        return Ok(Value::Unknown(Unknown {
                            source: steps.iter().fold(other.to_string(), |text, step| format!("{text}{step}")),
                        }));
                    }
                };
                return elements.into_iter().map(|element| self.access(element, rest)).collect::<Result<_, _>>().map(Value::List);
            }
        };
        let found = match (&value, key.as_string()) {
            (Value::Object(entries), Some(key)) => {
                let found = value.get(&key).map(|entry| entry.value.clone());
                let is_complete = entries.iter().all(|entry| entry.key.text().is_some());
                if found.is_none() && is_complete {
                    return Err(Missing);
                }
                found
            }
            (Value::List(elements), Some(key)) => match key.parse::<usize>().ok().and_then(|at| elements.get(at)) {
                Some(element) => Some(element.clone()),
                None => return Err(Missing),
            },
            _ => None,
        };
        match found {
            Some(found) => self.access(found, rest),
            None => Ok(Value::Unknown(Unknown { source: steps.iter().fold(value.to_string(), |text, step| format!("{text}{step}")) })),
        }
    }

    /// `try`: the first argument that Terraform would not fail over.
    fn first_that_works(&self, arguments: &'a [Value]) -> Option<Value> {
        arguments.iter().find_map(|argument| match argument {
            Value::Reference(reference) => self.reference(reference).ok(),
            Value::Access { of, steps } => self.access(self.of(of), steps).ok(),
            argument => Some(self.of(argument)),
        })
    }

    fn call(&self, call: &'a Call) -> Option<Value> {
        let mut arguments: Vec<Value> = call.arguments.iter().map(|argument| self.of(argument)).collect();
        if call.expands {
            let Value::List(rest) = arguments.pop()? else { return None };
            arguments.extend(rest);
        }
        if let ("abspath", [Value::Text(path)]) = (call.name.as_str(), arguments.as_slice()) {
            return Some(Value::Text(without_dots(&self.program.root.join(path)).to_string_lossy().into_owned()));
        }
        functions::call(&call.name, &arguments)
    }

    fn each(&self, each: &'a For) -> Option<Value> {
        let pairs: Vec<(Value, Value)> = match self.of(&each.collection) {
            Value::List(elements) => {
                elements.into_iter().enumerate().map(|(at, element)| (Value::Number(at.to_string()), element)).collect()
            }
            Value::Object(entries) => entries.into_iter().map(|entry| (entry.key, entry.value)).collect(),
            _ => return None,
        };
        let (mut elements, mut entries) = (Vec::new(), Vec::new());
        for (key, value) in pairs {
            let mut inside = Self { depth: self.depth + 1, ..self.clone() };
            match each.names.as_slice() {
                [of_key, of_value] => inside.bound.extend([(of_key.as_str(), key), (of_value.as_str(), value)]),
                [of_value] => inside.bound.push((of_value, value)),
                _ => return None,
            }
            match each.condition.as_ref().map(|condition| inside.of(condition).as_string()) {
                None => {}
                Some(Some(test)) if test == "true" => {}
                Some(Some(_)) => continue,
                Some(None) => return None,
            }
            let result = inside.of(&each.result);
            match &each.key {
                None => elements.push(result),
                Some(key) => {
                    let key = inside.of(key);
                    entries.push(Entry { key: key.as_string().map_or(key, Value::Text), value: result, line: 0 });
                }
            }
        }
        match each.key {
            None => Some(Value::List(elements)),
            Some(_) if each.groups => None,
            Some(_) => Some(Value::Object(entries)),
        }
    }
}

fn unknown(value: &Value) -> Value {
    Value::Unknown(Unknown { source: value.to_string() })
}

#[cfg(test)]
mod tests;
