//! What was let pass once, by whom and why: a line of JSON each, in the user's state directory.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustix::process::getuid;
use rustix::system::uname;
use serde_json::json;

use crate::host::{masking, private_file};
use crate::project::environment::Environment;
use crate::project::user_dirs::UserDirs;

/// Adds a line to `allowed.jsonl`.
///
/// # Errors
/// It cannot be written: what is not recorded is not passed.
pub(crate) fn record(directories: &UserDirs, environment: &Environment, guard: &str, what: &str, reason: &str) -> Result<()> {
    let path = directories.state.join("allowed.jsonl");
    private_file::create_directory(&directories.state)?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let line = json!({
        "unix_time": seconds,
        "user": user(),
        "host": uname().nodename().to_string_lossy(),
        "environment": environment.display_name(),
        "directory": environment.directory,
        "guard": guard,
        "what": masking::mask(what),
        "reason": reason,
    });
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    // In one piece: another run may add a line at the same time.
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes())).with_context(|| format!("writing {}", path.display()))
}

/// The name that the shell has for whoever runs this, or the number that the kernel has.
fn user() -> String {
    let named = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    named.unwrap_or_else(|| format!("uid {}", getuid().as_raw()))
}

#[cfg(test)]
mod tests {
    use super::record;
    use crate::project::environment::Environment;
    use crate::project::infra_toml::Policy;
    use crate::project::user_dirs::UserDirs;
    use serde_json::Value;

    #[test]
    fn runs_that_write_at_once_leave_whole_lines() {
        let temporary = tempfile::tempdir().unwrap();
        let directories = UserDirs { cache: temporary.path().join("c"), state: temporary.path().join("s") };
        let (name, instance, directory) = ("e".to_owned(), "i".to_owned(), "d".into());
        let environment =
            Environment { name, instance, directory, policy: Policy::default(), target: crate::project::target::Target::default() };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..50).for_each(|_| record(&directories, &environment, "g", "what \"was\" found", "because").unwrap()));
            }
        });
        let text = std::fs::read_to_string(directories.state.join("allowed.jsonl")).unwrap();
        let whole = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line["reason"] == "because"));
        assert_eq!((whole.count(), text.lines().count()), (400, 400));
    }
}
