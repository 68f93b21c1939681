//! Waiting for an answer, but not for ever: a limit, and a run that is asked to stop waits no longer.

use std::io::Read;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::error::Failure;
use super::shutdown;

/// Between two looks at whether to go on waiting.
pub(crate) const LOOK: Duration = Duration::from_millis(50);

/// A run that is asked to stop still needs answers to end in order. One that takes longer than this does not come.
const GRACE: Duration = Duration::from_secs(2);

/// How long to wait for one answer, from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLimit {
    since: Instant,
    limit: Duration,
    ends_with_the_run: bool,
}

impl TimeLimit {
    /// For a question: a run that is asked to stop leaves it unanswered.
    pub(crate) fn for_an_answer(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, ends_with_the_run: true }
    }

    /// For work that is not left half done: only the limit ends the wait.
    pub(crate) fn for_work(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, ends_with_the_run: false }
    }

    /// Whether to go on waiting for `whom`.
    ///
    /// # Errors
    /// The limit is reached, or the run was asked to stop.
    pub(crate) fn check(&self, whom: &str) -> Result<()> {
        let waited = self.since.elapsed();
        if self.ends_with_the_run && waited >= GRACE {
            shutdown::check(&format!("waiting for {whom}"))?;
        }
        if waited >= self.limit {
            return Err(Failure::new(format!("{whom} did not answer within {} s", self.limit.as_secs())).into());
        }
        Ok(())
    }

    /// Everything that `source` gives until its other side closes it; it comes from `whom`.
    ///
    /// # Errors
    /// The limit is reached, the run was asked to stop, or reading fails.
    pub(crate) fn read_to_end(&self, mut source: impl Read + AsFd, whom: &str) -> Result<Vec<u8>> {
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(LOOK.subsec_nanos()) };
        let mut answer = Vec::new();
        let mut some = vec![0; 1 << 16];
        loop {
            match poll(&mut [PollFd::new(&source, PollFlags::IN)], Some(&wait)) {
                Ok(0) | Err(Errno::INTR) => self.check(whom)?,
                Err(error) => return Err(error).with_context(|| format!("waiting for {whom}")),
                Ok(_) => match source.read(&mut some).with_context(|| format!("reading what {whom} says"))? {
                    0 => return Ok(answer),
                    count => answer.extend_from_slice(&some[..count]),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TimeLimit;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    #[test]
    fn who_says_nothing_is_waited_for_until_the_limit() {
        let time_limit = |milliseconds| TimeLimit::for_an_answer(Duration::from_millis(milliseconds));
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(b"half an answer").unwrap();
        let error = time_limit(120).read_to_end(&ours, "the daemon").unwrap_err();
        assert_eq!(error.to_string(), "the daemon did not answer within 0 s");
        theirs.write_all(b"all of it").unwrap();
        drop(theirs);
        assert_eq!(time_limit(5000).read_to_end(&ours, "the daemon").unwrap(), b"all of it");
    }
}
