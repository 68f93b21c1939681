//! images.toml, typed: what each image is, and how it is built from packages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::host::error::Failure;
use crate::project::infra_toml::read_toml;
use crate::project::instance::ImageReference;

/// images.toml and the directory it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    directory: PathBuf,
    images: BTreeMap<String, ManifestImage>,
}

/// One engine's image: the table of its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManifestImage {
    /// The engine's version.
    pub(crate) version: String,
    /// The public image: an exact tag, or a digest.
    #[serde(deserialize_with = "reference")]
    pub(crate) registry: String,
    /// The variable of the environments with the settings of what runs it; absent for what no setting turns on.
    pub(crate) service: Option<String>,
    /// How to build it; absent when the public image is the only way.
    pub(crate) packages: Option<Packages>,
}

/// An image built from packages. What stands here is part of the hash that decides whether it is built again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packages {
    /// Its name, which is never the public one's.
    #[serde(deserialize_with = "reference")]
    pub(crate) image: String,
    /// The engine's version when packages have another one than the registry.
    pub(crate) version: Option<String>,
    /// The Debian release that the packages are of.
    #[serde(deserialize_with = "word")]
    pub(crate) suite: String,
    /// Debian packages, beside those they depend on.
    #[serde(deserialize_with = "words")]
    pub(crate) debian: Vec<String>,
    /// Dockerfile instructions for `docker import --change`, one each.
    pub(crate) config: Vec<String>,
    /// Programs compiled from Go modules.
    #[serde(default)]
    pub(crate) go: Vec<GoProgram>,
    /// Python wheels.
    pub(crate) python: Option<PythonWheels>,
}

/// A static program compiled from a pinned Go module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoProgram {
    /// The folder with the go.mod and go.sum that pin it, relative to the image's.
    #[serde(deserialize_with = "path")]
    pub(crate) module: String,
    /// The package to compile.
    #[serde(deserialize_with = "word")]
    pub(crate) package: String,
    /// The program's file name.
    #[serde(deserialize_with = "file_name")]
    pub(crate) output: String,
    /// Flags for the linker.
    pub(crate) ldflags: Option<String>,
    /// Build tags.
    pub(crate) tags: Option<String>,
}

/// Wheels that pip downloads, each pinned by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PythonWheels {
    /// The requirements file, relative to the image's folder.
    #[serde(deserialize_with = "path")]
    pub(crate) requirements: String,
}

/// Where the manifest has a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageOrigin<'manifest> {
    /// The public image of an engine.
    Registry(&'manifest str, &'manifest ManifestImage),
    /// The image of an engine that is built from packages.
    Packages(&'manifest str, &'manifest ManifestImage),
    /// Not of the manifest: somebody's own.
    Foreign,
}

impl<'manifest> ImageOrigin<'manifest> {
    /// The engine and what the manifest says of its image.
    pub(crate) fn entry(self) -> Option<(&'manifest str, &'manifest ManifestImage)> {
        match self {
            Self::Registry(engine, image) | Self::Packages(engine, image) => Some((engine, image)),
            Self::Foreign => None,
        }
    }

    /// True for an image that packages give too.
    pub(crate) fn can_be_built(self) -> bool {
        self.entry().is_some_and(|(_, image)| image.packages.is_some())
    }
}

impl Manifest {
    /// Reads images.toml.
    ///
    /// # Errors
    /// A file that cannot be read, or a mistake in it: named with file, line and what is expected.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let images: BTreeMap<String, ManifestImage> = read_toml(path)?;
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (engine, image) in &images {
            for reference in image.references() {
                if let Some(other) = owners.insert(reference, engine) {
                    return Err(Failure::new(format!("{}: {reference} stands in [{other}] and again in [{engine}]", path.display()))
                        .hint("give each image a name of its own: what is built from packages is never the public image")
                        .into());
                }
            }
        }
        Ok(Self { directory: path.parent().unwrap_or(Path::new(".")).to_owned(), images })
    }

    /// The images by engine.
    pub(crate) fn images(&self) -> &BTreeMap<String, ManifestImage> {
        &self.images
    }

    /// The directory of images.toml, the images' folders and what they share.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What `reference` is.
    pub(crate) fn find(&self, reference: &str) -> ImageOrigin<'_> {
        let is_built = |image: &ManifestImage| image.packages.as_ref().is_some_and(|packages| packages.image == reference);
        self.images
            .iter()
            .find_map(|(engine, image)| match image {
                image if image.registry == reference => Some(ImageOrigin::Registry(engine, image)),
                image if is_built(image) => Some(ImageOrigin::Packages(engine, image)),
                _ => None,
            })
            .unwrap_or(ImageOrigin::Foreign)
    }
}

impl ManifestImage {
    /// The image that is built from packages, where there is one.
    pub(crate) fn built(&self) -> Option<ImageReference> {
        let packages = self.packages.as_ref()?;
        Some(ImageReference::new(&packages.image, packages.version.as_ref().unwrap_or(&self.version)))
    }

    /// The public image.
    pub(crate) fn public(&self) -> ImageReference {
        ImageReference::new(&self.registry, &self.version)
    }

    /// The public name and, where there is one, the built one's.
    pub(crate) fn references(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.registry.as_str()).chain(self.packages.as_ref().map(|packages| packages.image.as_str()))
    }
}

/// An image reference that always means the same image.
fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = word(deserializer)?;
    let name = text.rsplit('/').next().unwrap_or_default();
    if !name.contains(['@', ':']) || name.ends_with(":latest") || name.ends_with([':', '@']) {
        return Err(de::Error::custom(format!(
            "{text:?} can mean another image tomorrow, expected one with an exact tag, or with a digest"
        )));
    }
    Ok(text)
}

/// Text without spaces and commas that is no option either: it becomes an argument, or a part of one.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked_word(String::deserialize(deserializer)?)
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    if words.is_empty() {
        return Err(de::Error::custom("an empty list, expected at least one name"));
    }
    words.into_iter().map(checked_word).collect()
}

fn checked_word<E: de::Error>(text: String) -> Result<String, E> {
    if text.is_empty() || text.starts_with('-') || text.contains(|character: char| character.is_whitespace() || character == ',') {
        return Err(E::custom(format!("{text:?} is not a name, expected one without spaces and commas")));
    }
    Ok(text)
}

/// A path that stays inside the image's folder.
fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let inside = Path::new(&text).components().all(|component| matches!(component, std::path::Component::Normal(_)));
    if text.is_empty() || !inside {
        return Err(de::Error::custom(format!("{text:?} leads out of the image's folder, expected a relative path without `..`")));
    }
    Ok(text)
}

fn file_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = word(deserializer)?;
    if text.contains('/') || text.starts_with('.') {
        return Err(de::Error::custom(format!("{text:?} is not a plain file name")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{ImageOrigin, Manifest};
    use std::path::Path;

    const GOOD: &str = r#"
[redis]
version = "8.0.2"
registry = "redis:8.0.2-bookworm"
[redis.packages]
image = "tracker/redis:8.0.2-debian"
suite = "trixie"
debian = ["redis-server"]
config = ['VOLUME /data']
[[redis.packages.go]]
module = "go"
package = "github.com/a/b"
output = "b"
[qdrant]
version = "1.15.0"
registry = "localhost:5000/qdrant@sha256:0123"
"#;

    fn load(text: &str) -> Result<Manifest, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("images.toml");
        std::fs::write(&path, text).unwrap();
        Manifest::load(&path).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn knows_its_references_from_a_foreign_one() {
        let manifest = load(GOOD).unwrap();
        assert!(matches!(manifest.find("redis:8.0.2-bookworm"), ImageOrigin::Registry("redis", _)));
        assert!(matches!(manifest.find("tracker/redis:8.0.2-debian"), ImageOrigin::Packages("redis", _)));
        assert_eq!(manifest.find("redis:7"), ImageOrigin::Foreign);
        assert!(manifest.images()["qdrant"].packages.is_none());
    }

    #[test]
    fn the_manifest_of_this_repository_is_good() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infrastructure/images/images.toml");
        assert!(Manifest::load(&path).unwrap().images().contains_key("redis"));
    }

    #[test]
    fn a_mistake_is_reported_with_its_line_and_what_is_expected() {
        for (from, to, expected) in [
            ("redis:8.0.2-bookworm", "redis", "images.toml:4:12: \"redis\" can mean another image tomorrow"),
            ("redis:8.0.2-bookworm", "redis:latest", "expected one with an exact tag"),
            ("redis:8.0.2-bookworm", "localhost:5000/redis", "expected one with an exact tag"),
            ("[\"redis-server\"]", "[\"redis-server, redis\"]", "images.toml:8:10: \"redis-server, redis\" is not a name"),
            ("[\"redis-server\"]", "[]", "images.toml:8:10: an empty list"),
            ("[\"redis-server\"]", "\"redis-server\"", "images.toml:8:10: invalid type: string \"redis-server\", expected a sequence"),
            ("module = \"go\"", "module = \"../go\"", "images.toml:11:10: \"../go\" leads out of the image's folder"),
            ("output = \"b\"", "output = \"a/b\"", "images.toml:13:10: \"a/b\" is not a plain file name"),
            ("suite =", "siute =", "images.toml:7:1: unknown field `siute`, expected one of"),
            ("version = \"8.0.2\"", "", "missing field `version`"),
            ("tracker/redis:8.0.2-debian", "localhost:5000/qdrant@sha256:0123", "stands in [qdrant] and again in [redis]"),
        ] {
            let message = load(&GOOD.replace(from, to)).unwrap_err();
            assert!(message.contains(expected), "{message}\ndoes not contain\n{expected}");
            assert!(message.contains("hint: "), "{message}");
        }
    }
}
