//! What was let pass once, by whom and why: a line of JSON each, in the user's state directory.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustix::process::getuid;
use rustix::system::uname;
use serde_json::json;

use crate::directories::Directories;
use crate::environment::Environment;
use crate::private_file;

/// Adds a line to `allowed.jsonl`.
///
/// # Errors
/// It cannot be written: what is not recorded is not passed.
pub(crate) fn record(directories: &Directories, environment: &Environment, guard: &str, what: &str, reason: &str) -> Result<()> {
    let path = directories.state.join("allowed.jsonl");
    private_file::create_directory(&directories.state)?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let line = json!({
        "unix_time": seconds,
        "user": user(),
        "host": uname().nodename().to_string_lossy(),
        "environment": environment.title(),
        "directory": environment.directory,
        "guard": guard,
        "what": what,
        "reason": reason,
    });
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    file.and_then(|mut file| writeln!(file, "{line}")).with_context(|| format!("writing {}", path.display()))
}

/// The name that the shell has for whoever runs this, or the number that the kernel has.
fn user() -> String {
    let named = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    named.unwrap_or_else(|| format!("uid {}", getuid().as_raw()))
}
