//! The image of an engine, as an instance keeps it.

use serde::{Deserialize, Serialize};

/// An image as an instance uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImageReference {
    /// What Docker calls it.
    pub(crate) reference: String,
    /// The engine's version in it.
    pub(crate) version: String,
    /// Which defaults its container is made with: those of the day when the instance was given this image. Newer ones would
    /// replace a container that nobody has changed.
    #[serde(default = "ImageReference::first_defaults", skip_serializing_if = "ImageReference::has_first_defaults")]
    defaults: u32,
}

impl ImageReference {
    /// The defaults of the modules now; those of images that an instance has from before there was a number are 1.
    const DEFAULTS: u32 = 3;

    /// An image that an instance is given now.
    pub(crate) fn new(reference: impl Into<String>, version: impl Into<String>) -> Self {
        Self { reference: reference.into(), version: version.into(), defaults: Self::DEFAULTS }
    }

    fn first_defaults() -> u32 {
        1
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn has_first_defaults(defaults: &u32) -> bool {
        *defaults == Self::first_defaults()
    }
}
