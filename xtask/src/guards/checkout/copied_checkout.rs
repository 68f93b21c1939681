//! A checkout that was duplicated, instance files and all: containers and volumes know only the owner id, which both have.

use terraform_config::Place;

use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "copied-checkout",
    looks_at: "each instance file: whether another checkout on this machine has the same one",
    danger: "what is done here would be done to the other checkout's containers and data",
    can_be_allowed: false,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    for environment in &facts.environments {
        for (file, original) in environment.instance_files.iter().filter_map(|file| Some((file, file.original.as_ref()?))) {
            let (name, original) = (file.path.file_stem().unwrap_or_default().to_string_lossy(), original.display());
            let what = format!("the instance file {name}.json of `{}` is a copy of {original}", environment.name);
            let hint = "remove it and its state, if this checkout is the copy, or bring up another instance with --instance";
            findings.push(GUARD.refusal(&[&environment.name], Place::top_of(&file.path), what, hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GUARD;
    use crate::guards::facts::instance_files::InstanceFile;
    use crate::guards::facts::{EnvironmentFacts, Facts};

    #[test]
    fn names_each_instance_file_whose_original_is_elsewhere() {
        let file = |name: &str, original: Option<&str>| InstanceFile {
            path: name.into(),
            original: original.map(Into::into),
            ..InstanceFile::default()
        };
        let files = vec![file("/copy/.instances/a.json", Some("/repo/.instances/a.json")), file("/copy/.instances/b.json", None)];
        let environment = EnvironmentFacts { name: "local".to_owned(), instance_files: files, ..EnvironmentFacts::default() };
        let facts = Facts { environments: vec![environment], ..Facts::default() };
        let found: Vec<String> = GUARD.found(&facts).into_iter().map(|finding| finding.what).collect();
        assert_eq!(found, ["the instance file a.json of `local` is a copy of /repo/.instances/a.json"]);
    }
}
