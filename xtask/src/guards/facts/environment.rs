//! What is known of one environment.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use terraform_config::backend::Setting;
use terraform_config::backends::{Backends, Shared};
use terraform_config::{Block, Cache, Configuration, Place, is_loaded, locked_by, resolved};

use super::instance_files::{self, InstanceFile};
use super::locks::{self, HeldLock};
use super::settings_files::variables;
use super::state::StateFile;
use super::unread::{self, Unread};
use crate::host::masking;
use crate::project::environment::{DEFAULT_INSTANCE, local_state_file};
use crate::project::infra_toml::Policy;
use crate::project::instance;
use crate::project::roots::Root;
use crate::project::user_dirs::UserDirs;
use crate::records::lineage_pin::{self, Pins};

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

impl EnvironmentFacts {
    /// Reads the files of one environment.
    pub(super) fn read(root: &Root, policy: Policy, modules_read: &Cache, shared: &Shared, user: Option<&UserDirs>) -> Self {
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
            has_two_programs: locked_by(directory).len() > 1,
            errored_state: Some(directory.join("errored.tfstate")).filter(|file| file.is_file()),
            pinned: lineage_pin::read(directory),
            links: links(directory),
            unread: unread::find(directory),
            variables,
            instances,
            backends,
        }
    }

    /// How messages name one of its instances.
    pub(crate) fn titled(&self, workspace: &str) -> String {
        format!("`{}/{workspace}`", self.name)
    }

    /// Variable files that can be understood.
    pub(crate) fn readable_variables(&self) -> impl Iterator<Item = &Block> {
        self.variables.iter().flatten()
    }
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
