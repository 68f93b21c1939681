//! `lineage.toml`: the lineages that an environment has pinned.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::code::{Block, Place, parse_attributes};
use crate::unreadable;

/// Where the pins of a root are.
pub(crate) fn path(directory: &Path) -> PathBuf {
    directory.join("lineage.toml")
}

/// The pins as one block of attributes, by instance; none when there is no file, or why it cannot be understood.
pub(crate) fn read(directory: &Path) -> Option<Result<Block, (Place, String)>> {
    let file = path(directory);
    let text = match unreadable::read_text(&file) {
        Err(error) if error.kind() != ErrorKind::InvalidData => return None,
        text => text.map_err(|error| (1, error.to_string())),
    };
    Some(text.and_then(|text| parse_attributes(&file, &text)).map_err(|(line, why)| (Place { file, line }, why)))
}
