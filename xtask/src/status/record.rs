//! What was applied, kept among the user's private files: each container as the engine described it then. `status` compares it with
//! what runs, without Terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actual::describe;
use super::compare::{Description, Difference, Text};
use crate::docker::api::side_by_side;
use crate::docker::endpoint::Endpoint;
use crate::host::private_file;
use crate::project::instance;
use crate::run::context::Context;
use crate::run::session::Session;
use crate::services::contract::Service;
use crate::terraform::state::{self, StateId};

/// Files that were written into a container; the engine does not describe them.
const FILES: &str = "content of";

/// What an apply left.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ContainersRecord {
    /// Which state it left.
    #[serde(flatten)]
    state: StateId,
    /// The version of the engine: another one describes containers in other words.
    engine: String,
    /// Hash of the configuration that it was made from.
    configuration: String,
    /// By name.
    containers: BTreeMap<String, AppliedContainer>,
}

/// A container as it was applied.
#[derive(Debug, Serialize, Deserialize)]
struct AppliedContainer {
    id: String,
    description: Description,
}

/// What came of comparing what runs with what was applied.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// The differences of every container, by its name; none where it is as it was applied.
    pub(crate) containers: BTreeMap<String, Vec<Difference>>,
    /// The configuration was edited since: an apply would change more, or other things.
    pub(crate) is_edited: bool,
}

impl ContainersRecord {
    /// Keeps what an apply of this configuration left.
    ///
    /// # Errors
    /// The state cannot be read, the engine does not answer, or the file cannot be written.
    pub(crate) fn remember(session: &Session, context: &Context, configuration: &str) -> Result<()> {
        let (Some(endpoint), Some(daemon)) = (&session.endpoint, session.daemon()?) else {
            return Ok(());
        };
        let state = session.terraform.state()?.unwrap_or_default();
        let ids = state::attributes(&state, "docker_container", "id");
        let before = Self::read(session, context)?.filter(|before| before.engine == daemon.version);
        let mut containers = BTreeMap::new();
        for container in endpoint.describe("container", &ids)? {
            let (name, id) = (name_of(&container), container["Id"].as_str().unwrap_or_default());
            let mut description = describe(&container);
            // Terraform's provider does not read networks back: what was changed by hand would pass for applied.
            if let Some(before) = before.as_ref().and_then(|before| before.containers.get(name)).filter(|before| before.id == id) {
                description.take_over("network", &before.description);
            }
            let instances = state::instances(&state, "docker_container");
            instances.filter(|instance| instance["attributes"]["id"] == id).for_each(|instance| add_from_state(&mut description, instance));
            containers.insert(name.to_owned(), AppliedContainer { id: id.to_owned(), description });
        }
        Self { state: StateId::of(&state), engine: daemon.version.clone(), configuration: configuration.to_owned(), containers }
            .write(session, context)
    }

    /// Keeps that a plan found nothing to change from this configuration. Of what the plan does not see, what was applied stays.
    ///
    /// # Errors
    /// As of [`Self::remember`].
    pub(crate) fn confirm(session: &Session, context: &Context, configuration: &str) -> Result<()> {
        match Self::read(session, context)? {
            Some(record) if record.unfit(session)?.is_none() => {
                if record.configuration == configuration {
                    return Ok(());
                }
                Self { configuration: configuration.to_owned(), ..record }.write(session, context)
            }
            _ => Self::remember(session, context, configuration),
        }
    }

    /// What was kept last; none where nothing was, or in a form that this version does not know.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read(session: &Session, context: &Context) -> Result<Option<Self>> {
        let path = instance::RecordFile::Containers.path(&session.environment, &context.directories);
        match fs::read(&path) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    fn write(&self, session: &Session, context: &Context) -> Result<()> {
        private_file::write(
            &instance::RecordFile::Containers.path(&session.environment, &context.directories),
            &serde_json::to_vec(self).context("writing JSON")?,
        )
    }

    /// Why this is not what was applied last, or not comparable.
    ///
    /// # Errors
    /// The state cannot be read, or the engine does not answer.
    pub(crate) fn unfit(&self, session: &Session) -> Result<Option<String>> {
        if self.state != StateId::of(&session.terraform.state()?.unwrap_or_default()) {
            return Ok(Some("the state was changed since by something else, or by a run that did not end well".to_owned()));
        }
        let now = session.daemon()?.map(|daemon| daemon.version.as_str()).unwrap_or_default();
        Ok((self.engine != now).then(|| format!("the Docker engine was {} then, and is {now}", self.engine)))
    }

    /// Compares it with containers that run, as the engine describes them. `configuration` is the hash of the present one.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn compare(
        &self,
        endpoint: &Endpoint,
        running: &[&Value],
        services: &BTreeMap<String, Service>,
        configuration: &str,
    ) -> Result<Comparison> {
        let files = side_by_side(running, |container| self.files_in(endpoint, container));
        let images = images_of(endpoint, services)?;
        let mut containers = BTreeMap::new();
        for (container, files) in running.iter().zip(files) {
            let name = name_of(container);
            let differences = match self.containers.get(name) {
                None => vec![Difference { attribute: "container".to_owned(), running: Some(name.to_owned()), configured: None }],
                Some(applied) => {
                    let (mut applied, mut running) = (applied.description.clone(), describe(container));
                    if let Some(image) = images.get(name) {
                        applied.say("image", image.clone());
                    }
                    files?.into_iter().for_each(|(path, content)| running.say_of(FILES, path, Text::hidden(content)));
                    applied.differences(&running)
                }
            };
            containers.insert(name.to_owned(), differences);
        }
        Ok(Comparison { containers, is_edited: self.configuration != configuration })
    }

    /// What the files hold that were written into a container; those that are not there any more are left out.
    fn files_in(&self, endpoint: &Endpoint, container: &Value) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for path in self.containers.get(name_of(container)).into_iter().flat_map(|applied| applied.description.items(FILES)) {
            if let Some(content) = endpoint.file_in(container["Id"].as_str().unwrap_or_default(), path)? {
                files.insert(path.clone(), content);
            }
        }
        Ok(files)
    }
}

/// Adds what only the state knows of a container: its files, and what of it is secret.
fn add_from_state(description: &mut Description, instance: &Value) {
    for file in instance["attributes"]["upload"].as_array().into_iter().flatten() {
        if let (Some(path), Some(content)) = (file["file"].as_str(), file["content"].as_str().filter(|content| !content.is_empty())) {
            description.say_of(FILES, path, Text::hidden(content));
        }
    }
    secret_groups(&instance["sensitive_attributes"]).into_iter().for_each(|group| description.hide(group));
}

/// What is said of the attributes that a state marks as sensitive: a list of paths, each a list of steps.
fn secret_groups(sensitive: &Value) -> BTreeSet<&'static str> {
    const GROUPS: [(&str, &str); 12] = [
        ("entrypoint", "entrypoint"),
        ("command", "command"),
        ("labels", "label"),
        ("ports", "port"),
        ("mounts", "mount"),
        ("volumes", "mount"),
        ("tmpfs", "mount"),
        ("networks_advanced", "network"),
        ("healthcheck", "health check"),
        ("user", "user"),
        ("working_dir", "working directory"),
        ("log_opts", "log driver"),
    ];
    let attributes = sensitive.as_array().into_iter().flatten().filter_map(|path| path[0]["value"].as_str());
    attributes.filter_map(|attribute| GROUPS.iter().find(|(name, _)| *name == attribute).map(|(_, group)| *group)).collect()
}

/// The images that containers should have been made from, by the containers' names: a tag may stand for another one since.
fn images_of(endpoint: &Endpoint, services: &BTreeMap<String, Service>) -> Result<BTreeMap<String, Text>> {
    let pairs: Vec<(&String, &String)> =
        services.values().filter_map(|service| service.container.as_ref().zip(service.image.as_ref())).collect();
    let references: Vec<&str> = pairs.iter().map(|(_, image)| image.as_str()).collect();
    let found = endpoint.images(&references)?.into_iter();
    let text = |((container, name), image): ((&String, &String), Option<crate::docker::image::Image>)| {
        let text = match image {
            Some(image) => Text::shown(image.id, name),
            None => Text::shown("", format!("{name}, which is not here")),
        };
        (container.clone(), text)
    };
    Ok(pairs.into_iter().zip(found).map(text).collect())
}

/// A container's name, without Docker's leading slash.
pub(crate) fn name_of(container: &Value) -> &str {
    container["Name"].as_str().unwrap_or_default().trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::{Description, Text, add_from_state, secret_groups};
    use serde_json::{Value, json};

    #[test]
    fn the_state_knows_files_and_what_is_secret() {
        let step = |value: &str| json!([{"type": "get_attr", "value": value}]);
        let instance = json!({
            "attributes": {"upload": [{"file": "/conf", "content": "pw"}, {"file": "/from-disk", "content": ""}]},
            "sensitive_attributes": [step("command"), step("env")],
        });
        let (mut actual, mut expected) = (Description::default(), Description::default());
        actual.say("command", Text::plain("--password pw"));
        add_from_state(&mut actual, &instance);
        expected.say("command", Text::hidden("--password pw"));
        expected.say_of("content of", "/conf", Text::hidden("pw"));
        assert_eq!(actual, expected);
        assert!(secret_groups(&Value::Null).is_empty());
    }
}
