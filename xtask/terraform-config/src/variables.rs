//! What sets a root's variables: <https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::block::{Block, Place};
use crate::code::{Code, parse_values, read_text};
use crate::syntax::parse_expression;
use crate::value::Value;

/// The files that Terraform loads first, in this order. After them come all others by their names.
const FIRST: [&str; 2] = ["terraform.tfvars", "terraform.tfvars.json"];

/// True for a variable file that Terraform loads without being told to; others wait for `-var-file`.
pub fn is_loaded(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    FIRST.contains(&&*name) || name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")
}

/// All variable files of a directory, in the order in which Terraform would load them: a later one counts for more.
pub fn variable_files(directory: &Path) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok);
    let is_variables = |name: &str| name.ends_with(".tfvars") || name.ends_with(".tfvars.json");
    let files = entries.filter(|entry| is_variables(&entry.file_name().to_string_lossy()));
    let files = files.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir())).map(|entry| entry.path());
    // What leads nowhere matters only where Terraform follows it: the first ones it looks for, and takes if they are there
    // (https://github.com/hashicorp/terraform/blob/main/internal/command/meta_vars.go).
    let is_followed = |file: &PathBuf| is_loaded(file) && !FIRST.iter().any(|name| file.ends_with(name));
    let mut files: Vec<PathBuf> = files.filter(|file| is_followed(file) || file.exists()).collect();
    files.sort_by_key(|file| (FIRST.iter().position(|name| file.ends_with(name)).unwrap_or(FIRST.len()), file.clone()));
    files
}

/// The values of a variable file, or the first thing in it that is not understood.
///
/// # Errors
/// It cannot be read, or Terraform would refuse it.
pub fn read_values(file: &Path) -> Result<Block, (Place, String)> {
    let mistake = |line, why| (Place { file: file.to_owned(), line }, why);
    let text = read_text(file).map_err(|error| mistake(1, error.to_string()))?;
    let values = parse_values(file, &text).map_err(|error| mistake(error.line, error.message))?;
    match values.blocks.first() {
        Some(block) => Err(mistake(block.place.line, format!("a variable file has values and no blocks: `{}` lacks a `=`", block.kind))),
        None => Ok(values),
    }
}

/// What files set for a root's variables: of those given in order, the last one that sets a variable counts.
pub fn inputs<'a>(files: impl Iterator<Item = &'a Block>) -> BTreeMap<String, Value> {
    files.flat_map(|file| &file.attributes).map(|(name, (value, _))| (name.clone(), value.clone())).collect()
}

/// The value of a root's variable: from the files that Terraform loads, else from the shell's `TF_VAR_`, else its default; with the
/// defaults of its type.
pub fn variable(directory: &Path, name: &str, shell: Option<&str>) -> Option<Value> {
    let code = Code::read(directory);
    let declared = code.variable(name);
    let kind = declared.and_then(|declared| declared.value("type"));
    let files = variable_files(directory).into_iter().filter(|file| is_loaded(file)).rev();
    let written = files.filter_map(|file| read_values(&file).ok()).find_map(|values| values.value(name).cloned());
    let value = written.or_else(|| from_shell(kind, shell?)).or_else(|| declared?.value("default").cloned())?;
    Some(match kind {
        Some(kind) => crate::type_constraint::converted(kind, value),
        None => value,
    })
}

/// The value of a `TF_VAR_` variable: an expression, where the type is more than a string, number or bool
/// (<https://github.com/hashicorp/terraform/blob/main/internal/configs/named_values.go>).
pub fn from_shell(kind: Option<&Value>, text: &str) -> Option<Value> {
    let is_simple = match kind {
        None => true,
        Some(Value::Reference(simple)) => matches!(simple.root.as_str(), "string" | "number" | "bool"),
        Some(_) => false,
    };
    if is_simple { Some(Value::Text(text.to_owned())) } else { parse_expression(text).ok() }
}

#[cfg(test)]
mod tests {
    use super::{read_values, variable, variable_files};
    use crate::code::ABSENT;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_later_file_wins_then_the_shell_then_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let now = |shell: Option<&str>| variable(directory.path(), "side", shell).map(|value| value.to_string());
        assert_eq!(now(None), None);
        for (name, text, shell, expected) in [
            ("variables.tf", "variable \"side\" {\n  default = \"a\"\n}\n", None, "\"a\""),
            ("other.tfvars", "side = \"never read\"\n", Some("b"), "\"b\""),
            ("terraform.tfvars", "side = \"c\"\n", Some("b"), "\"c\""),
            ("m.auto.tfvars", "side = \"d\"\n", Some("b"), "\"d\""),
            ("n.auto.tfvars", "other = 1\n", None, "\"d\""),
            ("terraform.tfvars.json", "{\"side\": \"before those\"}", None, "\"d\""),
            ("n.auto.tfvars.json", "{\"side\": \"${e}\"}", None, "\"$${e}\""),
            ("z.json", "{\"side\": \"never read\"}", None, "\"$${e}\""),
            ("x_override.tf", "variable \"side\" {\n  type = string\n}\n", None, "\"$${e}\""),
            ("n.auto.tfvars.json", "{\"side\": 12}", None, "\"12\""),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
            assert_eq!(now(shell).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn objects_have_their_types_defaults() {
        let directory = tempfile::tempdir().unwrap();
        let code = "variable \"store\" {\n  type = object({\n    enabled = optional(bool, true)\n    engine = optional(string, \"a\")\n    \
                    image = optional(string)\n  })\n  default = {}\n}\n";
        fs::write(directory.path().join("main.tf"), code).unwrap();
        let now = |shell: Option<&str>| variable(directory.path(), "store", shell).unwrap().to_string();
        assert_eq!(now(None), "{ enabled = true, engine = \"a\" }");
        assert_eq!(now(Some("{\"engine\": \"b\", \"enabled\": false}")), "{ engine = \"b\", enabled = false }");
        fs::write(directory.path().join("terraform.tfvars"), "store = { engine = null, image = 7 }\n").unwrap();
        assert_eq!(now(None), "{ engine = \"a\", image = \"7\", enabled = true }");
    }

    #[test]
    fn what_terraform_does_not_load_need_not_be_there() {
        let directory = tempfile::tempdir().unwrap();
        for name in [".#x.tfvars", "old.tfvars", "terraform.tfvars", "y.auto.tfvars"] {
            symlink("nowhere", directory.path().join(name)).unwrap();
        }
        fs::create_dir(directory.path().join("d.auto.tfvars")).unwrap();
        let files = variable_files(directory.path());
        assert_eq!(files, [directory.path().join("y.auto.tfvars")]);
        assert_eq!(read_values(&files[0]).unwrap_err().1, ABSENT);
        fs::write(directory.path().join("b.tfvars"), "a = 1\nb {\n}\n").unwrap();
        assert_eq!(read_values(&directory.path().join("b.tfvars")).unwrap_err().0.line, 2);
    }
}
