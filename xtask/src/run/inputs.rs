//! What a run on one environment is made from, as far as it is in files: code, variables, what the supply builds from, and what
//! containers reach outside `infrastructure/`.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::host::digest::Digest;
use crate::host::tree::{self, Entry, EntryKind};
use crate::project::checkout::Checkout;
use crate::project::environment::Environment;
use crate::records::plan_record;

/// Up to this size a mounted file is read; of a larger one, such as a dump to begin with, its times say enough.
const LARGE: u64 = 1 << 20;

/// A directory with what counts in it.
struct Root {
    directory: PathBuf,
    /// The same without links.
    real: PathBuf,
    entries: Vec<Entry>,
    /// Directories in it that do not count, without links.
    left_out: HashSet<PathBuf>,
}

impl Root {
    fn of(directory: &Path, left_out: HashSet<&Path>) -> Self {
        let entries = tree::below(directory, |path| !is_kept_aside(path) && !left_out.contains(path));
        let left_out = left_out.into_iter().map(real).collect();
        Self { entries: without_unnamed(entries), left_out, real: real(directory), directory: directory.to_owned() }
    }

    /// True when what is at `real`, a path without links, was looked at.
    fn covers(&self, real: &Path) -> bool {
        let is_left_out = self.left_out.iter().any(|left_out| real.starts_with(left_out) || left_out.starts_with(real));
        let is_seen = |below: &Path| !below.iter().any(|name| tree::is_hidden(name) || is_states(name));
        !is_left_out && real.strip_prefix(&self.real).is_ok_and(is_seen)
    }
}

/// Adds every file that Terraform or the supply reads for `environment`: all of `infrastructure` but other environments and what
/// Terraform keeps to itself, and the modules that lie elsewhere. False where something cannot be read, or a link leads to what
/// was not looked at: then the hash says less than it should.
pub(crate) fn read(hash: &mut Digest, environment: &Environment, checkout: &Checkout) -> bool {
    let own = checkout.top_of(&environment.directory);
    let others = checkout.environments().iter().map(|root| root.directory.as_path());
    let tops = others.clone().map(|directory| checkout.top_of(directory)).chain([own]).collect();
    // Below its top, also what is beside it counts, such as modules that `prod/eu` and `prod/us` share; other roots do not.
    let beside = others.filter(|directory| directory.starts_with(own) && !environment.directory.starts_with(directory)).collect();
    let mut roots = vec![Root::of(&checkout.infrastructure(), tops), Root::of(own, beside)];
    // Paths that Terraform hands on are absolute: in another place, the same code means another thing.
    hash.part(real(&environment.directory).as_os_str().as_encoded_bytes());
    for module in modules(environment) {
        if !roots.iter().any(|root| root.covers(&module)) {
            roots.push(Root::of(&module, HashSet::new()));
        }
    }
    let mut is_whole = true;
    for root in &roots {
        for entry in &root.entries {
            is_whole &= hash.entry(&root.directory, entry);
            is_whole &=
                entry.kind != EntryKind::Link || entry.path.canonicalize().is_ok_and(|real| roots.iter().any(|root| root.covers(&real)));
        }
    }
    is_whole
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Where the code of every module is that `init` has found, without links.
fn modules(environment: &Environment) -> Vec<PathBuf> {
    let text = fs::read(environment.data_directory().join("modules/modules.json")).unwrap_or_default();
    let manifest: Value = serde_json::from_slice(&text).unwrap_or_default();
    let directories = manifest["Modules"].as_array().into_iter().flatten().filter_map(|module| module["Dir"].as_str());
    directories.filter_map(|directory| environment.directory.join(directory).canonicalize().ok()).collect()
}

/// What Terraform and the xtask keep there for themselves: state, providers, instances, saved plans.
fn is_kept_aside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_plan = || path.extension().is_some_and(|ending| ending == "provenance") || plan_record::beside(path).is_file();
    is_states(name) || tree::is_hidden(name) && path.is_dir() || is_plan()
}

fn is_states(name: &OsStr) -> bool {
    name.to_string_lossy().contains(".tfstate")
}

/// A hidden file is no code and no variables. It counts where another file names it, as in `file("${path.module}/.motd")`.
fn without_unnamed(entries: Vec<Entry>) -> Vec<Entry> {
    let name = |entry: &Entry| entry.path.file_name().unwrap_or_default().to_owned();
    let (hidden, mut seen): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| tree::is_hidden(&name(entry)));
    if hidden.is_empty() {
        return seen;
    }
    let texts: Vec<Vec<u8>> = seen.iter().filter_map(|entry| fs::read(&entry.path).ok()).collect();
    let texts: Vec<_> = texts.iter().map(|text| String::from_utf8_lossy(text)).collect();
    seen.extend(hidden.into_iter().filter(|entry| texts.iter().any(|text| text.contains(&*name(entry).to_string_lossy()))));
    seen
}

/// Adds what a container, as the engine describes it, has mounted from this machine. False where that is not there as it was.
pub(crate) fn read_mounts(hash: &mut Digest, container: &Value) -> bool {
    mounts(container).into_iter().fold(true, |is_whole, (source, is_read_only)| is_whole & read_mount(hash, &source, is_read_only))
}

/// What is mounted from where, and whether the container only reads it: as it was asked for, because engines in a virtual machine
/// say otherwise of what they made of that.
fn mounts(container: &Value) -> Vec<(PathBuf, bool)> {
    let items = |name: &str| container["HostConfig"][name].as_array().cloned().unwrap_or_default();
    let mounts = items("Mounts").into_iter().filter(|mount| mount["Type"] == "bind");
    let mounts = mounts.filter_map(|mount| Some((mount["Source"].as_str()?.into(), mount["ReadOnly"] == true)));
    let binds = items("Binds").into_iter().filter_map(|bind| {
        let mut parts = bind.as_str()?.split(':');
        let (source, options) = (parts.next()?, parts.nth(1).unwrap_or_default());
        source.starts_with('/').then(|| (source.into(), options.split(',').any(|option| option == "ro")))
    });
    mounts.chain(binds).collect()
}

fn read_mount(hash: &mut Digest, source: &Path, is_read_only: bool) -> bool {
    let Ok(found) = source.metadata() else {
        return false;
    };
    // What the container writes itself is no input.
    if !is_read_only {
        return true;
    }
    if found.is_file() {
        return read_mounted(hash, source, &Entry { path: source.to_owned(), kind: EntryKind::File });
    }
    !found.is_dir() || tree::below(source, |_| true).iter().all(|entry| read_mounted(hash, source, entry))
}

fn read_mounted(hash: &mut Digest, source: &Path, entry: &Entry) -> bool {
    match entry.path.metadata() {
        Ok(found) if entry.kind == EntryKind::File && found.len() > LARGE => {
            hash.part(entry.path.as_os_str().as_encoded_bytes()).part(times(&found));
            true
        }
        // Within the container, a link leads to something else.
        _ => hash.entry(source, entry) || entry.path.is_symlink(),
    }
}

fn times(found: &Metadata) -> String {
    format!("{} {}.{} {}.{} {}", found.len(), found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec(), found.ino())
}

#[cfg(test)]
mod tests {
    use super::{mounts, read, read_mounts};
    use crate::host::digest::Digest;
    use crate::project::checkout::Checkout;
    use crate::project::environment::Environment;
    use crate::project::infra_toml::Policy;
    use serde_json::{Value, json};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    /// A checkout with two environments, of which `local` calls a module beside `infrastructure/`.
    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            for (path, text) in [
                ("infrastructure/environments/local/main.tf", "a"),
                ("infrastructure/environments/local/.terraform/modules/modules.json", r#"{"Modules": [{"Dir": "../../../shared"}]}"#),
                ("infrastructure/environments/other/main.tf", "a"),
                ("infrastructure/environments/note.txt", "a"),
                ("infrastructure/modules/redis/main.tf", "a"),
                ("shared/main.tf", "a"),
            ] {
                place.write(path, text);
            }
            place
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn write(&self, path: &str, text: &str) {
            fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
            fs::write(self.at(path), text).unwrap();
        }

        /// The hash, and whether it is of everything.
        fn read(&self) -> (String, bool) {
            let environment = Environment {
                name: "local".to_owned(),
                instance: "default".to_owned(),
                directory: self.at("infrastructure/environments/local"),
                policy: Policy::default(),
                target: crate::project::target::Target::default(),
            };
            self.read_of(&environment)
        }

        fn read_of(&self, environment: &Environment) -> (String, bool) {
            self.write("infrastructure/infra.toml", "project = \"p\"\nimages = \"auto\"\nmanifest = \"m\"\n");
            let (checkout, _) = Checkout::at(self.0.path()).unwrap();
            let mut hash = Digest::default();
            let is_whole = read(&mut hash, environment, &checkout);
            (hash.finish(), is_whole)
        }
    }

    #[test]
    fn what_terraform_and_the_supply_read_counts_and_nothing_else() {
        for (path, counts) in [
            ("infrastructure/environments/local/main.tf", true),
            ("infrastructure/environments/local/.mine.auto.tfvars", true),
            ("infrastructure/environments/local/.terraform.lock.hcl", true),
            ("infrastructure/environments/note.txt", true),
            ("infrastructure/modules/redis/redis.conf", true),
            ("infrastructure/images/redis/customize.sh", true),
            ("shared/main.tf", true),
            ("elsewhere/main.tf", false),
            ("infrastructure/environments/other/main.tf", false),
            ("infrastructure/environments/local/.main.tf.swp", false),
            ("infrastructure/environments/local/main.tf~", false),
            ("infrastructure/environments/local/#main.tf#", false),
            ("infrastructure/environments/local/.DS_Store", false),
            ("infrastructure/environments/local/terraform.tfstate.d/t1/terraform.tfstate", false),
            ("infrastructure/environments/local/.instances/default.json", false),
            ("infrastructure/environments/local/saved.provenance", false),
            ("infrastructure/.idea/workspace.xml", false),
        ] {
            let place = Place::new();
            let (before, _) = place.read();
            place.write(path, "b");
            let (after, is_whole) = place.read();
            assert_eq!((after != before, is_whole), (counts, true), "{path}");
        }
    }

    #[test]
    fn a_hidden_file_counts_where_the_code_names_it_and_a_saved_plan_does_not() {
        let place = Place::new();
        place.write("infrastructure/environments/local/main.tf", "x = file(\"${path.module}/.motd\")");
        place.write("infrastructure/environments/local/saved.provenance", "");
        let (before, _) = place.read();
        place.write("infrastructure/environments/local/saved", "plan");
        assert_eq!(place.read().0, before);
        place.write("infrastructure/environments/local/.motd", "hello");
        assert_ne!(place.read().0, before);
    }

    #[test]
    fn a_root_counts_without_those_below_it_and_with_what_is_beside_it() {
        const ROOT: &str = "terraform {\n  backend \"s3\" {}\n}\n";
        const CHANGED: &str = "terraform {\n  backend \"gcs\" {}\n}\n";
        for (environment, path, counts) in [
            ("prod", "prod/main.tf", true),
            ("prod", "prod/parts/main.tf", true),
            ("prod", "prod/eu/main.tf", false),
            ("prod", "prod/eu/parts/main.tf", false),
            ("prod/eu", "prod/eu/main.tf", true),
            ("prod/eu", "prod/eu/parts/main.tf", true),
            ("prod/eu", "prod/common.yaml", true),
            ("prod/eu", "prod/us/main.tf", false),
            ("prod/eu", "other/main.tf", false),
            ("prod/eu", "other/eu/main.tf", false),
        ] {
            let place = Place::new();
            for root in ["prod", "prod/eu", "prod/us", "other/eu"] {
                place.write(&format!("infrastructure/environments/{root}/main.tf"), ROOT);
            }
            let environment = Environment {
                name: environment.to_owned(),
                instance: "default".to_owned(),
                directory: place.at("infrastructure/environments").join(environment),
                policy: Policy::default(),
                target: crate::project::target::Target::default(),
            };
            let (before, _) = place.read_of(&environment);
            place.write(&format!("infrastructure/environments/{path}"), if path.contains("parts") { "changed" } else { CHANGED });
            let (after, is_whole) = place.read_of(&environment);
            assert_eq!((after != before, is_whole), (counts, true), "{} {path}", environment.name);
        }
    }

    #[test]
    fn another_place_is_another_thing() {
        let (one, other) = (Place::new(), Place::new());
        assert_ne!(one.read().0, other.read().0);
    }

    #[test]
    fn links_to_what_was_looked_at_are_well_and_others_are_not() {
        let local = "infrastructure/environments/local";
        for (target, link, expected) in [
            ("nowhere", ".#main.tf", true),
            ("nowhere", "main.tf.json", false),
            ("../../modules/redis", "redis", true),
            ("..", "loop", false),
            ("../../modules", "loop", true),
            ("../../../shared", "shared", true),
            ("../other", "other", false),
            ("/", "everything", false),
            ("../../../shared/main.tf", "shared.tf", true),
        ] {
            let place = Place::new();
            symlink(target, place.at(local).join(link)).unwrap();
            assert_eq!(place.read().1, expected, "{link} -> {target}");
        }
        // What a link to a file leads to is content.
        let place = Place::new();
        place.write("elsewhere/x.tf", "1");
        symlink("../../../elsewhere/x.tf", place.at(local).join("x.tf")).unwrap();
        let before = place.read();
        place.write("elsewhere/x.tf", "2");
        assert_ne!(place.read().0, before.0);
    }

    #[test]
    fn mounts_are_known_in_both_forms() {
        let container = json!({"HostConfig": {
            "Mounts": [{"Type": "bind", "Source": "/sql", "ReadOnly": true}, {"Type": "volume", "Source": "data"}, {"Type": "bind", "Source": "/w"}],
            "Binds": ["/a:/b:ro,z", "/c:/d", "volume:/e"],
        }});
        let found = mounts(&container);
        let found: Vec<_> = found.iter().map(|(source, read_only)| (source.to_str().unwrap(), *read_only)).collect();
        assert_eq!(found, [("/sql", true), ("/w", false), ("/a", true), ("/c", false)]);
        assert!(mounts(&json!({"HostConfig": {"Binds": null}})).is_empty());
    }

    #[test]
    fn what_a_container_only_reads_is_content_and_what_is_gone_is_doubtful() {
        let place = Place::new();
        let container = |source: &Path, read_only: bool| -> Value {
            json!({"HostConfig": {"Mounts": [{"Type": "bind", "Source": source, "ReadOnly": read_only}]}})
        };
        let read = |container: &Value| {
            let mut hash = Digest::default();
            read_mounts(&mut hash, container).then(|| hash.finish())
        };
        place.write("sql/one.sql", "select 1");
        let (reads, writes) = (container(&place.at("sql"), true), container(&place.at("sql"), false));
        let (before, written) = (read(&reads), read(&writes));
        place.write("sql/one.sql", "select 2");
        let changed = read(&reads);
        assert!(before.is_some() && changed.is_some() && before != changed);
        assert_eq!(read(&writes), written, "what it writes itself");
        place.write("sql/large.sql", &"x".repeat(2 << 20));
        let large = read(&reads);
        place.write("sql/large.sql", &"y".repeat(2 << 20));
        assert!(large.is_some() && read(&reads) != large);
        fs::rename(place.at("sql"), place.at("sql.away")).unwrap();
        assert_eq!((read(&reads), read(&writes)), (None, None));
    }
}
