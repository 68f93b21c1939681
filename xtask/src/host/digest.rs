//! SHA-256 over labelled parts: the keys of caches and the proof that nothing changed.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use hmac_sha256::Hash as Sha256;

use super::tree::{self, Entry, EntryKind};

/// A hash being fed. Every part carries its length, so that parts cannot run into each other.
#[derive(Clone, Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    /// Adds one part.
    pub(crate) fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds every file below `directory`: its path relative to the directory, and what `read` makes of it.
    ///
    /// # Errors
    /// Something there cannot be read.
    pub(crate) fn files_as(&mut self, directory: &Path, read: impl Fn(&Path) -> Result<Vec<u8>>) -> Result<&mut Self> {
        for entry in tree::below(directory, |_| true) {
            if entry.kind == EntryKind::File {
                let relative = entry.path.strip_prefix(directory).unwrap_or(&entry.path);
                self.part(relative.as_os_str().as_encoded_bytes()).part(read(&entry.path)?);
            } else if !self.entry(directory, &entry) {
                bail!("{} cannot be read", entry.path.display());
            }
        }
        Ok(self)
    }

    /// Adds one thing that was found below `directory`; false for what cannot be read, of which only that is added.
    pub(crate) fn entry(&mut self, directory: &Path, entry: &Entry) -> bool {
        let relative = entry.path.strip_prefix(directory).unwrap_or(&entry.path);
        self.part(relative.as_os_str().as_encoded_bytes());
        let content = match entry.kind {
            EntryKind::File => fs::read(&entry.path).ok(),
            EntryKind::Link => fs::read_link(&entry.path).ok().map(|target| target.into_os_string().into_encoded_bytes()),
            EntryKind::Unreadable => None,
        };
        self.part(content.as_deref().unwrap_or(b"unreadable"));
        content.is_some()
    }

    /// 64 hexadecimal characters.
    pub(crate) fn finish(&self) -> String {
        hex(&self.0.finalize())
    }
}

/// Two hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use std::fs;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of = |parts: &[&str]| parts.iter().fold(Digest::default(), |mut hash, part| hash.part(part).clone()).finish();
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }

    #[test]
    fn a_changed_byte_and_a_renamed_file_are_seen_and_an_editors_file_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        let hash = || Digest::default().files_as(directory.path(), |path| Ok(fs::read(path)?)).unwrap().finish();
        fs::create_dir(directory.path().join("sub")).unwrap();
        write("sub/a", "1");
        let first = hash();
        write("sub/a", "2");
        let changed = hash();
        fs::rename(directory.path().join("sub/a"), directory.path().join("sub/b")).unwrap();
        let renamed = hash();
        write(".#ignored", "3");
        assert!(first != changed && changed != renamed);
        assert_eq!(renamed, hash());
        std::os::unix::fs::symlink("nowhere", directory.path().join("link")).unwrap();
        assert!(Digest::default().files_as(directory.path(), |path| Ok(fs::read(path)?)).is_err());
    }
}
