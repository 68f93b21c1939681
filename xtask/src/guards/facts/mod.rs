//! Facts that the guards decide on: read once, from files alone, without Terraform and without a network.

pub(crate) mod accepted;
pub(crate) mod aws_profiles;
pub(crate) mod content;
mod environment;
pub(crate) mod history;
pub(crate) mod instance_files;
pub(crate) mod locks;
mod old_state;
pub(crate) mod path;
pub(crate) mod placement;
pub(crate) mod private_names;
mod raw_state;
mod settings_files;
pub(crate) mod state;
pub(crate) mod tracked;
pub(crate) mod unread;
mod world;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use terraform_config::backends::Shared;
use terraform_config::{Block, Cache, Comment, Place, Reading};

use self::accepted::Acceptances;
use self::aws_profiles::Profiles;
pub(crate) use self::environment::{EnvironmentFacts, target_of};
use self::history::{Added, History};
use self::settings_files::{environment_variables, other_settings};
use self::tracked::Tracked;
use crate::project::checkout::Checkout;
use crate::project::infra_toml::Config;
use crate::project::roots::Root;
use crate::project::user_dirs::UserDirs;

/// Everything that is known of a checkout.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The top of the checkout.
    pub(crate) root: PathBuf,
    /// The project that infra.toml names; empty where there is none.
    pub(crate) project: String,
    /// Each environment, by name.
    pub(crate) environments: Vec<EnvironmentFacts>,
    /// The profiles of the user's AWS configuration.
    pub(crate) profiles: Profiles,
    /// What git tracks; `None` outside a git checkout.
    pub(crate) tracked: Option<Tracked>,
    /// Files of variables and backend settings that git tracks and that no environment has read.
    pub(crate) other_settings: Vec<Block>,
    /// Files of environment variables that git tracks.
    pub(crate) environment_variables: Vec<Block>,
    /// What git's history has added, where infra.toml names a baseline or it was looked for.
    pub(crate) history: Option<History>,
    /// What other branches have added, where it was looked for.
    pub(crate) other_branches: Vec<Added>,
    /// What the repository accepts of what guards find.
    pub(crate) accepted: Acceptances,
}

impl Facts {
    /// Reads the files of the checkout, and asks git.
    pub(crate) fn read(checkout: &Checkout, config: &Config) -> Self {
        let root = checkout.root().to_owned();
        let roots = checkout.environments();
        let share = roots.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
        let modules_read = Cache::default();
        let shared = Shared::of(&root);
        // Without a home there are no copies of instance files, and nothing to compare with.
        let user = Some(&config.project).filter(|project| !project.is_empty()).and_then(|project| UserDirs::of(project).ok());
        let (tracked, history, environments): (_, _, Vec<EnvironmentFacts>) = thread::scope(|scope| {
            let tracked = scope.spawn(|| Tracked::read(&root));
            let history = config.history_since.as_ref().map(|since| scope.spawn(|| History::read(&root, Some(since))));
            let read = |roots: &[Root]| {
                let one = |root: &Root| EnvironmentFacts::read(root, config.policy(&root.name), &modules_read, &shared, user.as_ref());
                roots.iter().map(one).collect::<Vec<_>>()
            };
            let parts: Vec<_> = roots.chunks(share).map(|roots| scope.spawn(move || read(roots))).collect();
            let environments = parts.into_iter().flat_map(|part| part.join().expect("reading facts does not panic")).collect();
            let history = history.map(|history| history.join().expect("reading facts does not panic"));
            (tracked.join().expect("reading facts does not panic"), history, environments)
        });
        let other_settings = other_settings(&root, tracked.as_ref(), &environments);
        let environment_variables = environment_variables(&root, tracked.as_ref());
        let others = other_settings.iter().chain(&environment_variables);
        let accepted = Acceptances::read(&root, &checkout.config_file(), config, comments(&environments, others));
        Self {
            other_branches: Vec::new(),
            other_settings,
            environment_variables,
            root,
            project: config.project.clone(),
            environments,
            profiles: Profiles::read(),
            tracked,
            history,
            accepted,
        }
    }

    /// False where there is no infra.toml.
    pub(crate) fn has_policy(&self) -> bool {
        !self.project.is_empty()
    }

    /// The environment that a path lies in: the deepest, where one is below another.
    pub(crate) fn environment_at(&self, path: &Path) -> Option<&EnvironmentFacts> {
        let containing = self.environments.iter().filter(|environment| path.starts_with(&environment.directory));
        containing.max_by_key(|environment| environment.directory.components().count())
    }

    /// The name of that environment, where there is one.
    pub(crate) fn names_at(&self, path: &Path) -> Vec<&str> {
        self.environment_at(path).map(|environment| environment.name.as_str()).into_iter().collect()
    }

    /// True for a file that git tracks.
    pub(crate) fn is_tracked(&self, file: &Path) -> bool {
        self.tracked.as_ref().is_some_and(|tracked| tracked.contains(file.strip_prefix(&self.root).unwrap_or(file)))
    }

    /// True for a file beside the code of an environment or of its modules, below it, or further up.
    pub(crate) fn is_near_code(&self, file: &Path) -> bool {
        let file = self.root.join(file);
        let Some(directory) = file.parent() else { return false };
        let is_near = |environment: &EnvironmentFacts| {
            let modules = || environment.code.modules().any(|module| directory.starts_with(&module.directory));
            environment.directory.starts_with(directory) || directory.starts_with(&environment.directory) || modules()
        };
        self.environments.iter().any(is_near)
    }

    /// True for a path in the checkout below a directory whose name says that what is in it was made for tests or to show something:
    /// one that holds no environment, which may be called `test` too.
    pub(crate) fn is_for_tests(&self, file: &Path) -> bool {
        let holds_one = |directory: &Path| {
            let directory = self.root.join(directory);
            self.environments.iter().any(|environment| environment.directory.starts_with(&directory))
        };
        file.ancestors().skip(1).any(|directory| private_names::is_of_tests(directory) && !holds_one(directory))
    }

    /// Looks through all of git's history too, other branches included, which takes a moment where there is much of it.
    pub(crate) fn look_through_history(&mut self, config: &Config) {
        if self.tracked.as_ref().is_some_and(|tracked| tracked.mistake.is_none()) {
            self.history.get_or_insert_with(|| History::read(&self.root, None));
            self.other_branches = history::of_other_branches(&self.root, config.history_since.as_deref());
        }
    }

    /// A place in a file that many environments link to is one place, and one to correct it in.
    pub(crate) fn real(&self, place: Place) -> Place {
        Place { file: path::without_link(&self.root, place.file), ..place }
    }

    /// A path as it is shown: relative to the checkout.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::borrow::Cow<'a, str> {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy()
    }
}

/// The comments of all files that were read, each file once: not of what `init` has fetched, which are others' to correct.
fn comments<'a>(
    environments: &'a [EnvironmentFacts],
    others: impl Iterator<Item = &'a Block>,
) -> impl Iterator<Item = (&'a Path, &'a [Comment])> {
    let mut seen = HashSet::new();
    let code = environments.iter().flat_map(|environment| &environment.code.readings).flat_map(Reading::all);
    let code = code.filter(move |code| seen.insert(Arc::as_ptr(code))).flat_map(|code| &code.comments);
    let settings = environments.iter().flat_map(|environment| environment.readable_variables().chain(&environment.backends.files));
    let settings = settings.chain(others).map(|file| (file.place.file.as_path(), file.comments.as_slice()));
    let all = code.map(|(file, comments)| (file.as_path(), comments.as_slice())).chain(settings);
    all.filter(|(file, _)| !file.components().any(|part| part.as_os_str() == ".terraform"))
}
