//! Variables and locals in a backend block, which OpenTofu takes and Terraform does not.

use super::Backends;
use crate::block::{Block, Place};
use crate::code::Code;
use crate::configuration::Reading;
use crate::value::Value;

impl Backends {
    /// A block that Terraform cannot take because something in it is computed, as OpenTofu reads it if that takes it.
    pub(super) fn computed(&mut self, block: &Block, reading: &Reading) -> Option<Block> {
        let (place, name, value) = computed_in(block)?;
        if !is_static(value, &reading.code) {
            self.mistakes.push((place, format!("a backend takes no variables, and `{name}` is {value}")));
            return None;
        }
        if reading.code.tofu.is_empty() {
            self.of_opentofu = Some((place, format!("Terraform takes no variables in a backend, as OpenTofu does: `{name}` is {value}")));
        }
        Some(reading.evaluator().filled(block))
    }
}

/// A setting that takes more than reading.
fn computed_in(block: &Block) -> Option<(Place, &str, &Value)> {
    let own = block.attributes.iter().find(|(_, (value, _))| !value.is_literal());
    let own = own.map(|(name, (value, _))| (block.place_of(name), name.as_str(), value));
    own.or_else(|| block.blocks.iter().find_map(computed_in))
}

/// True for what is made of variables and locals alone, which OpenTofu takes in a backend.
/// <https://opentofu.org/docs/intro/whats-new/#early-variablelocals-evaluation>
fn is_static(value: &Value, code: &Code) -> bool {
    code.with_locals(value).into_iter().all(|value| {
        let mut given = Vec::new();
        value.walk(&mut |part| {
            if let Value::For(each) = part {
                given.extend(&each.names);
            }
        });
        value.references().into_iter().all(|reference| match (reference.root.as_str(), reference.name().unwrap_or_default()) {
            ("var", name) => code.variable(name).is_some(),
            ("local", name) => code.local(name).is_some(),
            ("terraform" | "tofu" | "path", _) => true,
            (other, _) => given.iter().any(|name| *name == other),
        })
    })
}
