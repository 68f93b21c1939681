//! The holder of a state's lock, since when and for what, as Terraform writes it down.

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::invocation::LOCK_TIMEOUT;
use crate::host::console;
use crate::project::environment::Environment;

/// Terraform's note about a lock (`statemgr.LockInfo` in its source), as far as a person can use it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Holder {
    /// The argument of `force-unlock`, for a lock that the backend does not remove itself.
    #[serde(rename = "ID")]
    pub(crate) id: String,
    /// The state, as the backend names it: a file, or a bucket and a key.
    pub(crate) path: String,
    operation: String,
    who: String,
    created: String,
}

impl Holder {
    /// The holder of the lock of a state in a file: Terraform describes itself beside it. `None` if there is no such note,
    /// which proves nothing either way: the lock itself is the kernel's, and a killed Terraform leaves its note behind.
    pub(crate) fn beside(state: &Path) -> Option<Self> {
        let name = format!(".{}.lock.info", state.file_name()?.to_str()?);
        serde_json::from_slice(&std::fs::read(state.with_file_name(name)).ok()?).ok()
    }

    /// The holder that Terraform names when it does not get the lock.
    pub(crate) fn in_message(message: &str) -> Option<Self> {
        let (_, info) = message.split_once("Lock Info:")?;
        let field = |name: &str| {
            // In messages that are no JSON, each line stands behind a bar.
            let line = info.lines().find_map(|line| line.trim_start_matches(['│', ' ']).trim().strip_prefix(name));
            line.map(|value| value.trim().to_owned()).unwrap_or_default()
        };
        Some(Self {
            id: field("ID:"),
            path: field("Path:"),
            operation: field("Operation:"),
            who: field("Who:"),
            created: field("Created:"),
        })
    }

    fn is_older_than(&self, time: SystemTime) -> bool {
        let created = self.created.get(..19).and_then(seconds_since_1970);
        // A second is long here: who waits has often begun in the one in which the lock was taken.
        let fraction: String = self.created.get(20..).unwrap_or_default().chars().take_while(char::is_ascii_digit).take(9).collect();
        let nanoseconds = format!("{fraction:0<9}").parse().unwrap_or(0);
        let created = created.map(|seconds| Duration::new(seconds, nanoseconds));
        created.zip(time.duration_since(UNIX_EPOCH).ok()).is_some_and(|(created, time)| created < time)
    }
}

impl fmt::Display for Holder {
    /// `ann@laptop since 2026-11-24 11:38:55 UTC (apply)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 3339 in the file, Go's own form in messages; both UTC, and both to the second in the first 19 characters.
        let since = self.created.get(..19).unwrap_or(&self.created).replace('T', " ");
        let operation = self.operation.trim_start_matches("OperationType").to_lowercase();
        write!(formatter, "{} since {since} UTC ({operation})", self.who)
    }
}

/// Says who has the lock of the state, and that it is waited for: Terraform names nobody until it gives up. Where no note
/// stands beside the state, `ask` the backend; a lock taken since the run `began` is its own, which it has got meanwhile.
pub(crate) fn announce_wait(environment: &Environment, began: SystemTime, ask: impl FnOnce() -> Option<Holder>) {
    let title = environment.display_name();
    let holder = Holder::beside(&environment.local_state_file()).or_else(|| ask().filter(|holder| holder.is_older_than(began)));
    console::say(&match holder {
        Some(holder) => format!("the state of `{title}` is locked by {holder}; waiting for it, {LOCK_TIMEOUT} s at most"),
        None => format!("waiting for the lock of the state of `{title}`, {LOCK_TIMEOUT} s at most"),
    });
}

/// Seconds since 1970 of `2026-11-24 11:38:55`, in UTC. Days by Howard Hinnant's days_from_civil
/// (https://howardhinnant.github.io/date_algorithms.html).
fn seconds_since_1970(text: &str) -> Option<u64> {
    let numbers: Vec<u64> = text.split(['-', ' ', 'T', ':']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let [year, month, day, hour, minute, second] = numbers.try_into().ok()?;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let (era, year) = (year / 400, year % 400);
    let days = era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day;
    Some(days.checked_sub(719_469)? * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::{Duration, Holder, UNIX_EPOCH, seconds_since_1970};

    #[test]
    fn a_lock_is_older_than_the_run_that_waits_for_it() {
        for (text, seconds) in [
            ("1970-01-01 00:00:00", Some(0)),
            ("2000-02-29T12:00:00", Some(951_825_600)),
            ("2026-11-24 11:38:55", Some(1_795_520_335)),
            ("0001-01-01 00:00:00", None),
            ("yesterday", None),
        ] {
            assert_eq!(seconds_since_1970(text), seconds, "{text}");
        }
        let holder = Holder { created: "2026-11-24 11:38:55.03 +0000 UTC".to_owned(), ..Holder::default() };
        let at = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
        assert!(holder.is_older_than(at(1_795_520_335_031)) && !holder.is_older_than(at(1_795_520_335_029)));
    }

    const EXPECTED: &str = "root@vm since 2026-11-24 11:38:55 UTC (apply)";

    #[test]
    fn a_holder_is_read_from_its_note_beside_the_state() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("terraform.tfstate");
        assert_eq!(Holder::beside(&state), None);
        let note = r#"{"ID":"d9c5c06f","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4",
            "Created":"2026-11-24T11:38:55.035729482Z","Path":"terraform.tfstate"}"#;
        std::fs::write(directory.path().join(".terraform.tfstate.lock.info"), note).unwrap();
        assert_eq!(Holder::beside(&state).unwrap().to_string(), EXPECTED);
    }

    #[test]
    fn a_holder_is_read_from_terraforms_message() {
        let message = "Error message: resource temporarily unavailable\nLock Info:\n  ID:        d9c5c06f\n  Path:      terraform.tfstate\n  \
                       Operation: OperationTypeApply\n  Who:       root@vm\n  Version:   1.11.4\n  \
                       Created:   2026-11-24 11:38:55.035729482 +0000 UTC\n  Info:      \n\n\nTerraform acquires a state lock";
        for message in [message.to_owned(), message.replace("\n", "\n│ ")] {
            let holder = Holder::in_message(&message).unwrap();
            assert_eq!(
                (holder.to_string().as_str(), holder.id.as_str(), holder.path.as_str()),
                (EXPECTED, "d9c5c06f", "terraform.tfstate")
            );
        }
        assert_eq!(Holder::in_message("Error message: no space left on device"), None);
    }
}
