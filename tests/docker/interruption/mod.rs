//! Runs of `up` that are interrupted, by Ctrl-C or SIGKILL, in a terminal or without one, at each step and between them: the next
//! `up` puts everything right, no data is lost, and nothing of the interrupted run is left over.

mod aftermath;
mod cut;
mod moment;
mod supply;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use infra_tests::checkout::Checkout;
use infra_tests::clients;
use infra_tests::dice::Dice;
use infra_tests::docker;
use infra_tests::stack::Stack;

use self::cut::{Cut, Way};
use self::moment::{FIRST_RUN, Moment, STEPS};

/// How often each step is interrupted; the ways take turns, so that each meets every step over a few runs.
const ROUNDS: usize = 2;
/// How many random moments are tried; INFRA_TESTS_INTERRUPTIONS asks for more. With the steps there are more than fifty.
const RANDOM: usize = 24;

/// Brings it up and gives it data, which Weaviate has put on its disk when it has been stopped in order.
fn with_data(theme: &str) -> Stack {
    let stack = Stack::new(theme);
    stack.up();
    clients::write(&stack.variables());
    stack.infra("down", &[]).success();
    stack
}

/// Every way in which a run can be cut off, in an order of the dice's.
fn shuffled_cuts(dice: &mut Dice) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Way::ALL.into_iter().flat_map(|way| [true, false].map(|terminal| Cut { way, terminal })).collect();
    for last in (1..cuts.len()).rev() {
        cuts.swap(last, dice.below(last + 1));
    }
    cuts
}

#[test]
fn interrupted_at_each_step_the_next_up_ends_well() {
    let mut dice = Dice::thrown();
    let stack = with_data("steps");
    let cuts = shuffled_cuts(&mut dice);
    // A round is shifted against the one before, so that a step meets different ways.
    let steps = (0..ROUNDS).flat_map(|round| STEPS.iter().map(move |step| (round, step)));
    for ((round, step), number) in steps.zip(0..) {
        let cut = cuts[(number + round) % cuts.len()];
        stack.infra("down", &[]).success();
        let told = cut.at_step(&stack, *step, &mut dice);
        aftermath::check(&stack, &told);
        clients::check(&stack.variables());
    }
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn interrupted_at_any_moment_the_next_up_ends_well() {
    let wanted = std::env::var("INFRA_TESTS_INTERRUPTIONS").ok().and_then(|wanted| wanted.parse().ok()).unwrap_or(RANDOM);
    let mut dice = Dice::thrown();
    let stack = with_data("moments");
    let started = Instant::now();
    stack.up();
    let whole_run = started.elapsed();
    let mut cuts = Vec::new();
    let mut interrupted = 0;
    while interrupted < wanted {
        let Some(cut) = cuts.pop() else {
            cuts = shuffled_cuts(&mut dice);
            continue;
        };
        let (from, whole) = prepare(&stack, whole_run, &mut dice);
        let after = Duration::from_millis(u64::try_from(dice.below(usize::try_from(whole.as_millis()).unwrap())).unwrap());
        let told = cut.at(&stack, Moment::After(after), &mut dice);
        interrupted += usize::from(told.is_some());
        let told = told.unwrap_or_else(|| format!("{cut:?} after {after:?}: it had ended before"));
        aftermath::check(&stack, &format!("from {from}\n{told}"));
        clients::check(&stack.variables());
    }
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

/// From where a run starts, and about how long it takes: everything gone but the data, one container gone, or all as it should be.
fn prepare(stack: &Stack, whole_run: Duration, dice: &mut Dice) -> (String, Duration) {
    match dice.below(7) {
        0 => ("all as it should be".to_owned(), Duration::from_millis(60)),
        1..=3 => {
            // In order: what Weaviate has not written yet when it is killed is not a question to this tool.
            let container = stack.docker_name(["redis", "postgres", "vectorstore", "objectstore"][dice.below(4)]);
            docker::read(&["container", "stop", &container]);
            docker::read(&["container", "rm", &container]);
            (format!("all but {container}"), whole_run)
        }
        _ => {
            stack.infra("down", &[]).success();
            ("nothing but the data".to_owned(), whole_run)
        }
    }
}

#[test]
fn the_first_up_of_all_interrupted_the_next_one_ends_well() {
    let mut dice = Dice::thrown();
    let cuts = shuffled_cuts(&mut dice);
    let checkout = Arc::new(Checkout::new());
    for (number, step) in FIRST_RUN.iter().enumerate() {
        let cut = cuts[number % cuts.len()];
        let stack = Stack::in_checkout(&checkout, "first");
        // What `init` has left there for the instance before.
        let _ = fs::remove_dir_all(stack.directory().join(".terraform"));
        let told = cut.at(&stack, *step, &mut dice).unwrap_or_else(|| panic!("{step:?} was never seen"));
        aftermath::check(&stack, &told);
        clients::write(&stack.variables());
        clients::check(&stack.variables());
        stack.infra("destroy", &["--yes"]).success();
        assert_eq!(stack.remains(), Vec::<String>::new(), "{told}");
    }
}
