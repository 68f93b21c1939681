//! An environment without containers, in a checkout and with user directories of its own: Terraform and nothing else.

use infra_tests::checkout::Checkout;
use infra_tests::temporary;
use infra_tests::xtask::Xtask;
use tempfile::TempDir;

/// The environment's name.
pub(crate) const NAME: &str = "plain";

/// A checkout with the environment in it.
pub(crate) struct Plain {
    pub(crate) checkout: Checkout,
    pub(crate) home: TempDir,
}

impl Plain {
    /// With this policy in infra.toml, and this code.
    pub(crate) fn new(policy: &str, code: &str) -> Self {
        let checkout = Checkout::new();
        let config = std::fs::read_to_string(checkout.infrastructure("infra.toml")).unwrap();
        checkout.write("infra.toml", &format!("{config}\n{policy}"));
        checkout.write(&format!("environments/{NAME}/main.tf"), code);
        Self { checkout, home: temporary::directory() }
    }

    /// The xtask there.
    pub(crate) fn xtask(&self) -> Xtask {
        let xtask = self.checkout.xtask().env("XDG_CACHE_HOME", self.home.path().join("cache"));
        xtask.env("XDG_STATE_HOME", self.home.path().join("state"))
    }
}
