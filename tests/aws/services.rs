//! What an emulated environment offers, asked by real clients.

use infra_tests::clients::{Variables, object_storage, postgres, redis_over_tls, secrets};
use infra_tests::docker;
use infra_tests::emulated::Emulated;

pub(crate) fn are_on_loopback_alone(aws: &Emulated) {
    let containers = docker::containers(aws.name());
    assert_eq!(containers.len(), 3, "the emulator, a Postgres and a Redis: {containers:#?}");
    for container in containers {
        assert_eq!(container.status, "running", "{}", container.name);
        assert!(!container.published.is_empty(), "{} publishes nothing", container.name);
        for (address, port) in &container.published {
            assert!(address.is_loopback(), "{} publishes {address}:{port}", container.name);
        }
    }
}

/// Real clients, with what `env` printed and nothing else.
pub(crate) fn serve_their_clients(aws: &Emulated) {
    let variables = aws.variables();
    let database = database_url(&variables);
    postgres::write(&database);
    postgres::check(&database);
    postgres::is_refused(&database);

    let containers = docker::containers(aws.name());
    let cache = containers.iter().find(|container| container.name.contains("elasticache")).expect("a container of the cache");
    let redis = redis_over_tls::Client::new(&cache.name, variables.get("REDIS_URL"), &secrets::password(&variables, "REDIS"));
    redis.write_and_check();
    redis.is_refused();

    object_storage::write(&variables);
    object_storage::check(&variables);
    assert_eq!(object_storage::encryption(&variables).as_deref(), Some("aws:kms"), "what nobody asked to encrypt");
}

/// The address that `env` gives, with the password that its reference leads to.
pub(crate) fn database_url(variables: &Variables) -> String {
    let (scheme, rest) = variables.get("DATABASE_URL").split_once("://").unwrap();
    let (user, address) = rest.split_once('@').unwrap();
    assert!(!user.contains(':'), "a password stands in DATABASE_URL");
    format!("{scheme}://{user}:{}@{address}", secrets::password(variables, "DATABASE"))
}
