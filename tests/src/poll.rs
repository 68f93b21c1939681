//! Waiting for what happens by itself.

use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for anything; what takes longer is broken.
const LIMIT: Duration = Duration::from_secs(120);

/// Asks until there is an answer; fails the test, with the last reason why not, when there never is.
#[track_caller]
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(reason) if started.elapsed() > LIMIT => panic!("{what}: not within {} s: {reason}", LIMIT.as_secs()),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
