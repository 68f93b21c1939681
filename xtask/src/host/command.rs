//! The only place that starts a process: shown by `-v`, with secrets kept out of argv by construction.
#![expect(clippy::disallowed_methods, reason = "this is the one place that clippy.toml allows to start processes")]

pub(crate) mod adopted;
mod streams;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread;

use anyhow::{Context, Result};
use xshell::{Cmd, Shell};

use super::console;
use super::error::Failure;
use super::shutdown::{self, Listener, StopSignal};

/// A command line being built: program, arguments, environment, directory.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    wrapper: Vec<OsString>,
    program: PathBuf,
    arguments: Vec<OsString>,
    set: Vec<(OsString, OsString)>,
    removed: Vec<OsString>,
    directory: Option<PathBuf>,
    stop_signal: Option<StopSignal>,
}

impl Tool {
    /// A call of `program`, looked up on PATH when it has no slash.
    pub(crate) fn new(program: impl AsRef<Path>) -> Self {
        let program = program.as_ref().to_owned();
        Self {
            wrapper: Vec::new(),
            program,
            arguments: Vec::new(),
            set: Vec::new(),
            removed: Vec::new(),
            directory: None,
            stop_signal: None,
        }
    }

    /// Run by a program that passes its arguments on, such as `setpriv`; messages name the one that it runs.
    pub(crate) fn under<I>(mut self, wrapper: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.wrapper = wrapper.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// Adds one argument. Arguments are shown by `-v` and visible in `ps`: never a secret.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds several arguments.
    pub(crate) fn args<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the child's environment; its value is never shown.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.set.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Withholds a variable from the child.
    pub(crate) fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.removed.push(name.as_ref().to_owned());
        self
    }

    /// Runs in `directory`.
    pub(crate) fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// What it is told when the run is to stop, for one that works for long: no signal of the terminal's reaches it then.
    /// One without stays with us: Ctrl-C ends it too.
    pub(crate) fn stop_signal(mut self, stop_signal: StopSignal) -> Self {
        self.stop_signal = Some(stop_signal);
        self
    }

    /// Runs to the end with both streams captured, whatever the exit status.
    pub(crate) fn output(&self) -> Result<Output> {
        let mut stdout = Vec::new();
        let (status, stderr) = self.read_from(|mut pipe| pipe.read_to_end(&mut stdout).map(drop))?;
        Ok(Output { status, stdout, stderr })
    }

    /// Standard output of a run that must succeed, without the final line break.
    pub(crate) fn read(&self) -> Result<String> {
        let output = self.output()?;
        if !output.status.success() {
            return Err(self.failed(output.status, &String::from_utf8_lossy(&output.stderr)));
        }
        let text = String::from_utf8(output.stdout).with_context(|| format!("`{}` printed what is not UTF-8", self.name()))?;
        Ok(text.trim_end().to_owned())
    }

    /// Runs with the terminal's own streams and returns how it ended.
    pub(crate) fn status(&self) -> Result<ExitStatus> {
        let _undrawn = console::Undrawn::begin();
        let (mut child, listener) = self.start(&mut self.command()?)?;
        self.wait(&mut child, &listener)
    }

    /// Runs to the end with both streams going to `log`; the caller judges the status.
    pub(crate) fn status_into(&self, log: &File) -> Result<ExitStatus> {
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
        let (mut child, listener) = self.start(&mut command)?;
        self.wait(&mut child, &listener)
    }

    /// Runs to the end; `read` has its standard output, and standard error is returned.
    fn read_from(&self, read: impl FnOnce(ChildStdout) -> std::io::Result<()>) -> Result<(ExitStatus, Vec<u8>)> {
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (mut child, listener) = self.start(&mut command)?;
        let mut messages = child.stderr.take().expect("standard error was asked for as a pipe");
        let collector = thread::spawn(move || {
            let mut text = Vec::new();
            // A message that breaks off in the middle is still worth showing.
            let _ = messages.read_to_end(&mut text);
            text
        });
        let pipe = child.stdout.take().expect("standard output was asked for as a pipe");
        read(pipe).with_context(|| format!("reading from `{}`", self.name()))?;
        let status = self.wait(&mut child, &listener)?;
        Ok((status, collector.join().unwrap_or_default()))
    }

    /// Starts it in a process group of its own, so that it outlives this process and its Ctrl-C.
    pub(crate) fn spawn_detached(&self, log: &File) -> Result<Child> {
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?).process_group(0);
        command.spawn().map_err(|error| self.not_started(error))
    }

    /// The error for a run that ended badly: its last words, under the command's name. Of one that ended because we were asked to
    /// stop, they would mislead.
    pub(crate) fn failed(&self, status: ExitStatus, messages: &str) -> anyhow::Error {
        if let Err(interruption) = shutdown::check(&format!("`{}` ran", self.name())) {
            return interruption;
        }
        let lines: Vec<&str> = messages.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines.iter().skip(lines.len().saturating_sub(15)).map(|line| (*line).to_owned());
        Failure::new(format!("`{}` ended with {}", self.name(), describe_status(status))).details(last).into()
    }

    /// Starts it, in a process group of its own if it is to be told of a request to stop by us alone.
    fn start(&self, command: &mut Command) -> Result<(Child, Listener)> {
        if self.stop_signal.is_some() {
            command.process_group(0);
        }
        let child = command.spawn().map_err(|error| self.not_started(error))?;
        let listener = Listener::new(&child, self.stop_signal);
        Ok((child, listener))
    }

    fn wait(&self, child: &mut Child, listener: &Listener) -> Result<ExitStatus> {
        listener.wait(child).with_context(|| format!("waiting for `{}`", self.name()))
    }

    fn command(&self) -> Result<Command> {
        // The wrapper would start, and complain in its own words.
        let is_missing = |program: &Path| program.components().count() == 1 && find_on_path(program).is_none();
        if !self.wrapper.is_empty() && is_missing(&self.program) {
            return Err(self.not_started(ErrorKind::NotFound.into()));
        }
        let shell = Shell::new()?;
        let command = self.shell_command(&shell);
        console::command_line(&command.to_string());
        let mut command = Command::from(command);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        Ok(command)
    }

    fn shell_command<'shell>(&self, shell: &'shell Shell) -> Cmd<'shell> {
        let mut words = self.wrapper.iter().map(OsString::as_os_str).chain([self.program.as_os_str()]);
        let first = words.next().expect("the program is one of them");
        let mut command = shell.cmd(first).args(words).args(&self.arguments);
        for name in &self.removed {
            command = command.env_remove(name);
        }
        for (name, value) in &self.set {
            command = command.env(name, value);
        }
        command
    }

    /// Program and verb, for messages.
    pub(crate) fn name(&self) -> String {
        let program = self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy();
        let verb = self.arguments.iter().map(|argument| argument.to_string_lossy()).find(|word| !word.starts_with('-'));
        verb.map_or_else(|| program.to_string(), |verb| format!("{program} {verb}"))
    }

    fn not_started(&self, error: std::io::Error) -> anyhow::Error {
        let program = self.program.display();
        match error.kind() {
            ErrorKind::NotFound => not_found(&program.to_string()).into(),
            _ => anyhow::Error::new(error).context(format!("starting `{program}`")),
        }
    }
}

/// `exit status 1`, or the signal that ended the process.
pub(crate) fn describe_status(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

/// What to do where Terraform is missing or too old; the modules' `required_version`.
pub(crate) const INSTALL_TERRAFORM: &str = "install Terraform 1.11 or later, below 2 (https://developer.hashicorp.com/terraform/install)";

/// The failure of work that needs `program`, which is not on PATH.
pub(crate) fn not_found(program: &str) -> Failure {
    let install = match program {
        "terraform" => INSTALL_TERRAFORM.to_owned(),
        "docker" => "install Docker 20.10 or later (https://docs.docker.com/engine/install/)".to_owned(),
        "go" => "install Go (https://go.dev/dl/)".to_owned(),
        other => format!("install {other}"),
    };
    Failure::new(format!("`{program}` was not found on PATH")).hint(format!("{install}, or add its directory to PATH"))
}

/// The executable that `program` names on PATH, if there is one.
pub(crate) fn find_on_path(program: impl AsRef<Path>) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let executable = |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|directory| directory.join(&program)).find(executable)
}
