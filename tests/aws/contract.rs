//! The contract of the outputs (infrastructure/README.md): an application moves from containers to AWS by its variables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::clients::{CONTRACT, SERVICES, Variables};
use infra_tests::emulated::Emulated;
use infra_tests::stack::Stack;
use serde_json::Value;

/// What an engine may say of itself beyond the contract.
const OF_SINGLE_ENGINES: [&str; 2] = ["console_port", "repair"];

/// What an environment on AWS may say beyond the contract, each after its service's prefix.
const OF_AWS: [&str; 9] = ["AUTH", "CACHE_NAME", "CA_URL", "REGION", "ROLE_ARN", "SECRET_ARN", "SECRET_COMMAND", "TOKEN_COMMAND", "USER"];

/// The outputs of an environment of containers, with everything up.
pub(crate) struct OfContainers {
    services: Value,
    variables: BTreeSet<String>,
}

impl OfContainers {
    /// Brings an environment up in a copy, and takes it away again.
    pub(crate) fn read(environment: &'static str, checkout: &Arc<Checkout>) -> Self {
        let stack = Stack::of(environment, checkout, "contract");
        stack.infra("up", &["--yes"]).success();
        Self::of(&stack)
    }

    /// Of one that is up.
    pub(crate) fn of(stack: &Stack) -> Self {
        Self { services: stack.services(), variables: names(&stack.variables()) }
    }

    /// Compares it with another environment of containers, which may lack services that AWS has nothing for.
    pub(crate) fn has_all_of(&self, other: &Self) {
        includes(&shape(&self.services), &shape(&other.services));
        assert!(self.variables.is_superset(&other.variables), "{:?}", other.variables.difference(&self.variables));
    }
}

/// Compares both sides, as they were applied.
pub(crate) fn is_the_same(containers: &OfContainers, aws: &Emulated) {
    includes(&shape(&containers.services), &shape(&aws.services()));

    let of_aws = names(&aws.variables());
    let contract: BTreeSet<String> = CONTRACT.map(ToOwned::to_owned).into();
    assert!(containers.variables.is_superset(&contract), "missing on Docker: {:?}", contract.difference(&containers.variables));
    assert!(of_aws.is_superset(&contract), "missing on aws: {:?}", contract.difference(&of_aws));
    for name in of_aws.difference(&contract) {
        let more = ["REDIS_", "DATABASE_", "VECTORSTORE_"].iter().find_map(|prefix| name.strip_prefix(prefix));
        assert!(more.is_some_and(|more| OF_AWS.contains(&more)), "{name} is of no service");
    }
    holds_a_reference_for_each_secret(aws);
}

/// An application that finds no `..._AUTH` takes the URL as it is; one that finds `secret` or `password` reads the secret.
fn holds_a_reference_for_each_secret(aws: &Emulated) {
    let variables = aws.variables();
    for (prefix, auth) in [("DATABASE", "secret"), ("REDIS", "password")] {
        assert_eq!(variables.get(&format!("{prefix}_AUTH")), auth);
        assert!(variables.get(&format!("{prefix}_SECRET_ARN")).starts_with("arn:aws:secretsmanager:"), "{prefix}");
    }
}

fn names(variables: &Variables) -> BTreeSet<String> {
    variables.names().into_iter().map(ToOwned::to_owned).collect()
}

/// Containers have what the other has too, and alike.
fn includes(containers: &Shape, other: &Shape) {
    assert!(SERVICES.iter().all(|service| other.contains_key(*service)), "{:?}", other.keys());
    for (service, keys) in other {
        assert_eq!(containers.get(service), Some(keys), "{service}: left on Docker, right elsewhere");
    }
}

/// Keys with their types, by service.
type Shape = BTreeMap<String, BTreeMap<String, &'static str>>;

/// The type of each key of each service. What can be null is so on one side and not on the other: its type is not compared.
fn shape(services: &Value) -> Shape {
    let kind = |(key, value): (&String, &Value)| {
        let kind = match value {
            _ if ["image", "container", "volume", "status", "probe", "grpc_port"].contains(&key.as_str()) => "something or null",
            Value::String(_) => "text",
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            _ => "something else",
        };
        (key.clone(), kind)
    };
    let of_service = |(name, service): (&String, &Value)| {
        let keys = service.as_object().unwrap().iter().filter(|(key, _)| !OF_SINGLE_ENGINES.contains(&key.as_str()));
        (name.clone(), keys.map(kind).collect())
    };
    services.as_object().unwrap().iter().map(of_service).collect()
}
