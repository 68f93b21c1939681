//! Finding the repository from wherever the command was typed, and the environments in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::infra_toml::Config;
use super::roots::{Root, Roots, Search};
use crate::host::error::Failure;

/// Where the environments are unless infra.toml says otherwise.
const USUAL: &str = "infrastructure/environments";

/// A checkout: the directory that holds `infrastructure/infra.toml`.
#[derive(Debug, Clone)]
pub(crate) struct Checkout {
    root: PathBuf,
    roots: Roots,
}

impl Checkout {
    /// The checkout around the working directory, else the one this binary was built in, with its infra.toml.
    ///
    /// # Errors
    /// Neither has an `infrastructure/infra.toml`, that has a mistake, or the environments cannot be listed.
    pub(crate) fn open() -> Result<(Self, Config)> {
        let here = std::env::current_dir().context("reading the working directory")?;
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"));
        let root = checkout_around(&here).or_else(|| checkout_around(built_in)).ok_or_else(|| {
            Failure::new(format!("no infrastructure/infra.toml in {} or any directory above it", here.display()))
                .hint("run this inside a checkout of the repository; `infra check --path DIR` needs no infra.toml")
        })?;
        Self::at(&root)
    }

    /// The checkout at `root`, which has an infra.toml.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn at(root: &Path) -> Result<(Self, Config)> {
        let config = Config::load(&root.join("infrastructure/infra.toml"))?;
        let tables = &config.environments;
        let searches = searched(root, &tables.directories)?.into_iter().map(|directory| Search { directory, name: None });
        let roots = Roots::find(searches.collect(), |name| tables.policies.contains_key(name))?;
        roots.require_distinct()?;
        Ok((Self { root: root.to_owned(), roots }, config))
    }

    /// These directories, wherever they are, of a repository that has no infra.toml; one of several is named by its path below what
    /// they have in common.
    ///
    /// # Errors
    /// One is no directory, or cannot be read.
    pub(crate) fn of_directories(typed: &[PathBuf]) -> Result<(Self, Config)> {
        let mut directories = Vec::new();
        for path in typed {
            match path.canonicalize() {
                Ok(directory) if directory.is_dir() => directories.push(directory),
                _ => {
                    let failure = Failure::usage(format!("there is no directory {}", path.display()));
                    return Err(failure.hint("--path takes the directory that holds the root modules, such as terraform/live").into());
                }
            }
        }
        directories.sort();
        directories.dedup_by(|inner, outer| inner.starts_with(outer));
        let common = common_ancestor(&directories);
        let searches = directories.iter().map(|directory| {
            let below = directory.strip_prefix(&common).unwrap_or(directory).to_string_lossy();
            let name = if below.is_empty() { ".".to_owned() } else { below.into_owned() };
            Search { directory: directory.clone(), name: Some(name) }
        });
        let roots = Roots::find(searches.collect(), |_| false)?;
        let root = common.ancestors().find(|directory| directory.join(".git").exists()).unwrap_or(&common).to_owned();
        Ok((Self { root, roots }, Config::absent()))
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `infrastructure/`.
    pub(crate) fn infrastructure(&self) -> PathBuf {
        self.root.join("infrastructure")
    }

    /// The directory that lies directly in the one that holds all environments, and in which a root is: itself, or `prod` of `prod/eu`.
    pub(crate) fn top_of<'a>(&self, root: &'a Path) -> &'a Path {
        let is_top =
            |directory: &&Path| directory.parent().is_some_and(|above| self.roots.searched.iter().any(|searched| searched == above));
        root.ancestors().find(is_top).unwrap_or(root)
    }

    /// `infrastructure/infra.toml`.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.infrastructure().join("infra.toml")
    }

    /// Its root modules.
    pub(crate) fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The environments, sorted by name.
    pub(crate) fn environments(&self) -> &[Root] {
        &self.roots.found
    }

    /// Names of the environments, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.roots.found.iter().map(|root| root.name.clone()).collect()
    }
}

fn checkout_around(directory: &Path) -> Option<PathBuf> {
    let root = directory.ancestors().find(|candidate| candidate.join("infrastructure/infra.toml").is_file())?;
    root.canonicalize().ok()
}

fn common_ancestor(directories: &[PathBuf]) -> PathBuf {
    let first = directories.first().map(PathBuf::as_path).unwrap_or(Path::new("/"));
    let holds_all = |ancestor: &&Path| directories.iter().all(|directory| directory.starts_with(ancestor));
    first.ancestors().find(holds_all).unwrap_or(first).to_owned()
}

/// The directories that infra.toml names, which have to be in the checkout: guards and git know of nothing else.
fn searched(root: &Path, named: &[String]) -> Result<Vec<PathBuf>> {
    if named.is_empty() {
        return Ok(vec![root.join(USUAL)]);
    }
    let place = |name: &String| {
        let directory = root.join(name).canonicalize().ok().filter(|directory| directory.is_dir() && directory.starts_with(root));
        directory.ok_or_else(|| {
            Failure::new(format!("infra.toml: `environments` names {name}, which is no directory of {}", root.display()))
                .hint("write a path relative to the top of the checkout, such as \"terraform/live\"")
                .into()
        })
    };
    named.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::Checkout;
    use std::fs;

    #[test]
    fn environments_are_where_infra_toml_says() {
        for (environments, expected) in [
            ("", Ok(&["usual"][..])),
            ("environments = \"live\"", Ok(&["prod/eu"])),
            ("environments = [\"live\", \"infrastructure/environments\"]", Ok(&["prod/eu", "usual"])),
            ("environments = \"nowhere\"", Err("names nowhere, which is no directory of")),
            ("environments = \"..\"", Err("names .., which is no directory of")),
            ("environments = [\"live\", \"other\"]", Err("two environments would both be `prod-eu`")),
        ] {
            let place = tempfile::tempdir().unwrap();
            let root = place.path().canonicalize().unwrap();
            for directory in ["infrastructure/environments/usual", "live/prod/eu", "other/prod-eu"] {
                fs::create_dir_all(root.join(directory)).unwrap();
                fs::write(root.join(directory).join("main.tf"), "terraform {\n  backend \"s3\" {}\n}\n").unwrap();
            }
            let config = format!("project = \"p\"\nimages = \"auto\"\nmanifest = \"m\"\n{environments}\n");
            fs::write(root.join("infrastructure/infra.toml"), config).unwrap();
            match (Checkout::at(&root), expected) {
                (Ok((checkout, _)), Ok(names)) => assert_eq!(checkout.names(), names, "{environments}"),
                (Err(error), Err(message)) => assert!(format!("{error:#}").contains(message), "{error:#}"),
                (found, _) => panic!("{environments}: {:?}", found.map(|(checkout, _)| checkout.names())),
            }
        }
    }
}
