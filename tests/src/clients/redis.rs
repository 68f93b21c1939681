//! Redis, by its Rust driver.

use redis::{Client, Commands, Connection, ErrorKind, RedisError};

use super::with_password;

fn connect(url: &str) -> Result<Connection, RedisError> {
    Client::open(url).unwrap().get_connection()
}

/// Whether it answers at all; why not, where it does not.
pub fn answers(url: &str) -> Result<(), String> {
    connect(url).and_then(|mut connection| connection.ping::<()>()).map_err(|error| error.to_string())
}

/// Writes a key.
#[track_caller]
pub fn write(url: &str) {
    connect(url).unwrap().set::<_, _, ()>("holdings", "VWCE=12").unwrap();
}

/// Finds the key.
#[track_caller]
pub fn check(url: &str) {
    assert_eq!(read(url).as_deref(), Some("VWCE=12"));
}

/// What is under the key, if something is.
#[track_caller]
pub fn read(url: &str) -> Option<String> {
    connect(url).unwrap().get("holdings").unwrap()
}

/// Is refused with a wrong password, and without one.
#[track_caller]
pub fn is_refused(url: &str) {
    let wrong = connect(&with_password(url, "wrong")).err().expect("a wrong password was taken");
    assert_eq!(wrong.kind(), ErrorKind::AuthenticationFailed, "{wrong}");
    let (_, address) = url.rsplit_once('@').unwrap();
    let none = connect(&format!("redis://{address}")).and_then(|mut connection| connection.get::<_, Option<String>>("holdings"));
    assert_eq!(none.expect_err("no password was needed").code(), Some("NOAUTH"));
}
