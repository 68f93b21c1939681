//! Files that cannot be read or written: why, and the command that mends it.

use std::fs;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub(crate) use terraform_config::read_text;
use terraform_config::{ABSENT, ENCRYPTED, UTF_16};

use super::quoting::shell_quoted;

/// What to do about a file that cannot be understood because of `why`.
pub(crate) fn correct(file: &Path, why: &str) -> String {
    match why {
        UTF_16 => {}
        ENCRYPTED => return "unlock it with `git-crypt unlock`, if its key is yours".to_owned(),
        ABSENT => return "put the file there, or remove the link".to_owned(),
        _ => return "correct that line".to_owned(),
    }
    let (file, new) = (shell_quoted(&file.to_string_lossy()), shell_quoted(&format!("{}.new", file.display())));
    format!("convert it: `iconv -f UTF-16 -t UTF-8 {file} > {new} && mv {new} {file}`")
}

/// What to do about an error that a file has caused, which `about` names at its end.
pub(crate) fn remedy(about: &str, error: &Error) -> Option<String> {
    let path = Path::new(&about[about.find('/')?..]);
    match error.kind() {
        ErrorKind::PermissionDenied => take_over(path, rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw()),
        ErrorKind::InvalidData => Some(correct(path, &error.to_string())),
        _ => None,
    }
}

/// The command that makes ours what another user has left in a directory of ours: most often root, by one run with sudo.
fn take_over(path: &Path, user: u32, group: u32) -> Option<String> {
    let owner = |path: &Path| path.symlink_metadata().ok().map(|found| found.uid());
    let ours = path.ancestors().skip(1).find(|directory| owner(directory) == Some(user))?;
    let culprit = path.ancestors().take_while(|place| *place != ours).last()?;
    let other = owner(culprit).filter(|other| *other != user)?;
    // What came with it would only be next.
    let beside = ours.read_dir().into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut places: Vec<PathBuf> = beside.filter(|place| owner(place) == Some(other)).collect();
    places.sort();
    let places: Vec<String> = places.iter().map(|place| shell_quoted(&place.to_string_lossy())).collect();
    Some(format!("it belongs to {}: `sudo chown -R {user}:{group} {}` makes it yours", name_of(other), places.join(" ")))
}

fn name_of(user: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == user.to_string()).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("user {user}"))
}

#[cfg(test)]
mod tests {
    use super::{correct, name_of, read_text, take_over};
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn what_is_not_utf_8_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("it's.tfvars");
        for (bytes, expected) in [
            (&b"\xff\xfea\0"[..], Err("it is UTF-16, and has to be UTF-8")),
            (b"\xfe\xff\0a", Err("it is UTF-16, and has to be UTF-8")),
            (b"\xe9t\xe9", Err("it is not UTF-8")),
            (b"\0GITCRYPT\0a", Err("it is encrypted by git-crypt")),
            ("été".as_bytes(), Ok("été")),
        ] {
            fs::write(&file, bytes).unwrap();
            let read = read_text(&file).map_err(|error| error.to_string());
            assert_eq!(read.as_deref().map_err(String::as_str), expected);
        }
        assert_eq!(correct(&file, "expected `=`"), "correct that line");
        assert!(correct(&file, "it is UTF-16, and has to be UTF-8").contains(r"it'\''s.tfvars.new' && mv "));
    }

    #[test]
    fn what_another_user_left_is_taken_over_with_what_lies_beside_it_and_nothing_above() {
        let place = tempfile::tempdir().unwrap();
        let user = fs::metadata(place.path()).unwrap().uid();
        let file = place.path().join("a/b");
        fs::create_dir(place.path().join("a")).unwrap();
        assert_eq!(take_over(&file, user, 7), None, "it is ours");
        assert_eq!(take_over(&file, user + 1, 7), None, "nothing above it is ours: it is not for us to take");
        assert_eq!(name_of(0), "root");
        assert_eq!(name_of(4_000_000_000), "user 4000000000");
    }
}
