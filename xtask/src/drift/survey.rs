//! The comparison of all containers of an instance: what has to be asked for it, and in which order.

use std::collections::BTreeMap;
use std::thread;

use anyhow::Result;
use serde_json::Value;

use super::description::Difference;
use super::planned::{Planned, PlannedContainer};
use super::running::Running;
use crate::docker::api::side_by_side;
use crate::docker::endpoint::Endpoint;
use crate::docker::image::Image;
use crate::services::contract::Service;
use crate::session::Session;

/// What came of comparing one container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Where it is not as configured.
    pub(crate) differences: Vec<Difference>,
    /// What could not be compared, because it is known only after an apply.
    pub(crate) open: Vec<String>,
}

/// What came of comparing them all.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// By the name of the container.
    pub(crate) compared: BTreeMap<String, Comparison>,
    /// Names of configured containers.
    pub(crate) configured: Vec<String>,
    /// The services that are configured, as far as they are known before an apply.
    pub(crate) services: BTreeMap<String, Service>,
}

impl Comparison {
    /// One that says that there is a container on one side alone.
    pub(crate) fn one_sided(running: Option<&str>, configured: Option<&str>) -> Self {
        let owned = |name: Option<&str>| name.map(ToOwned::to_owned);
        let difference = Difference { attribute: "container".to_owned(), running: owned(running), configured: owned(configured) };
        Self { differences: vec![difference], open: Vec::new() }
    }
}

/// Compares running containers, as the engine describes them, with the configuration.
///
/// # Errors
/// Terraform cannot say what is configured, or the engine does not answer.
pub(crate) fn survey(session: &Session, endpoint: &Endpoint, running: &[&Value]) -> Result<Survey> {
    // Terraform needs most of a second; the images that run are asked for meanwhile.
    let (plan, images) = thread::scope(|scope| {
        let images = scope.spawn(|| images_of(endpoint, running));
        // Containers anew, so that the plan holds what the code says and nothing that was read back; images, because their ids are
        // for the engine to say.
        let plan = session.terraform.configured(&["docker_container", "docker_image"]);
        (plan, images.join().expect("asking does not panic"))
    });
    let (planned, images) = (Planned::read(&plan?), images?);
    let pairs: Vec<(&Value, Option<&PlannedContainer>)> =
        running.iter().map(|container| (*container, planned_for(&planned, container))).collect();
    let names: Vec<&str> = pairs.iter().filter_map(|(_, planned)| planned.as_ref()?.image.as_deref()).collect();
    let current: BTreeMap<&str, Option<Image>> = names.iter().copied().zip(endpoint.images(&names)?).collect();
    let files = side_by_side(&pairs, |(container, planned)| files_in(endpoint, container, *planned));

    let mut compared = BTreeMap::new();
    for ((container, planned), files) in pairs.into_iter().zip(files) {
        let image = images.get(container["Image"].as_str().unwrap_or_default()).and_then(Option::as_ref);
        let runs = Running { container, image, files: files? };
        let comparison = match planned {
            Some(planned) => {
                let current = planned.image.as_deref().and_then(|name| current.get(name)?.as_ref());
                compare(planned, current.map(|image| image.id.as_str()), &runs)
            }
            None => Comparison::one_sided(Some(name_of(container)), None),
        };
        compared.insert(name_of(container).to_owned(), comparison);
    }
    let configured = planned.containers.iter().map(|planned| planned.name.clone()).collect();
    Ok(Survey { compared, configured, services: planned.services })
}

/// Lays one container beside what is configured. `image` is the id of the configured image, if the engine has it.
pub(super) fn compare(planned: &PlannedContainer, image: Option<&str>, running: &Running<'_>) -> Comparison {
    let configured = planned.describe(image, running);
    Comparison { differences: configured.differences(&running.describe()), open: configured.open().to_vec() }
}

fn images_of<'a>(endpoint: &Endpoint, containers: &[&'a Value]) -> Result<BTreeMap<&'a str, Option<Image>>> {
    let mut ids: Vec<&str> = containers.iter().filter_map(|container| container["Image"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let images = endpoint.images(&ids)?;
    Ok(ids.into_iter().zip(images).collect())
}

fn files_in(endpoint: &Endpoint, container: &Value, planned: Option<&PlannedContainer>) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for path in planned.map(PlannedContainer::files).unwrap_or_default().into_keys() {
        if let Some(content) = endpoint.file_in(container["Id"].as_str().unwrap_or_default(), path)? {
            files.insert(path.to_owned(), content);
        }
    }
    Ok(files)
}

fn planned_for<'a>(planned: &'a Planned, container: &Value) -> Option<&'a PlannedContainer> {
    planned.containers.iter().find(|planned| planned.name == name_of(container))
}

/// A container's name, without Docker's leading slash.
pub(crate) fn name_of(container: &Value) -> &str {
    container["Name"].as_str().unwrap_or_default().trim_start_matches('/')
}
