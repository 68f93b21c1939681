//! Images whose pull or build is interrupted.

use std::fs;
use std::net::TcpListener;

use infra_tests::checkout::Checkout;
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::proc;
use infra_tests::process::{Running, is_installed};
use infra_tests::screen;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};

/// Waits until the run has started this program.
fn until_started(running: &mut Running, program: &str) {
    poll::until(program, || match proc::tree(running.id()).iter().any(|process| process.line.contains(program)) {
        true => Ok(()),
        false if running.has_ended() => panic!("it ended before: {}", running.said()),
        false => Err(running.said()),
    });
}

#[test]
fn a_build_that_is_interrupted_leaves_nothing_and_is_done_by_the_next_run() {
    if !is_installed("mmdebstrap") {
        return;
    }
    let checkout = Checkout::new();
    let place = tempfile::tempdir().unwrap();
    let image = Foreign::image_to_be(&format!("localhost/infra-tests/redis:{}", unique("interrupted")));
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    let built = "image  = \"localhost/tracker/redis:8.0.2-debian\"";
    checkout.replace("images/images.toml", built, &format!("image  = \"{}\"", image.name));
    let below = |name: &str| place.path().join(name);
    let xtask = checkout.xtask().env("XDG_CACHE_HOME", below("cache")).env("XDG_STATE_HOME", below("state")).env("TMPDIR", below("tmp"));
    fs::create_dir(below("tmp")).unwrap();
    let check = || {
        assert_eq!(docker::run(&["image", "inspect", &image.name]).code, Some(1), "no half image");
        poll::until("the end of all that was started", || {
            match [place.path(), checkout.root()].into_iter().flat_map(proc::of).collect::<Vec<_>>() {
                processes if processes.is_empty() => Ok(()),
                processes => Err(format!("{processes:?}")),
            }
        });
        let left: Vec<_> = fs::read_dir(below("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{left:?}");
    };

    let (mut running, terminal) = xtask.start_in_terminal(&["supply", "redis"]);
    until_started(&mut running, "mmdebstrap");
    terminal.press_ctrl_c();
    let outcome = running.finish().exits(130);
    let lines = screen::shown(&outcome.stdout).lines;
    let expected = [
        format!("error: interrupted while building {}", image.name),
        "hint: run it again: what is finished is kept".to_owned(),
        String::new(),
    ];
    assert!(lines.ends_with(&expected), "{lines:#?}");
    check();

    // To the xtask alone, as a service manager sends it.
    let mut running = xtask.start(&["supply", "redis"]);
    until_started(&mut running, "mmdebstrap");
    running.signal("TERM");
    let complaint = format!("error: interrupted while building {}\nhint: run it again: what is finished is kept\n", image.name);
    running.finish().exits(130).complains(&complaint);
    check();

    // Whose children have nobody left to tell them but the kernel.
    let mut running = xtask.start(&["supply", "redis"]);
    until_started(&mut running, "mmdebstrap");
    running.signal("KILL");
    running.finish();

    xtask.infra(&["supply", "redis"]).success();
    docker::read(&["image", "inspect", &image.name]);
    assert_eq!(fs::read_dir(below("tmp")).unwrap().count(), 0);
}

#[test]
fn a_pull_that_is_interrupted_ends_at_once() {
    // It takes connections and never says a word.
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let image = format!("{}/redis:8", registry.local_addr().unwrap());
    let stack = Stack::with_settings("pull", &format!("{ONLY_REDIS}redis = {{ image = \"{image}\" }}\n"));
    let mut running = stack.checkout().xtask().start(&stack.arguments("up", &[]));
    until_started(&mut running, "docker pull");
    running.signal_group("INT");
    let hint = format!("hint: `cargo xtask infra up local --instance {}` goes on from here and repairs what is half done", stack.name());
    running.finish().exits(130).complains(&format!("error: interrupted while pulling {image}\n{hint}\n"));
    poll::until("the end of the pull", || match stack.processes() {
        processes if processes.is_empty() => Ok(()),
        processes => Err(processes.join("\n")),
    });
    stack.checkout().settings(ONLY_REDIS);
    stack.up();
    stack.infra("destroy", &["--yes"]).success();
}
