//! The xtask as a person runs it: arguments and a directory in, exit code and both streams out.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::process::{Call, Outcome, Running};
use crate::terminal::Terminal;

/// The repository that the tests belong to.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The binary under test: the one that XTASK names (`test-infra` sets it), else the one that Cargo builds.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("XTASK").map_or_else(build, PathBuf::from))
}

/// Copies it there. By another process: one that another test starts meanwhile would inherit ours while it is open to write, and a
/// program that somebody writes cannot be started (ETXTBSY).
pub fn copy_binary(to: &Path) {
    Call::new("cp").args([binary(), to]).run().success();
}

fn build() -> PathBuf {
    let built = cargo().args(["build", "--package", "xtask", "--message-format=json"]).run().success();
    let messages = built.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back().unwrap()
}

/// Cargo in the repository, by the name it gives itself.
pub fn cargo() -> Call {
    Call::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).directory(repository())
}

/// The image that `supply --check` says is here for an engine.
#[track_caller]
pub fn supplied_image(engine: &str) -> String {
    let listed = Xtask::in_directory(repository()).infra(&["supply", "--check", engine]).success().stdout;
    let row = listed
        .lines()
        .find(|line| line.starts_with(engine) && line.contains("present"))
        .unwrap_or_else(|| panic!("no image of {engine} in\n{listed}"));
    row.split_whitespace().find(|word| word.contains(':')).unwrap().to_owned()
}

/// `cargo xtask` in one directory.
#[derive(Debug, Clone)]
pub struct Xtask {
    directory: PathBuf,
    program: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

impl Xtask {
    /// Typed in `directory`.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), program: binary().to_owned(), variables: Vec::new() }
    }

    /// By another program than the one under test.
    pub(crate) fn by(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// With a variable in its environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The call of `cargo xtask infra ARGUMENTS`, where nobody can answer a question.
    pub fn call(&self, arguments: &[&str]) -> Call {
        let call = Call::new(&self.program).args(["infra"]).args(arguments).directory(&self.directory);
        self.variables.iter().fold(call, |call, (name, value)| call.env(name, value))
    }

    /// Runs it to the end.
    pub fn infra(&self, arguments: &[&str]) -> Outcome {
        self.call(arguments).run()
    }

    /// Does what a hint says, in the same shell in which `infra ARGUMENTS` is typed next.
    pub fn infra_after(&self, pasted: &str, arguments: &[&str]) -> Outcome {
        let script = format!("cargo() {{ shift; \"$0\" \"$@\"; }}\n{pasted} || exit 99\ncargo xtask infra \"$@\"\n");
        let call = Call::new("sh").args(["-c", &script]).args([&self.program]).args(arguments).directory(&self.directory);
        self.variables.iter().fold(call, |call, (name, value)| call.env(name, value)).run()
    }

    /// Starts it.
    pub fn start(&self, arguments: &[&str]) -> Running {
        self.call(arguments).start()
    }

    /// Starts it in a terminal.
    pub fn start_in_terminal(&self, arguments: &[&str]) -> (Running, Terminal) {
        self.call(arguments).start_in_terminal()
    }

    /// Runs it in a terminal where a person types `text`. What it prints is all in standard output, as on a screen.
    pub fn infra_in_terminal(&self, arguments: &[&str], text: &str) -> Outcome {
        let words = [&[self.program.to_str().unwrap(), "infra"], arguments].concat();
        let line: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        let call = Call::new("script").args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
        let call = self.variables.iter().fold(call, |call, (name, value)| call.env(name, value));
        call.directory(&self.directory).input(text).run()
    }
}
