//! Resources that put something else where a state is.

use std::collections::BTreeMap;

use terraform_config::Place;

use super::state_object::{Access, States};
use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard, listed};

pub(crate) const GUARD: Guard = Guard {
    name: "overwritten-state",
    looks_at: "resources that write an object or a file, against where the environments keep their states",
    danger: "the state would be replaced by something else, and everything it knows of made a second time",
    can_be_allowed: false,
    find,
};

/// An environment that writes, and the one whose state that is.
type Pair<'a> = (&'a str, &'a str);

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let states = States::of(facts);
    // A module that many environments use writes once.
    let mut writers: BTreeMap<(Place, String, bool), Vec<Pair>> = BTreeMap::new();
    for environment in &facts.environments {
        for block in environment.code.blocks() {
            for object in states.accessed_by(environment, block).into_iter().filter(|object| object.access == Access::Writes) {
                let is_own = object.owner == environment.name;
                writers.entry((object.place, block.address(), is_own)).or_default().push((&environment.name, object.owner));
            }
        }
    }
    findings.extend(writers.into_iter().map(|((place, address, is_own), pairs)| {
        let names: Vec<&str> = pairs.iter().map(|(writer, _)| *writer).collect();
        let write = if names.len() > 1 { "write" } else { "writes" };
        let whose = match is_own {
            true if names.len() > 1 => "their own states".to_owned(),
            true => "its own state".to_owned(),
            false => format!("the state of `{}`", pairs[0].1),
        };
        let what = format!("{} {write} over {whose}: {address}", listed(&names));
        GUARD.refusal(&names, place, what, "give the object a name of its own: only Terraform itself may write a state")
    }));
}
