//! What `status` shows: every service and container of an instance, how it is, what it takes up, and whether it still is as it was
//! applied. The state is not asked: it does not know of a container that was made anew under its name, or changed by hand.

mod actual;
#[cfg(test)]
mod actual_tests;
mod compare;
mod normalize;
mod record;
mod rendering;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use self::record::{Comparison, ContainersRecord, name_of};
pub(crate) use self::rendering::{as_json, as_table};
pub(crate) use self::rows::{Row, rows};
