//! `lineage.toml`: the lineages that an environment has pinned.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use terraform_config::Place;
use toml::Spanned;

use crate::config::position;
use crate::unreadable;

/// Lineages by instance, each with its place.
pub(crate) type Pins = BTreeMap<String, (String, Place)>;

/// Where the pins of a root are.
pub(crate) fn path(directory: &Path) -> PathBuf {
    directory.join("lineage.toml")
}

/// What is pinned; none when there is no file, or why it cannot be understood.
pub(crate) fn read(directory: &Path) -> Option<Result<Pins, (Place, String)>> {
    let file = path(directory);
    match unreadable::read_text(&file) {
        Ok(text) => Some(parse(&file, &text)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Err((Place { file, line: 1 }, error.to_string()))),
    }
}

fn parse(file: &Path, text: &str) -> Result<Pins, (Place, String)> {
    let place = |offset| Place { file: file.to_owned(), line: position(text, offset).0 };
    let read: BTreeMap<String, Spanned<String>> = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        (place(offset), error.message().replace('\n', ", "))
    })?;
    Ok(read.into_iter().map(|(name, lineage)| (name, (lineage.get_ref().clone(), place(lineage.span().start)))).collect())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::path::Path;

    #[test]
    fn it_is_read_as_toml_however_a_value_is_quoted() {
        for (text, expected) in [
            ("# written by apply\ndefault = \"l-1\"\n", Ok((2, "l-1"))),
            ("default = 'l-1'\n", Ok((1, "l-1"))),
            ("\ndefault = \"\"\"l-1\"\"\" # a comment\n", Ok((2, "l-1"))),
            ("\"default\" = '''l-1'''\n", Ok((1, "l-1"))),
            ("default = \n", Err(1)),
            ("\ndefault = 1\n", Err(2)),
            ("default = \"l\"\n[é]\nx = 1\n", Err(2)),
        ] {
            let read = parse(Path::new("lineage.toml"), text);
            let shown = read.as_ref().map(|pins| (pins["default"].1.line, pins["default"].0.as_str())).map_err(|(place, _)| place.line);
            assert_eq!(shown, expected, "{text} {read:?}");
        }
    }
}
