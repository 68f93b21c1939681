//! What runs on this machine, as the kernel tells it (proc(5)).

use std::fs;
use std::path::{Path, PathBuf};

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// Its command line, words separated by blanks.
    pub line: String,
    /// The directory it works in.
    pub directory: PathBuf,
}

/// Everything that runs; what has ended and waits for its parent to notice is left out.
pub fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| read(&entry.path(), entry.file_name().to_str()?.parse().ok()?)).collect()
}

/// What names the directory or works in it: a provider knows it only by the latter.
pub fn of(directory: &Path) -> Vec<Process> {
    let name = directory.to_str().unwrap();
    all().into_iter().filter(|process| process.line.contains(name) || process.directory.starts_with(directory)).collect()
}

/// A process with everything that it has started and that they have.
pub fn tree(root: u32) -> Vec<Process> {
    let all = all();
    let mut found: Vec<Process> = all.iter().filter(|process| process.pid == root).cloned().collect();
    let mut looked_at = 0;
    while looked_at < found.len() {
        let parent = found[looked_at].pid;
        found.extend(all.iter().filter(|process| process.parent == parent).cloned());
        looked_at += 1;
    }
    found
}

impl Process {
    /// True for Terraform with this subcommand.
    pub fn is_terraform(&self, subcommand: &str) -> bool {
        let mut words = self.line.split(" -").next().unwrap_or_default().split('/');
        words.next_back() == Some("terraform") && self.line.contains(&format!(" {subcommand} -"))
    }

    /// True for a provider of Terraform's.
    pub fn is_provider(&self) -> bool {
        self.line.starts_with(".terraform/providers/")
    }
}

fn read(place: &Path, pid: u32) -> Option<Process> {
    let line = fs::read_to_string(place.join("cmdline")).ok()?.replace('\0', " ").trim_end().to_owned();
    // A thread of the kernel, or what has ended. They are most of all, and tests look a thousand times a second.
    if line.is_empty() {
        return None;
    }
    let stat = fs::read_to_string(place.join("stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let parent = after_name.split_whitespace().nth(1)?.parse().ok()?;
    let directory = fs::read_link(place.join("cwd")).unwrap_or_default();
    Some(Process { pid, parent, line, directory })
}
