//! How far each change of a plan got, for the message of an interrupted run.

use super::events::{Event, Subject};

/// Every change, in the order in which Terraform names them.
#[derive(Debug, Default)]
pub(crate) struct ApplySummary(Vec<Change>);

#[derive(Debug)]
struct Change {
    address: String,
    /// Steps that are still to be done.
    missing: Vec<&'static str>,
    begun: bool,
}

impl ApplySummary {
    /// Takes note of what Terraform says.
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::PlannedChange { change } => {
                let missing = match change.action.as_str() {
                    "replace" => vec!["delete", "create"],
                    "create" => vec!["create"],
                    "update" => vec!["update"],
                    "delete" => vec!["delete"],
                    // Moved, imported, forgotten: nothing is done to the thing itself.
                    _ => return,
                };
                self.0.push(Change { address: change.resource.addr.clone(), missing, begun: false });
            }
            Event::ApplyStart { hook } | Event::ApplyErrored { hook } => self.of(hook, |change| change.begun = true),
            Event::ApplyComplete { hook } => self.of(hook, |change| change.missing.retain(|step| *step != hook.action)),
            _ => {}
        }
    }

    fn of(&mut self, subject: &Subject, update: impl FnOnce(&mut Change)) {
        if let Some(change) = self.0.iter_mut().find(|change| change.address == subject.resource.addr) {
            update(change);
        }
    }

    /// True when nothing outside the state was touched: the plan can be applied yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.0.iter().all(|change| !change.begun)
    }

    /// How much of the plan for `title` was carried out.
    pub(crate) fn headline(&self, title: &str) -> String {
        let made = self.0.iter().filter(|change| change.missing.is_empty()).count();
        match self.0.len() {
            // Terraform had not even read it.
            0 => format!("interrupted before anything of `{title}` was changed"),
            all => format!("interrupted: {made} of {all} changes to `{title}` were made"),
        }
    }

    /// A line for each change, those that were made first.
    pub(crate) fn lines(&self) -> Vec<String> {
        let outcome = |change: &Change| match change {
            Change { missing, .. } if missing.is_empty() => "made",
            Change { begun: true, .. } => "broken off",
            Change { begun: false, .. } => "not begun",
        };
        ["made", "broken off", "not begun"]
            .into_iter()
            .flat_map(|word| {
                let those = self.0.iter().filter(move |change| outcome(change) == word);
                those.map(move |change| format!("{word:<10}  {}", change.address))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::ApplySummary;
    use crate::terraform::events::{Event, Subject};

    #[test]
    fn each_change_is_made_broken_off_or_not_begun() {
        let subject = |address, action| Subject::of(address, "", action, None);
        let planned = |name, action| Event::PlannedChange { change: subject(name, action) };
        let started = |name, action| Event::ApplyStart { hook: subject(name, action) };
        let finished = |name, action| Event::ApplyComplete { hook: subject(name, action) };
        let mut tally = ApplySummary::default();
        tally.note(&planned("to.come", "create"));
        assert!(tally.is_untouched());
        tally.note(&started("to.come", "create"));
        assert!(!tally.is_untouched());
        let mut tally = ApplySummary::default();
        for event in [
            planned("not.begun", "create"),
            planned("half.replaced", "replace"),
            planned("replaced", "replace"),
            planned("failed", "update"),
            planned("made", "create"),
            planned("untouched", "noop"),
            started("half.replaced", "delete"),
            finished("half.replaced", "delete"),
            started("replaced", "delete"),
            finished("replaced", "delete"),
            started("replaced", "create"),
            finished("replaced", "create"),
            started("made", "create"),
            finished("made", "create"),
            Event::ApplyErrored { hook: subject("failed", "update") },
        ] {
            tally.note(&event);
        }
        assert_eq!(tally.headline("local"), "interrupted: 2 of 5 changes to `local` were made");
        assert_eq!(ApplySummary::default().headline("local"), "interrupted before anything of `local` was changed");
        let expected =
            ["made        replaced", "made        made", "broken off  half.replaced", "broken off  failed", "not begun   not.begun"];
        assert_eq!(tally.lines(), expected);
    }
}
