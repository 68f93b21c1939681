//! What completes a backend block: what `init` is given, files of settings, the shell.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Backend, Backends, Source};
use crate::backend::files::{self, For, Name};
use crate::backend::{self, Setting, Settings};
use crate::block::{Block, Place};
use crate::code::{parse_values, read_text};

/// What gives the rest of several roots' backends: files in the directories that roots are in, each of which is read once and not for
/// every root, and the shell.
#[derive(Debug, Default)]
pub struct Shared {
    /// The top of the checkout, above which nothing is looked for.
    top: PathBuf,
    /// What `init` is given by the shell: `NAME=VALUE`, or a file.
    options: Vec<String>,
    /// By directory, and whether it is far from the roots.
    read: Mutex<HashMap<(PathBuf, bool), Files>>,
}

type Files = Arc<[PathBuf]>;

impl Backends {
    /// Every way in which the block may be completed.
    pub(super) fn completed(&mut self, base: &Source<'_>, written: &Backend, given: &[String], shared: &Shared) -> Vec<Backend> {
        if !given.is_empty() {
            return vec![given.iter().fold(base.clone(), |source, option| self.with_option(source, option)).located()];
        }
        let own = files::within(base.directory, None);
        let (told, open): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, name)| *name == Name::Telling);
        let mut alternatives: Vec<Source> = told.iter().filter_map(|(file, _)| self.settings_in(base, file, Name::Telling)).collect();
        // What `init` was given goes before what only looks as if it could be.
        let is_given = self.remembered.as_ref().is_some_and(|remembered| remembered.kind == written.kind && agrees(written, remembered));
        if written.location.is_known() || is_given {
            alternatives.iter_mut().for_each(|source| source.settings = merged(&base.settings, &source.settings));
            return or_else(alternatives, base);
        }
        let inner = files::inside(base.directory);
        let open: Vec<_> = open.into_iter().chain(inner).filter_map(|(file, name)| self.settings_in(base, &file, name)).collect();
        alternatives.extend(open);
        let (of_this, of_all) = self.above(base, shared);
        alternatives.extend(of_this);
        let (common, by_shell) = (merged(&base.settings, &of_all), self.by_shell(base, shared));
        for source in &mut alternatives {
            source.settings = merged(&merged(&common, &source.settings), &by_shell);
        }
        or_else(alternatives, &Source { settings: merged(&common, &by_shell), ..base.clone() })
    }

    /// What the nearest directory above the root that has any says: settings of this root alone, one for each file, and settings of
    /// all that are below.
    fn above<'a>(&mut self, base: &Source<'a>, shared: &Shared) -> (Vec<Source<'a>>, Settings) {
        for (distance, above) in base.directory.ancestors().skip(1).enumerate() {
            if distance > 0 && !above.starts_with(&shared.top) {
                break;
            }
            let (mut of_this, mut of_all) = (Vec::new(), Vec::new());
            for file in shared.files(above, distance > 0).iter() {
                match files::is_for(above, base.directory, file) {
                    For::This => of_this.extend(self.settings_in(base, file, Name::Open)),
                    For::All => of_all.extend(self.settings_in(base, file, Name::Open)),
                    For::Another => {}
                }
            }
            if of_this.is_empty() && of_all.is_empty() {
                continue;
            }
            if distance == 0 {
                return (of_this, of_all.into_iter().flat_map(|source| source.settings).collect());
            }
            // So far from the roots a file is for many, and the name of a state in it is none of theirs.
            return match if of_this.is_empty() { of_all.as_slice() } else { of_this.as_slice() } {
                [one] => (Vec::new(), of_store(base.kind, &one.settings)),
                _ => break,
            };
        }
        (Vec::new(), Settings::new())
    }

    /// What the shell gives to `init`. A name of a state there is for the root that somebody is about to work in.
    fn by_shell(&mut self, base: &Source<'_>, shared: &Shared) -> Settings {
        let options = shared.options.iter().filter(|option| option.contains('=') || base.directory.join(option).is_file());
        let nothing = Source { settings: Settings::new(), ..base.clone() };
        of_store(base.kind, &options.fold(nothing, |source, option| self.with_option(source, option)).settings)
    }

    /// One that `init` is given: `NAME=VALUE`, or a file.
    fn with_option<'a>(&mut self, source: Source<'a>, option: &str) -> Source<'a> {
        if let Some((name, value)) = option.split_once('=') {
            let value = Setting::Text(value.trim().to_owned());
            return Source { settings: merged(&source.settings, &Settings::from([(name.trim().to_owned(), value)])), ..source };
        }
        let file = source.directory.join(option);
        match settings_of(&file) {
            Ok(found) => {
                let settings = merged(&source.settings, &backend::settings_of(&found));
                Source { settings, place: self.kept(found), ..source }
            }
            Err((line, why)) => {
                self.mistakes.push((Place { file, line }, why));
                source
            }
        }
    }

    /// What is in a file of settings for a backend of this kind, if it is one.
    fn settings_in<'a>(&mut self, base: &Source<'a>, file: &Path, name: Name) -> Option<Source<'a>> {
        match settings_of(file) {
            Ok(found) if name == Name::Telling || files::holds_settings(base.kind, &found) => {
                Some(Source { settings: backend::settings_of(&found), place: self.kept(found), ..base.clone() })
            }
            Err((line, why)) if name == Name::Telling => {
                self.mistakes.push((Place { file: file.to_owned(), line }, why));
                None
            }
            _ => None,
        }
    }

    fn kept(&mut self, file: Block) -> Place {
        let place = file.place.clone();
        self.files.push(file);
        place
    }
}

fn or_else(alternatives: Vec<Source>, base: &Source) -> Vec<Backend> {
    let sources = if alternatives.is_empty() { vec![base.clone()] } else { alternatives };
    sources.into_iter().map(Source::located).collect()
}

fn merged(below: &Settings, above: &Settings) -> Settings {
    below.iter().chain(above).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// True where nothing that is written says otherwise than what `init` remembered.
fn agrees(written: &Backend, remembered: &Backend) -> bool {
    written
        .settings
        .iter()
        .all(|(name, value)| *value == Setting::Unknown || remembered.settings.get(name).is_none_or(|other| other == value))
}

fn settings_of(file: &Path) -> Result<Block, (usize, String)> {
    let text = read_text(file).map_err(|error| (1, error.to_string()))?;
    parse_values(file, &text).map_err(|error| (error.line, error.message))
}

impl Shared {
    /// For the roots of a checkout, with what the shell gives to `init`
    /// (<https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_args-and-tf_cli_args_name>).
    pub fn of(top: &Path) -> Self {
        Self::with(top, options_of(&env::var("TF_CLI_ARGS_init").unwrap_or_default()))
    }

    pub(super) fn with(top: &Path, options: Vec<String>) -> Self {
        Self { top: top.to_owned(), options, ..Self::default() }
    }

    /// The files in a directory above roots, and in the directories for such that are there.
    fn files(&self, directory: &Path, is_far: bool) -> Files {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let found = || if is_far { files::further_up(directory) } else { files::above(directory) }.into();
        Arc::clone(read.entry((directory.to_owned(), is_far)).or_insert_with(found))
    }
}

/// The values of `-backend-config` on a command line, whose words may have quotes.
pub(super) fn options_of(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for character in line.chars() {
        match character {
            '"' | '\'' if quote.is_none() => quote = Some(character),
            end if quote == Some(end) => quote = None,
            blank if blank.is_whitespace() && quote.is_none() => words.push(String::new()),
            other => words.last_mut().expect("there is one from the beginning").push(other),
        }
    }
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        match word.trim_start_matches('-').strip_prefix("backend-config") {
            Some("") => options.extend(words.next()),
            Some(rest) => options.extend(rest.strip_prefix('=').map(ToOwned::to_owned)),
            None => {}
        }
    }
    options
}

/// Those of these settings that say what holds states, and not which of them it is.
fn of_store(kind: &str, settings: &Settings) -> Settings {
    settings.iter().filter(|(name, _)| backend::is_store(kind, name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
