//! A row of `status` for every service, and for whatever else carries the instance's label.

use std::collections::BTreeMap;

use crate::docker::inspect::Container;
use crate::docker::usage::Memory;
use crate::services::contract::Service;
use crate::ui::size;

use super::compare::Difference;
use super::record::Comparison;

/// One service, or a container that belongs to no service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// The service's name, or the container's.
    pub(crate) name: String,
    /// Its entry in the outputs.
    pub(super) service: Option<Service>,
    /// Its container, if there is one.
    pub(super) container: Option<Container>,
    pub(super) memory: Memory,
    /// Bytes of the volume with its data, as far as the engine knows.
    pub(super) volume_size: Option<u64>,
    /// The differences between the container and what was applied; `None` if it was not compared.
    pub(super) compared: Option<Vec<Difference>>,
    /// The configuration was edited since it was applied.
    is_edited: bool,
}

impl Row {
    /// In what it differs from what was applied.
    pub(crate) fn differences(&self) -> &[Difference] {
        self.compared.as_deref().unwrap_or_default()
    }

    /// True for one that was compared, and whose configuration was edited since it was applied.
    pub(crate) fn is_edited(&self) -> bool {
        self.compared.is_some() && self.is_edited
    }

    /// Whether it is as configured: false if it differs from what was applied; `None` if it was not compared, or the configuration was
    /// edited since.
    pub(super) fn matches(&self) -> Option<bool> {
        let differs = !self.compared.as_ref()?.is_empty();
        if differs { Some(false) } else { (!self.is_edited).then_some(true) }
    }

    /// Notes what the engine counted: by the names of containers, and of volumes.
    pub(crate) fn takes_up(&mut self, memory: &BTreeMap<String, Memory>, volumes: &BTreeMap<String, u64>) {
        self.memory = self.container.as_ref().and_then(|container| memory.get(&container.name)).copied().unwrap_or_default();
        self.volume_size = self.service.as_ref().and_then(|service| volumes.get(service.volume.as_ref()?)).copied();
    }

    /// The word for its state, also for a service without a container of its own.
    pub(super) fn state(&self) -> String {
        match (&self.container, self.service.as_ref().and_then(|service| service.container.as_ref())) {
            // Before its first check an engine says `starting`, whatever the service does.
            (Some(container), _) if container.is_running() => match container.health.as_deref().filter(|health| *health != "starting") {
                Some(health) => format!("running, {health}"),
                None => container.status.clone(),
            },
            (Some(container), _) => container.state().to_owned(),
            (None, Some(_)) => "down".to_owned(),
            (None, None) => {
                let status = self.service.as_ref().and_then(|service| service.status.clone());
                status.unwrap_or_else(|| "no container of its own".to_owned())
            }
        }
    }

    pub(super) fn configuration(&self) -> &'static str {
        match self.matches() {
            Some(true) => "matches",
            Some(false) => "differs",
            None if self.compared.is_some() => "edited since",
            None if self.container.as_ref().is_some_and(Container::is_running) => "not compared",
            None => "",
        }
    }

    /// The image's name; Docker knows only the id of one that was named by its id.
    pub(super) fn image(&self) -> Option<String> {
        let named = self.container.as_ref().map(|container| &container.image).filter(|image| !image.starts_with("sha256:"));
        named.cloned().or_else(|| self.service.as_ref().and_then(|service| service.image.clone()))
    }

    pub(super) fn started_at(&self) -> Option<&String> {
        self.container.as_ref().filter(|container| container.is_running()).map(|container| &container.started_at)
    }

    pub(super) fn memory_in_words(&self) -> String {
        match (self.memory.used, self.memory.limit) {
            (Some(used), Some(limit)) => format!("{} of {}", size::bytes(used), size::bytes(limit)),
            (Some(used), None) => size::bytes(used),
            (None, _) => String::new(),
        }
    }
}

/// A row for each service that was applied, then for containers that are no service's.
pub(crate) fn rows(services: &BTreeMap<String, Service>, containers: Vec<Container>, comparison: Option<&Comparison>) -> Vec<Row> {
    let mut containers: BTreeMap<String, Container> = containers.into_iter().map(|container| (container.name.clone(), container)).collect();
    let row = |name: String, service: Option<Service>, container: Option<Container>| {
        let compared = comparison.zip(container.as_ref()).and_then(|(comparison, it)| comparison.containers.get(&it.name)).cloned();
        let is_edited = comparison.is_some_and(|comparison| comparison.is_edited);
        Row { name, service, container, compared, is_edited, ..Row::default() }
    };
    let mut rows: Vec<Row> = Vec::new();
    for (name, service) in services {
        let container = service.container.as_ref().and_then(|name| containers.remove(name));
        rows.push(row(name.clone(), Some(service.clone()), container));
    }
    rows.extend(containers.into_iter().map(|(name, container)| row(name, None, Some(container))));
    rows
}
