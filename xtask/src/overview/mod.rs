//! What `status` knows of an instance: a row for every service, and for whatever else carries the instance's label.

#[cfg(test)]
mod cases;
mod rendering;

use std::collections::BTreeMap;

use crate::docker::inspect::Container;
use crate::docker::usage::Memory;
use crate::drift::{Comparison, Difference, Survey};
use crate::report::size;
use crate::services::contract::Service;

pub(crate) use self::rendering::{as_json, as_table};

/// One service, or a container that is none's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// The service's name, or the container's.
    pub(crate) name: String,
    /// What the outputs say of it, or the configuration if it is not applied yet.
    service: Option<Service>,
    /// The configuration has it, and nothing was applied of it.
    is_new: bool,
    /// Its container, if there is one.
    container: Option<Container>,
    memory: Memory,
    /// Bytes of the volume with its data, as far as the engine knows.
    volume_size: Option<u64>,
    /// How the container compares with the configuration; none if that was not to be found out.
    comparison: Option<Comparison>,
}

impl Row {
    /// In what it differs from the configuration.
    pub(crate) fn differences(&self) -> &[Difference] {
        self.comparison.as_ref().map(|comparison| comparison.differences.as_slice()).unwrap_or_default()
    }

    /// Notes what the engine counted: by the names of containers, and of volumes.
    pub(crate) fn takes_up(&mut self, memory: &BTreeMap<String, Memory>, volumes: &BTreeMap<String, u64>) {
        self.memory = self.container.as_ref().and_then(|container| memory.get(&container.name)).copied().unwrap_or_default();
        self.volume_size = self.service.as_ref().and_then(|service| volumes.get(service.volume.as_ref()?)).copied();
    }

    /// The word for its state, also for a service without a container of its own.
    fn state(&self) -> String {
        match (&self.container, self.service.as_ref().and_then(|service| service.container.as_ref())) {
            (Some(container), _) if container.is_running() && container.health.is_some() => format!("running, {}", container.state()),
            (Some(container), _) => container.state().to_owned(),
            (None, _) if self.is_new => "not applied".to_owned(),
            (None, Some(_)) => "down".to_owned(),
            (None, None) => {
                let status = self.service.as_ref().and_then(|service| service.status.clone());
                status.unwrap_or_else(|| "no container of its own".to_owned())
            }
        }
    }

    fn configuration(&self) -> &'static str {
        match &self.comparison {
            Some(comparison) if comparison.differences.is_empty() => "matches",
            Some(_) => "differs",
            None => "",
        }
    }

    /// The image's name; Docker knows only the id of one that was named by its id.
    fn image(&self) -> Option<String> {
        let named = self.container.as_ref().map(|container| &container.image).filter(|image| !image.starts_with("sha256:"));
        named.cloned().or_else(|| self.service.as_ref().and_then(|service| service.image.clone()))
    }

    fn started_at(&self) -> Option<&String> {
        self.container.as_ref().filter(|container| container.is_running()).map(|container| &container.started_at)
    }

    fn memory_in_words(&self) -> String {
        match (self.memory.used, self.memory.limit) {
            (Some(used), Some(limit)) => format!("{} of {}", size::bytes(used), size::bytes(limit)),
            (Some(used), None) => size::bytes(used),
            (None, _) => String::new(),
        }
    }
}

/// A row for each service that was applied, then for containers that are no service's, then for what is configured and not applied.
pub(crate) fn rows(services: &BTreeMap<String, Service>, containers: Vec<Container>, survey: Option<&Survey>) -> Vec<Row> {
    let mut containers: BTreeMap<String, Container> = containers.into_iter().map(|container| (container.name.clone(), container)).collect();
    let all: Vec<String> = containers.keys().cloned().collect();
    let compared = |container: Option<&Container>| survey.zip(container).and_then(|(survey, it)| survey.compared.get(&it.name)).cloned();
    let mut rows: Vec<Row> = Vec::new();
    for (name, service) in services {
        let container = service.container.as_ref().and_then(|name| containers.remove(name));
        let comparison = compared(container.as_ref());
        rows.push(Row { name: name.clone(), service: Some(service.clone()), container, comparison, ..Row::default() });
    }
    for (name, container) in containers {
        let comparison = compared(Some(&container));
        rows.push(Row { name, container: Some(container), comparison, ..Row::default() });
    }
    let Some(survey) = survey else {
        return rows;
    };
    let is_applied = |container: &String| services.values().any(|service| service.container.as_ref() == Some(container));
    for container in survey.configured.iter().filter(|container| !all.contains(container) && !is_applied(container)) {
        let comparison = Some(Comparison::one_sided(None, Some(container)));
        let planned = survey.services.iter().find(|(_, service)| service.container.as_ref() == Some(container));
        let name = planned.map_or(container, |(name, _)| name);
        match rows.iter_mut().find(|row| row.name == *name) {
            Some(row) => row.comparison = comparison,
            None => {
                let service = planned.map(|(_, service)| service.clone());
                rows.push(Row { name: name.clone(), service, is_new: true, comparison, ..Row::default() });
            }
        }
    }
    rows
}
