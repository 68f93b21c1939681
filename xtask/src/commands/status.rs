//! `infra status ENV`: what runs, how it is and since when.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use crate::cli::StatusArgs;
use crate::docker::inspect::Container;
use crate::report::{console, table};
use crate::services::contract::Service;
use crate::session::Context;

/// Compares the state's services with Docker's containers.
///
/// # Errors
/// Nothing was applied yet, or the engine does not answer.
pub(crate) fn run(context: &Context, arguments: &StatusArgs) -> Result<()> {
    let session = context.look(&arguments.environment)?;
    let outputs = session.terraform.outputs()?;
    if outputs.is_empty() {
        return Err(session.nothing_applied().into());
    }
    let names: Vec<String> = outputs.services.values().filter_map(|service| service.container.clone()).collect();
    let containers = match &session.endpoint {
        Some(endpoint) => {
            endpoint.require()?;
            endpoint.containers(&names)?
        }
        None => Vec::new(),
    };
    console::answer(&if arguments.json { as_json(&outputs.services, &containers) } else { as_table(&outputs.services, &containers) })
}

fn container_of<'a>(service: &Service, containers: &'a [Container]) -> Option<&'a Container> {
    containers.iter().find(|container| service.container.as_ref() == Some(&container.name))
}

/// The word for a service's state, also for one without a container of its own.
fn state(service: &Service, container: Option<&Container>) -> String {
    match (container, &service.container) {
        (Some(container), _) if container.is_running() && container.health.is_some() => format!("running, {}", container.state()),
        (Some(container), _) => container.state().to_owned(),
        (None, Some(_)) => "down".to_owned(),
        (None, None) => "no container of its own".to_owned(),
    }
}

/// The image's name; Docker knows only the id of one that was named by its id.
fn image(service: &Service, container: Option<&Container>) -> Option<String> {
    let named = container.map(|container| &container.image).filter(|image| !image.starts_with("sha256:"));
    named.cloned().or_else(|| service.image.clone())
}

fn as_table(services: &BTreeMap<String, Service>, containers: &[Container]) -> String {
    let row = |(name, service): (&String, &Service)| {
        let container = container_of(service, containers);
        let since = container.filter(|container| container.is_running()).map(|container| to_the_second(&container.started_at));
        let image = image(service, container);
        [
            name.clone(),
            state(service, container),
            service.software(),
            service.address(),
            image.unwrap_or_default(),
            since.unwrap_or_default(),
        ]
    };
    table::render(["service", "state", "engine", "address", "image", "since"], &services.iter().map(row).collect::<Vec<_>>())
}

fn as_json(services: &BTreeMap<String, Service>, containers: &[Container]) -> String {
    let entry = |(name, service): (&String, &Service)| {
        let container = container_of(service, containers);
        let described = json!({
            "engine": service.engine,
            "version": service.version,
            "address": service.address(),
            "container": service.container,
            "running": container.is_some_and(Container::is_running),
            "health": container.and_then(|container| container.health.clone()),
            "image": image(service, container),
            "since": container.filter(|container| container.is_running()).map(|container| container.started_at.clone()),
        });
        (name.clone(), described)
    };
    format!("{:#}\n", serde_json::Value::Object(services.iter().map(entry).collect()))
}

/// `2026-01-02 03:04:05Z` out of Docker's `2026-01-02T03:04:05.678901234Z`.
fn to_the_second(timestamp: &str) -> String {
    match timestamp.get(..19) {
        Some(seconds) => seconds.replace('T', " ") + "Z",
        None => timestamp.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{as_json, as_table};
    use crate::docker::inspect::Container;
    use crate::services::contract::Service;

    fn service(container: Option<&str>) -> Service {
        Service {
            engine: "redis".to_owned(),
            version: "8".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: 6379,
            tls: false,
            image: Some("redis:8".to_owned()),
            container: container.map(ToOwned::to_owned),
            volume: None,
            probe: None,
            status: None,
        }
    }

    #[test]
    fn says_of_each_service_whether_it_runs_how_and_since_when() {
        let container = |status: &str, health: Option<&str>| Container {
            name: "c".to_owned(),
            status: status.to_owned(),
            health: health.map(ToOwned::to_owned),
            image: "redis:8".to_owned(),
            started_at: "2026-01-02T03:04:05.6Z".to_owned(),
            ..Container::default()
        };
        let services = [("redis".to_owned(), service(Some("c")))].into();
        for (containers, expected) in [
            (
                vec![container("running", Some("healthy"))],
                "redis    running, healthy  redis 8  127.0.0.1:6379  redis:8  2026-01-02 03:04:05Z\n",
            ),
            (vec![container("exited", Some("healthy"))], "redis    exited  redis 8  127.0.0.1:6379  redis:8\n"),
            (vec![], "redis    down   redis 8  127.0.0.1:6379  redis:8\n"),
        ] {
            let table = as_table(&services, &containers);
            assert_eq!(table.lines().nth(1).unwrap().to_owned() + "\n", expected);
        }
        let json: serde_json::Value = serde_json::from_str(&as_json(&services, &[container("running", None)])).unwrap();
        assert_eq!(json["redis"]["running"], true);
        assert_eq!(json["redis"]["health"], serde_json::Value::Null);
    }
}
