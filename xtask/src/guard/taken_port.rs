//! A port that a planned container would publish and somebody else already has.

use crate::docker::inspect::Container;
use crate::failure::Failure;
use crate::terraform::plan::{Action, Plan};

/// A port that the plan would publish, and for which container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The port of the host.
    pub(crate) port: u16,
    /// The container's name.
    pub(crate) container: String,
}

/// The ports of the containers that the plan would make.
pub(crate) fn wanted(plan: &Plan) -> Vec<Wanted> {
    let made =
        plan.changes.iter().filter(|change| change.kind == "docker_container" && matches!(change.action, Action::Create | Action::Replace));
    made.flat_map(|change| {
        let container = change.attribute_after("name").unwrap_or_default();
        let ports = change.after.get("ports").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
        ports.into_iter().filter_map(move |port| {
            let number = u16::try_from(port.get("external")?.as_u64()?).ok()?;
            Some(Wanted { port: number, container: container.clone() })
        })
    })
    .collect()
}

/// Refuses when one of the busy ports is not held by a container of ours.
/// `containers` are all that run; `process` names who listens on a port that no container publishes.
///
/// # Errors
/// One message for all taken ports, each with its holder.
pub(crate) fn check(
    busy: &[Wanted],
    containers: &[Container],
    owner: (&str, &str),
    process: impl Fn(u16) -> Option<String>,
) -> Result<(), Failure> {
    let is_ours = |container: &Container| container.labels.get(owner.0).is_some_and(|value| value == owner.1);
    let complaint = |wanted: &Wanted| match containers.iter().find(|container| container.host_ports.contains(&wanted.port)) {
        Some(container) if is_ours(container) => None,
        Some(container) => Some(format!("port {} is taken by container `{}` ({})", wanted.port, container.name, container.image)),
        None => {
            let holder = process(wanted.port).unwrap_or_else(|| "a process of another user".to_owned());
            Some(format!("port {} is taken by {holder}", wanted.port))
        }
    };
    let complaints: Vec<String> = busy.iter().filter_map(complaint).collect();
    match complaints.split_first() {
        None => Ok(()),
        Some((first, others)) => Err(Failure::refused(first.clone())
            .details(others.iter().cloned())
            .hint("stop what listens there, or choose another with `ports` in terraform.tfvars, or use --instance, which finds free ones")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, check, wanted};
    use crate::docker::inspect::Container;
    use crate::terraform::plan::Plan;
    use serde_json::json;

    #[test]
    fn wants_the_ports_of_containers_that_will_be_made() {
        let container = |name: &str, action: &str, port: u16| {
            json!({"address": name, "mode": "managed", "type": "docker_container",
                "change": {"actions": [action], "after": {"name": name, "ports": [{"internal": 1, "external": port}]}}})
        };
        let changes = json!([container("a", "create", 5432), container("b", "no-op", 6379)]);
        let plan = Plan::parse(json!({ "resource_changes": changes }).to_string().as_bytes()).unwrap();
        assert_eq!(wanted(&plan), [Wanted { port: 5432, container: "a".to_owned() }]);
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
        let busy = [Wanted { port: 5432, container: "x".to_owned() }];
        let process = |_| Some("`postgres` (pid 812)".to_owned());
        for (containers, expected) in [
            (vec![holder("us")], None),
            (vec![holder("them")], Some("port 5432 is taken by container `pg` (postgres:16)")),
            (vec![], Some("port 5432 is taken by `postgres` (pid 812)")),
        ] {
            let message = check(&busy, &containers, ("owner", "us"), process).err().map(|failure| failure.to_string());
            match expected {
                None => assert_eq!(message, None),
                Some(expected) => assert!(message.as_ref().is_some_and(|message| message.starts_with(expected)), "{message:?}"),
            }
        }
    }
}
