//! The documents of the repository: links lead somewhere, the sources that are named exist, and what people read first is short.
#![allow(clippy::unwrap_used, reason = "a document that cannot be read fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

/// What people read first, and how many lines they read.
const SHORT: [(&str, usize); 2] = [("README.md", 200), ("ARCHITECTURE.md", 150)];

/// A source that the guide to a new service has the reader write.
const TO_BE_WRITTEN: &str = "tests/src/clients/nats.rs";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every file below a directory with this ending; what is built, fetched or hidden is none.
fn files(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let shown = entries.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        !name.starts_with('.') && name != "target"
    });
    shown
        .flat_map(|path| match path.is_dir() && !path.is_symlink() {
            true => files(&path, ending),
            false => Some(path).filter(|path| path.extension().is_some_and(|found| found == ending)).into_iter().collect(),
        })
        .collect()
}

/// The lines outside blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Where `[text](target)` leads, for every one in a document.
fn links(text: &str) -> Vec<String> {
    let targets = |line: &str| line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect::<Vec<_>>();
    prose(text).flat_map(targets).collect()
}

/// The anchors of the headings, as code hosts make them: letters and digits in lower case, hyphens for spaces, nothing for the rest.
fn anchors(text: &str) -> Vec<String> {
    let heading = |line: &str| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_lowercase());
    let anchor = |character: char| match character {
        ' ' => Some('-'),
        other => (other.is_alphanumeric() || "-_".contains(other)).then_some(other),
    };
    prose(text).filter_map(heading).map(|heading| heading.chars().filter_map(anchor).collect()).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for document in files(repository(), "md") {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let has_anchor = || fs::read_to_string(&target).is_ok_and(|text| anchors(&text).iter().any(|known| known == anchor));
            if !target.exists() || !anchor.is_empty() && !has_anchor() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn sources_that_are_named_exist() {
    let sources = files(repository(), "rs");
    let mut missing = Vec::new();
    for document in files(repository(), "md") {
        let text = fs::read_to_string(&document).unwrap();
        let code = prose(&text).flat_map(|line| line.split('`').skip(1).step_by(2));
        let named = code.filter(|word| word.ends_with(".rs") && !word.contains([' ', '{']) && *word != TO_BE_WRITTEN);
        missing.extend(
            named.filter(|word| !sources.iter().any(|source| source.ends_with(word))).map(|word| format!("{}: {word}", document.display())),
        );
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_is_read_first_stays_short() {
    for (name, limit) in SHORT {
        let lines = fs::read_to_string(repository().join(name)).unwrap().lines().count();
        assert!(lines <= limit, "{name} has {lines} lines, more than {limit}: move what only some readers want to docs/");
    }
}

#[test]
fn reads_links_and_headings() {
    let text = "# Ready, and `as applied`\n[a](b.md#c) and [d](e)\n```\n# no heading [f](g)\n```\n";
    assert_eq!(links(text), ["b.md#c", "e"]);
    assert_eq!(anchors(text), ["ready-and-as-applied"]);
}
