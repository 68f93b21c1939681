//! A port that a planned container would publish and somebody else already has.

use super::name_conflict::is_ours;
use super::{PlanFacts, PlanGuard, When};
use crate::host::error::Failure;
use crate::project::environment::Environment;
use crate::project::instance::Instance;
use crate::terraform::plan::{Action, Plan};

/// Refuses when a port that the plan would publish is not held by a container of ours.
pub(super) const GUARD: PlanGuard = PlanGuard {
    name: "port-conflict",
    danger: "Docker would make the container and then not start it",
    can_be_allowed: false,
    when: When::Applied,
    find,
};

/// The ports of the containers that the plan would make.
pub(crate) fn wanted(plan: &Plan) -> Vec<u16> {
    let made =
        plan.changes.iter().filter(|change| change.kind == "docker_container" && matches!(change.action, Action::Create | Action::Replace));
    let ports = made.flat_map(|change| change.after["ports"].as_array().into_iter().flatten());
    ports.filter_map(|port| u16::try_from(port["external"].as_u64()?).ok()).collect()
}

/// One refusal for all taken ports, each with its holder.
fn find(PlanFacts { docker, .. }: &PlanFacts) -> Option<Failure> {
    let complaint = |port: &u16| match docker.running.iter().find(|container| container.host_ports.contains(port)) {
        Some(container) if is_ours(docker, &container.labels) => None,
        Some(container) => Some(format!("port {port} is taken by container `{}` ({})", container.name, container.image)),
        None => {
            let holder = docker.listening.get(port).map_or("a process of another user", String::as_str);
            Some(format!("port {port} is taken by {holder}"))
        }
    };
    let complaints: Vec<String> = docker.busy_ports.iter().filter_map(complaint).collect();
    let (first, others) = complaints.split_first()?;
    Some(Failure::refused(first).details(others).hint(&docker.other_ports))
}

/// What to do about taken ports: those of the instance file are written there, the default instance's beside the code.
pub(crate) fn way_on(environment: &Environment, instance: &Instance, taken: &[u16]) -> String {
    let names: Vec<String> = instance.ports.iter().filter(|(_, port)| taken.contains(port)).map(|(name, _)| format!("`{name}`")).collect();
    if names.is_empty() {
        return "stop what listens there, or choose another with `ports` in terraform.tfvars, or use --instance, which finds free ones"
            .to_owned();
    }
    format!(
        "stop what listens there, or write another number for {} under `ports` in {}, and run again",
        names.join(" and "),
        environment.instance_file().display()
    )
}

#[cfg(test)]
mod tests {
    use super::{find, wanted};
    use crate::docker::inspect::Container;
    use crate::guards::plan::{Docker, PlanFacts};
    use crate::terraform::plan::Plan;
    use serde_json::json;

    #[test]
    fn wants_the_ports_of_containers_that_will_be_made() {
        let container = |name: &str, action: &str, port: u16| {
            json!({"address": name, "mode": "managed", "type": "docker_container",
                "change": {"actions": [action], "after": {"name": name, "ports": [{"internal": 1, "external": port}]}}})
        };
        let changes = json!([container("a", "create", 5432), container("b", "no-op", 6379)]);
        let plan = Plan::parse(json!({ "format_version": "1.2", "resource_changes": changes }).to_string().as_bytes()).unwrap();
        assert_eq!(wanted(&plan), [5432]);
    }

    #[test]
    fn names_the_holder_and_lets_our_own_containers_be() {
        let holder = |owner: &str| Container {
            name: "pg".to_owned(),
            image: "postgres:16".to_owned(),
            host_ports: vec![5432],
            labels: [("owner".to_owned(), owner.to_owned())].into(),
            ..Container::default()
        };
        let plan = Plan::default();
        for (running, expected) in [
            (vec![holder("us")], None),
            (vec![holder("them")], Some("port 5432 is taken by container `pg` (postgres:16)")),
            (vec![], Some("port 5432 is taken by `postgres` (pid 812)")),
        ] {
            let docker = Docker {
                owner: ("owner".to_owned(), "us".to_owned()),
                busy_ports: vec![5432],
                running,
                listening: [(5432, "`postgres` (pid 812)".to_owned())].into(),
                ..Docker::default()
            };
            let message = find(&PlanFacts { docker, ..PlanFacts::of(&plan, "x".to_owned()) }).map(|failure| failure.to_string());
            match expected {
                None => assert_eq!(message, None),
                Some(expected) => assert!(message.as_ref().is_some_and(|message| message.starts_with(expected)), "{message:?}"),
            }
        }
    }
}
