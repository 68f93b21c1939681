//! Links that give one environment the files of another.

use crate::guards::facts::Facts;
use crate::guards::facts::code::Place;
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "shared-directory",
    looks_at: "links in each environment's directory: data directory, instance files, states, code, variable files",
    danger: "what one environment writes there, another one reads as its own",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for environment in &facts.environments {
        let own = environment.directory.canonicalize().unwrap_or_else(|_| environment.directory.clone());
        for (link, target) in &environment.links {
            let below = link.strip_prefix(&environment.directory).ok().filter(|below| !below.as_os_str().is_empty());
            let name = below.map_or_else(|| link.file_name().unwrap_or_default().to_string_lossy(), |below| below.to_string_lossy());
            let first = below.and_then(|below| below.iter().next());
            // Code may be shared on purpose; a state, a data directory or secrets may not, wherever the link leads.
            let is_private = [".terraform", ".instances", ".emulated"].iter().any(|private| first.is_some_and(|first| first == *private))
                || name.contains("tfstate");
            let owner = facts.environments.iter().find(|other| {
                let theirs = other.directory.canonicalize().unwrap_or_else(|_| other.directory.clone());
                other.name != environment.name
                    && target.starts_with(&theirs)
                    && !target.starts_with(&own) | (*link == environment.directory)
            });
            let is_inputs = name.ends_with(".tfvars") || name.ends_with(".tfvars.json") || name.ends_with(".tfbackend");
            let is_whole = *link == environment.directory;
            if let Some(owner) = owner.filter(|_| is_private || is_inputs || is_whole) {
                let what =
                    format!("{} of `{}` is a link into `{}`", if is_whole { "the directory" } else { &name }, environment.name, owner.name);
                let hint = "remove the link, and give this environment a file or directory of its own";
                findings.push(guard.refusal(&[&environment.name, &owner.name], Place { file: link.clone(), line: 1 }, what, hint));
            } else if is_private {
                let what = format!("{name} of `{}` is a link to {}", environment.name, target.display());
                findings.push(guard.refusal(
                    &[&environment.name],
                    Place { file: link.clone(), line: 1 },
                    what,
                    "put the real directory or file in its place",
                ));
            }
        }
    }
    findings
}
