//! What is below a directory, as far as it counts as input: without what editors leave, and never through a link to a directory.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use terraform_config::is_loaded;

/// So many entries are nobody's code: a home directory, or a link's mistake.
const TOO_MANY: usize = 100_000;

/// One thing below a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// A file, or a link to one.
    File,
    /// A link to a directory. Two of them may lead to each other, so none is followed.
    Link,
    /// A link that leads nowhere, a directory that cannot be entered, a pipe.
    Unreadable,
}

/// Everything below `directory` that `wanted` accepts, sorted; it is asked of directories too, and can shut one out.
pub(crate) fn below(directory: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(current) = open.pop() {
        let Ok(entries) = current.read_dir() else {
            found.push(Entry { path: current, kind: EntryKind::Unreadable });
            continue;
        };
        for entry in entries {
            if found.len() + open.len() > TOO_MANY {
                found.push(Entry { path: directory.to_owned(), kind: EntryKind::Unreadable });
                return found;
            }
            let Ok(entry) = entry else {
                found.push(Entry { path: current.clone(), kind: EntryKind::Unreadable });
                continue;
            };
            let path = entry.path();
            if is_editors(&entry.file_name()) || !wanted(&path) {
                continue;
            }
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    open.push(path);
                    continue;
                }
                Ok(kind) if kind.is_file() => EntryKind::File,
                Ok(kind) if kind.is_symlink() => match path.metadata() {
                    Ok(target) if target.is_file() => EntryKind::File,
                    Ok(target) if target.is_dir() => EntryKind::Link,
                    _ => EntryKind::Unreadable,
                },
                _ => EntryKind::Unreadable,
            };
            found.push(Entry { path, kind });
        }
    }
    found.sort();
    found
}

/// True for the name of a lock, a copy or a swap file of an editor's. None of them is code to Terraform (`IsIgnoredFile` in its
/// internal/configs/parser_config_dir.go).
pub(crate) fn is_editors(name: &OsStr) -> bool {
    const SWAP: [&str; 6] = [".swp", ".swo", ".swn", ".swx", ".swpx", ".kate-swp"];
    let name = name.to_string_lossy();
    let is_swap = name.starts_with('.') && SWAP.iter().any(|ending| name.ends_with(ending));
    let is_lock = name.starts_with(".#") && !is_loaded(Path::new(&*name));
    is_swap || is_lock || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

/// True for a name that Terraform passes over when it looks for code, variables and its lock file.
pub(crate) fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') && name != ".terraform.lock.hcl" && !is_loaded(Path::new(&*name))
}

#[cfg(test)]
mod tests {
    use super::{Entry, EntryKind, below, is_editors, is_hidden};
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_not_entered_and_what_cannot_be_read_is_named() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for directory in ["a", "b", "unwanted"] {
            fs::create_dir(at(directory)).unwrap();
            fs::write(at(directory).join("file"), "").unwrap();
        }
        for (target, link) in
            [("../b", "a/loop"), ("../a", "b/loop"), ("../b/file", "a/linked"), ("nowhere", "a/dangling"), ("nowhere", "a/.#file")]
        {
            symlink(target, at(link)).unwrap();
        }
        let found = below(place.path(), |path| !path.ends_with("unwanted"));
        let found: Vec<_> =
            found.iter().map(|Entry { path, kind }| (path.strip_prefix(place.path()).unwrap().to_str().unwrap(), *kind)).collect();
        let expected = [
            ("a/dangling", EntryKind::Unreadable),
            ("a/file", EntryKind::File),
            ("a/linked", EntryKind::File),
            ("a/loop", EntryKind::Link),
            ("b/file", EntryKind::File),
            ("b/loop", EntryKind::Link),
        ];
        assert_eq!(found, expected);
        assert_eq!(below(&at("missing"), |_| true), [Entry { path: at("missing"), kind: EntryKind::Unreadable }]);
    }

    #[test]
    fn names_say_what_terraform_and_the_supply_do_not_read() {
        for (name, editors, hidden) in [
            ("main.tf", false, false),
            (".main.tf.swp", true, true),
            (".#main.tf", true, true),
            ("main.tf~", true, false),
            ("#main.tf#", true, false),
            ("#main.tf", false, false),
            (".env", false, true),
            (".terraform.lock.hcl", false, false),
            (".mine.auto.tfvars", false, false),
            (".#mine.auto.tfvars", false, false),
        ] {
            assert_eq!((is_editors(name.as_ref()), is_hidden(name.as_ref())), (editors, hidden), "{name}");
        }
    }
}
