//! Providers that have outlived their Terraform: it was killed before it could end them, and they never end by themselves.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use crate::host::command::adopted::parent;

/// Where Terraform starts providers from, relative to the directory that it and they work in, or to TF_DATA_DIR.
const PROVIDERS: &str = "providers/";
const DATA: &str = ".terraform/";

/// Ends every provider of the usual data directory or of `data` that works in `directory` for no Terraform, and says how many there
/// were. Nobody can ask them for anything any more, but one of them may still be making a container. Where there is no /proc, nothing
/// is found.
pub(crate) fn end(directory: &Path, data: &Path) -> usize {
    let Ok(directory) = directory.canonicalize() else {
        return 0;
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).filter_map(Pid::from_raw);
    numbers.filter(|pid| is_orphan(*pid, &directory, data)).filter(|pid| kill_process(*pid, Signal::KILL).is_ok()).count()
}

/// A provider whose parent works elsewhere: Terraform and its providers work in the same directory.
fn is_orphan(pid: Pid, directory: &Path, data: &Path) -> bool {
    let works_here = |pid: Pid| fs::read_link(place(pid).join("cwd")).is_ok_and(|place| place == directory);
    let is_provider = |pid: Pid| fs::read(place(pid).join("cmdline")).is_ok_and(|line| starts_a_provider(&line, data));
    // One that has ended meanwhile has no parent.
    works_here(pid) && is_provider(pid) && parent(pid).is_some_and(|parent| !works_here(parent))
}

fn place(pid: Pid) -> PathBuf {
    Path::new("/proc").join(pid.as_raw_nonzero().to_string())
}

/// By the first word of a command line: the program, as Terraform calls it.
fn starts_a_provider(line: &[u8], data: &Path) -> bool {
    let of_data = data.join(PROVIDERS);
    line.strip_prefix(DATA.as_bytes()).is_some_and(|rest| rest.starts_with(PROVIDERS.as_bytes()))
        || line.starts_with(of_data.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::starts_a_provider;
    use std::path::Path;

    #[test]
    fn a_provider_is_known_by_where_it_is_started_from() {
        for (line, expected) in [
            (".terraform/providers/registry.terraform.io/a/b\0", true),
            ("/e/.emulated/default.terraform/providers/registry.terraform.io/a/b\0", true),
            ("/e/.emulated/t1.terraform/providers/registry.terraform.io/a/b\0", false),
            ("terraform\0apply\0.terraform/providers/x\0", false),
            (".terraform/modules/x\0", false),
        ] {
            assert_eq!(starts_a_provider(line.as_bytes(), Path::new("/e/.emulated/default.terraform")), expected, "{line:?}");
        }
    }
}
