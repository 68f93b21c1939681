//! Docker's command line client, for what it does better than a question to the engine.

use std::env;
use std::sync::OnceLock;

use serde_json::Value;

use super::endpoint::Endpoint;
use crate::host::command::Tool;

/// The interface of the oldest client that is supported, Docker 20.10.
const OLDEST: (u32, u32) = (1, 41);

impl Endpoint {
    /// A call of the client against this engine.
    pub(crate) fn client(&self) -> Tool {
        static MINIMUM: OnceLock<Option<String>> = OnceLock::new();
        let minimum = match MINIMUM.get() {
            Some(minimum) => minimum.clone(),
            // An engine that does not answer yet is asked again.
            None => self.minimum().map(|minimum| MINIMUM.get_or_init(|| minimum).clone()).unwrap_or_default(),
        };
        match minimum.filter(|_| env::var_os("DOCKER_API_VERSION").is_none()) {
            Some(minimum) => self.plain_client().env("DOCKER_API_VERSION", minimum),
            None => self.plain_client(),
        }
    }

    /// The same with the version that the client chooses: for one that asks the engine nothing about itself.
    pub(super) fn plain_client(&self) -> Tool {
        Tool::new("docker").env("DOCKER_HOST", self.host()).env_remove("DOCKER_CONTEXT")
    }

    /// `docker` as a person types it to reach this engine.
    pub(crate) fn typed_client(&self) -> String {
        if self.is_the_clients() { "docker".to_owned() } else { format!("docker --host {}", self.host()) }
    }

    /// The oldest interface that the engine speaks, where an old client has to be told to speak it: by itself it would speak its own,
    /// and be refused. Every later client speaks it too. The outer `None`: the engine does not answer.
    fn minimum(&self) -> Option<Option<String>> {
        let version: Value = self.get("/version").ok()??;
        let minimum = version["MinAPIVersion"].as_str().unwrap_or_default();
        Some(numbers(minimum).filter(|numbers| *numbers > OLDEST).map(|_| minimum.to_owned()))
    }
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, numbers};

    #[test]
    fn versions_are_compared_as_numbers() {
        for (minimum, is_above) in [("1.12", false), ("1.24", false), ("1.41", false), ("1.44", true), ("2.0", true), ("", false)] {
            assert_eq!(numbers(minimum).is_some_and(|numbers| numbers > OLDEST), is_above, "{minimum}");
        }
    }
}
