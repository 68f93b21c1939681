//! Facts that the guards decide on: read once, from files alone, without Terraform and without a network.

pub(crate) mod accepted;
pub(crate) mod aws_profiles;
pub(crate) mod content;
pub(crate) mod history;
pub(crate) mod instance_files;
pub(crate) mod locks;
mod old_state;
pub(crate) mod path;
pub(crate) mod placement;
pub(crate) mod private_names;
mod settings_files;
pub(crate) mod state;
pub(crate) mod tracked;
pub(crate) mod unread;
mod world;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use terraform_config::backend::Setting;
use terraform_config::backends::{Backends, Shared};
use terraform_config::{Block, Cache, Comment, Configuration, Place, Reading, is_loaded, resolved};

use self::accepted::Acceptances;
use self::aws_profiles::Profiles;
use self::history::{Added, History};
use self::instance_files::InstanceFile;
use self::locks::HeldLock;
use self::settings_files::{environment_variables, other_settings, variables};
use self::state::StateFile;
use self::tracked::Tracked;
use self::unread::Unread;
use crate::config::{Config, Policy};
use crate::directories::Directories;
use crate::environment::{DEFAULT_INSTANCE, local_state_file};
use crate::instance;
use crate::masking;
use crate::pinned_lineage::{self, Pins};
use crate::repository::Repository;
use crate::roots::Root;

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
    /// What git tracks; none outside a git checkout.
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

/// Everything that is known of one environment.
#[derive(Debug, Default)]
pub(crate) struct EnvironmentFacts {
    /// Its name.
    pub(crate) name: String,
    /// Its directory.
    pub(crate) directory: PathBuf,
    /// What infra.toml says of it.
    pub(crate) policy: Policy,
    /// Its code, with that of its modules.
    pub(crate) code: Configuration,
    /// Where its state is.
    pub(crate) backends: Backends,
    /// `.terraform/environment`: the workspace that bare Terraform would work in.
    pub(crate) selected_workspace: Option<String>,
    /// Names of its instances: those with a file, and the default one.
    pub(crate) instances: BTreeSet<String>,
    /// What its instance files say of themselves: project, environment, instance.
    pub(crate) instance_files: Vec<InstanceFile>,
    /// State files on this machine.
    pub(crate) states: Vec<StateFile>,
    /// Their locks that are held now.
    pub(crate) locks: Vec<HeldLock>,
    /// The file that Terraform leaves when it could not write a state.
    pub(crate) errored_state: Option<PathBuf>,
    /// Whether Terraform and OpenTofu have both been initialised there.
    pub(crate) has_two_programs: bool,
    /// The lineages that it pins, by workspace.
    pub(crate) pinned: Option<Result<Pins, (Place, String)>>,
    /// Links in its directory, with what they lead to.
    pub(crate) links: Vec<(PathBuf, PathBuf)>,
    /// What of it may not be read.
    pub(crate) unread: Vec<Unread>,
    /// Variable files, each as one block of attributes; with their mistakes.
    pub(crate) variables: Vec<Result<Block, (Place, String)>>,
}

impl Facts {
    /// Reads them.
    pub(crate) fn read(repository: &Repository, config: &Config) -> Self {
        let root = repository.root().to_owned();
        let roots = repository.environments();
        let share = roots.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
        let modules_read = Cache::default();
        let shared = Shared::of(&root);
        // Without a home there are no copies of instance files, and nothing to compare with.
        let user = Some(&config.project).filter(|project| !project.is_empty()).and_then(|project| Directories::of(project).ok());
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
        let accepted = Acceptances::read(&root, &repository.config_file(), config, comments(&environments, others));
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

impl EnvironmentFacts {
    /// Reads one.
    fn read(root: &Root, policy: Policy, modules_read: &Cache, shared: &Shared, user: Option<&Directories>) -> Self {
        let directory = root.directory.as_path();
        let data = directory.join(".terraform");
        let variables = variables(directory);
        let loaded: Vec<&Block> = variables.iter().flatten().filter(|file| is_loaded(&file.place.file)).collect();
        let code = Configuration::read(root.code(), &data, &loaded, modules_read);
        let backends = Backends::read(directory, &data, &code, &policy.backend_config, shared);
        for (name, value) in backends.all().flat_map(|backend| &backend.settings) {
            if let Setting::Text(text) = value {
                masking::learn_setting(name, text);
            }
        }
        let (states, locks) = states(directory, &backends);
        let mut instances: BTreeSet<String> = instance::names(&directory.join(".instances")).into_iter().collect();
        instances.insert(DEFAULT_INSTANCE.to_owned());
        Self {
            name: root.name.clone(),
            directory: directory.to_owned(),
            instance_files: instance_files::read(directory, &policy, user),
            policy,
            code,
            selected_workspace: fs::read_to_string(data.join("environment")).ok().map(|text| text.trim().to_owned()),
            states,
            locks,
            has_two_programs: state::is_of_two_programs(directory),
            errored_state: Some(directory.join("errored.tfstate")).filter(|file| file.is_file()),
            pinned: pinned_lineage::read(directory),
            links: links(directory),
            unread: unread::find(directory),
            variables,
            instances,
            backends,
        }
    }

    /// Variable files that can be understood.
    pub(crate) fn readable_variables(&self) -> impl Iterator<Item = &Block> {
        self.variables.iter().flatten()
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

/// The local backend's files, wherever its settings put them, and the locks that are held on them.
fn states(directory: &Path, backends: &Backends) -> (Vec<StateFile>, Vec<HeldLock>) {
    let emulated = directory.join(".emulated");
    let mut places = vec![
        (DEFAULT_INSTANCE.to_owned(), local_state_file(directory, DEFAULT_INSTANCE), false),
        (DEFAULT_INSTANCE.to_owned(), local_state_file(&emulated, DEFAULT_INSTANCE), true),
    ];
    let mut below = vec![(directory.join("terraform.tfstate.d"), false), (emulated.join("terraform.tfstate.d"), true)];
    for backend in backends.all().filter(|backend| backend.kind == "local") {
        places.extend(backend.text("path").map(|path| (DEFAULT_INSTANCE.to_owned(), directory.join(path), false)));
        below.extend(backend.text("workspace_dir").map(|path| (directory.join(path), false)));
    }
    for (directory, emulated) in below {
        for entry in directory.read_dir().into_iter().flatten().filter_map(Result::ok) {
            places.push((entry.file_name().to_string_lossy().into_owned(), entry.path().join("terraform.tfstate"), emulated));
        }
    }
    let mut seen = BTreeSet::new();
    let real = places.into_iter().filter_map(|(workspace, path, emulated)| Some((workspace, path.canonicalize().ok()?, emulated)));
    let each_once = real.filter(|(_, path, _)| seen.insert(path.clone()));
    let (mut states, mut held) = (Vec::new(), Vec::new());
    for (workspace, path, emulated) in each_once {
        // Terraform locks the empty file of a state that is to come.
        held.extend(locks::read(&path, &workspace));
        states.extend(StateFile::read(&path, &workspace, emulated));
    }
    (states, held)
}

/// Links among what Terraform and this tool keep there.
fn links(directory: &Path) -> Vec<(PathBuf, PathBuf)> {
    let entries = |directory: &Path| directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut paths = vec![directory.to_owned()];
    paths.extend(entries(directory));
    for private in [".instances", ".emulated", "terraform.tfstate.d"] {
        let below: Vec<PathBuf> = entries(&directory.join(private)).collect();
        for workspace in below.iter().filter(|path| private == "terraform.tfstate.d" && !path.is_symlink()) {
            paths.extend(entries(workspace));
        }
        paths.extend(below);
    }
    // Not the providers, of which a cache may be shared.
    paths.extend(["terraform.tfstate", "environment"].map(|name| directory.join(".terraform").join(name)));
    // What a link leads to need not be there yet: the first to write it makes it for both.
    let links = paths.into_iter().filter(|path| path.is_symlink());
    links.map(|link| (target_of(&link), link)).map(|(target, link)| (link, target)).collect()
}

/// Where a link leads, whether anything is there or not; any other path itself.
pub(crate) fn target_of(link: &Path) -> PathBuf {
    let beside = link.parent().unwrap_or(link);
    link.canonicalize().or_else(|_| link.read_link().map(|target| resolved(&beside.join(target)))).unwrap_or_default()
}
