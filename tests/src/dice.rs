//! Random choices that can be made again: every test that uses them prints its seed.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Xorshift (Marsaglia 2003): good enough to choose, and the same everywhere.
#[derive(Debug)]
pub struct Dice {
    state: u64,
}

/// How many random trials a test makes: as many as the variable says, which `test-infra` sets, else `usual`.
pub fn trials(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|wanted| wanted.parse().ok()).unwrap_or(usual)
}

impl Dice {
    /// From INFRA_TESTS_SEED, else from the system's random source; says which seed it is.
    #[expect(clippy::print_stdout, reason = "shown with a failure, which cannot be repeated without it")]
    pub fn thrown() -> Self {
        let given = std::env::var("INFRA_TESTS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed: u64 = given.unwrap_or_else(|| RandomState::new().build_hasher().finish() | 1);
        println!("INFRA_TESTS_SEED={seed}");
        Self { state: seed.max(1) }
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        // The low half of the state is the weaker one.
        usize::try_from(self.state >> 32).unwrap() % limit
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}
