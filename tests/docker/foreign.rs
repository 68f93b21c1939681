//! Ports, containers and volumes of other people: named, refused, and not touched.

use std::fs;
use std::net::TcpListener;

use infra_tests::checkout::Checkout;
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};

fn image(stack: &Stack) -> String {
    stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned()
}

#[test]
fn a_taken_port_is_refused_with_its_holder() {
    let stack = Stack::with_settings("port", ONLY_REDIS);
    stack.infra("init", &[]).success();
    let port = stack.port("redis");

    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let this = fs::read_to_string(format!("/proc/{}/comm", std::process::id())).unwrap();
    let holder = format!("`{}` (pid {})", this.trim(), std::process::id());
    let file = stack.directory().join(".instances").join(format!("{}.json", stack.name()));
    let hint =
        format!("hint: stop what listens there, or write another number for `redis` under `ports` in {}, and run again\n", file.display());
    stack.infra("up", &[]).exits(3).complains(&format!("error: port {port} is taken by {holder}\n{hint}"));
    drop(listener);

    let image = image(&stack);
    let name = unique("infra-tests-port");
    let foreign = Foreign::container("run", &name, &["--detach", "--publish", &format!("127.0.0.1:{port}:6379"), &image]);
    let before = docker::container(&name);
    stack.infra("up", &[]).exits(3).complains(&format!("error: port {port} is taken by container `{name}` ({image})\n{hint}"));
    assert_eq!(docker::container(&name), before);
    assert_eq!(docker::everything(stack.name()), Vec::<String>::new());

    // As the hint says; the number belongs into the copy too, which outlives a `git clean`.
    let other = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let written = fs::read_to_string(&file).unwrap().replace(&format!("\"redis\": {port}"), &format!("\"redis\": {other}"));
    fs::write(&file, &written).unwrap();
    stack.up();
    assert_eq!(stack.container("redis").published[0].1, other);
    fs::remove_file(&file).unwrap();
    stack.up();
    assert_eq!(stack.port("redis"), other);
    drop(foreign);
}

/// Docker meets it when everything else is made.
#[test]
fn a_port_that_goes_while_containers_are_made_is_named_with_its_holder() {
    let stack = Stack::with_settings("race", ONLY_REDIS);
    stack.infra("init", &[]).success();
    let port = stack.port("redis");
    let running = stack.xtask().start(&stack.arguments("up", &[]));
    poll::until("the end of all that is asked for", || if running.said().contains(" to create") { Ok(()) } else { Err(running.said()) });
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let failed = running.finish().exits(1);
    let expected = format!("error: port {port} was taken by `");
    assert!(
        failed.complaint().starts_with(&expected) && failed.complaint().contains("hint: stop what listens there, or write"),
        "{}",
        failed.stderr
    );
    drop(listener);
    stack.up();
}

#[test]
fn what_has_our_names_and_is_not_ours_is_refused_and_left_alone() {
    let hint =
        "hint: nothing was touched. rename or remove them yourself, or bring this environment up under another name with --instance\n";
    let stack = Stack::with_settings("foreign", ONLY_REDIS);
    stack.infra("init", &[]).success();
    let (image, name) = (image(&stack), stack.docker_name("redis"));

    let container = Foreign::container("create", &name, &[&image]);
    let volume = Foreign::volume(&stack.docker_name("postgres"));
    let keep = ["run", "--rm", "--volume", &format!("{}:/data", volume.name), "--entrypoint", "sh", &image, "-c"];
    docker::read(&[&keep[..], &["echo precious > /data/file"]].concat());
    let before = docker::container(&name);
    for options in [&[][..], &["--yes"]] {
        stack.infra("up", options).exits(3).complains(&format!(
            "error: Docker already has these names, and they do not belong to this instance:\n  \
             container `{name}` ({image}, created)\n  volume `{}`\n{hint}",
            volume.name
        ));
    }
    assert_eq!(docker::container(&name), before);
    assert_eq!(docker::everything(stack.name()), Vec::<String>::new());

    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(docker::container(&name), before);
    assert_eq!(docker::read(&[&keep[..], &["cat /data/file"]].concat()), "precious");
    drop((container, volume));
}

/// What was there before is known without asking Terraform, and its names and ports are still asked for.
#[test]
fn what_has_taken_the_place_of_what_was_down_is_refused_too() {
    let stack = Stack::with_settings("after-down", ONLY_REDIS);
    stack.up();
    let (image, name, port) = (image(&stack), stack.docker_name("redis"), stack.port("redis"));
    stack.infra("down", &[]).success();

    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let refused = stack.infra("up", &[]).exits(3);
    assert!(refused.stderr.starts_with(&format!("error: port {port} is taken by ")), "{}", refused.stderr);
    drop(listener);

    let foreign = Foreign::container("create", &name, &[&image]);
    let refused = stack.infra("up", &[]).exits(3);
    assert!(refused.stderr.contains(&format!("  container `{name}` ({image}, created)\n")), "{}", refused.stderr);
    assert_eq!(stack.containers(), []);
    drop(foreign);

    stack.up();
}

#[test]
fn what_another_checkout_owns_is_said_to_be_its() {
    let stack = Stack::with_settings("second", ONLY_REDIS);
    stack.up();
    let before = (stack.containers(), docker::volumes(stack.name()));
    let other = Checkout::new();
    other.settings(ONLY_REDIS);
    let refused = other.xtask().infra(&stack.arguments("up", &[])).exits(3);
    let volumes: String = before.1.iter().map(|name| format!("  volume `{name}`, of another checkout of this project\n")).collect();
    let complaint = |image: &str| {
        format!(
            "error: Docker already has these names, and they do not belong to this instance:\n  \
             container `{}` ({image}, running), of another checkout of this project\n{volumes}\
             hint: nothing was touched. bring this environment up under another name with --instance, or `destroy` it in the checkout \
             that owns them\n",
            stack.docker_name("redis"),
        )
    };
    // Terraform makes it from the image's id, and the engine says any of its names: other tests give it more.
    let names = docker::read(&["image", "inspect", "--format", "{{join .RepoTags \" \"}}", &image(&stack)]);
    assert!(names.split(' ').any(|name| refused.complaint() == complaint(name)), "{names}\n{}", refused.stderr);
    other.xtask().infra(&stack.arguments("destroy", &["--yes"])).success();
    assert_eq!((stack.containers(), docker::volumes(stack.name())), before);
}
