//! Lists what is present and what is missing, without getting anything.

use anyhow::Result;

use super::Supply;
use super::build::{Builder, inputs_label};
use super::manifest::{ImageOrigin, ManifestImage};
use super::source::SupplyKind;
use crate::docker::image;
use crate::project::infra_toml::ImageSource;
use crate::project::instance::ImageReference;

/// One thing that can be supplied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The engine's name, or `provider`.
    pub(crate) name: String,
    /// What is to be there.
    pub(crate) reference: String,
    /// Whether it is.
    pub(crate) state: State,
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is.
    Present,
    /// It is to be had.
    Missing,
    /// It was built from something else than what the repository holds now.
    Outdated,
    /// The chosen source does not have it.
    Unavailable,
}

impl State {
    /// The word for a table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Outdated => "outdated",
            Self::Unavailable => "only in its registry",
        }
    }
}

impl Supply {
    /// The images of these engines; of all, and the provider, when none is named.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn inventory(&self, engines: &[String]) -> Result<Vec<Item>> {
        if self.bootstrap.allowed {
            self.engine()?;
        }
        self.endpoint.require()?;
        let wanted = self.wanted(engines)?;
        let names: Vec<&str> = wanted.values().map(|image| image.reference.as_str()).collect();
        let found = self.endpoint.images(&names)?;
        let mut items = Vec::new();
        if engines.is_empty() {
            items.push(self.provider_item()?);
        }
        for ((engine, image), found) in wanted.iter().zip(found) {
            let state = self.state(&image.reference, found.as_ref())?;
            items.push(Item { name: engine.clone(), reference: image.reference.clone(), state });
        }
        Ok(items)
    }

    fn provider_item(&self) -> Result<Item> {
        let provider = self.pinned_provider()?;
        let state = if provider.is_at_hand(&self.directories)? { State::Present } else { State::Missing };
        Ok(Item { name: "provider".to_owned(), reference: provider.to_string(), state })
    }

    /// The state of an image that the engine describes as `found`.
    pub(super) fn state(&self, reference: &str, found: Option<&image::Image>) -> Result<State> {
        let source = self.choice.source(SupplyKind::Images);
        Ok(match (self.manifest.find(reference), found) {
            (ImageOrigin::Registry(_, image), None) if source == ImageSource::Packages && image.packages.is_none() => State::Unavailable,
            (_, None) => State::Missing,
            // Without packages, it is not built again either.
            (ImageOrigin::Packages(engine, image), Some(found)) if source != ImageSource::Registry => {
                let current = image.packages.as_ref().map(|packages| self.builder().inputs(engine, packages)).transpose()?;
                if found.labels.get(&inputs_label(&self.namespace)) == current.as_ref() { State::Present } else { State::Outdated }
            }
            (_, Some(_)) => State::Present,
        })
    }

    /// References of the manifest's images that the engine has.
    pub(super) fn present(&self) -> Result<Vec<String>> {
        let all: Vec<&str> = self.manifest.images().values().flat_map(ManifestImage::references).collect();
        let found = self.endpoint.images(&all)?;
        Ok(all.into_iter().zip(found).filter(|(_, found)| found.is_some()).map(|(reference, _)| reference.to_owned()).collect())
    }

    pub(super) fn builder(&self) -> Builder<'_> {
        Builder { endpoint: &self.endpoint, directories: &self.directories, images: self.manifest.directory(), namespace: &self.namespace }
    }
}

/// The image to take: one that is there already, else the source's.
pub(super) fn preferred(image: &ManifestImage, source: ImageSource, is_present: impl Fn(&str) -> bool) -> ImageReference {
    let registry = image.public();
    let Some(built) = image.built() else {
        return registry;
    };
    let (first, second) = if source == ImageSource::Packages { (built, registry) } else { (registry, built) };
    if !is_present(&first.reference) && is_present(&second.reference) { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::preferred;
    use crate::project::infra_toml::ImageSource::{Auto, Packages, Registry};
    use crate::supply::manifest::ManifestImage;

    #[test]
    fn what_is_there_wins_over_the_source_and_the_source_over_nothing() {
        let both =
            "version = '2'\nregistry = 'a:2'\n[packages]\nimage = 't/a:1'\nversion = '1'\nsuite = 'trixie'\ndebian = ['a']\nconfig = []";
        let both: ManifestImage = toml::from_str(both).unwrap();
        let public: ManifestImage = toml::from_str("version = '2'\nregistry = 'a:2'").unwrap();
        for (image, source, present, expected) in [
            (&both, Auto, vec![], ("a:2", "2")),
            (&both, Auto, vec!["t/a:1"], ("t/a:1", "1")),
            (&both, Auto, vec!["a:2", "t/a:1"], ("a:2", "2")),
            (&both, Packages, vec![], ("t/a:1", "1")),
            (&both, Packages, vec!["a:2"], ("a:2", "2")),
            (&both, Packages, vec!["a:2", "t/a:1"], ("t/a:1", "1")),
            (&both, Registry, vec![], ("a:2", "2")),
            (&public, Packages, vec![], ("a:2", "2")),
        ] {
            let taken = preferred(image, source, |reference| present.contains(&reference));
            assert_eq!((taken.reference.as_str(), taken.version.as_str()), expected, "{source:?} {present:?}");
        }
    }
}
