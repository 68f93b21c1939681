//! Postgres with pgvector, by its Rust driver.

use postgres::error::SqlState;
use postgres::{Client, Error, NoTls};

use super::{vectors, with_password};

fn connect(url: &str) -> Result<Client, Error> {
    Client::connect(url, NoTls)
}

/// Writes a row and the vectors.
#[track_caller]
pub fn write(url: &str) {
    let mut client = connect(url).unwrap();
    client
        .batch_execute(&format!(
            "CREATE EXTENSION IF NOT EXISTS vector;
             CREATE TABLE holdings (name text PRIMARY KEY, units numeric NOT NULL);
             INSERT INTO holdings VALUES ('VWCE', 12.5);
             CREATE TABLE points (number int PRIMARY KEY, place vector({}) NOT NULL)",
            vectors::DIMENSIONS
        ))
        .unwrap();
    let rows: Vec<String> =
        vectors::all().iter().enumerate().map(|(number, vector)| format!("({number}, '{}')", vectors::text(vector))).collect();
    let inserted = client.execute(&format!("INSERT INTO points VALUES {}", rows.join(",")), &[]).unwrap();
    assert_eq!(inserted, vectors::COUNT as u64);
}

/// Finds the row, and the right neighbours.
#[track_caller]
pub fn check(url: &str) {
    let mut client = connect(url).unwrap();
    let units: String = client.query_one("SELECT units::text FROM holdings WHERE name = $1", &[&"VWCE"]).unwrap().get(0);
    assert_eq!(units, "12.5");
    for (point, expected) in vectors::questions() {
        let query = format!("SELECT number FROM points ORDER BY place <-> '{}' LIMIT 1", vectors::text(&point));
        let number: i32 = client.query_one(&query, &[]).unwrap().get(0);
        assert_eq!(usize::try_from(number).unwrap(), expected);
    }
}

/// Is refused with a wrong password, whose exchange is SCRAM.
#[track_caller]
pub fn is_refused(url: &str) {
    let error = connect(&with_password(url, "wrong")).err().expect("a wrong password was taken");
    assert_eq!(error.code(), Some(&SqlState::INVALID_PASSWORD), "{error}");
    let mut client = connect(url).unwrap();
    let method: String = client.query_one("SHOW password_encryption", &[]).unwrap().get(0);
    assert_eq!(method, "scram-sha-256");
}
