//! One image, built from packages: programs and wheels staged, Debian packages unpacked around them, imported, named.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::build_directory::{BuildDirectory, copy_directory, copy_program, copy_source};
use super::build_log::BuildLog;
use super::go::{Program, architecture};
use super::manifest::Packages;
use super::subprocess::{OnParentDeath, child};
use super::{checkout_file, python};
use crate::docker::endpoint::Endpoint;
use crate::host::command::describe_status;
use crate::host::digest::Digest;
use crate::host::error::Failure;
use crate::host::tree;
use crate::project::user_dirs::UserDirs;
use crate::ui::progress::Step;

/// No image of ours is smaller: an empty one is what `docker import` makes of an unpacking that failed.
const SMALLEST: u64 = 1 << 20;

/// The label that carries the hash of an image's inputs.
pub(crate) fn inputs_label(namespace: &str) -> String {
    format!("{namespace}.inputs")
}

/// What every build needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Builder<'a> {
    /// The engine that is to have the image.
    pub(crate) endpoint: &'a Endpoint,
    /// Where logs and what is compiled go.
    pub(crate) directories: &'a UserDirs,
    /// The directory of images.toml.
    pub(crate) images: &'a Path,
    /// First part of the labels of what is ours: `io.PROJECT`.
    pub(crate) namespace: &'a str,
}

impl Builder<'_> {
    /// The hash of everything an image is made from, but for what Debian has at the moment.
    ///
    /// # Errors
    /// The image's folder cannot be read.
    pub(crate) fn inputs(&self, engine: &str, packages: &Packages) -> Result<String> {
        let mut hash = Digest::default();
        hash.part(serde_json::to_string(packages).context("writing JSON")?).part(architecture());
        for shared in self.shared_files()? {
            hash.part(shared.file_name().unwrap_or_default().as_encoded_bytes());
            hash.part(checkout_file::read(&shared)?);
        }
        hash.files_as(&self.images.join(engine), checkout_file::read)?;
        Ok(hash.finish())
    }

    /// Builds the image and gives it its name, which until then stays with what had it.
    ///
    /// # Errors
    /// A tool is missing or fails: with its log's path and end. The engine has nothing more than before.
    pub(crate) fn build(&self, engine: &str, packages: &Packages, step: &Step) -> Result<()> {
        let inputs = self.inputs(engine, packages)?;
        let log = BuildLog::begin(self.directories, engine)?;
        let place = BuildDirectory::open(self.directories, engine)?;
        self.copy_sources(engine, &place)?;
        self.stage(engine, packages, &place, &log, step)?;
        step.now("unpacking Debian packages");
        self.remove_nameless(&packages.image);
        let id = self.import(engine, packages, &inputs, &place, &log)?;
        self.give_name(&id, &packages.image)
    }

    /// Compiles and downloads what customize.sh finds in $STAGE.
    fn stage(&self, engine: &str, packages: &Packages, place: &BuildDirectory, log: &BuildLog, step: &Step) -> Result<()> {
        let folder = self.images.join(engine);
        for program in &packages.go {
            step.now(&format!("compiling {}", program.package));
            let compiled = Program {
                module: &folder.join(&program.module),
                package: &program.package,
                output: &program.output,
                ldflags: program.ldflags.as_deref(),
                tags: program.tags.as_deref(),
                system: "linux",
            }
            .compile(self.directories, log)?;
            copy_program(&compiled, &place.stage().join(&program.output))?;
        }
        if let Some(python) = &packages.python {
            step.now("downloading Python wheels");
            let wheels = python::download(&folder.join(&python.requirements), self.directories, log)?;
            step.now("unpacking Python wheels");
            python::unpack(&wheels, &place.stage().join("python"), log)?;
        }
        Ok(())
    }

    /// mmdebstrap | docker import, judged by both and by the size of what came out; the image has no name yet.
    fn import(&self, engine: &str, packages: &Packages, inputs: &str, place: &BuildDirectory, log: &BuildLog) -> Result<String> {
        let unpack = child("mmdebstrap", OnParentDeath::Asked)
            .args(["--variant=extract", "--format=tar", &format!("--include={}", packages.debian.join(","))])
            // The extract variant has no customize hooks. Quoted for the shell that mmdebstrap gives it to.
            .arg("--extract-hook=sh \"$IMAGE_DIR/customize.sh\" \"$1\"")
            .args([packages.suite.as_str(), "-"])
            .env("STAGE", place.stage())
            .env("IMAGE_DIR", place.images().join(engine));
        let labels = format!("LABEL {}={inputs} {}={}", inputs_label(self.namespace), self.image_label(), packages.image);
        let changes = packages.config.iter().map(String::as_str).chain([labels.as_str()]);
        // With a name, an unpacking that failed would leave the name on an empty image.
        let import = child("docker", OnParentDeath::Killed)
            .env("DOCKER_HOST", self.endpoint.host())
            .env_remove("DOCKER_CONTEXT")
            .arg("import")
            .args(changes.flat_map(|change| ["--change", change]))
            .arg("-");
        let (unpacked, imported, id) = unpack.pipe_into(&import, log.file())?;
        let problem = if !unpacked.success() {
            Some(format!("unpacking its Debian packages ended with {}", describe_status(unpacked)))
        } else if !imported.success() {
            Some(format!("`docker import` ended with {}", describe_status(imported)))
        } else {
            let size = self.size(&id)?;
            (size < SMALLEST).then(|| format!("the image has only {size} bytes"))
        };
        let Some(problem) = problem else {
            return Ok(id);
        };
        if !id.is_empty() {
            self.remove(&id);
        }
        Err(log.failure(&format!("building {} failed: {problem}", packages.image)).into())
    }

    fn size(&self, id: &str) -> Result<u64> {
        let size = self.endpoint.client().args(["image", "inspect", "--format", "{{.Size}}", id]).read()?;
        size.parse().with_context(|| format!("understanding the size of image {id}: {size:?}"))
    }

    /// Gives `name` to image `id`, and removes the image that had it unless a container needs it.
    fn give_name(&self, id: &str, name: &str) -> Result<()> {
        let before = self.endpoint.client().args(["image", "ls", "--quiet", "--no-trunc", name]).read()?;
        self.endpoint.client().args(["image", "tag", id, name]).read()?;
        if !before.is_empty() && before != id {
            self.remove(&before);
        }
        Ok(())
    }

    /// Removes what has lost this name, or was interrupted before it got it.
    fn remove_nameless(&self, image: &str) {
        let filter = format!("label={}={image}", self.image_label());
        let list =
            self.endpoint.client().args(["image", "ls", "--quiet", "--no-trunc", "--filter", "dangling=true", "--filter", &filter]).read();
        for id in list.unwrap_or_default().lines() {
            self.remove(id);
        }
    }

    /// The label that tells whose a nameless image was.
    fn image_label(&self) -> String {
        format!("{}.image", self.namespace)
    }

    /// Without force: an image that a container uses stays, and costs nothing but its place.
    fn remove(&self, id: &str) {
        let _ = self.endpoint.client().args(["image", "rm", id]).output();
    }

    /// Copies the image's folder and what the images share to where any user may read it.
    fn copy_sources(&self, engine: &str, place: &BuildDirectory) -> Result<()> {
        let folder = self.images.join(engine);
        if !folder.join("customize.sh").is_file() {
            return Err(Failure::new(format!("{} is missing", folder.join("customize.sh").display()))
                .hint(format!("write it, or take [{engine}.packages] out of the manifest"))
                .into());
        }
        for shared in self.shared_files()? {
            copy_source(&shared, &place.images().join(shared.file_name().unwrap_or_default()))?;
        }
        copy_directory(&folder, &place.images().join(engine))
    }

    /// Files beside images.toml, which customize.sh scripts may use.
    fn shared_files(&self) -> Result<Vec<PathBuf>> {
        let entries = self.images.read_dir().with_context(|| format!("reading {}", self.images.display()))?;
        let is_shared = |path: &PathBuf| {
            let is_other = path.extension().is_some_and(|extension| extension == "toml" || extension == "md");
            path.is_file() && !is_other && !tree::is_editors(path.file_name().unwrap_or_default())
        };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_shared).collect();
        files.sort();
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::Builder;
    use crate::docker::endpoint::Endpoint;
    use crate::project::user_dirs::UserDirs;
    use crate::supply::manifest::{Manifest, Packages};
    use crate::supply::provider_manifest::Pin;
    use std::fs;
    use std::path::Path;

    fn packages() -> Packages {
        toml::from_str("image = 't/redis:1'\nsuite = 'trixie'\ndebian = ['redis-server']\nconfig = []").unwrap()
    }

    #[test]
    fn an_edit_of_what_an_image_is_made_from_changes_its_hash_and_nothing_else_does() {
        let temporary = tempfile::tempdir().unwrap();
        let images = temporary.path().join("images");
        for folder in ["redis", "postgres"] {
            fs::create_dir_all(images.join(folder)).unwrap();
        }
        let directories = UserDirs { cache: temporary.path().join("c"), state: temporary.path().join("s") };
        let endpoint = Endpoint::resolve().unwrap();
        let builder = Builder { endpoint: &endpoint, directories: &directories, images: &images, namespace: "io.t" };
        let inputs = |packages: &Packages| builder.inputs("redis", packages).unwrap();
        let write = |name: &str, text: &str| fs::write(images.join(name), text).unwrap();

        let mut seen = vec![inputs(&packages())];
        for name in ["redis/customize.sh", "common.sh"] {
            write(name, "1");
            seen.push(inputs(&packages()));
        }
        let other = Packages { debian: vec!["redis-server".to_owned(), "redis-tools".to_owned()], ..packages() };
        seen.push(inputs(&other));
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "an edit was not seen");
        for name in ["postgres/customize.sh", "images.toml", "README.md"] {
            write(name, "1");
            assert_eq!(inputs(&other), seen[3], "{name}");
        }
    }

    /// Every file as a checkout with core.autocrlf has it.
    fn copy_with_crlf(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in from.read_dir().unwrap().map(Result::unwrap) {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy_with_crlf(&entry.path(), &target);
            } else {
                fs::write(target, fs::read_to_string(entry.path()).unwrap().replace('\n', "\r\n")).unwrap();
            }
        }
    }

    #[test]
    fn a_checkout_with_windows_line_ends_builds_and_compiles_nothing_again() {
        let temporary = tempfile::tempdir().unwrap();
        let unix = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infrastructure/images");
        let windows = temporary.path().join("images");
        copy_with_crlf(&unix, &windows);
        let directories = UserDirs { cache: temporary.path().join("c"), state: temporary.path().join("s") };
        let endpoint = Endpoint::resolve().unwrap();
        let hashes = |images: &Path| {
            let manifest = Manifest::load(&images.join("images.toml")).unwrap();
            let builder = Builder { endpoint: &endpoint, directories: &directories, images, namespace: "io.t" };
            let built = manifest.images().iter().filter_map(|(engine, image)| Some((engine, image.packages.as_ref()?)));
            let built = built.map(|(engine, packages)| (engine.clone(), builder.inputs(engine, packages).unwrap()));
            let provider = Pin::load(&images.join("provider")).unwrap().program().inputs().unwrap();
            built.chain([("provider".to_owned(), provider)]).collect::<Vec<_>>()
        };
        assert_eq!(hashes(&windows), hashes(&unix));
    }
}
