//! `lineage.toml` beside a protected environment's code, committed: which state is its own, for whoever has never applied
//! it from their machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use terraform_config::Place;
use toml::Spanned;

use crate::host::error::Failure;
use crate::host::{console, private_file, unreadable};
use crate::project::environment::{DEFAULT_INSTANCE, Environment};
use crate::project::infra_toml::position;

/// Lineages by instance, each with its place.
pub(crate) type Pins = BTreeMap<String, (String, Place)>;

/// Where the pins of a root are.
fn path(directory: &Path) -> PathBuf {
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

/// The lineage that is pinned for an instance. An emulator's state is nobody's to share.
///
/// # Errors
/// The file cannot be understood.
pub(crate) fn of(environment: &Environment) -> Result<Option<String>> {
    if environment.target.emulated {
        return Ok(None);
    }
    match read(&environment.directory) {
        None => Ok(None),
        Some(Ok(pins)) => Ok(pins.get(&environment.instance).map(|(lineage, _)| lineage.clone())),
        Some(Err((place, why))) => {
            let hint = unreadable::correct(&place.file, &why);
            Err(Failure::new(format!("{}:{}: {why}", place.file.display(), place.line)).hint(hint).into())
        }
    }
}

/// Pins the state of a protected environment, the first time that it is applied or when another one is adopted.
/// Instances come and go: only the default one is pinned.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn pin(environment: &Environment, lineage: Option<&str>) -> Result<()> {
    if !environment.is_protected() || environment.instance != DEFAULT_INSTANCE {
        return Ok(());
    }
    let Some(lineage) = lineage else {
        // It was adopted that there is none: the next apply begins another line.
        return unpin(environment);
    };
    if of(environment)?.as_deref() == Some(lineage) {
        return Ok(());
    }
    let file = path(&environment.directory);
    let text = format!(
        "# Which state is this environment's own, by its lineage. Written by `cargo xtask infra apply` and `adopt`; commit it:\n\
         # a machine that has never applied this environment knows by it whether the state it sees is the right one.\n\
         {DEFAULT_INSTANCE} = \"{lineage}\"\n"
    );
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    console::say(&format!("{}: its state is pinned in {}; commit that file", environment.display_name(), file.display()));
    Ok(())
}

/// Takes the pin away, when what it was of is destroyed.
///
/// # Errors
/// The file cannot be removed.
pub(crate) fn unpin(environment: &Environment) -> Result<()> {
    if of(environment)?.is_none() {
        return Ok(());
    }
    let file = path(&environment.directory);
    console::say(&format!("{}: {} is removed with it; commit that", environment.display_name(), file.display()));
    private_file::remove(&file)
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
