//! The root of a dozen lines that infrastructure/README.md shows, as it is printed there.

use std::fs;
use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::clients::postgres;
use infra_tests::docker;
use infra_tests::stack::Stack;
use infra_tests::xtask::repository;

const NAME: &str = "small";
const POLICY: &str =
    "\n[environments.small]\nprotected = false\ndocker = true\nports = [\"postgres\"]\ncredentials = [\"postgres_password\"]\n";

#[test]
fn a_root_has_the_services_that_it_names_and_nothing_of_the_others() {
    let page = fs::read_to_string(repository().join("infrastructure/README.md")).unwrap();
    let (_, after) = page.split_once("which has Postgres alone:\n\n```hcl\n").unwrap();
    let checkout = Checkout::new();
    checkout.write(&format!("environments/{NAME}/main.tf"), after.split_once("```").unwrap().0);
    let policy = fs::read_to_string(checkout.infrastructure("infra.toml")).unwrap();
    checkout.write("infra.toml", &(policy + POLICY));

    let stack = Stack::of(NAME, &Arc::new(checkout), NAME);
    stack.up();
    assert_eq!(stack.services().as_object().unwrap().keys().collect::<Vec<_>>(), ["postgres"]);
    assert_eq!(docker::volumes(stack.name()), [stack.docker_name("postgres")]);
    assert_eq!(stack.variables().names(), ["DATABASE_URL"]);
    assert_eq!(stack.container("postgres").published[0].1, stack.port("postgres"));
    postgres::write(stack.variables().get("DATABASE_URL"));
    stack.infra("plan", &["--detailed-exitcode"]).success();
}
