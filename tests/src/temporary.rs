//! Directories for a test's small files, gone when dropped: in memory where the system offers that.

use std::env;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};
use tempfile::{Builder, TempDir};

/// Where Linux keeps files in memory. ext4 looks for a new file's inode past all that were deleted in the last minutes
/// (`recently_deleted` in the kernel's fs/ext4/ialloc.c), and tests delete thousands: a third of what `guards` cost went there.
const MEMORY: &str = "/dev/shm";

/// Bytes that must be free there: where each copy downloads its providers, they fill it.
const ROOM: u64 = 4 << 30;

/// An empty directory.
///
/// # Panics
/// It cannot be made.
pub fn directory() -> TempDir {
    named("")
}

/// An empty directory whose name begins so.
pub(crate) fn named(prefix: &str) -> TempDir {
    Builder::new().prefix(prefix).tempdir_in(parent()).unwrap()
}

/// Where directories may have been made.
pub(crate) fn parents() -> [PathBuf; 2] {
    [PathBuf::from(MEMORY), env::temp_dir()]
}

/// A person's own choice counts more.
fn parent() -> PathBuf {
    let memory = Path::new(MEMORY);
    if env::var_os("TMPDIR").is_none() && has_room(memory) { memory.to_owned() } else { env::temp_dir() }
}

/// True where programs can be run and there is room for many copies.
fn has_room(directory: &Path) -> bool {
    statvfs(directory).is_ok_and(|disk| !disk.f_flag.contains(StatVfsMountFlags::NOEXEC) && disk.f_bavail * disk.f_frsize >= ROOM)
}
