//! Ways in which a run is cut off.

use std::thread;
use std::time::Duration;

use infra_tests::dice::Dice;
use infra_tests::proc::{self, Process};
use infra_tests::process::{Outcome, Running, signal};
use infra_tests::screen;
use infra_tests::stack::Stack;
use infra_tests::terminal::Terminal;

use super::aftermath;
use super::moment::Moment;

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Ctrl-C, and patience.
    CtrlC,
    /// Ctrl-C, and a moment later another.
    CtrlCTwice,
    /// SIGKILL to the xtask alone.
    Kill,
    /// SIGKILL to it, to its Terraform and to everything else that they have started.
    KillAll,
    /// SIGKILL to it and to its Terraform: their provider stays behind.
    KillButProviders,
}

/// A way, in a terminal or with pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) way: Way,
    pub(super) terminal: bool,
}

impl Way {
    pub(super) const ALL: [Self; 5] = [Self::CtrlC, Self::CtrlCTwice, Self::Kill, Self::KillAll, Self::KillButProviders];
}

impl Cut {
    /// Cuts off an `up` at a step that every run has; returns what was seen, for messages.
    pub(super) fn at_step(self, stack: &Stack, step: Moment, dice: &mut Dice) -> String {
        // A busy machine may look too late at a step that is short.
        for _ in 0..5 {
            if let Some(told) = self.at(stack, step, dice) {
                return told;
            }
            stack.infra("down", &[]).success();
        }
        panic!("{step:?} was never seen");
    }

    /// Cuts off an `up` at a moment; none when it has ended before.
    pub(super) fn at(self, stack: &Stack, moment: Moment, dice: &mut Dice) -> Option<String> {
        let (xtask, arguments) = (stack.checkout().xtask(), stack.arguments("up", &[]));
        let (mut running, terminal) = match self.terminal {
            true => {
                let (running, terminal) = xtask.start_in_terminal(&arguments);
                (running, Some(terminal))
            }
            false => (xtask.start(&arguments), None),
        };
        let in_time = moment.wait(stack, &mut running);
        if in_time {
            self.strike(&mut running, terminal.as_ref(), dice);
        }
        let outcome = running.finish();
        let told = format!("{self:?} at {moment:?}, exit code {:?}\n-- cut off:\n{}{}", outcome.code, outcome.stdout, outcome.stderr);
        if in_time && matches!(self.way, Way::CtrlC | Way::CtrlCTwice) {
            self.judge(stack, &outcome, &told);
        }
        in_time.then_some(told)
    }

    fn strike(self, running: &mut Running, terminal: Option<&Terminal>, dice: &mut Dice) {
        let ctrl_c = |running: &mut Running| match terminal {
            Some(terminal) => terminal.press_ctrl_c(),
            // The group is there as long as its leader has not been waited for.
            None if running.has_ended() => {}
            None => running.signal_group("INT"),
        };
        let tree = || proc::tree(running.id());
        let pids = |processes: &[Process]| processes.iter().map(|process| process.pid).collect::<Vec<_>>();
        match self.way {
            Way::CtrlC => ctrl_c(running),
            Way::CtrlCTwice => {
                ctrl_c(running);
                thread::sleep(Duration::from_millis(u64::try_from(dice.below(400)).unwrap()));
                ctrl_c(running);
            }
            Way::Kill => signal("KILL", &[running.id()]),
            Way::KillAll => signal("KILL", &pids(&tree())),
            Way::KillButProviders => {
                let (_, others): (Vec<_>, Vec<_>) = tree().into_iter().partition(Process::is_provider);
                signal("KILL", &pids(&others));
            }
        }
    }

    /// What a person is told and left with.
    fn judge(self, stack: &Stack, outcome: &Outcome, told: &str) {
        let mut said = outcome.stdout.clone() + &outcome.stderr;
        // Before it listens to signals, the first ends it, as any program; it has done nothing yet.
        if outcome.code.is_none() && said.trim_start_matches("^C").is_empty() {
            return;
        }
        if self.terminal {
            let screen = screen::shown(&outcome.stdout);
            assert!(screen.column == 0 && screen.cursor, "{told}\n{screen:#?}");
            // Spinners are drawn in Braille.
            let spinner = |line: &&String| line.starts_with(|first| ('\u{2800}'..='\u{28ff}').contains(&first));
            assert_eq!(screen.lines.iter().find(spinner), None, "{told}");
            said = screen.lines.join("\n");
        }
        // Who presses it at the very end gets what was asked for.
        if outcome.code == Some(0) && said.contains("is up") {
            return;
        }
        assert_eq!(outcome.code, Some(130), "{told}");
        let way_on = format!("`cargo xtask infra up local --instance {}` goes on from here", stack.name());
        assert!(said.contains("error: ") && said.contains(&way_on), "{told}");
        if self.way == Way::CtrlC {
            assert!(said.contains("interrupted"), "{told}");
            aftermath::check_order(stack, told);
        }
    }
}
