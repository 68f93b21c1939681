//! `logs`: what the services wrote, their names in front, once or as it comes.

use infra_tests::process::Running;
use infra_tests::stack::{ONLY_REDIS, Stack};
use infra_tests::{docker, poll};

const READY: &str = "Ready to accept connections";

/// Waits until the log has shown so many starts.
fn sees_starts(following: &Running, count: usize) {
    poll::until("what was written before", || {
        let said = following.said();
        if said.matches(READY).count() >= count { Ok(()) } else { Err(said) }
    });
}

#[test]
fn what_a_service_wrote_is_shown_once_or_as_it_comes() {
    let stack = Stack::with_settings("logs", ONLY_REDIS);
    stack.infra("logs", &[]).exits(1).says("has not been brought up here");
    stack.up();
    for options in [&[][..], &["redis"], &["redis", "--since", "10m"]] {
        let printed = stack.infra("logs", options).success().stdout;
        assert!(printed.lines().all(|line| line.starts_with("redis | ")), "{options:?}: {printed}");
        assert!(printed.contains(READY), "{options:?}: {printed}");
    }
    let later = stack.infra("logs", &["--since", "2100-01-01T00:00:00Z"]).success();
    assert_eq!(later.stdout, "");
    stack
        .infra("logs", &["rediss"])
        .exits(64)
        .complains("error: there is no container of a service `rediss`\nhint: services with one: redis\n");
    for options in [&["--since", "yesterday"][..], &["--since", "yesterday", "--follow"]] {
        let outcome = stack.infra("logs", options).exits(1);
        assert!(outcome.complaint().starts_with("error: the log of `redis` cannot be read\n  "), "{options:?}: {}", outcome.stderr);
        assert!(outcome.complaint().contains("\nhint: --since takes a time, such as 2026-01-02T03:04:05Z, or"), "{}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{options:?}");
    }

    let mut following = stack.xtask().start(&stack.arguments("logs", &["--follow"]));
    sees_starts(&following, 1);
    docker::run(&["restart", "--time", "5", &stack.docker_name("redis")]).success();
    poll::until("the end", || if following.has_ended() { Ok(()) } else { Err("it follows a container that stopped".to_owned()) });
    let printed = following.finish().success().stdout;
    assert!(printed.contains("Redis is now ready to exit"), "{printed}");

    let following = stack.xtask().start(&stack.arguments("logs", &["--follow"]));
    sees_starts(&following, 2);
    following.signal("INT");
    let ended = following.finish().success();
    assert_eq!(ended.stderr, "", "an end that was asked for is no failure");
}
