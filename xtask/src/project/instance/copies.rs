//! The copies of instance files in the user's state directory, and which checkout each belongs to.
//!
//! A duplicated checkout has the same owner id, and containers and volumes carry nothing else. Its copy outside the checkout is
//! not duplicated with it, so that says where the instance file is.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use terraform_config::Code;

use super::{Instance, read};
use crate::host::digest::Digest;
use crate::host::private_file;
use crate::project::environment::{EMULATED_DIRECTORY, Environment};
use crate::project::infra_toml::Policy;
use crate::project::user_dirs::UserDirs;

/// The copy of an instance file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copy {
    #[serde(flatten)]
    pub(super) instance: Instance,
    /// Where the instance file is, and after that where else it has been seen. Empty in a copy that an earlier version wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) places: Vec<String>,
}

/// Whose an instance is that is found in a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claim {
    /// This checkout's, or nobody's yet.
    Own,
    /// This checkout's, which was in another place before.
    Moved {
        /// The copy that is filed under the other place.
        copy: PathBuf,
        /// The instance file's place before; none if it was seen in this place earlier, as in a dev container and outside of it.
        from: Option<PathBuf>,
    },
    /// The checkout's that has this instance file; here is a duplicate.
    Elsewhere(PathBuf),
    /// An earlier version filed its copy under another place and did not write down which.
    Unknown {
        /// That copy.
        copy: PathBuf,
    },
}

/// Finds out whose the instance file at `file` is, which need not be there. Where there are no containers and the state is kept
/// elsewhere, it is every checkout's.
///
/// # Errors
/// It, or its own copy, cannot be read or understood.
pub(crate) fn claim(file: &Path, policy: &Policy, directories: &UserDirs) -> Result<Claim> {
    let claim = claim_of_one(file, directories)?;
    let is_bound = policy.docker || is_emulated(file) || Code::read(root_of(file)).has_local_backend();
    Ok(if is_bound || matches!(claim, Claim::Moved { .. }) { claim } else { Claim::Own })
}

fn claim_of_one(file: &Path, directories: &UserDirs) -> Result<Claim> {
    let own_path = path_of(file, directories);
    let own: Option<Copy> = read(&own_path)?;
    let Some(owner) = read::<Instance>(file)?.or_else(|| own.as_ref().map(|copy| copy.instance.clone())).map(|found| found.owner) else {
        return Ok(Claim::Own);
    };
    let own = own.filter(|copy| copy.instance.owner == owner);
    let is_here = |place: &String| Path::new(place) == file;
    if own.as_ref().is_some_and(|copy| copy.places.first().is_some_and(is_here)) {
        return Ok(Claim::Own);
    }
    let mut claim = Claim::Own;
    for (path, copy) in all(directories).filter(|(path, copy)| *path != own_path && copy.instance.owner == owner) {
        match copy.places.first().map(PathBuf::from) {
            Some(place) if !is_same_directory(&place, file) && holds(&place, &owner) => return Ok(Claim::Elsewhere(place)),
            Some(place) => {
                let is_known = is_same_directory(&place, file) || copy.places.iter().any(is_here);
                claim = Claim::Moved { copy: path, from: Some(place).filter(|_| !is_known) };
            }
            None if claim == Claim::Own => claim = Claim::Unknown { copy: path },
            None => {}
        }
    }
    // A copy of an earlier version is filed by its place, so it is this one's.
    Ok(if own.is_some() { Claim::Own } else { claim })
}

/// Files what is known of an instance under the place of its instance file, `to`, in place of where it was filed: the `copy`, and
/// what is beside it. Nothing is overwritten.
///
/// # Errors
/// Something cannot be renamed.
pub(crate) fn take_over(copy: &Path, to: &Path, directories: &UserDirs) -> Result<()> {
    let own = path_of(to, directories);
    if let Some(others) = read::<Copy>(&own)? {
        set_aside(&others, &own, directories)?;
    }
    rename(copy, &own)
}

/// Writes the copy of an instance file whose place is `file`.
pub(super) fn write(instance: &Instance, file: &Path, directories: &UserDirs) -> Result<()> {
    let path = path_of(file, directories);
    let mut places: Vec<String> = file.to_str().map(ToOwned::to_owned).into_iter().collect();
    match read::<Copy>(&path)? {
        Some(before) if before.instance.owner == instance.owner => {
            places.extend(before.places.into_iter().filter(|place| Path::new(place) != file));
        }
        Some(others) => set_aside(&others, &path, directories)?,
        None => {}
    }
    let text = serde_json::to_string_pretty(&Copy { instance: instance.clone(), places }).context("writing JSON")? + "\n";
    private_file::write(&path, text.as_bytes())
}

/// True when the copy says all that the instance file does, and where that is.
pub(super) fn is_current(instance: &Instance, file: &Path, directories: &UserDirs) -> Result<bool> {
    let copy = read::<Copy>(&path_of(file, directories))?;
    let names = |copy: &Copy| copy.places.first().map(String::as_str) == file.to_str();
    Ok(copy.is_some_and(|copy| copy.instance == *instance && names(&copy)))
}

/// Removes all that is filed of an instance whose data is gone: also what is filed under other places that it was seen in.
pub(super) fn forget(file: &Path, directories: &UserDirs) -> Result<()> {
    let own = path_of(file, directories);
    let owner = read::<Copy>(&own)?.map(|copy| copy.instance.owner);
    let is_left = |(_, copy): &(PathBuf, Copy)| {
        Some(&copy.instance.owner) == owner.as_ref()
            && copy
                .places
                .first()
                .map(PathBuf::from)
                .is_some_and(|place| is_same_directory(&place, file) || !holds(&place, &copy.instance.owner))
    };
    let elsewhere: Vec<PathBuf> = all(directories).filter(is_left).map(|(path, _)| path).collect();
    for path in elsewhere.iter().chain([&own]) {
        for (filed, _) in filed_with(path)? {
            private_file::remove(&filed)?;
        }
        // Fails, as it should, while other instances have copies there.
        let _ = path.parent().map(fs::remove_dir);
    }
    Ok(())
}

/// The copy's place: by the environment's directory, so that two checkouts do not meet.
pub(crate) fn copy_path(environment: &Environment, directories: &UserDirs) -> PathBuf {
    path_of(&environment.instance_file(), directories)
}

/// What is kept of an instance beside its copy, by the file's extension.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordFile {
    /// The state and the engine of the last apply.
    Applied,
    /// The containers as they were applied.
    Containers,
    /// The login that each volume keeps.
    MadeWith,
}

impl RecordFile {
    /// Where it is.
    pub(crate) fn path(self, environment: &Environment, directories: &UserDirs) -> PathBuf {
        copy_path(environment, directories).with_extension(match self {
            Self::Applied => "applied",
            Self::Containers => "containers",
            Self::MadeWith => "made-with",
        })
    }
}

fn path_of(file: &Path, directories: &UserDirs) -> PathBuf {
    // An emulator's instances are of another directory, as it were: they never meet the real ones.
    let directory = if is_emulated(file) { file.parent().unwrap_or(file) } else { root_of(file) };
    let key = Digest::default().part(directory.as_os_str().as_encoded_bytes()).finish();
    let name = file.file_name().unwrap_or_default();
    directories.state.join("instances").join(&key[..16]).join(name)
}

/// The root module of an instance file.
pub(crate) fn root_of(file: &Path) -> &Path {
    file.parent().and_then(Path::parent).unwrap_or(file)
}

fn is_emulated(file: &Path) -> bool {
    file.parent().is_some_and(|directory| directory.ends_with(EMULATED_DIRECTORY))
}

/// Every copy of this user; one that cannot be read is left out.
pub(super) fn all(directories: &UserDirs) -> impl Iterator<Item = (PathBuf, Copy)> {
    let below = |directory: PathBuf| directory.read_dir().into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let files = below(directories.state.join("instances")).flat_map(below).filter(|path| path.extension().is_some_and(|it| it == "json"));
    files.filter_map(|path| Some((path.clone(), read(&path).ok().flatten()?)))
}

/// Whether an instance file is there with this owner. What cannot be read or understood may well have it.
fn holds(file: &Path, owner: &str) -> bool {
    read::<Instance>(file).map_or(true, |found| found.is_some_and(|found| found.owner == owner))
}

/// Whether two instance files are in one directory, which is seen under two paths.
fn is_same_directory(left: &Path, right: &Path) -> bool {
    let identity = |file: &Path| file.parent()?.metadata().ok().map(|found: Metadata| (found.dev(), found.ino()));
    identity(left).is_some_and(|found| identity(right) == Some(found))
}

/// Files another instance's copy, whose place has got a new tenant, where only its owner's id leads to it.
fn set_aside(others: &Copy, path: &Path, directories: &UserDirs) -> Result<()> {
    rename(path, &directories.state.join("instances").join(&others.instance.owner).join(path.file_name().unwrap_or_default()))
}

/// Moves a copy with all that is filed beside it. The copy goes last: a run that is killed before is taken up by the next.
fn rename(from: &Path, to: &Path) -> Result<()> {
    private_file::create_directory(to.parent().unwrap_or(to))?;
    let mut files = filed_with(from)?;
    files.sort_by_key(|(path, _)| path == from);
    for (path, kind) in files {
        fs::rename(&path, to.with_extension(kind)).with_context(|| format!("renaming {}", path.display()))?;
    }
    let _ = from.parent().map(fs::remove_dir);
    Ok(())
}

/// The files of an instance in the directory of its copy, each with what follows the instance's name and a dot.
fn filed_with(copy: &Path) -> Result<Vec<(PathBuf, String)>> {
    let directory = copy.parent().unwrap_or(copy);
    let name = copy.file_stem().unwrap_or_default().to_string_lossy();
    let entries = match directory.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("reading {}", directory.display()))?,
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let kind = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix(name.as_ref())?.strip_prefix('.').map(ToOwned::to_owned);
    Ok(paths.filter_map(|path| kind(&path).map(|kind| (path, kind))).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    use super::{Claim, claim, path_of, take_over, write};
    use crate::project::infra_toml::Policy;
    use crate::project::instance::Instance;
    use crate::project::user_dirs::UserDirs;

    struct Machine {
        place: tempfile::TempDir,
        directories: UserDirs,
    }

    impl Machine {
        fn new() -> Self {
            let place = tempfile::tempdir().unwrap();
            let directories = UserDirs { cache: place.path().join("cache"), state: place.path().join("state") };
            Self { place, directories }
        }

        /// The instance file of a checkout of this name.
        fn file(&self, checkout: &str) -> PathBuf {
            self.place.path().join(checkout).join("local/.instances/default.json")
        }

        /// Writes one, as `cp` would: nothing is filed.
        fn has(&self, checkout: &str, owner: &str) {
            let file = self.file(checkout);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, serde_json::to_string(&instance(owner)).unwrap()).unwrap();
        }

        fn files(&self, checkout: &str, owner: &str) {
            write(&instance(owner), &self.file(checkout), &self.directories).unwrap();
        }

        /// Files it as the version before did, without its place.
        fn filed_before(&self, checkout: &str, owner: &str) -> PathBuf {
            let path = path_of(&self.file(checkout), &self.directories);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, serde_json::to_string(&instance(owner)).unwrap()).unwrap();
            path
        }

        fn claim(&self, checkout: &str) -> Claim {
            claim(&self.file(checkout), &Policy { docker: true, ..Policy::default() }, &self.directories).unwrap()
        }

        fn copy(&self, checkout: &str) -> PathBuf {
            path_of(&self.file(checkout), &self.directories)
        }

        fn remove(&self, checkout: &str) {
            fs::remove_dir_all(self.place.path().join(checkout)).unwrap();
        }
    }

    fn instance(owner: &str) -> Instance {
        serde_json::from_value(serde_json::json!({"format": 1, "project": "p", "environment": "local", "instance": "default",
            "owner": owner, "credentials": {}, "ports": {}, "images": {}}))
        .unwrap()
    }

    #[test]
    fn a_duplicate_is_the_original_s_and_the_original_stays_its_own() {
        let machine = Machine::new();
        machine.has("repo", "o");
        machine.files("repo", "o");
        machine.has("copy", "o");
        assert_eq!(machine.claim("repo"), Claim::Own);
        assert_eq!(machine.claim("copy"), Claim::Elsewhere(machine.file("repo")));
        machine.has("copy", "another");
        assert_eq!(machine.claim("copy"), Claim::Own, "with an identity of its own");
        fs::write(machine.file("repo"), "{").unwrap();
        machine.has("copy", "o");
        assert_eq!(machine.claim("copy"), Claim::Elsewhere(machine.file("repo")), "what cannot be understood may have it");
    }

    #[test]
    fn a_checkout_whose_old_place_is_gone_was_moved_and_takes_along_what_was_filed() {
        let machine = Machine::new();
        machine.has("old", "o");
        machine.files("old", "o");
        fs::write(machine.copy("old").with_extension("applied"), "record").unwrap();
        machine.remove("old");
        machine.has("new", "o");
        // Somebody else's was there before, and its credentials are kept.
        machine.files("new", "earlier");
        let (copy, from) = (machine.copy("old"), Some(machine.file("old")));
        assert_eq!(machine.claim("new"), Claim::Moved { copy: copy.clone(), from });
        take_over(&copy, &machine.file("new"), &machine.directories).unwrap();
        machine.files("new", "o");
        assert_eq!(machine.claim("new"), Claim::Own);
        assert_eq!(fs::read_to_string(machine.copy("new").with_extension("applied")).unwrap(), "record");
        assert!(!copy.parent().unwrap().exists());
        assert!(machine.directories.state.join("instances/earlier/default.json").is_file());

        machine.has("old", "o");
        machine.remove("new");
        assert_eq!(machine.claim("old"), Claim::Moved { copy: machine.copy("new"), from: None }, "back where it was seen before");
    }

    #[test]
    fn two_paths_to_one_directory_are_one_checkout() {
        let machine = Machine::new();
        machine.has("repo", "o");
        machine.files("repo", "o");
        symlink(machine.place.path().join("repo"), machine.place.path().join("link")).unwrap();
        assert_eq!(machine.claim("link"), Claim::Moved { copy: machine.copy("repo"), from: None });
    }

    #[test]
    fn what_an_earlier_version_filed_is_known_by_the_place_it_is_filed_under() {
        let machine = Machine::new();
        machine.has("repo", "o");
        machine.filed_before("repo", "o");
        assert_eq!(machine.claim("repo"), Claim::Own);
        machine.has("other", "o");
        assert_eq!(machine.claim("other"), Claim::Unknown { copy: machine.copy("repo") });
        machine.files("repo", "o");
        assert_eq!(machine.claim("other"), Claim::Elsewhere(machine.file("repo")));
        machine.filed_before("other", "o");
        assert_eq!(machine.claim("other"), Claim::Elsewhere(machine.file("repo")), "the first that writes its place down has it");
    }

    #[test]
    fn without_containers_and_with_its_state_elsewhere_it_is_every_checkout_s() {
        let machine = Machine::new();
        machine.has("repo", "o");
        machine.files("repo", "o");
        machine.has("copy", "o");
        let claimed = || claim(&machine.file("copy"), &Policy::default(), &machine.directories).unwrap();
        assert_eq!(claimed(), Claim::Elsewhere(machine.file("repo")), "the state was copied too");
        fs::write(Path::new(&machine.file("copy")).with_file_name("../backend.tf"), "terraform {\n  backend \"s3\" {}\n}\n").unwrap();
        assert_eq!(claimed(), Claim::Own);
    }
}
