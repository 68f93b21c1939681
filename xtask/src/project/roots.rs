//! Which directories are environments: Terraform root modules, at any depth below the directories that infra.toml names.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread;

use anyhow::{Context, Result};

use terraform_config::{Code, is_code, readings};

use crate::host::error::Failure;

/// A root module.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// Its path below the directory that was searched: `prod`, `prod/eu`.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) directory: PathBuf,
    code: OnceLock<Vec<Arc<Code>>>,
}

/// What was found below the directories that were searched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roots {
    /// The root modules, by name.
    pub(crate) found: Vec<Root>,
    /// Directories of Terragrunt's, whose code is complete only when Terragrunt has generated the rest.
    pub(crate) terragrunt: Vec<PathBuf>,
    /// The directories that were searched.
    pub(crate) searched: Vec<PathBuf>,
}

/// A directory to be searched.
pub(crate) struct Search {
    /// Where it is.
    pub(crate) directory: PathBuf,
    /// Its own name as a root, which those below it begin with unless it is `.`; none where it is no root itself.
    pub(crate) name: Option<String>,
}

impl Root {
    /// One that is there, whatever its code says.
    pub(crate) fn new(name: String, directory: PathBuf) -> Self {
        Self { name, directory, code: OnceLock::new() }
    }

    /// Its code as each program reads it, read once.
    pub(crate) fn code(&self) -> &[Arc<Code>] {
        self.code.get_or_init(|| readings(&self.directory).into_iter().map(Arc::new).collect())
    }

    fn has_backend(&self) -> bool {
        self.code().iter().any(|code| code.backend().is_some())
    }
}

/// A directory that may be a root module, by the names of what is in it.
struct Candidate {
    root: Root,
    /// A root unless it is called: what was searched, or what lies directly in it.
    is_expected: bool,
    has_variable_files: bool,
    is_terragrunt: bool,
    /// It may not be read: it counts, and whoever reads it says so.
    is_closed: bool,
}

impl Roots {
    /// Searches. A directory with code is a root if it has a backend, if it has a table, or if no other one calls it as a module and
    /// it has variable files or a provider (which old modules have too, below a directory of that name), is one of those searched, or
    /// lies directly in one.
    ///
    /// # Errors
    /// A directory to be searched cannot be read.
    pub(crate) fn find(searches: Vec<Search>, has_table: impl Fn(&str) -> bool) -> Result<Self> {
        let (mut candidates, mut terragrunt) = (Vec::new(), Vec::new());
        for search in &searches {
            collect(search, &mut candidates, &mut terragrunt)?;
        }
        let is_certain = |candidate: &Candidate| candidate.is_closed || has_table(&candidate.root.name);
        if !candidates.iter().all(is_certain) {
            read_code(&candidates);
        }
        // Asked only where something depends on it: paths have to be resolved for it.
        let is_open = |candidate: &Candidate| !is_certain(candidate) && !candidate.root.has_backend();
        let called = if candidates.iter().any(is_open) { called_modules(&candidates) } else { HashSet::new() };
        let is_root = |candidate: &Candidate| {
            is_certain(candidate) || {
                let code = candidate.root.code();
                let is_called = || candidate.root.directory.canonicalize().is_ok_and(|directory| called.contains(&directory));
                let has_provider = || code.iter().any(|code| code.of_kind("provider").next().is_some());
                let is_marked = || candidate.has_variable_files || has_provider() && !is_among_modules(&candidate.root.name);
                let is_expected = || candidate.is_expected && code.iter().any(|code| is_filled(code));
                candidate.root.has_backend() || !candidate.is_terragrunt && (is_expected() || is_marked()) && !is_called()
            }
        };
        let mut found: Vec<Root> = candidates.into_iter().filter(is_root).map(|candidate| candidate.root).collect();
        terragrunt.retain(|directory| found.iter().all(|root| root.directory != *directory));
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { found, terragrunt, searched: searches.into_iter().map(|search| search.directory).collect() })
    }

    /// Refuses two whose names are one where no slash can stand: in names of containers and volumes, and in files.
    ///
    /// # Errors
    /// There are two.
    pub(crate) fn require_distinct(&self) -> Result<()> {
        let mut seen: BTreeMap<String, &Root> = BTreeMap::new();
        for root in &self.found {
            if let Some(other) = seen.insert(label(&root.name), root) {
                let (one, other) = (other.directory.display(), root.directory.display());
                return Err(Failure::refused(format!("two environments would both be `{}`: {one} and {other}", label(&root.name)))
                    .hint("rename one of the directories: containers, volumes and files have `-` where the path has `/`")
                    .into());
            }
        }
        Ok(())
    }
}

/// An environment's name where no slash can stand.
pub(crate) fn label(name: &str) -> String {
    name.replace('/', "-")
}

/// An environment's table in infra.toml, as it is written there.
pub(crate) fn table(name: &str) -> String {
    let is_bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_bare { format!("[environments.{name}]") } else { format!("[environments.\"{name}\"]") }
}

/// Terraform's own directory for the states of workspaces.
const STATES: &str = "terraform.tfstate.d";

/// Adds the directories with code. Those that begin with a dot are not entered, nor are links: two could lead to each other.
fn collect(search: &Search, candidates: &mut Vec<Candidate>, terragrunt: &mut Vec<PathBuf>) -> Result<()> {
    let mut open = vec![(search.directory.clone(), search.name.clone())];
    while let Some((directory, name)) = open.pop() {
        let is_top = directory == search.directory;
        let prefix = name.as_ref().filter(|name| *name != ".").map(|name| format!("{name}/")).unwrap_or_default();
        let mut candidate = Candidate {
            is_expected: is_top || directory.parent() == Some(&search.directory),
            root: Root::new(name.clone().unwrap_or_default(), directory),
            has_variable_files: false,
            is_terragrunt: false,
            is_closed: false,
        };
        let directory = &candidate.root.directory;
        let entries = match directory.read_dir() {
            Ok(entries) => entries,
            Err(error) if is_top => return Err(error).with_context(|| format!("reading {}", directory.display())),
            Err(error) => {
                candidate.is_closed = error.kind() == ErrorKind::PermissionDenied;
                candidates.extend(Some(candidate).filter(|candidate| candidate.is_closed));
                continue;
            }
        };
        let mut has_code = false;
        let is_entered = is_top || !directory.is_symlink();
        for entry in entries.filter_map(Result::ok) {
            let Ok(file) = entry.file_name().into_string() else { continue };
            let path = entry.path();
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && path.is_dir());
            if is_directory && is_entered && !file.starts_with('.') && file != STATES {
                open.push((path, Some(format!("{prefix}{file}"))));
            } else if !is_directory {
                has_code |= is_code(&file);
                candidate.has_variable_files |= file.ends_with(".tfvars") || file.ends_with(".tfvars.json");
                candidate.is_terragrunt |= file == "terragrunt.hcl" || file == "terragrunt.stack.hcl";
            }
        }
        if candidate.is_terragrunt {
            terragrunt.push(directory.clone());
        }
        if has_code && name.is_some() {
            candidates.push(candidate);
        }
    }
    terragrunt.sort();
    Ok(())
}

/// Reads the code of all, side by side: parsing is most of the work.
fn read_code(candidates: &[Candidate]) {
    let share = candidates.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
    let read = |part: &[Candidate]| {
        for candidate in part.iter().filter(|candidate| !candidate.is_closed) {
            candidate.root.code();
        }
    };
    thread::scope(|scope| {
        for part in candidates.chunks(share) {
            scope.spawn(move || read(part));
        }
    });
}

/// True for a path through a directory of modules: those that nobody here calls are called from elsewhere, or by Terragrunt.
fn is_among_modules(name: &str) -> bool {
    name.split('/').any(|part| ["modules", "_modules", "module"].contains(&part))
}

/// True for code that makes, reads or calls something, or cannot be understood; shared variables alone are nobody's root.
fn is_filled(code: &Code) -> bool {
    !code.mistakes.is_empty() || code.blocks.iter().any(|block| matches!(block.kind.as_str(), "resource" | "data" | "module" | "ephemeral"))
}

/// Directories that the code of one of them calls as a module by a relative path, without links.
fn called_modules(candidates: &[Candidate]) -> HashSet<PathBuf> {
    let mut called = HashSet::new();
    for root in candidates.iter().map(|candidate| &candidate.root) {
        let code = root.code.get().into_iter().flatten();
        let sources: BTreeSet<&str> = code.flat_map(|code| code.of_kind("module")).filter_map(|call| call.text("source")).collect();
        let near = sources.into_iter().filter(|source| source.starts_with("./") || source.starts_with("../"));
        called.extend(near.filter_map(|source| root.directory.join(source).canonicalize().ok()));
    }
    called
}

#[cfg(test)]
mod tests {
    use super::{Roots, Search, label, table};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    const BACKEND: &str = "terraform {\n  backend \"s3\" {}\n}\n";
    const CLOUD: &str = "terraform {\n  cloud {\n    organization = \"o\"\n  }\n}\n";
    const PROVIDER: &str = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n";
    const NOTHING: &str = "resource \"terraform_data\" \"it\" {}\n";

    fn write(top: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = top.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn found(files: &[(&str, &str)], tables: &[&str]) -> Vec<String> {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), files);
        names(&search(place.path(), None, tables))
    }

    fn search(directory: &Path, name: Option<&str>, tables: &[&str]) -> Roots {
        let search = Search { directory: directory.to_owned(), name: name.map(ToOwned::to_owned) };
        Roots::find(vec![search], |name| tables.contains(&name)).unwrap()
    }

    fn names(roots: &Roots) -> Vec<String> {
        roots.found.iter().map(|root| root.name.clone()).collect()
    }

    #[test]
    fn a_root_is_known_by_what_it_has_at_any_depth() {
        for (file, text, tables, expected) in [
            ("prod/main.tf", NOTHING, &[][..], &["prod"][..]),
            ("prod/main.tf.json", r#"{"resource": {"terraform_data": {"it": {}}}}"#, &[], &["prod"]),
            ("prod/main.tf", "terraform {", &[], &["prod"]),
            ("common/variables.tf", "variable \"region\" {}\n", &[], &[]),
            ("prod/eu/main.tofu", BACKEND, &[], &["prod/eu"]),
            ("prod/main.tofu", NOTHING, &[], &["prod"]),
            ("prod/eu/main.tofu", NOTHING, &[], &[]),
            ("prod/eu/main.tf", BACKEND, &[], &["prod/eu"]),
            ("prod/eu/main.tf", CLOUD, &[], &["prod/eu"]),
            ("prod/eu/main.tf", PROVIDER, &[], &["prod/eu"]),
            ("prod/modules/eu/main.tf", PROVIDER, &[], &[]),
            ("prod/modules/eu/main.tf", BACKEND, &[], &["prod/modules/eu"]),
            ("prod/eu/main.tf.json", r#"{"terraform": {"backend": {"s3": {}}}}"#, &[], &["prod/eu"]),
            ("prod/eu/deep/er/main.tf", BACKEND, &[], &["prod/eu/deep/er"]),
            ("prod/eu/main.tf", NOTHING, &[], &[]),
            ("prod/eu/main.tf", NOTHING, &["prod/eu"], &["prod/eu"]),
            ("prod/eu/main.tf", "terraform {", &[], &[]),
            ("prod/eu/main.tf", "# backend \"s3\" {}\n", &[], &[]),
            ("prod/.terraform/modules/x/main.tf", BACKEND, &[], &[]),
            (".old/prod/main.tf", BACKEND, &[], &[]),
            ("prod/eu/terraform.tfvars", "a = 1\n", &["prod/eu"], &[]),
            ("main.tf", BACKEND, &[], &[]),
        ] {
            assert_eq!(found(&[(file, text)], tables), expected, "{file}: {text}");
        }
        assert_eq!(found(&[("prod/eu/main.tf", NOTHING), ("prod/eu/backend.tofu", BACKEND)], &[]), ["prod/eu"]);
        let with_variables = [("prod/eu/main.tf", NOTHING), ("prod/eu/eu.tfvars", "a = 1\n")];
        assert_eq!(found(&with_variables, &[]), ["prod/eu"]);
    }

    #[test]
    fn what_another_calls_is_a_module_unless_it_has_a_state_of_its_own() {
        let call = format!("{BACKEND}module \"m\" {{\n  source = \"../shared\"\n}}\n");
        for (text, tables, expected) in [
            (NOTHING, &[][..], &["prod"][..]),
            (PROVIDER, &[], &["prod"]),
            (BACKEND, &[], &["prod", "shared"]),
            (PROVIDER, &["shared"], &["prod", "shared"]),
        ] {
            assert_eq!(found(&[("prod/main.tf", &call), ("shared/main.tf", text)], tables), expected, "{text}");
        }
    }

    #[test]
    fn a_directory_that_was_named_is_a_root_itself_by_its_code() {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), &[("main.tf", BACKEND), ("bare/main.tf", NOTHING), ("prod/main.tf", PROVIDER)]);
        assert_eq!(names(&search(place.path(), Some("."), &[])), [".", "bare", "prod"]);
        assert_eq!(names(&search(place.path(), Some("live"), &[])), ["live", "live/bare", "live/prod"]);
        assert_eq!(names(&search(&place.path().join("bare"), Some("."), &[])), ["."]);
    }

    #[test]
    fn links_are_roots_and_are_not_entered() {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), &[("prod/main.tf", BACKEND), ("prod/eu/main.tf", BACKEND)]);
        symlink("prod", place.path().join("copy")).unwrap();
        symlink("..", place.path().join("prod/up")).unwrap();
        let roots = search(place.path(), None, &[]);
        assert_eq!(names(&roots), ["copy", "prod", "prod/eu"]);
    }

    #[test]
    fn directories_of_terragrunt_are_named_and_are_roots_only_with_a_backend_of_their_own() {
        let place = tempfile::tempdir().unwrap();
        write(
            place.path(),
            &[
                ("live/prod/terragrunt.hcl", ""),
                ("live/dev/terragrunt.hcl", ""),
                ("live/dev/main.tf", PROVIDER),
                ("live/own/terragrunt.hcl", ""),
                ("live/own/main.tf", BACKEND),
            ],
        );
        let roots = search(place.path(), None, &[]);
        assert_eq!(names(&roots), ["live/own"]);
        assert_eq!(roots.terragrunt, [place.path().join("live/dev"), place.path().join("live/prod")]);
    }

    #[test]
    fn two_names_that_would_meet_are_refused() {
        for (one, other, meets) in [("prod/eu", "prod-eu", true), ("prod/eu", "prod/us", false), ("a/b-c", "a-b/c", true)] {
            let place = tempfile::tempdir().unwrap();
            write(place.path(), &[(&format!("{one}/main.tf"), BACKEND), (&format!("{other}/main.tf"), BACKEND)]);
            let roots = search(place.path(), None, &[]);
            assert_eq!(roots.require_distinct().is_err(), meets, "{one} {other}");
        }
    }

    #[test]
    fn names_are_written_as_each_place_takes_them() {
        for (name, labelled, tabled) in [
            ("prod", "prod", "[environments.prod]"),
            ("prod/eu", "prod-eu", "[environments.\"prod/eu\"]"),
            ("a.b", "a.b", "[environments.\"a.b\"]"),
        ] {
            assert_eq!((label(name).as_str(), table(name).as_str()), (labelled, tabled));
        }
    }
}
