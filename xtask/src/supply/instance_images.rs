//! The images of an instance that exists. It keeps them, because others would replace its containers, but for two reasons.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Supply;
use super::manifest::ManifestImage;
use super::source::{SupplyKind, name};
use crate::host::console;
use crate::project::infra_toml::ImageSource;
use crate::project::instance::ImageReference;

/// Where an instance has an image from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The public one.
    Public,
    /// The one built from packages.
    Built,
    /// One that an earlier recipe built, by its tag.
    BuiltBefore,
    /// From elsewhere: somebody's own, or an earlier public one.
    Other,
}

impl Supply {
    /// The images that the instance called `title` is given beside or in place of those that it has: of engines that are new to it,
    /// and replacements.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn images_to_set(&self, images: &BTreeMap<String, ImageReference>, title: &str) -> Result<BTreeMap<String, ImageReference>> {
        let mut set = self.replacements(images, title)?;
        if self.manifest.images().keys().any(|engine| !images.contains_key(engine)) {
            set.extend(self.references()?.into_iter().filter(|(engine, _)| !images.contains_key(engine)));
        }
        Ok(set)
    }

    /// Replacements, said in a line: where a person has chosen another source with `supply --images`, and where an image that an
    /// earlier recipe built is gone and cannot be had again.
    fn replacements(&self, images: &BTreeMap<String, ImageReference>, title: &str) -> Result<BTreeMap<String, ImageReference>> {
        let chosen = self.choice.chosen(SupplyKind::Images);
        let mut other = BTreeMap::new();
        for (engine, taken) in images {
            let Some(image) = self.manifest.images().get(engine) else { continue };
            let origin = origin(image, &taken.reference);
            let is_gone = origin == Origin::BuiltBefore && self.endpoint.images(&[&taken.reference])? == [None];
            other.extend(replacement(image, origin, chosen, is_gone).map(|image| (engine.clone(), image)));
        }
        if let Some(source) = chosen.filter(|_| !other.is_empty()) {
            let source = if source == ImageSource::Registry { "the registries" } else { name(source) };
            console::say(&format!("{title} goes over to images from {source}, as chosen with `supply --images`; its volumes stay"));
        }
        Ok(other)
    }
}

fn origin(image: &ManifestImage, reference: &str) -> Origin {
    let repository = |reference: &str| reference.rsplit_once(':').map(|(repository, _)| repository.to_owned());
    match &image.packages {
        _ if image.registry == reference => Origin::Public,
        Some(packages) if packages.image == reference => Origin::Built,
        Some(packages) if repository(&packages.image) == repository(reference) => Origin::BuiltBefore,
        _ => Origin::Other,
    }
}

/// The image to take in place of one of this origin, if it is to be another.
fn replacement(image: &ManifestImage, origin: Origin, chosen: Option<ImageSource>, is_gone: bool) -> Option<ImageReference> {
    match (origin, chosen) {
        (Origin::Built | Origin::BuiltBefore, Some(ImageSource::Registry)) => Some(image.public()),
        (Origin::Public, Some(ImageSource::Packages)) => image.built(),
        (Origin::BuiltBefore, _) if is_gone => image.built(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{origin, replacement};
    use crate::project::infra_toml::ImageSource::{Packages, Registry};
    use crate::supply::manifest::ManifestImage;

    #[test]
    fn an_image_is_kept_unless_another_source_was_chosen_or_what_built_it_is_gone() {
        let both =
            "version = '2'\nregistry = 'a:2'\n[packages]\nimage = 'localhost/t/a:1-2'\nsuite = 'trixie'\ndebian = ['a']\nconfig = []";
        let both: ManifestImage = toml::from_str(both).unwrap();
        let public: ManifestImage = toml::from_str("version = '2'\nregistry = 'a:2'").unwrap();
        let (new, old) = ("localhost/t/a:1-2", "localhost/t/a:1");
        for (image, reference, chosen, is_gone, expected) in [
            (&both, new, None, false, None),
            (&both, new, Some(Packages), false, None),
            (&both, new, Some(Registry), false, Some("a:2")),
            (&both, old, None, false, None),
            (&both, old, Some(Packages), false, None),
            (&both, old, Some(Registry), false, Some("a:2")),
            (&both, old, None, true, Some(new)),
            (&both, old, Some(Registry), true, Some("a:2")),
            (&both, "a:2", None, false, None),
            (&both, "a:2", Some(Registry), false, None),
            (&both, "a:2", Some(Packages), false, Some(new)),
            (&public, "a:2", Some(Packages), false, None),
            (&both, "mine:1", Some(Packages), true, None),
            (&both, "mine:1", Some(Registry), true, None),
        ] {
            let taken = replacement(image, origin(image, reference), chosen, is_gone).map(|image| image.reference);
            assert_eq!(taken.as_deref(), expected, "{reference} {chosen:?} {is_gone}");
        }
    }
}
