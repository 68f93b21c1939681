//! The way into a module and out of it again.

use std::sync::Arc;

use super::scopes::{META, Scope, of_directory};
use super::{Counted, DEPTH, Evaluation};
use crate::block::Block;
use crate::value::{Reference, Step, Value};

impl<'a> Evaluation<'a> {
    /// What an output of a module comes to, and the way on from there. Of a call that is counted there may be any number.
    pub(super) fn output(&self, reference: &'a Reference) -> Option<(Value, &'a [Step])> {
        let (name, [_, Step::Attribute(output), rest @ ..]) = (reference.name()?, reference.steps.as_slice()) else { return None };
        let labelled = |block: &&Block, label: &str| block.label() == label;
        let is_single = |call: &&Block| call.value("count").is_none() && call.value("for_each").is_none();
        let call = Some(self.code?).filter(|_| reference.root == "module" && self.depth < DEPTH)?;
        let call = call.of_kind("module").find(|call| labelled(call, name)).filter(is_single)?;
        let [directory] = self.program.calls.get(&(self.directory.to_owned(), name.to_owned()))?.as_slice() else { return None };
        let code = of_directory(self.program.code, directory)?;
        let value = code.of_kind("output").filter(|block| labelled(block, output)).last()?.value("value")?;
        let outside = Self { depth: self.depth + 1, bound: Vec::new(), counted: Counted::default(), ..self.clone() };
        let inside = Self { code: Some(code), scope: Arc::new(outside.given(call)), directory, ..outside };
        Some((inside.of(value), rest))
    }

    /// What a call sets the variables of its module to.
    pub(super) fn given(&self, call: &'a Block) -> Scope {
        let given = call.attributes.iter().filter(|(name, _)| !META.contains(&name.as_str()));
        Scope { variables: given.map(|(name, (value, _))| (name.clone(), self.of(value))).collect() }
    }
}
