//! Links that give one environment the files of another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use terraform_config::Place;

use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, listed};

pub(crate) const GUARD: Guard = Guard {
    name: "shared-directory",
    looks_at: "links in each environment's directory: data directory, instance files, states, code, variable files",
    danger: "what one environment writes there, another one reads as its own",
    can_be_allowed: true,
    find,
};

/// A link that is an accident, with what it leads to.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Linked<'a> {
    /// What is linked: a path below the environment's directory, or `None` for the directory itself.
    what: Option<String>,
    /// The environment that it leads into.
    owner: Option<&'a str>,
    target: &'a Path,
}

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut by_target: BTreeMap<Linked, Vec<(&str, Place)>> = BTreeMap::new();
    // Looked up, not compared each with each: thousands of environments may all have a link.
    let mut directories: BTreeMap<PathBuf, Vec<&str>> = BTreeMap::new();
    if facts.environments.iter().any(|environment| !environment.links.is_empty()) {
        for environment in &facts.environments {
            directories.entry(real(environment)).or_default().push(&environment.name);
        }
    }
    for environment in &facts.environments {
        for (link, target) in &environment.links {
            if let Some(linked) = accident(&directories, environment, link, target) {
                let place = Place::top_of(link);
                by_target.entry(linked).or_default().push((&environment.name, place));
            }
        }
    }
    findings.extend(by_target.into_iter().map(|(linked, mut parts)| {
        let names = listed(&parts.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let what = linked.what.as_deref().unwrap_or("the directory");
        let place = parts[0].1.clone();
        let (what, hint) = match linked.owner {
            Some(owner) => {
                let hint = "remove the link, and give this environment a file or directory of its own";
                parts.push((owner, place.clone()));
                (format!("{what} of {names} is a link into `{owner}`"), hint)
            }
            None => (format!("{what} of {names} is a link to {}", linked.target.display()), "put the real directory or file in its place"),
        };
        GUARD.refusal(&[], place, what, hint).among(parts)
    }));
}

fn real(environment: &EnvironmentFacts) -> PathBuf {
    environment.directory.canonicalize().unwrap_or_else(|_| environment.directory.clone())
}

fn accident<'a>(
    directories: &BTreeMap<PathBuf, Vec<&'a str>>,
    environment: &EnvironmentFacts,
    link: &Path,
    target: &'a Path,
) -> Option<Linked<'a>> {
    let is_whole = link == environment.directory;
    let below = link.strip_prefix(&environment.directory).ok().filter(|below| !below.as_os_str().is_empty());
    let name = below.map_or_else(|| link.file_name().unwrap_or_default().to_string_lossy(), |below| below.to_string_lossy());
    let first = below.and_then(|below| below.iter().next());
    // Code may be shared on purpose; a state, a data directory or secrets may not, wherever the link leads.
    let is_private = [".terraform", ".instances", ".emulated"].iter().any(|private| first.is_some_and(|first| first == *private))
        || name.contains("tfstate");
    let is_inputs = name.ends_with(".tfvars") || name.ends_with(".tfvars.json") || name.ends_with(".tfbackend");
    // Into the nearest environment; into this one's own directory only where that is itself a link, which two may have.
    let nearest = || target.ancestors().find_map(|directory| directories.get(directory));
    let owner = nearest().filter(|names| is_whole || !names.contains(&environment.name.as_str()));
    let owner = owner.and_then(|names| names.iter().copied().find(|name| *name != environment.name));
    let owner = owner.filter(|_| is_private || is_inputs || is_whole);
    let what = (!(is_whole && owner.is_some())).then(|| name.into_owned());
    (owner.is_some() || is_private).then_some(Linked { what, owner, target })
}

#[cfg(test)]
mod tests {
    use super::GUARD;
    use crate::guards::facts::{EnvironmentFacts, Facts};

    #[test]
    fn links_of_many_environments_to_one_thing_are_one_finding() {
        let environment = |name: &str, links: &[(&str, &str)]| {
            let directory = std::path::PathBuf::from(format!("/e/{name}"));
            let links = links.iter().map(|(link, target)| (directory.join(link), (*target).into())).collect();
            EnvironmentFacts { name: name.to_owned(), links, directory, ..EnvironmentFacts::default() }
        };
        let environments = vec![
            environment("a", &[]),
            environment("b", &[("x.tfvars", "/e/a/x.tfvars"), (".terraform", "/shared/.terraform"), ("main.tf", "/e/a/main.tf")]),
            environment("c", &[("x.tfvars", "/e/a/x.tfvars"), (".terraform", "/shared/.terraform")]),
            environment("d", &[("y.tfvars", "/e/a/x.tfvars")]),
        ];
        let facts = Facts { environments, ..Facts::default() };
        let found: Vec<String> =
            GUARD.found(&facts).into_iter().map(|found| format!("{} [{}]", found.what, found.environments.join(" "))).collect();
        let expected = [
            ".terraform of `b` and `c` is a link to /shared/.terraform [b c]",
            "x.tfvars of `b` and `c` is a link into `a` [b c a]",
            "y.tfvars of `d` is a link into `a` [d a]",
        ];
        assert_eq!(found, expected);
    }
}
