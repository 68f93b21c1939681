//! The rooms of `xtask/src`: each uses those below it alone, and there are few enough to keep in mind.
#![allow(clippy::unwrap_used, reason = "a source that cannot be read fails its test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the top: a room may use itself and those after it.
const ROOMS: [&str; 16] = [
    "main",
    "commands",
    "cli",
    "status",
    "run",
    "emulator",
    "guards",
    "supply",
    "records",
    "services",
    "terraform",
    "aws",
    "docker",
    "project",
    "ui",
    "host",
];

/// How many files and directories a reader meets there at most.
const MOST_ENTRIES: usize = 18;

/// Where the part of a source begins that only tests have.
const TESTS: &str = "#[cfg(test)]\nmod ";

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The module that a source is, as its names from the crate's root.
fn module(source: &Path) -> Vec<String> {
    let names = source.strip_prefix(top()).unwrap().with_extension("");
    names.iter().map(|name| name.to_str().unwrap().to_owned()).filter(|name| name != "mod").collect()
}

/// Sources that are there for tests alone: `#[cfg(test)] mod tests;`, which lies beside a `mod.rs` or below another source.
fn test_sources(source: &Path, text: &str) -> Vec<PathBuf> {
    let directory = if source.ends_with("mod.rs") { source.parent().unwrap().to_owned() } else { source.with_extension("") };
    let names = text.split(TESTS).skip(1).filter_map(|rest| rest.lines().next()?.strip_suffix(';'));
    names.map(|name| directory.join(name).with_extension("rs")).collect()
}

/// The parts of a source before, between and after its modules for tests.
fn own(text: &str) -> impl Iterator<Item = &str> {
    let mut parts = text.split(TESTS);
    let after = |part: &'_ str| part.find(if part.lines().next().is_some_and(|line| line.ends_with(';')) { ";" } else { "\n}" });
    parts.next().into_iter().chain(parts.filter_map(move |part| Some(&part[after(part)? + 1..])))
}

/// What a source names from the crate's root, outside comments and tests, as it is written: `crate::a::b`, and `super::a` where
/// that is the root.
fn paths(text: &str, depth: usize) -> BTreeSet<String> {
    let code: Vec<&str> = own(text).flat_map(str::lines).filter_map(|line| line.split("//").next()).collect();
    let code = code.join("\n");
    let is_name = |character: char| character.is_alphanumeric() || "_:".contains(character);
    ["crate::".to_owned(), "super::".repeat(depth)]
        .iter()
        .flat_map(|root| code.match_indices(root.as_str()))
        .filter(|(at, _)| !code[..*at].ends_with(is_name))
        .flat_map(|(at, root)| names(&code[at + root.len()..]).into_iter().map(move |name| format!("{root}{name}")))
        .collect()
}

/// The path at the beginning, or all that a `{` there holds, down to where the next one opens.
fn names(text: &str) -> Vec<String> {
    let is_name = |character: &char| character.is_alphanumeric() || "_:*".contains(*character);
    let Some(group) = text.strip_prefix('{') else {
        return vec![text.chars().take_while(is_name).collect::<String>().trim_end_matches(':').to_owned()];
    };
    let mut level = 1;
    let mut outer = String::new();
    for character in group.chars() {
        level += i32::from(character == '{') - i32::from(character == '}');
        match level {
            0 => break,
            1 if character != '}' => outer.push(character),
            _ => {}
        }
    }
    outer.split(',').map(|name| name.trim().trim_end_matches(':').to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Where a room is in the list.
fn floor(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

/// What is wrong with each path in a source of this module that leads up, or nowhere.
fn upward(module: &[String], text: &str) -> Vec<String> {
    let from = &module[0];
    let wrong = |path: &String| {
        let to = path.split("::").find(|name| !["crate", "super"].contains(name)).unwrap_or_default();
        let (here, there) = (floor(from)?, floor(to));
        there.is_none_or(|there| there < here).then(|| format!("{}: `{path}` leads up, from `{from}` to `{to}`", module.join("/")))
    };
    paths(text, module.len()).iter().filter_map(wrong).collect()
}

#[test]
fn no_room_uses_one_above_it() {
    let sources: Vec<(PathBuf, String)> =
        sources(&top()).into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let of_tests: Vec<PathBuf> = sources.iter().flat_map(|(path, text)| test_sources(path, text)).collect();
    let own = sources.iter().filter(|(path, _)| !of_tests.contains(path));
    let wrong: Vec<String> = own.flat_map(|(path, text)| upward(&module(path), text)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_entry_is_a_room_and_they_are_few() {
    let entries = entries(&top());
    let rooms: BTreeSet<String> = entries.iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(rooms, ROOMS.map(str::to_owned).into(), "what lies in xtask/src is what `ROOMS` lists");
    assert!(entries.len() <= MOST_ENTRIES, "{} entries in xtask/src, more than {MOST_ENTRIES}", entries.len());
}

#[test]
fn the_document_has_the_rooms_in_this_order() {
    let text = fs::read_to_string(top().join("../../ARCHITECTURE.md")).unwrap();
    let table = text.split_once("\n## The rooms\n").unwrap().1.lines().skip_while(|line| !line.starts_with('|')).skip(2);
    let firsts = table.take_while(|line| line.starts_with('|')).map(|line| line.split('|').nth(1).unwrap().to_owned());
    let mut named: Vec<String> = firsts
        .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(|word| word.trim_end_matches('/').replace(".rs", "")).collect::<Vec<_>>())
        .collect();
    // A file and the directory below it are one room.
    named.dedup();
    assert_eq!(named, ROOMS);
}

#[test]
fn an_arrow_upward_is_found_wherever_it_is_written() {
    let run = ["run".to_owned(), "plan".to_owned()];
    for text in [
        "use crate::commands::up;",
        "use crate::{host, commands::{up, down}};",
        "use super::super::commands;",
        "fn f() { crate::commands::up::run() }",
        "#[cfg(test)]\nmod tests;\nuse crate::commands::up;",
        "#[cfg(test)]\nmod tests {\n    use crate::commands::down;\n}\nuse crate::commands::up;\n",
        "use crate::elsewhere;",
    ] {
        assert_eq!(upward(&run, text).len(), 1, "{text}");
    }
    for text in [
        "use crate::host::error::Failure;\nuse crate::run::session::Session;\nuse super::commands;",
        "// use crate::commands::up;",
        "#[cfg(test)]\nmod tests {\n    use crate::commands::up;\n}\n",
    ] {
        assert!(upward(&run, text).is_empty(), "{text}");
    }
    assert_eq!(upward(&run, "use crate::commands::up;"), ["run/plan: `crate::commands::up` leads up, from `run` to `commands`"]);
}
