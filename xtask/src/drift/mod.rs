//! Whether what runs is what the configuration says: both sides are described in the same words, and the words compared.
//! The state is not asked: it does not know of a container that was made anew under its name, or changed by hand.

#[cfg(test)]
mod cases;
mod configured;
mod description;
mod planned;
mod running;
mod survey;
mod wording;

pub(crate) use self::description::Difference;
pub(crate) use self::survey::{Comparison, Survey, name_of, survey};
