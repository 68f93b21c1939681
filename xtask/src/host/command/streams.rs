//! What a child writes, as it comes: line by line, into the next program, or in answer to a request.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Tool;
use crate::host::time_limit::TimeLimit;

impl Tool {
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
                // Last words, broken off in the middle of a line.
                if !line.is_empty() {
                    on_line(&String::from_utf8_lossy(&line));
                }
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
        Ok(self.in_one_stream().stream(on_line)?.0)
    }

    /// The same through a file: it ends with the child, also when what that has started lives on and holds the streams open.
    ///
    /// # Errors
    /// The program cannot be started, or there is no room for what it says.
    pub(crate) fn stream_both_durably(&self, on_line: impl FnMut(&str)) -> Result<ExitStatus> {
        Ok(self.in_one_stream().stream_durably(on_line)?.0)
    }

    /// Two pipes, or files, would lose the order: the shell makes one of them before it becomes the program.
    fn in_one_stream(&self) -> Self {
        let arguments = ["-c".into(), "exec \"$0\" \"$@\" 2>&1".into(), self.program.clone().into()];
        Self { program: "sh".into(), arguments: arguments.into(), ..self.clone() }.args(&self.arguments)
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

    /// Writes `request`, then reads until the other side closes; the input stays open meanwhile. What answers is `whom`.
    ///
    /// # Errors
    /// It cannot be started, ends badly, or does not end within the limit: then it is ended.
    pub(crate) fn converse(&self, request: &[u8], time_limit: TimeLimit, whom: &str) -> Result<Vec<u8>> {
        let mut command = self.command()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.not_started(error))?;
        let mut input = child.stdin.take().expect("standard input was asked for as a pipe");
        let output = child.stdout.take().expect("standard output was asked for as a pipe");
        // A child that has ended already says why on standard error.
        let _ = input.write_all(request);
        let answer = time_limit.read_to_end(output, whom);
        if answer.is_err() {
            // One that has ended by itself needs no ending.
            let _ = child.kill();
        }
        let rest = child.wait_with_output().with_context(|| format!("waiting for `{}`", self.name()))?;
        drop(input);
        let answer = answer?;
        if rest.status.success() { Ok(answer) } else { Err(self.failed(rest.status, &String::from_utf8_lossy(&rest.stderr))) }
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Tool;
    use crate::host::time_limit::TimeLimit;

    #[test]
    fn a_child_that_does_not_answer_is_ended() {
        let (started, time_limit) = (Instant::now(), TimeLimit::for_an_answer(Duration::from_millis(100)));
        let error = Tool::new("sleep").arg("60").converse(b"?", time_limit, "it").unwrap_err();
        assert!(error.to_string().contains("it did not answer") && started.elapsed() < Duration::from_secs(30), "{error:#}");
        let time_limit = TimeLimit::for_an_answer(Duration::from_secs(30));
        assert_eq!(Tool::new("head").args(["-n", "1"]).converse(b"said\n", time_limit, "it").unwrap(), b"said\n");
    }

    #[test]
    fn a_writer_whose_reader_has_gone_ends_too() {
        let log = tempfile::tempfile().unwrap();
        let (written, read, _) = Tool::new("yes").pipe_into(&Tool::new("true"), &log).unwrap();
        assert!(!written.success() && read.success());
    }
}
