//! The only place of the tests that starts processes: ended after a limit, both streams kept.
#![expect(clippy::disallowed_methods, reason = "this is the one place of the tests that starts processes")]

use std::ffi::OsStr;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::terminal::Terminal;

/// A process that takes longer has hung: an image build takes minutes, all else seconds.
const LIMIT: Duration = Duration::from_secs(600);

/// A command line being built.
#[derive(Debug)]
pub struct Call {
    command: Command,
    input: String,
}

/// A process that runs, in a process group of its own as if it had been typed in a terminal.
#[derive(Debug)]
pub struct Running {
    child: Leader,
    shown: String,
    stdout: Collected,
    stderr: Collected,
}

/// The first process of a group; a test that fails does not leave it running.
#[derive(Debug)]
struct Leader(Child);

impl Drop for Leader {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            Call::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).run();
        }
    }
}

/// What a stream has given so far, and the thread that reads on.
#[derive(Debug)]
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

/// How a process ended and what it printed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The command line, for messages.
    pub shown: String,
    /// Exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Call {
    /// A call of `program`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program), input: String::new() }
    }

    /// Adds arguments.
    pub fn args<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Withholds a variable.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs in `directory`.
    pub fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// The same behind other words: `nohup`, or a shell that prepares something and then becomes it.
    pub fn after(self, words: &[&str]) -> Self {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(directory) = self.command.get_current_dir() {
            command.current_dir(directory);
        }
        Self { command, input: self.input }
    }

    /// What it reads from standard input; nothing by default.
    pub fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let shown = format!("{:?}", self.command);
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("starting {shown}: {error}"));
        let mut input = child.stdin.take().unwrap();
        let text = self.input;
        // A process that ends without reading is no mistake.
        thread::spawn(move || input.write_all(text.as_bytes()));
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        Running { child: Leader(child), shown, stdout, stderr }
    }

    /// Starts it in a terminal, as the only thing there. What it prints is all in standard output, as on a screen.
    pub fn start_in_terminal(self) -> (Running, Terminal) {
        let shown = format!("{:?}", self.command);
        let (terminal, inside) = Terminal::open();
        let mut call = self.after(&["setsid", "--ctty"]).env("TERM", "xterm-256color");
        let stream = || Stdio::from(inside.try_clone().unwrap());
        call.command.stdin(stream()).stdout(stream()).stderr(stream());
        let child = call.command.spawn().unwrap_or_else(|error| panic!("starting {shown}: {error}"));
        let (stdout, stderr) = (collect(terminal.written()), collect(std::io::empty()));
        (Running { child: Leader(child), shown, stdout, stderr }, terminal)
    }

    /// Runs it to the end.
    pub fn run(self) -> Outcome {
        self.start().ended()
    }
}

impl Running {
    /// Sends a signal, such as `INT`, to the whole process group, as a terminal does on Ctrl-C.
    pub fn signal_group(&self, signal: &str) {
        Call::new("kill").args([&format!("-{signal}"), "--", &format!("-{}", self.child.0.id())]).run().success();
    }

    /// Sends a signal to the process alone.
    pub fn signal(&self, signal: &str) {
        Call::new("kill").args([&format!("-{signal}"), &self.child.0.id().to_string()]).run().success();
    }

    /// Its number; also its process group's.
    pub fn id(&self) -> u32 {
        self.child.0.id()
    }

    /// Everything that it has printed so far.
    pub fn said(&self) -> String {
        let text = |stream: &Collected| String::from_utf8_lossy(&stream.bytes.lock().unwrap()).into_owned();
        text(&self.stdout) + &text(&self.stderr)
    }

    /// True once it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.0.try_wait().unwrap().is_some()
    }

    /// Waits for the end and prints the output, which a test shows if it fails later: most runs started like this are interrupted.
    #[expect(clippy::print_stdout, reason = "shown with a failure")]
    pub fn finish(self) -> Outcome {
        let outcome = self.ended();
        println!("{}\nended with exit code {:?}\n{}{}", outcome.shown, outcome.code, outcome.stdout, outcome.stderr);
        outcome
    }

    fn ended(mut self) -> Outcome {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LIMIT {
                self.signal_group("KILL");
                panic!("{} did not end within {} s", self.shown, LIMIT.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        };
        Outcome { shown: self.shown, code: status.code(), stdout: self.stdout.finish(), stderr: self.stderr.finish() }
    }
}

impl Outcome {
    /// Fails the test, with everything that was printed, unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "{}\nexit code {:?}, expected {code}\n-- standard output\n{}\n-- standard error\n{}",
            self.shown,
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Fails the test unless it ended well.
    #[track_caller]
    pub fn success(self) -> Self {
        self.exits(0)
    }

    /// Fails the test unless standard error has this text in it.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{}\ndid not say\n{text}\n-- but\n{}", self.shown, self.stderr);
        self
    }

    /// Standard error from its `error:` line on: what a person is left with.
    pub fn complaint(&self) -> &str {
        self.stderr.find("error: ").map_or("", |at| &self.stderr[at..])
    }

    /// The command lines that the hint names: those in backticks, or the one that it ends in.
    #[track_caller]
    pub fn hinted(&self) -> Vec<&str> {
        let hint = self.stderr.rsplit_once("hint: ").unwrap_or_else(|| panic!("{}\nhinted at nothing:\n{}", self.shown, self.stderr)).1;
        let quoted: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
        if quoted.is_empty() { hint.find("cargo xtask").map(|at| hint[at..].trim()).into_iter().collect() } else { quoted }
    }

    /// Fails the test unless the complaint is exactly this.
    #[track_caller]
    pub fn complains(self, expected: &str) -> Self {
        assert_eq!(self.complaint(), expected, "{}\n-- standard error\n{}", self.shown, self.stderr);
        self
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> Collected {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let reader = thread::spawn({
        let bytes = Arc::clone(&bytes);
        move || {
            let mut some = [0; 8192];
            loop {
                match stream.read(&mut some) {
                    Ok(0) => return,
                    Ok(count) => bytes.lock().unwrap().extend_from_slice(&some[..count]),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}"),
                }
            }
        }
    });
    Collected { bytes, reader }
}

impl Collected {
    /// Everything, once the stream has ended.
    fn finish(self) -> String {
        self.reader.join().unwrap();
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }
}

/// Sends a signal, such as `INT`, to processes; one that has ended meanwhile is no mistake.
pub fn signal(name: &str, pids: &[u32]) {
    if !pids.is_empty() {
        Call::new("kill").args([format!("-{name}")]).args(pids.iter().map(u32::to_string)).run();
    }
}

/// True when `program` can be found on PATH.
pub fn is_installed(program: &str) -> bool {
    find(program).is_some()
}

/// Where `program` is, which has to be on PATH.
#[track_caller]
pub fn which(program: &str) -> PathBuf {
    find(program).unwrap_or_else(|| panic!("`{program}` is not on PATH"))
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|directory| directory.join(program)).find(|candidate| candidate.is_file())
}
