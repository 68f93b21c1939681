//! Work on two things at a time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;

use crate::host::shutdown;

/// Works on `items`, which stand in order of falling weight, two at a time: one worker takes from the heavy end, the other from
/// the light one, so that what computes runs beside what waits for the network. Returns what came of each, in no order.
///
/// # Errors
/// An error, after what was under way has ended; nothing new is begun.
pub(crate) fn work_on<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let queue = Mutex::new(VecDeque::from(items));
    let queue = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let run = |take: fn(&mut VecDeque<T>) -> Option<T>| -> Result<Vec<R>> {
        let mut results = Vec::new();
        loop {
            let Some(item) = take(&mut queue()) else {
                return Ok(results);
            };
            let result = shutdown::check("getting images").and_then(|()| work(item));
            results.push(result.inspect_err(|_| queue().clear())?);
        }
    };
    let (heavy, light) = thread::scope(|scope| {
        let light = scope.spawn(|| run(VecDeque::pop_back));
        (run(VecDeque::pop_front), light.join().expect("getting images does not panic"))
    });
    Ok(heavy?.into_iter().chain(light?).collect())
}

#[cfg(test)]
mod tests {
    use super::{Result, work_on};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn everything_is_done_once_and_two_at_a_time_at_most() {
        let (now, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
        work_on((0..20).collect(), |item| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(2));
            done.lock().unwrap().push(item);
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        })
        .unwrap();
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, (0..20).collect::<Vec<_>>());
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn after_an_error_nothing_new_is_begun() {
        let begun = AtomicUsize::new(0);
        let error = work_on((0..100).collect::<Vec<_>>(), |item| -> Result<()> {
            begun.fetch_add(1, Ordering::SeqCst);
            anyhow::bail!("item {item}")
        });
        assert!(error.unwrap_err().to_string().starts_with("item "));
        assert!(begun.into_inner() <= 2);
    }
}
