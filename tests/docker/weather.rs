//! Runs that end at random moments, by Ctrl-C or SIGKILL: the next `up` puts everything right, and no data is lost.

use std::thread;
use std::time::{Duration, Instant};

use infra_tests::clients;
use infra_tests::dice::Dice;
use infra_tests::docker;
use infra_tests::stack::Stack;

/// How many; INFRA_TESTS_INTERRUPTIONS asks for more.
const INTERRUPTIONS: usize = 8;

#[test]
fn interrupted_at_any_moment_the_next_up_ends_well() {
    let wanted = std::env::var("INFRA_TESTS_INTERRUPTIONS").ok().and_then(|wanted| wanted.parse().ok()).unwrap_or(INTERRUPTIONS);
    let mut dice = Dice::thrown();
    let stack = Stack::new("weather");
    let started = Instant::now();
    stack.up();
    let whole_run = started.elapsed();
    clients::write(&stack.variables());
    for interruption in 0..wanted {
        // From where the run starts: everything gone but the data, one container gone, or all as it should be.
        match dice.below(3) {
            0 => drop(stack.infra("down", &[]).success()),
            1 => {
                // In order: what Weaviate has not written yet when it is killed is not a question to this tool.
                let container = stack.docker_name(["redis", "postgres", "vectorstore"][dice.below(3)]);
                docker::read(&["container", "stop", &container]);
                docker::read(&["container", "rm", &container]);
            }
            _ => {}
        }
        let signal = *dice.one_of(&["INT", "KILL"]);
        let after = Duration::from_millis(u64::try_from(dice.below(usize::try_from(whole_run.as_millis()).unwrap())).unwrap());
        let mut running = stack.checkout().xtask().start(&stack.arguments("up", &[]));
        thread::sleep(after);
        // A terminal's Ctrl-C reaches the whole group; a kill reaches the xtask alone.
        if !running.has_ended() && signal == "INT" {
            running.signal_group("INT");
        } else if !running.has_ended() {
            running.signal("KILL");
        }
        let cut = running.finish();

        let again = stack.infra("up", &[]);
        let told =
            format!("interruption {interruption}: SIG{signal} after {after:?}\n-- cut off:\n{}\n-- again:\n{}", cut.stderr, again.stderr);
        assert_eq!(again.code, Some(0), "{told}");
        assert_eq!(again.stderr.matches("  ready").count(), 4, "{told}");
        assert_eq!(stack.containers().len(), 4, "{told}");
        clients::check(&stack.variables());
        stack.infra("plan", &["--detailed-exitcode"]).success();
    }
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}
