//! What a value comes to, where the code alone says so: through variables, their defaults and the calls of modules.

use std::path::Path;

use terraform_config::{Block, Reference, Value};

use super::EnvironmentFacts;

/// Modules that call each other deeper than this are not followed.
const DEPTH: usize = 8;

/// Every text that `value`, in a block of this environment, may come to; empty where that takes more than reading.
/// `${terraform.workspace}` stays as it is: every environment has a workspace `default`. So does what a `count` or a written
/// `for_each` counts by.
pub(crate) fn texts(environment: &EnvironmentFacts, block: &Block, value: &Value) -> Vec<String> {
    let directory = block.place.file.parent().unwrap_or(Path::new(""));
    let counted = |reference: &Reference| match reference.root.as_str() {
        "count" => Some(vec![format!("${{{reference}}}")]),
        "each" => {
            let kept = block.value("for_each").filter(|each| each.references().is_empty());
            Some(kept.map(|kept| format!("${{{reference} of {kept}}}")).into_iter().collect())
        }
        _ => None,
    };
    resolve(environment, directory, value, &counted, DEPTH)
}

/// What `count` and `each` come to; none for any other name.
type Counted<'a> = dyn Fn(&Reference) -> Option<Vec<String>> + 'a;

fn resolve(environment: &EnvironmentFacts, directory: &Path, value: &Value, counted: &Counted, depth: usize) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.clone()],
        Value::Template(parts) => fill(environment, directory, parts, counted, depth),
        Value::Reference(reference) => counted(reference).unwrap_or_else(|| refer(environment, directory, reference, depth)),
        _ => Vec::new(),
    }
}

/// A template with each of its parts filled in.
fn fill(environment: &EnvironmentFacts, directory: &Path, parts: &[Value], counted: &Counted, depth: usize) -> Vec<String> {
    let mut filled = vec![String::new()];
    for part in parts {
        let values = resolve(environment, directory, part, counted, depth);
        if filled.len() > 1 && values.len() > 1 {
            // Which of the calls goes with which is lost here: better no name than one that nothing has.
            return Vec::new();
        }
        filled = filled.iter().flat_map(|text| values.iter().map(move |value| format!("{text}{value}"))).collect();
    }
    filled
}

fn refer(environment: &EnvironmentFacts, directory: &Path, reference: &Reference, depth: usize) -> Vec<String> {
    let Some(name) = reference.name().filter(|name| depth > 0 && reference.is(&reference.root, name)) else {
        return Vec::new();
    };
    match reference.root.as_str() {
        "local" => {
            let is_here = |block: &&Block| block.kind == "locals" && block.place.file.parent() == Some(directory);
            let set = environment.blocks().filter(is_here).find_map(|locals| locals.value(name));
            set.map(|value| resolve(environment, directory, value, &|_| None, depth - 1)).unwrap_or_default()
        }
        "terraform" if name == "workspace" => vec!["${terraform.workspace}".to_owned()],
        "var" => variable(environment, directory, name, depth - 1),
        _ => Vec::new(),
    }
}

fn variable(environment: &EnvironmentFacts, directory: &Path, name: &str, depth: usize) -> Vec<String> {
    let is_here = |block: &&Block| block.place.file.parent() == Some(directory);
    let is_it = |block: &&Block| block.kind == "variable" && block.labels.first().is_some_and(|label| label == name);
    let default = || {
        let declared = environment.blocks().filter(is_it).find(is_here);
        declared.and_then(|declared| declared.text("default")).map(ToOwned::to_owned).into_iter().collect::<Vec<_>>()
    };
    if directory == environment.directory {
        let files = environment.variables.iter().filter_map(|file| file.as_ref().ok()).filter(|file| is_loaded(&file.place.file));
        // The last file that sets it wins; whether the shell sets it too, nobody knows here.
        let set = files.filter_map(|file| file.value(name)).next_back();
        return set.map_or_else(default, |value| value.text().map(ToOwned::to_owned).into_iter().collect());
    }
    let calls = environment.blocks().filter(|block| block.kind == "module").filter(|call| leads_to(environment, call, directory));
    let given = calls.flat_map(|call| match call.value(name) {
        Some(value) => resolve(environment, call.place.file.parent().unwrap_or(directory), value, &|_| None, depth),
        None => default(),
    });
    let mut texts: Vec<String> = Vec::new();
    for text in given {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Terraform takes these without being told to; others wait for `-var-file`.
pub(crate) fn is_loaded(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_end_matches(".json");
    stem == "terraform.tfvars" || stem.ends_with(".auto.tfvars")
}

fn leads_to(environment: &EnvironmentFacts, call: &Block, directory: &Path) -> bool {
    let from = call.place.file.parent().unwrap_or(directory).to_owned();
    let places = environment.calls.get(&(from, call.labels.first().cloned().unwrap_or_default()));
    places.is_some_and(|places| places.iter().any(|found| found == directory))
}

#[cfg(test)]
mod tests {
    use super::texts;
    use crate::guards::facts::EnvironmentFacts;
    use std::fs;
    use terraform_config::Value;

    #[test]
    fn values_are_followed_through_defaults_and_calls_and_no_further() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        let module = "variable \"name\" {}\nvariable \"kind\" {\n  default = \"data\"\n}\nresource \"a\" \"b\" {\n  one   = var.name\n  two   = \
                      \"${var.name}-${var.kind}\"\n  three = \"${var.name}-${terraform.workspace}\"\n  four  = local.x\n  five  = var.none\n}\n";
        for (file, text) in [
            (
                "e/main.tf",
                "variable \"own\" {\n  default = \"d\"\n}\nmodule \"m\" {\n  source = \"../m\"\n  name = var.own\n}\nmodule \"n\" {\n  source = \"../m\"\n  name = \"n\"\n}\n",
            ),
            ("e/terraform.tfvars", "own = \"set\"\n"),
            ("m/main.tf", module),
        ] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), text).unwrap();
        }
        let environment = EnvironmentFacts::read(
            &crate::roots::Root::new("e".to_owned(), root.join("e")),
            crate::config::Policy::default(),
            &crate::guards::facts::Read::default(),
            &crate::guards::facts::Above::default(),
            None,
        );
        let resource = environment.blocks().find(|block| block.kind == "resource").unwrap();
        for (attribute, expected) in [
            ("one", vec!["set", "n"]),
            ("two", vec!["set-data", "n-data"]),
            ("three", vec!["set-${terraform.workspace}", "n-${terraform.workspace}"]),
            ("four", vec![]),
            ("five", vec![]),
        ] {
            assert_eq!(texts(&environment, resource, &resource.attributes[attribute].0), expected, "{attribute}");
        }
        assert_eq!(texts(&environment, resource, &Value::Text("plain".to_owned())), ["plain"]);
    }
}
