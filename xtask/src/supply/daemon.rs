//! Making the Docker engine answer: installed and started where that is allowed.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::build_log::BuildLog;
use super::system_packages::{self, Bootstrap, privileged};
use crate::docker::availability::{Absence, find_absence};
use crate::docker::endpoint::Endpoint;
use crate::host::command::{describe_status, find_on_path};
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::shutdown;
use crate::project::user_dirs::UserDirs;
use crate::ui::progress::Step;

/// How long an engine may take to its first answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Directories of system programs, which are not on everybody's PATH.
const SYSTEM_PROGRAMS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/// A crashed engine leaves these files with its process id, and the named program refuses to start over them.
const PID_FILES: [(&str, &str); 2] = [("/var/run/docker.pid", "dockerd"), ("/var/run/docker/containerd/containerd.pid", "containerd")];

/// A socket that makes dockerd wait for a containerd of the system, whether one listens there or not.
const CONTAINERD_SOCKET: &str = "/run/containerd/containerd.sock";

/// Makes the engine at `endpoint` answer.
///
/// # Errors
/// It does not, and installing or starting it is not allowed, not known for this system, or failed.
pub(crate) fn ensure(endpoint: &Endpoint, bootstrap: Bootstrap, directories: &UserDirs) -> Result<()> {
    let Some(absence) = find_absence(endpoint)? else {
        return Ok(());
    };
    let is_ours_to_help = matches!(absence, Absence::NoClient | Absence::NotInstalled | Absence::Stopped);
    if !endpoint.is_packaged() || !is_ours_to_help {
        return Err(absence.failure(endpoint).into());
    }
    let question = match find_daemon() {
        Some(_) => "the Docker engine is stopped; start it?",
        None => "there is no Docker engine; install docker.io with apt-get and start it?",
    };
    bootstrap.permit(question, absence.failure(endpoint))?;
    // Two runs that start at once must not install and start it twice.
    let _lock = FileLock::take(&directories.cache.join("locks/engine.lock"), "the Docker engine's start")?;
    install(directories)?;
    match find_absence(endpoint)? {
        None => Ok(()),
        Some(Absence::Stopped | Absence::NotInstalled) => start(endpoint, directories),
        Some(absence) => Err(absence.failure(endpoint).into()),
    }
}

/// Installs the engine and its client where they are missing.
fn install(directories: &UserDirs) -> Result<()> {
    if find_daemon().is_none() {
        system_packages::install(&["docker.io", "iptables", "ca-certificates"], directories)?;
    }
    // A package of its own since Debian 13, and only recommended there.
    if find_on_path("docker").is_none() && system_packages::is_in_apt("docker-cli") {
        system_packages::install(&["docker-cli"], directories)?;
    }
    Ok(())
}

fn find_daemon() -> Option<std::path::PathBuf> {
    let elsewhere = || SYSTEM_PROGRAMS.iter().map(|directory| Path::new(directory).join("dockerd")).find(|path| path.is_file());
    find_on_path("dockerd").or_else(elsewhere)
}

/// Starts the engine with the system's service manager where one runs, otherwise by itself, and waits until it answers.
fn start(endpoint: &Endpoint, directories: &UserDirs) -> Result<()> {
    system_packages::become_root()?;
    let step = Step::announce("Docker engine");
    step.now("starting");
    // https://www.freedesktop.org/software/systemd/man/latest/sd_booted.html
    if Path::new("/run/systemd/system").is_dir() {
        privileged(&["systemctl", "start", "docker"])?.read()?;
        return step.end(wait(|| answers(endpoint), None, None), "started");
    }
    for file in stale_files() {
        privileged(&["rm", "-f", file])?.read()?;
    }
    let Some(daemon) = find_daemon() else {
        return Err(Absence::NotInstalled.failure(endpoint).into());
    };
    let log = BuildLog::begin(directories, "dockerd")?;
    let daemon = daemon.to_string_lossy();
    // It stays when we end: that is what it was asked for.
    let child = privileged(&[&daemon])?.spawn_detached(log.file()).context("starting `dockerd`")?;
    step.end(wait(|| answers(endpoint), Some(child), Some(&log)), "started")
}

/// Whether the engine answers yet; one that does not let us in never will.
fn answers(endpoint: &Endpoint) -> Result<bool> {
    match find_absence(endpoint)? {
        // It listens before it can answer, and may still find a reason to give up.
        None => Ok(endpoint.client().args(["version", "--format", "{{.Server.Version}}"]).output()?.status.success()),
        Some(absence @ Absence::NoPermission) => Err(absence.failure(endpoint).into()),
        Some(_) => Ok(false),
    }
}

/// Waits until the engine answers, its process ends or the time is up.
fn wait(answers: impl Fn() -> Result<bool>, mut child: Option<Child>, log: Option<&BuildLog>) -> Result<()> {
    let begun = Instant::now();
    let problem = loop {
        if answers()? {
            return Ok(());
        }
        if let Some(status) = child.as_mut().map(Child::try_wait).transpose()?.flatten() {
            break format!("the Docker engine ended with {} while it started", describe_status(status));
        }
        if begun.elapsed() > PATIENCE {
            break format!("the Docker engine does not answer after {} s", PATIENCE.as_secs());
        }
        shutdown::check("starting the Docker engine")?;
        std::thread::sleep(Duration::from_millis(100));
    };
    Err(match log {
        Some(log) => log.failure(&problem).into(),
        None => Failure::new(problem).hint("see what the service says: `systemctl status docker`, `journalctl --unit docker`").into(),
    })
}

/// Files of an engine that is gone and that keep a new one from starting.
fn stale_files() -> Vec<&'static str> {
    let program = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).ok();
    let is_left = |(path, expected): &(&str, &str)| fs::read_to_string(path).is_ok_and(|text| is_stale(&text, expected, program));
    let refuses = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
    let socket = UnixStream::connect(CONTAINERD_SOCKET).is_err_and(refuses).then_some(CONTAINERD_SOCKET);
    PID_FILES.into_iter().filter(is_left).map(|(path, _)| path).chain(socket).collect()
}

/// True when the process that a file names is gone, or its number belongs to another program now.
fn is_stale(pid_file: &str, expected: &str, program: impl Fn(u32) -> Option<String>) -> bool {
    let running = pid_file.trim().parse().ok().and_then(program);
    running.is_none_or(|name| name.trim() != expected)
}

#[cfg(test)]
mod tests {
    use super::{is_stale, wait};
    use crate::host::command::Tool;
    use crate::project::user_dirs::UserDirs;
    use crate::supply::build_log::BuildLog;

    #[test]
    fn a_process_number_is_worth_what_runs_under_it() {
        let program = |pid| match pid {
            7 => Some("dockerd\n".to_owned()),
            8 => Some("bash\n".to_owned()),
            _ => None,
        };
        for (text, expected) in [("7", false), ("7\n", false), ("8", true), ("9", true), ("", true), ("x", true)] {
            assert_eq!(is_stale(text, "dockerd", program), expected, "{text:?}");
        }
    }

    #[test]
    fn an_engine_that_ends_at_once_is_reported_with_its_last_words() {
        let temporary = tempfile::tempdir().unwrap();
        let directories = UserDirs { cache: temporary.path().join("c"), state: temporary.path().join("s") };
        let log = BuildLog::begin(&directories, "dockerd").unwrap();
        let child = Tool::new("sh").args(["-c", "echo no iptables here >&2; exit 3"]).spawn_detached(log.file()).unwrap();
        let error = wait(|| Ok(false), Some(child), Some(&log)).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("the Docker engine ended with exit status 3") && text.contains("\n  no iptables here\n"), "{text}");
    }
}
