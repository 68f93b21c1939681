//! SHA-256 over labelled parts: the keys of caches and the proof that nothing changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hmac_sha256::Hash as Sha256;

/// A hash being fed. Every part carries its length, so that parts cannot run into each other.
#[derive(Clone, Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    /// Adds one part.
    pub(crate) fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds every file below `directory` that `wanted` accepts: its path relative to the directory, and its content.
    ///
    /// # Errors
    /// A directory or file cannot be read.
    pub(crate) fn files(&mut self, directory: &Path, wanted: impl Fn(&Path) -> bool) -> Result<&mut Self> {
        let read = |path: &Path| fs::read(path).with_context(|| format!("reading {}", path.display()));
        self.files_as(directory, wanted, read)
    }

    /// The same with what `read` makes of each file.
    ///
    /// # Errors
    /// A directory or file cannot be read.
    pub(crate) fn files_as(
        &mut self,
        directory: &Path,
        wanted: impl Fn(&Path) -> bool,
        read: impl Fn(&Path) -> Result<Vec<u8>>,
    ) -> Result<&mut Self> {
        for path in files_below(directory, &wanted)? {
            let relative = path.strip_prefix(directory).unwrap_or(&path);
            self.part(relative.as_os_str().as_encoded_bytes());
            self.part(read(&path)?);
        }
        Ok(self)
    }

    /// 64 hexadecimal characters.
    pub(crate) fn finish(&self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Files below `directory`, sorted; `wanted` is asked of directories too and can shut one out.
fn files_below(directory: &Path, wanted: &impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(current) = open.pop() {
        let entries = current.read_dir().with_context(|| format!("reading {}", current.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("reading {}", current.display()))?.path();
            match path.is_dir() {
                _ if !wanted(&path) => {}
                true => open.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::Hash;
    use std::fs;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of = |parts: &[&str]| parts.iter().fold(Hash::default(), |mut hash, part| hash.part(part).clone()).finish();
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }

    #[test]
    fn a_changed_byte_and_a_renamed_file_are_seen_and_an_unwanted_file_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        let hash = || Hash::default().files(directory.path(), |path| !path.ends_with("ignored")).unwrap().finish();
        fs::create_dir(directory.path().join("sub")).unwrap();
        write("sub/a", "1");
        let first = hash();
        write("sub/a", "2");
        let changed = hash();
        fs::rename(directory.path().join("sub/a"), directory.path().join("sub/b")).unwrap();
        let renamed = hash();
        write("ignored", "3");
        assert!(first != changed && changed != renamed);
        assert_eq!(renamed, hash());
    }
}
