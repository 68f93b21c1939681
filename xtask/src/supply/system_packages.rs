//! What needs root: system packages, by the system's package manager, with `--bootstrap` or after a yes.

use std::fs;

use anyhow::Result;

use super::build_log::BuildLog;
use super::python;
use super::subprocess::USUAL_UMASK;
use crate::host::command::{Tool, find_on_path};
use crate::host::console;
use crate::host::error::Failure;
use crate::host::file_lock::FileLock;
use crate::host::shutdown::{self, Finishing, StopSignal};
use crate::project::user_dirs::UserDirs;
use crate::ui::progress::Step;
use crate::ui::prompt;

/// Whether the system may be changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bootstrap {
    /// `--bootstrap` was given.
    pub(crate) allowed: bool,
    /// `--yes` was given: it answers the question where one would be asked, and replaces no `--bootstrap` elsewhere.
    pub(crate) yes: bool,
}

impl Bootstrap {
    /// Asks whether to do what `question` names.
    ///
    /// # Errors
    /// `failure` when nobody can be asked; a refusal when the answer is no.
    pub(crate) fn permit(self, question: &str, failure: Failure) -> Result<()> {
        match self.allowed {
            true => Ok(()),
            false if console::is_interactive() => prompt::confirm(question, self.yes),
            false => Err(failure.into()),
        }
    }

    /// Makes the programs present that unpack packages: mmdebstrap, and pip for images with Python wheels.
    ///
    /// # Errors
    /// One is missing and must not or cannot be installed.
    pub(crate) fn require_builders(self, python: bool, directories: &UserDirs) -> Result<()> {
        let mut packages = Vec::new();
        let mut missing = Vec::new();
        if find_on_path("mmdebstrap").is_none() {
            // gpg: mmdebstrap finds out with it which of the host's keys are Debian's.
            packages.extend(["mmdebstrap", "debian-archive-keyring", "gpg"]);
            missing.push("mmdebstrap");
        }
        if !is_root() && find_on_path("newuidmap").is_none() {
            packages.push("uidmap");
            missing.push("newuidmap");
        }
        if python && !python::has_pip()? {
            packages.extend(["python3", "python3-pip"]);
            missing.push("pip");
        }
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(" and ");
        let failure = Failure::new(format!("building images from packages needs {missing}, which is not installed"));
        let failure = failure.hint(match find_on_path("apt-get") {
            Some(_) => {
                let sudo = if is_root() { "" } else { "sudo " };
                format!("run again with --bootstrap to install it, or `{sudo}apt-get install {}`", packages.join(" "))
            }
            None => format!("install what Debian calls {} with the package manager of your system", packages.join(", ")),
        });
        self.permit(&format!("{missing} is not installed; install {} with apt-get?", packages.join(", ")), failure)?;
        install(&packages, directories)
    }
}

/// Installs packages of the running system, Debian or Ubuntu.
///
/// # Errors
/// The system is another one, root cannot be had, or apt fails.
pub(crate) fn install(packages: &[&str], directories: &UserDirs) -> Result<()> {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if find_on_path("apt-get").is_none() || !is_debian(&release) {
        return Err(Failure::new("only Debian's and Ubuntu's package manager is known here")
            .hint(format!("install what Debian calls {} with your own, and run again", packages.join(", ")))
            .into());
    }
    let apt = |stop_signal: StopSignal, verb: &[&str]| Ok::<_, anyhow::Error>(privileged(APT)?.stop_signal(stop_signal).args(verb));
    become_root()?;
    let _lock = FileLock::take(&directories.cache.join("locks/apt.lock"), "apt")?;
    let step = Step::announce(&format!("system packages {}", packages.join(", ")));
    let log = BuildLog::begin(directories, "apt")?;
    step.now("apt-get update");
    // One broken source of many is no reason to stop: what matters is whether the packages can be installed.
    apt(StopSignal::Terminate, &["update"])?.status_into(log.file())?;
    shutdown::check("`apt-get update` ran")?;
    step.now("apt-get install");
    // Cut off in the middle of a package, it wants to be repaired by hand.
    let _finishing = Finishing::begin("waiting for apt-get to finish");
    let install = apt(StopSignal::Finish, &["install", "--yes", "--no-install-recommends"])?.args(packages);
    step.end(log.run(&install, "`apt-get install`"), "installed")
}

/// True when apt knows a package of this name.
pub(crate) fn is_in_apt(package: &str) -> bool {
    Tool::new("apt-cache").args(["show", package]).output().is_ok_and(|output| output.status.success())
}

/// No questions from packages, and no error while another apt is at work.
const APT: &[&str] = &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"];

/// A call of a command line as root.
///
/// # Errors
/// We are not root, and there is no sudo.
pub(crate) fn privileged(command: &[&str]) -> Result<Tool> {
    let shell = ["-c", USUAL_UMASK, "sh"];
    if is_root() {
        return Ok(Tool::new("sh").args(shell).args(command));
    }
    if find_on_path("sudo").is_none() {
        return Err(Failure::new(format!("`{}` needs root, and there is no sudo", command.join(" "))).hint("run this as root once").into());
    }
    // Its question for a password was answered before (become_root), or cannot be answered at all.
    Ok(Tool::new("sudo").args(["--non-interactive", "sh"]).args(shell).args(command))
}

/// Lets sudo ask for a password now, while nothing else writes to the terminal.
///
/// # Errors
/// sudo says no.
pub(crate) fn become_root() -> Result<()> {
    if is_root() || find_on_path("sudo").is_none() {
        return Ok(());
    }
    let sudo =
        if console::is_interactive() { Tool::new("sudo").arg("--validate") } else { Tool::new("sudo").args(["--non-interactive", "true"]) };
    if sudo.status()?.success() {
        return Ok(());
    }
    Err(Failure::new("sudo does not let us become root")
        .hint("run this as root once, or in a terminal where sudo can ask for a password")
        .into())
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// True when /etc/os-release is Debian's, or of a system made from it.
fn is_debian(release: &str) -> bool {
    let values = release.lines().filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")));
    values.flat_map(|value| value.trim_matches('"').split_whitespace()).any(|name| matches!(name, "debian" | "ubuntu"))
}

#[cfg(test)]
mod tests {
    use super::is_debian;

    #[test]
    fn debian_and_what_is_made_from_it_have_apt_with_our_packages() {
        for (release, expected) in [
            ("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n", true),
            ("ID=ubuntu\nID_LIKE=debian\n", true),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true),
            ("ID=fedora\n", false),
            ("ID=\"rhel\"\nID_LIKE=\"fedora\"\n", false),
            ("NAME=debian\n", false),
            ("", false),
        ] {
            assert_eq!(is_debian(release), expected, "{release}");
        }
    }
}
