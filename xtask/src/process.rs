//! The only place that starts a process: shown by `-v`, with secrets kept out of argv by construction.
#![expect(clippy::disallowed_methods, reason = "this is the one place that clippy.toml allows to start processes")]

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use xshell::{Cmd, Shell};

use crate::failure::Failure;
use crate::interrupt::{self, Listener, Wish};
use crate::report::console;

/// A command line being built: program, arguments, environment, directory.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    program: PathBuf,
    arguments: Vec<OsString>,
    set: Vec<(OsString, OsString)>,
    removed: Vec<OsString>,
    directory: Option<PathBuf>,
    wish: Option<Wish>,
}

impl Tool {
    /// A call of `program`, looked up on PATH when it has no slash.
    pub(crate) fn new(program: impl AsRef<Path>) -> Self {
        let program = program.as_ref().to_owned();
        Self { program, arguments: Vec::new(), set: Vec::new(), removed: Vec::new(), directory: None, wish: None }
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
    pub(crate) fn wish(mut self, wish: Wish) -> Self {
        self.wish = Some(wish);
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
        self.command()?.status().map_err(|error| self.not_started(error))
    }

    /// Runs to the end with both streams going to `log`; the caller judges the status.
    pub(crate) fn status_into(&self, log: &File) -> Result<ExitStatus> {
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
        let (mut child, listener) = self.start(&mut command)?;
        self.wait(&mut child, &listener)
    }

    /// Feeds this command's standard output into `reader`'s input; both write their messages to `log`.
    /// Returns both statuses and what `reader` printed: a pipe is done only when both ends are.
    pub(crate) fn pipe_into(&self, reader: &Tool, log: &File) -> Result<(ExitStatus, ExitStatus, String)> {
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log.try_clone()?);
        let (mut writer, writing) = self.start(&mut command)?;
        let pipe = writer.stdout.take().expect("standard output was asked for as a pipe");
        let mut command = reader.command()?;
        command.stdin(pipe).stdout(Stdio::piped()).stderr(log.try_clone()?);
        let started = reader.start(&mut command);
        // It holds our copy of the pipe's end: a writer whose reader has gone would wait for us for ever.
        drop(command);
        let read = started.and_then(|(mut child, reading)| {
            let mut printed = String::new();
            let mut pipe = child.stdout.take().expect("standard output was asked for as a pipe");
            pipe.read_to_string(&mut printed).with_context(|| format!("reading from `{}`", reader.name()))?;
            Ok((reader.wait(&mut child, &reading)?, printed))
        });
        let written = self.wait(&mut writer, &writing)?;
        let (read, printed) = read?;
        Ok((written, read, printed.trim().to_owned()))
    }

    /// Runs to the end and hands each line of standard output to `on_line` as it comes.
    /// Returns the status and everything that was written to standard error.
    pub(crate) fn stream(&self, mut on_line: impl FnMut(&str)) -> Result<(ExitStatus, String)> {
        let (status, messages) = self.read_from(|pipe| {
            for line in BufReader::new(pipe).split(b'\n') {
                on_line(&String::from_utf8_lossy(&line?));
            }
            Ok(())
        })?;
        Ok((status, String::from_utf8_lossy(&messages).into_owned()))
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

    /// Like `stream`, through a file in place of a pipe: when this process is killed, a write into a broken pipe would end the
    /// child at once, before it has put anything in order (Go does so for both streams, whatever it does about SIGPIPE).
    ///
    /// # Errors
    /// The program cannot be started, or there is no room for what it says.
    pub(crate) fn stream_durably(&self, mut on_line: impl FnMut(&str)) -> Result<(ExitStatus, String)> {
        const POLL: Duration = Duration::from_millis(10);
        let ((output, reader), (errors, mut messages)) = (unnamed_file()?, unnamed_file()?);
        let mut command = self.command()?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let (mut child, listener) = self.start(&mut command)?;
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        loop {
            // Asked before reading: what is written between the two is read in the next round.
            let ended = listener.try_wait(&mut child).with_context(|| format!("waiting for `{}`", self.name()))?;
            while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
                on_line(String::from_utf8_lossy(&line).trim_end_matches('\n'));
                line.clear();
            }
            if let Some(status) = ended {
                let mut said = Vec::new();
                messages.read_to_end(&mut said).with_context(|| format!("reading from `{}`", self.name()))?;
                return Ok((status, String::from_utf8_lossy(&said).into_owned()));
            }
            thread::sleep(POLL);
        }
    }

    /// Runs to the end and hands on each line of both streams, in the order in which they were written.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn stream_both(&self, on_line: impl FnMut(&str)) -> Result<ExitStatus> {
        // Two pipes would lose the order: the shell makes one of them before it becomes the program.
        let shell = Self {
            program: "sh".into(),
            arguments: vec!["-c".into(), "exec \"$0\" \"$@\" 2>&1".into(), self.program.clone().into()],
            ..self.clone()
        };
        let status = shell.args(&self.arguments).stream(on_line)?.0;
        Ok(status)
    }

    /// Writes `request`, then reads until the other side closes; the input stays open meanwhile.
    ///
    /// # Errors
    /// It cannot be started, or ends badly.
    pub(crate) fn converse(&self, request: &[u8]) -> Result<Vec<u8>> {
        let mut command = self.command()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.not_started(error))?;
        let mut input = child.stdin.take().expect("standard input was asked for as a pipe");
        // A child that has ended already says why on standard error.
        let _ = input.write_all(request);
        let output = child.wait_with_output().with_context(|| format!("waiting for `{}`", self.name()))?;
        drop(input);
        if output.status.success() { Ok(output.stdout) } else { Err(self.failed(output.status, &String::from_utf8_lossy(&output.stderr))) }
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
        if let Err(interruption) = interrupt::check(&format!("`{}` ran", self.name())) {
            return interruption;
        }
        let lines: Vec<&str> = messages.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines.iter().skip(lines.len().saturating_sub(15)).map(|line| (*line).to_owned());
        Failure::new(format!("`{}` ended with {}", self.name(), describe_status(status))).details(last).into()
    }

    /// Starts it, in a process group of its own if it is to be told of a wish to stop by us alone.
    fn start(&self, command: &mut Command) -> Result<(Child, Listener)> {
        if self.wish.is_some() {
            command.process_group(0);
        }
        let child = command.spawn().map_err(|error| self.not_started(error))?;
        let listener = Listener::new(&child, self.wish);
        Ok((child, listener))
    }

    fn wait(&self, child: &mut Child, listener: &Listener) -> Result<ExitStatus> {
        listener.wait(child).with_context(|| format!("waiting for `{}`", self.name()))
    }

    fn command(&self) -> Result<Command> {
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
        let mut command = shell.cmd(&self.program).args(&self.arguments);
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
            ErrorKind::NotFound => Failure::new(format!("`{program}` was not found on PATH"))
                .hint(format!("install {program}, or add its directory to PATH"))
                .into(),
            _ => anyhow::Error::new(error).context(format!("starting `{program}`")),
        }
    }
}

/// A private file to write to and to read along, without a name: it is gone with the processes that use it.
fn unnamed_file() -> Result<(File, File)> {
    // In memory where there is such a place (shm_overview(7)): on a full disk, what it says is what one needs to know.
    let file = tempfile::NamedTempFile::new_in("/dev/shm").or_else(|_| tempfile::NamedTempFile::new());
    let file = file.context("making a file for what a program says")?;
    // Opened twice: one file pointer for each.
    Ok((file.reopen()?, file.reopen()?))
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

/// The executable that `program` names on PATH, if there is one.
pub(crate) fn find_on_path(program: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let executable = |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|directory| directory.join(program)).find(executable)
}

#[cfg(test)]
mod tests {
    use super::Tool;

    #[test]
    fn a_writer_whose_reader_has_gone_ends_too() {
        let log = tempfile::tempfile().unwrap();
        let (written, read, _) = Tool::new("yes").pipe_into(&Tool::new("true"), &log).unwrap();
        assert!(!written.success() && read.success());
    }
}
