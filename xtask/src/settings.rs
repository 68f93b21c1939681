//! What the settings of an environment come to, read from its files and the shell as Terraform would.

use std::path::{Path, PathBuf};
use std::{env, fs};

use terraform_config::{Code, Value, default_of, parse_expression, parse_values};

use crate::guards::facts::backend::files_with_extension;
use crate::guards::facts::literals::is_loaded;

/// The files of variables that Terraform reads without being asked to: a later one counts for more.
/// https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = [files_with_extension(directory, "tfvars"), files_with_extension(directory, "json")].concat();
    files.retain(|file| is_loaded(file));
    // These two in this order, and after them all others by their names.
    let first = ["terraform.tfvars", "terraform.tfvars.json"];
    files.sort_by_key(|file| (first.iter().position(|name| file.ends_with(name)).unwrap_or(first.len()), file.clone()));
    files
}

/// The value of a variable that is a string, where it is written as one. `typed` is the shell's, which counts for less than a file's.
pub(crate) fn text(directory: &Path, variable: &str, typed: Option<String>) -> Option<String> {
    let text = |value: Value| value.text().map(ToOwned::to_owned);
    written(directory, variable).and_then(text).or(typed).or_else(|| declared(directory, variable, "default").and_then(text))
}

/// The value of an attribute of a variable that is an object: a string without its quotes, everything else as it is written. None
/// where neither a file nor the shell nor the type's `optional(..., DEFAULT)` says.
pub(crate) fn attribute(directory: &Path, variable: &str, name: &str) -> Option<String> {
    let typed = || parse_expression(&env::var(format!("TF_VAR_{variable}")).ok()?).ok();
    let set = written(directory, variable).or_else(typed).or_else(|| declared(directory, variable, "default"));
    let set = set.and_then(|set| set.get(name).map(|entry| entry.value.clone()));
    let value = set.or_else(|| default_of(&declared(directory, variable, "type")?, name).cloned())?;
    Some(value.text().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

fn written(directory: &Path, variable: &str) -> Option<Value> {
    files(directory).iter().rev().find_map(|file| {
        let block = parse_values(file, &fs::read_to_string(file).ok()?).ok()?;
        block.value(variable).cloned()
    })
}

fn declared(directory: &Path, variable: &str, what: &str) -> Option<Value> {
    Code::read(directory).variable(variable)?.value(what).cloned()
}

#[cfg(test)]
mod tests {
    use super::{attribute, text};
    use std::fs;

    #[test]
    fn the_later_file_wins_then_the_shell_then_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let now = |typed: Option<&str>| text(directory.path(), "side", typed.map(ToOwned::to_owned));
        assert_eq!(now(None), None);
        for (name, text, typed, expected) in [
            ("variables.tf", "variable \"side\" {\n  default = \"a\"\n}\n", None, "a"),
            ("other.tfvars", "side = \"never read\"\n", Some("b"), "b"),
            ("terraform.tfvars", "side = \"c\"\n", Some("b"), "c"),
            ("m.auto.tfvars", "side = \"d\"\n", Some("b"), "d"),
            ("n.auto.tfvars", "other = 1\n", None, "d"),
            ("terraform.tfvars.json", "{\"side\": \"before those\"}", None, "d"),
            ("n.auto.tfvars.json", "{\"side\": \"e\"}", None, "e"),
            ("z.json", "{\"side\": \"never read\"}", None, "e"),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
            assert_eq!(now(typed).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn an_attribute_of_an_object_has_its_types_default_until_a_file_sets_it() {
        let directory = tempfile::tempdir().unwrap();
        let variables = "variable \"store\" {\n  type = object({\n    enabled = optional(bool, true)\n    engine = optional(string, \"a\") # one\n    \
                         image = optional(string)\n  })\n  default = {}\n}\n";
        fs::write(directory.path().join("variables.tf"), variables).unwrap();
        let now = || ["enabled", "engine", "image", "other"].map(|name| attribute(directory.path(), "store", name));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(now(), [some("true"), some("a"), None, None]);
        for (name, text, expected) in [
            ("terraform.tfvars", "store = {\n  engine = \"b\" # mine\n}\n", [some("true"), some("b"), None, None]),
            ("a.auto.tfvars", "store = { enabled = false, image = null }\n", [some("false"), some("a"), some("null"), None]),
            ("b.auto.tfvars.json", "{\"store\": {\"engine\": \"c\", \"image\": \"x:1\"}}", [some("true"), some("c"), some("x:1"), None]),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
            assert_eq!(now(), expected, "{name}");
        }
    }
}
