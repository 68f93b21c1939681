//! The names that states, plans and what belongs to one machine go by.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const DIRECTORIES: [&str; 4] = [".terraform", ".instances", ".emulated", "terraform.tfstate.d"];

/// The same as git's pathspecs, whose `*` also stands for slashes: what they find is looked at again.
pub(super) fn pathspecs() -> impl Iterator<Item = String> {
    const FILES: &str = "*.tfstate *.tfstate.* *tfplan *.tfplan.* *tfplan.json *plan.out *.plan";
    let within = DIRECTORIES.iter().flat_map(|directory| [format!("{directory}/*"), format!("*/{directory}/*")]);
    FILES.split(' ').map(ToOwned::to_owned).chain(within)
}

/// What holds secrets or belongs to one machine, by its path.
pub(crate) fn is_private(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    is_in_private_directory(file) || is_state(&name) || is_plan(&name)
}

/// The outermost directory on a file's way whose name says that all in it is private.
pub(crate) fn private_directory(file: &Path) -> Option<PathBuf> {
    let is_one = |part: &OsStr| DIRECTORIES.iter().any(|private| part == *private);
    let before = file.iter().position(is_one)?;
    Some(file.iter().take(before + 1).collect())
}

/// True for a file below such a directory.
pub(crate) fn is_in_private_directory(file: &Path) -> bool {
    private_directory(file).is_some()
}

/// True for a name by which no text goes: where the file itself is text, the others are no states or plans.
pub(crate) fn is_certain(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    is_in_private_directory(file)
        || [".tfstate", ".tfplan", ".tfplan.provenance"].iter().any(|ending| name.ends_with(ending))
        || is_state(&name) && name.ends_with(".backup")
        || name == "tfplan"
}

/// True for what `init` has fetched or generated: it belongs to one machine, and only where it says how to reach the state may a
/// secret be in it.
pub(crate) fn is_fetched(file: &Path) -> bool {
    file.iter().any(|part| part == ".terraform") && !file.ends_with(".terraform/terraform.tfstate")
}

/// True for a directory by whose name its files were made for tests or to show something.
pub(super) fn is_of_tests(directory: &Path) -> bool {
    const NAMES: &str =
        "test tests testing testdata test-data test_data __tests__ fixtures fixture mock mocks example examples sample samples";
    directory.file_name().and_then(OsStr::to_str).is_some_and(|name| NAMES.split(' ').any(|one| one == name))
}

fn is_state(name: &str) -> bool {
    name.ends_with(".tfstate") || name.contains(".tfstate.")
}

/// The names that people give to saved plans, and to what `show -json` makes of one.
pub(crate) fn is_plan(name: &str) -> bool {
    let stem = name.trim_end_matches(".json");
    stem.ends_with("tfplan") || name.ends_with(".tfplan.provenance") || name.ends_with(".plan") || name == "plan.out"
}

#[cfg(test)]
mod tests {
    use super::{is_certain, is_private, private_directory};
    use std::path::Path;

    #[test]
    fn private_files_are_known_by_their_paths() {
        for (path, private, certain) in [
            ("e/terraform.tfstate", true, true),
            ("e/terraform.tfstate.17.backup", true, true),
            ("e/terraform.tfstate.md", true, false),
            ("e/.instances/default.json", true, true),
            ("e/x.tfplan", true, true),
            ("tfplan", true, true),
            ("show-tfplan", true, false),
            ("docs/migration.plan", true, false),
            ("e/main.tf", false, false),
            ("e/tests/instances/default.json", false, false),
            ("e/state.tfbackend", false, false),
        ] {
            assert_eq!((is_private(Path::new(path)), is_certain(Path::new(path))), (private, certain), "{path}");
        }
    }

    #[test]
    fn the_outermost_private_directory_counts() {
        for (path, expected) in
            [("e/.terraform/modules/m/.terraform/x", Some("e/.terraform")), (".instances/a.json", Some(".instances")), ("e/main.tf", None)]
        {
            assert_eq!(private_directory(Path::new(path)).as_deref(), expected.map(Path::new), "{path}");
        }
    }
}
