//! The main job, as one story: four services from nothing, through every mishap, to nothing again.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;

use infra_tests::clients::{self, CONTRACT, SERVICES, Variables};
use infra_tests::docker::{self, Container};
use infra_tests::env_file::is_read_alike;
use infra_tests::process::Call;
use infra_tests::stack::Stack;
use infra_tests::{net, poll};
use serde_json::{Value, json};

#[test]
fn four_services_from_zero_to_nothing() {
    let stack = Stack::new("life");
    comes_up_from_zero(&stack);
    let variables = says_how_to_connect(&stack);
    clients::write(&variables);
    clients::check(&variables);
    clients::are_refused(&variables);
    writes_into_volumes_alone(&stack);
    listens_on_loopback_only(&stack);
    says_what_runs(&stack);
    masks_secrets(&stack, &variables);
    changes_nothing_the_second_time(&stack);
    has_nothing_to_plan(&stack);
    keeps_data_while_down(&stack, &variables);
    repairs_killed_containers(&stack, &variables);
    repairs_a_killed_process(&stack, &variables);
    replaces_a_removed_container(&stack, &variables);
    asks_before_it_destroys(&stack);
    leaves_nothing(&stack);
}

/// What it offers: those of every environment, and what else its settings ask for.
fn services(stack: &Stack) -> Vec<String> {
    let services: Vec<String> = stack.services().as_object().unwrap().keys().cloned().collect();
    assert!(SERVICES.iter().all(|name| services.contains(&(*name).to_owned())), "{services:?}");
    services
}

fn ids(containers: &[Container]) -> Vec<(&str, &str, &str)> {
    containers.iter().map(|container| (container.name.as_str(), container.id.as_str(), container.started_at.as_str())).collect()
}

/// Also: everything for people is on standard error, and no secret is, not even with `-v`.
fn comes_up_from_zero(stack: &Stack) {
    let up = stack.infra("up", &["--verbose"]).success();
    assert_eq!(up.stdout, "");
    for service in services(stack) {
        let row = up.stderr.lines().find(|line| line.starts_with(&service) && line.contains("127.0.0.1:"));
        assert!(row.is_some_and(|row| row.contains("ready")), "no row for {service} in\n{}", up.stderr);
    }
    for (name, secret) in stack.instance_file()["credentials"].as_object().unwrap() {
        assert!(!up.stderr.contains(secret.as_str().unwrap()), "{name} in\n{}", up.stderr);
    }
}

/// The same variables in every format, and in a private file.
fn says_how_to_connect(stack: &Stack) -> Variables {
    let variables = stack.variables();
    assert!(CONTRACT.iter().all(|name| variables.names().contains(name)), "{:?}", variables.names());
    assert_eq!(variables.get("VECTORSTORE_ENGINE"), "weaviate");

    let dotenv = stack.infra("env", &[]).success().stdout;
    let line = |name: &str| format!("{name}={}", variables.get(name));
    assert_eq!(dotenv.lines().collect::<Vec<_>>(), variables.names().into_iter().map(line).collect::<Vec<_>>());

    let shell = stack.infra("env", &["--format", "shell"]).success().stdout;
    let echoed = Call::new("sh").args(["-euc", &format!("{shell}\nprintf %s \"$DATABASE_URL\"")]).run().success();
    assert_eq!(echoed.stdout, variables.get("DATABASE_URL"));

    let path = stack.checkout().root().join("application.env");
    stack.infra("env", &["--write", "application.env"]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), dotenv);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    is_read_alike(&path, stack.instance_file()["images"]["redis"]["reference"].as_str(), &variables);
    variables
}

/// What an engine writes elsewhere is gone with its container, at each `down`.
fn writes_into_volumes_alone(stack: &Stack) {
    for container in stack.containers() {
        assert_eq!(docker::written_outside_volumes(&container.name), Vec::<String>::new(), "{}", container.name);
    }
}

fn listens_on_loopback_only(stack: &Stack) {
    let containers = stack.containers();
    let published: Vec<(IpAddr, u16)> = containers.iter().flat_map(|container| container.published.clone()).collect();
    let mut ports: Vec<u64> = published.iter().map(|(_, port)| u64::from(*port)).collect();
    ports.sort_unstable();
    let mut expected: Vec<u64> = stack.instance_file()["ports"].as_object().unwrap().values().map(|port| port.as_u64().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(ports, expected, "published ports and those of the instance file");
    for (address, port) in published {
        let listening = net::listening_addresses(port);
        assert!(address.is_loopback() && listening.iter().all(IpAddr::is_loopback), "{port}: {address}, {listening:?}");
    }
}

fn says_what_runs(stack: &Stack) {
    let status = stack.status();
    assert_eq!(status.as_object().unwrap().keys().cloned().collect::<Vec<_>>(), services(stack));
    let redis = &status["redis"];
    assert_eq!(redis["running"], true);
    assert_eq!(redis["container"], stack.docker_name("redis"));
    assert_eq!(redis["address"], format!("127.0.0.1:{}", stack.port("redis")));
    assert_eq!(redis["image"], stack.instance_file()["images"]["redis"]["reference"]);
    assert_eq!(redis["since"], stack.container("redis").started_at);
    for (service, engine, limit) in
        [("objectstore", "minio", 512), ("postgres", "postgres", 512), ("redis", "redis", 512), ("vectorstore", "weaviate", 1024)]
    {
        let seen = &status[service];
        assert_eq!((&seen["matches"], &seen["differences"]), (&json!(true), &json!([])), "{service}: {seen:#}");
        assert_eq!((&seen["not_compared"], &seen["reason"]), (&json!([]), &Value::Null), "{service}: {seen:#}");
        assert_eq!(seen["memory_limit"], limit << 20, "{service}: {seen:#}");
        assert!(seen["memory_used"].as_u64().is_some_and(|used| used > 0), "{service}: {seen:#}");
        assert_eq!(seen["volume"], stack.docker_name(engine));
    }

    let listed: Value = serde_json::from_str(&stack.checkout().xtask().infra(&["list", "--json"]).success().stdout).unwrap();
    let row = listed.as_array().unwrap().iter().find(|row| row["instance"] == stack.name()).unwrap();
    assert_eq!((&row["environment"], &row["running"]), (&json!("local"), &json!(stack.containers().len())));

    let mode = |path: &str| stack.directory().join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".instances"), 0o700);
    assert_eq!(mode(&format!(".instances/{}.json", stack.name())), 0o600);
    assert_eq!(mode(&format!("terraform.tfstate.d/{}/terraform.tfstate", stack.name())), 0o600);
}

fn masks_secrets(stack: &Stack, variables: &Variables) {
    let secret = variables.get("REDIS_URL");
    assert!(!stack.infra("output", &[]).success().stdout.contains(secret));
    let shown: Value = serde_json::from_str(&stack.infra("output", &["env", "--show-secrets"]).success().stdout).unwrap();
    assert_eq!(shown["REDIS_URL"], secret);
}

fn changes_nothing_the_second_time(stack: &Stack) {
    let before = stack.containers();
    assert_eq!(before.len(), services(stack).len());
    stack.up().says("nothing changed");
    assert_eq!(ids(&stack.containers()), ids(&before));
}

/// Neither for the xtask nor for plain Terraform with what `init` prints.
fn has_nothing_to_plan(stack: &Stack) {
    stack.infra("plan", &["--detailed-exitcode"]).success();
    let plain = stack.terraform("plan -input=false -no-color -detailed-exitcode");
    assert!(plain.success().stdout.contains("No changes."));
}

fn keeps_data_while_down(stack: &Stack, variables: &Variables) {
    let volumes = docker::volumes(stack.name());
    stack.infra("down", &[]).success();
    assert_eq!((stack.containers(), docker::volumes(stack.name())), (vec![], volumes));
    assert_eq!(stack.status()["postgres"]["running"], false);
    stack.infra("down", &[]).success().says("down already");
    stack.up();
    assert_eq!(&stack.variables(), variables, "what an application connects with");
    clients::check(variables);
}

/// All four at once, as when the machine loses its power.
fn repairs_killed_containers(stack: &Stack, variables: &Variables) {
    let before = stack.containers();
    let names: Vec<&str> = before.iter().map(|container| container.name.as_str()).collect();
    docker::read(&[&["kill", "--signal", "KILL"], names.as_slice()].concat());
    poll::until("killed containers", || {
        if stack.containers().iter().all(|it| it.status == "exited") { Ok(()) } else { Err("running".into()) }
    });
    stack.up();
    assert_eq!(stack.containers().into_iter().map(|it| it.id).collect::<Vec<_>>(), before.into_iter().map(|it| it.id).collect::<Vec<_>>());
    clients::check(variables);
}

/// What Docker starts again by itself; only root may kill the process of a container.
fn repairs_a_killed_process(stack: &Stack, variables: &Variables) {
    for service in ["redis", "postgres"] {
        let pid = stack.container(service).pid.to_string();
        let killed = Call::new("kill").args(["-KILL", &pid]).run();
        if killed.code != Some(0) {
            docker::read(&["kill", "--signal", "KILL", &stack.docker_name(service)]);
        }
        poll::until("the end of the process", || if stack.container(service).pid.to_string() == pid { Err(pid.clone()) } else { Ok(()) });
    }
    stack.up();
    clients::check(variables);
}

fn replaces_a_removed_container(stack: &Stack, variables: &Variables) {
    let before = stack.containers();
    docker::read(&["rm", "--force", &stack.docker_name("postgres")]);
    stack.up();
    let after = stack.containers();
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(old.name, new.name);
        assert_eq!(old.id == new.id, old.name != stack.docker_name("postgres"), "{}", old.name);
    }
    clients::check(variables);
    stack.infra("plan", &["--detailed-exitcode"]).success();
}

/// Without a terminal the answer is no; in one, what counts is the name.
fn asks_before_it_destroys(stack: &Stack) {
    let title = format!("local/{}", stack.name());
    let before = stack.containers();
    stack.infra("destroy", &[]).exits(3).complains(&format!(
        "error: this removes `{title}` with all its data\n\
         hint: nobody is here to ask: run it in a terminal, or add --yes if that is what you want\n"
    ));
    stack.checkout().xtask().infra_in_terminal(&stack.arguments("destroy", &[]), "local\n").exits(3);
    assert_eq!(stack.containers(), before);
}

fn leaves_nothing(stack: &Stack) {
    let title = format!("local/{}\n", stack.name());
    stack.checkout().xtask().infra_in_terminal(&stack.arguments("destroy", &[]), &title).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
    assert!(!stack.directory().join(".instances").exists() && !stack.directory().join("terraform.tfstate.d").exists());
    stack.infra("destroy", &["--yes"]).success().says("nothing to destroy");
}
