//! Containers and volumes that stand in the way: strays of ours may be cleared, what is not ours is never touched.

use std::collections::BTreeMap;

use super::{Docker, PlanFacts, PlanGuard, When};
use crate::docker::inspect::Container;
use crate::host::error::Failure;
use crate::terraform::plan::Plan;

/// Refuses a name that the plan would create and somebody else has, and a plan that is older than what the state knows.
pub(super) const GUARD: PlanGuard = PlanGuard {
    name: "name-conflict",
    danger: "Docker would refuse in the middle of the apply, or Terraform would take what is not ours",
    can_be_allowed: false,
    when: When::Applied,
    find,
};

fn find(PlanFacts { plan, docker, .. }: &PlanFacts) -> Option<Failure> {
    let created = |kind: &str, name: &str| plan.created(kind).iter().any(|candidate| candidate == name);
    let containers = docker.containers.iter().filter(|found| created("docker_container", &found.name));
    let containers =
        containers.map(|found| (format!("container `{}` ({}, {})", found.name, found.image, found.status), found.labels.clone()));
    let volumes = docker.volumes.iter().filter(|found| created("docker_volume", &found.name));
    let volumes = volumes.map(|found| (format!("volume `{}`", found.name), found.labels.clone().unwrap_or_default()));
    let foreign: Vec<_> = containers.chain(volumes).filter(|(_, labels)| !is_ours(docker, labels)).collect();
    if !foreign.is_empty() {
        return Some(refusal(&foreign, &docker.owner.0));
    }
    let known = known(plan);
    let is_newer = |found: &&Container| docker.in_state.contains(&found.id) && !known.contains(&found.id);
    let newer: Vec<String> = docker.containers.iter().filter(is_newer).map(|found| format!("container `{}`", found.name)).collect();
    if newer.is_empty() {
        return None;
    }
    let failure = Failure::refused("the plan is stale: it was made before these were").details(newer);
    Some(failure.hint("nothing was touched. plan again"))
}

/// Containers of ours that the state does not know: left by a run that was killed. They are in the way and hold no data.
pub(crate) fn strays(PlanFacts { plan, docker, .. }: &PlanFacts) -> Vec<Container> {
    let known = known(plan);
    docker.containers.iter().filter(|found| is_ours(docker, &found.labels) && !known.contains(&found.id)).cloned().collect()
}

/// Ids of what the plan knows to be there.
fn known(plan: &Plan) -> Vec<String> {
    plan.changes.iter().filter_map(|change| change.attribute_before("id")).collect()
}

/// True for a label of this instance's owner.
pub(crate) fn is_ours(docker: &Docker, labels: &BTreeMap<String, String>) -> bool {
    labels.get(&docker.owner.0) == Some(&docker.owner.1)
}

/// Names what is foreign. What carries this project's label was made by it too: by another checkout with an instance of this name.
fn refusal(foreign: &[(String, BTreeMap<String, String>)], owner_key: &str) -> Failure {
    let is_of_a_checkout = |labels: &BTreeMap<String, String>| labels.contains_key(owner_key);
    let line = |(what, labels): &(String, BTreeMap<String, String>)| {
        if is_of_a_checkout(labels) { format!("{what}, of another checkout of this project") } else { what.clone() }
    };
    let hint = if foreign.iter().any(|(_, labels)| is_of_a_checkout(labels)) {
        "nothing was touched. bring this environment up under another name with --instance, or `destroy` it in the checkout that owns them"
    } else {
        "nothing was touched. rename or remove them yourself, or bring this environment up under another name with --instance"
    };
    Failure::refused("Docker already has these names, and they do not belong to this instance:")
        .details(foreign.iter().map(line))
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::host::error::Ending;
    use std::collections::BTreeMap;

    use super::{find, strays};
    use crate::docker::inspect::{Container, Volume};
    use crate::guards::plan::{Docker, PlanFacts};
    use crate::terraform::plan::Plan;
    use serde_json::json;

    fn container(name: &str, id: &str, owner: &str) -> Container {
        let labels = [("io.x.owner".to_owned(), owner.to_owned())].into();
        Container { name: name.to_owned(), id: id.to_owned(), labels, ..Container::default() }
    }

    fn facts(plan: &Plan, containers: Vec<Container>, volumes: Vec<Volume>) -> PlanFacts<'_> {
        let owner = ("io.x.owner".to_owned(), "us".to_owned());
        let docker = Docker { owner, containers, volumes, in_state: vec!["1".to_owned()], ..Docker::default() };
        PlanFacts { docker, ..PlanFacts::of(plan, "x".to_owned()) }
    }

    /// Creates container `new` and volume `data`, and knows container `old` by its id.
    fn plan() -> Plan {
        let change = |kind: &str, action: &str, before: serde_json::Value, after: serde_json::Value| json!({"address": "a", "mode": "managed", "type": kind, "change": {"actions": [action], "before": before, "after": after}});
        let changes = json!([
            change("docker_container", "create", json!(null), json!({"name": "new"})),
            change("docker_volume", "create", json!(null), json!({"name": "data"})),
            change("docker_container", "no-op", json!({"name": "old", "id": "1"}), json!({"name": "old", "id": "1"})),
        ]);
        Plan::parse(json!({ "format_version": "1.2", "resource_changes": changes }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn our_containers_that_the_state_does_not_know_are_strays() {
        let found = vec![container("old", "1", "us"), container("new", "2", "us"), container("forgotten", "3", "us")];
        let plan = plan();
        let facts = facts(&plan, found, vec![]);
        assert!(find(&facts).is_none());
        assert_eq!(strays(&facts).iter().map(|stray| stray.id.as_str()).collect::<Vec<_>>(), ["2", "3"]);
    }

    #[test]
    fn a_plan_older_than_the_state_is_refused() {
        let plan = plan();
        let mut newer = facts(&plan, vec![container("new", "2", "us")], vec![]);
        newer.docker.in_state = vec!["2".to_owned()];
        assert!(find(&newer).unwrap().to_string().starts_with("the plan is stale"));
    }

    #[test]
    fn what_is_not_ours_is_refused_by_name() {
        let bare = Container { labels: BTreeMap::new(), ..container("new", "9", "") };
        let volume = Volume { name: "data".to_owned(), labels: None };
        let named = |image: &str, found: Container| Container { image: image.to_owned(), status: "running".to_owned(), ..found };
        for (containers, volumes, expected, hint) in [
            (
                vec![named("redis:8", bare)],
                vec![volume],
                "  container `new` (redis:8, running)\n  volume `data`\n",
                "rename or remove them yourself",
            ),
            (
                vec![named("redis:8", container("new", "9", "them"))],
                vec![],
                "  container `new` (redis:8, running), of another checkout of this project\n",
                "--instance, or `destroy` it in the checkout",
            ),
        ] {
            let failure = find(&facts(&plan(), containers, volumes)).unwrap();
            assert!(failure.to_string().contains(expected) && failure.to_string().contains(hint), "{failure}");
            assert_eq!(failure.ending(), Ending::Refused);
        }
    }

    #[test]
    fn our_own_volume_from_before_is_taken_back() {
        let ours = Volume { name: "data".to_owned(), labels: Some([("io.x.owner".to_owned(), "us".to_owned())].into()) };
        let plan = plan();
        let facts = facts(&plan, vec![], vec![ours]);
        assert!(find(&facts).is_none() && strays(&facts).is_empty());
    }
}
