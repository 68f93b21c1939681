//! The directory for temporary files, which Terraform's providers listen in.

use std::env;
use std::path::Path;

use super::error::Failure;

/// Bytes of a socket's path, without its end (unix(7); macOS has four fewer).
const SOCKET_PATH: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// What a provider adds: `/plugin` and up to ten digits.
const SOCKET_NAME: usize = 17;

/// Refuses a directory in which no provider can listen: Terraform takes that for a program of another architecture.
///
/// # Errors
/// It is not there, not a directory or not for us to write in, or its path is too long.
pub(crate) fn require() -> Result<(), Failure> {
    let directory = env::temp_dir();
    let Some(trouble) = trouble(&directory) else {
        return Ok(());
    };
    let failure = Failure::new(format!("the directory for temporary files, {}, {trouble}", directory.display()));
    Err(match env::var_os("TMPDIR") {
        Some(_) => failure.hint("`unset TMPDIR` for the usual one, or set it to another directory with a short path"),
        None => failure.hint("set TMPDIR to a directory that is yours to write in"),
    })
}

fn trouble(directory: &Path) -> Option<String> {
    if !directory.is_dir() {
        return Some("is not there".to_owned());
    }
    let longest = SOCKET_PATH - SOCKET_NAME;
    let length = directory.as_os_str().len();
    if length > longest {
        return Some(format!("has a path of {length} bytes, and Terraform's providers need one of at most {longest} to listen in"));
    }
    tempfile::tempfile_in(directory).err().map(|error| format!("cannot be written in: {error}"))
}

#[cfg(test)]
mod tests {
    use super::trouble;
    use std::fs;

    #[test]
    fn a_directory_in_which_no_provider_can_listen_is_known_beforehand() {
        let place = tempfile::tempdir().unwrap();
        let of_length = |length: usize| {
            let directory = place.path().join("x".repeat(length - place.path().as_os_str().len() - 1));
            fs::create_dir(&directory).unwrap();
            trouble(&directory)
        };
        assert_eq!(of_length(86), None);
        assert!(of_length(95).unwrap().starts_with("has a path of 95 bytes"));
        assert_eq!(trouble(&place.path().join("missing")).as_deref(), Some("is not there"));
    }
}
