//! A `terraform` on PATH that writes down how it was called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use infra_tests::temporary;
use tempfile::TempDir;

/// One call of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// All arguments.
    pub(crate) arguments: Vec<String>,
    /// Variables that concern Terraform, as NAME=value, sorted.
    pub(crate) variables: Vec<String>,
    /// Every variable, for what must not be in any.
    pub(crate) environment: String,
}

/// The fake and what it has recorded.
pub(crate) struct FakeTerraform {
    place: TempDir,
}

impl FakeTerraform {
    /// One that does what `answers` says, a `case` of a shell over `$2`, the subcommand. It has `out`, which makes the file of a
    /// plan, `complete plan` or `complete apply`, Terraform's word for the end of all work, and `real`, which is Terraform itself.
    pub(crate) fn new(answers: &str) -> Self {
        let place = temporary::directory();
        let record = place.path().join("calls");
        let script = format!(
            "{{ for word; do printf '%s\\n' \"argument $word\"; done; env | sed 's/^/variable /'; echo end; }} >> '{}'\n\
             complete() {{ echo \"{{\\\"type\\\":\\\"change_summary\\\",\\\"changes\\\":{{\\\"operation\\\":\\\"$1\\\"}}}}\"; }}\n\
             real() {{ exec '{}' \"$@\"; }}\n\
             out() {{ for word; do case $word in -out=*) : > \"${{word#-out=}}\" ;; esac; done; }}\n\
             case $2 in\n{answers}\nesac\n",
            record.display(),
            real().display()
        );
        Self::in_place(place, &script)
    }

    /// A shell script in its place, which writes nothing down.
    pub(crate) fn instead(script: &str) -> Self {
        Self::in_place(temporary::directory(), script)
    }

    fn in_place(place: TempDir, script: &str) -> Self {
        let program = place.path().join("terraform");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { place }
    }

    /// PATH with the fake before everything else.
    pub(crate) fn path(&self) -> String {
        format!("{}:{}", self.place.path().display(), std::env::var("PATH").unwrap())
    }

    /// The calls since the last time.
    pub(crate) fn take(&self) -> Vec<Call> {
        let record: PathBuf = self.place.path().join("calls");
        let text = fs::read_to_string(&record).unwrap_or_default();
        let _ = fs::remove_file(record);
        text.split_terminator("end\n").map(parse).collect()
    }
}

fn real() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|directory| directory.join("terraform")).find(|program| program.is_file());
    found.expect("the tests need Terraform")
}

fn parse(block: &str) -> Call {
    let with = |prefix: &'static str| block.lines().filter_map(move |line| line.strip_prefix(prefix)).map(ToOwned::to_owned);
    let mut variables: Vec<String> = with("variable ").filter(|line| line.starts_with("TF_") || line.starts_with("CHECKPOINT")).collect();
    variables.sort();
    Call { arguments: with("argument ").collect(), variables, environment: with("variable ").collect::<Vec<_>>().join("\n") }
}
