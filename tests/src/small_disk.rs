//! A directory that can be full: a small file system in memory in its place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::process::Call;

/// A small file system over a directory; taken away again when dropped.
#[derive(Debug)]
pub struct SmallDisk {
    directory: PathBuf,
    /// By its name none of the code's inputs, a change of which would make a plan stale.
    filler: PathBuf,
}

impl SmallDisk {
    /// Puts one of so many MiB in the place of `directory`, with all that is in it. None where that is not allowed: it needs root,
    /// and the reason is printed.
    pub fn over(directory: &Path, mebibytes: u32) -> Option<Self> {
        let content = tempfile::tempdir().unwrap();
        copy(directory, content.path());
        let size = format!("size={mebibytes}m,mode=0755");
        let mounted = Call::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).args([directory]).run();
        if mounted.code != Some(0) {
            skip(&format!("no file system can be mounted here: {}", mounted.stderr.trim()));
            return None;
        }
        copy(content.path(), directory);
        Some(Self { directory: directory.to_owned(), filler: directory.join("filler.tfstate.full") })
    }

    /// Leaves so many KiB free.
    #[track_caller]
    pub fn fill(&self, kibibytes_left: usize) {
        self.free();
        let described = Call::new("df").args(["--output=avail", "--block-size=1K"]).args([&self.directory]).run().success().stdout;
        let free: usize = described.lines().last().unwrap().trim().parse().unwrap();
        fs::write(&self.filler, vec![1; (free - kibibytes_left) * 1024]).unwrap();
        fs::set_permissions(&self.filler, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Makes space again.
    pub fn free(&self) {
        let _ = fs::remove_file(&self.filler);
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount_below(&self.directory);
    }
}

/// Takes away every file system that is mounted at `place` or below it.
pub(crate) fn unmount_below(place: &Path) {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(1)).map(|point| PathBuf::from(unescaped(point)));
    let mut points: Vec<PathBuf> = points.filter(|point| point.starts_with(place)).collect();
    points.reverse();
    for point in points {
        Call::new("umount").args(["--lazy"]).args([point]).run();
    }
}

/// Says why a test is left out.
#[expect(clippy::print_stderr, reason = "who reads the tests' output should know what they did not show")]
pub fn skip(why: &str) {
    eprintln!("left out: {why}");
}

fn copy(from: &Path, to: &Path) {
    Call::new("cp").args(["--archive"]).args([from.join("."), to.to_owned()]).run().success();
}

/// A path as proc_mounts(5) writes it: some characters as three octal digits.
fn unescaped(text: &str) -> String {
    [(r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", r"\")]
        .iter()
        .fold(text.to_owned(), |text, (code, character)| text.replace(code, character))
}
