//! The same words for the same thing on both sides, whatever form it has in a plan or in the engine's answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::description::{Description, Text};
use crate::report::size;

/// A variable as `NAME=value`; a value may be secret whoever set it, and is never shown.
pub(super) fn say_variable(is: &mut Description, variable: &str) {
    let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
    is.say_of("variable", name, Text::hidden(value));
}

/// A health check as the engine describes it: times in nanoseconds, and left out what is the engine's default.
pub(super) fn say_health_check(is: &mut Description, check: &Value, is_secret: bool) {
    let test = words(&check["Test"]);
    if test.is_empty() || test == ["NONE"] {
        return;
    }
    is.say("health check", Text::words(&test).hidden_if(is_secret));
    for (item, key) in [("interval", "Interval"), ("timeout", "Timeout"), ("start period", "StartPeriod")] {
        let nanoseconds = number(&check[key]);
        is.say_of("health check", item, Text::shown(nanoseconds.to_string(), time(nanoseconds)));
    }
    is.say_of("health check", "retries", Text::plain(number(&check["Retries"]).to_string()));
}

/// Where a port is published: no address is all of them, no port is any that is free.
pub(super) fn published(address: &str, port: Option<u16>) -> String {
    let address = if address.is_empty() { "0.0.0.0" } else { address };
    match port {
        Some(port) if port > 0 => format!("{address}:{port}"),
        _ => format!("{address}, any port"),
    }
}

/// A volume by its name; without one, the engine makes one up.
pub(super) fn volume(name: &str) -> String {
    if name.is_empty() { "volume without a name".to_owned() } else { format!("volume {name}") }
}

/// The names of a container in a network.
pub(super) fn aliases(names: impl IntoIterator<Item = String>) -> Text {
    let names: BTreeSet<String> = names.into_iter().collect();
    let joined = names.into_iter().collect::<Vec<_>>().join(", ");
    let shown = if joined.is_empty() { "joined".to_owned() } else { format!("joined as {joined}") };
    Text::shown(joined, shown)
}

/// Bytes; 0 and less stand for as much as there is.
pub(super) fn amount(bytes: i64) -> Text {
    let shown = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0).map_or_else(|| "unlimited".to_owned(), size::bytes);
    Text::shown(bytes.to_string(), shown)
}

/// Bytes of memory and swap together; -1 stands for as much as there is, 0 for the engine's own rule.
pub(super) fn amount_with_swap(bytes: i64) -> Text {
    if bytes == 0 { Text::shown("0", "not set") } else { amount(bytes) }
}

/// Billionths of a processor; 0 stands for all there are.
pub(super) fn cpus(billionths: i64) -> Text {
    #[expect(clippy::cast_precision_loss, reason = "a number of processors has few digits")]
    let shown = if billionths == 0 { "unlimited".to_owned() } else { (billionths as f64 / 1e9).to_string() };
    Text::shown(billionths.to_string(), shown)
}

/// When the engine starts it again; the number counts for `on-failure` alone.
pub(super) fn restart_policy(name: &str, retries: i64) -> Text {
    match name {
        "" => Text::plain("no"),
        "on-failure" if retries > 0 => Text::plain(format!("on-failure, {retries} times")),
        other => Text::plain(other),
    }
}

/// A driver and its options.
pub(super) fn log_driver(driver: &Value, options: &Value) -> Text {
    let options = options.as_object().into_iter().flatten().map(|(name, value)| format!(" {name}={}", text(value)));
    Text::plain(text(driver).to_owned() + &options.collect::<String>())
}

/// Capabilities, with and without their prefix alike: engines before 25 keep them as they were written.
pub(super) fn capabilities(names: &Value) -> Text {
    Text::set(words(names).into_iter().map(|name| name.to_uppercase().trim_start_matches("CAP_").to_owned()))
}

pub(super) fn seconds(seconds: i64) -> Text {
    Text::shown(seconds.to_string(), format!("{seconds} s"))
}

/// A name that may be none.
pub(super) fn named(name: &str) -> Text {
    if name.is_empty() { Text::shown("", "none") } else { Text::plain(name) }
}

pub(super) fn yes_or_no(value: &Value) -> Text {
    Text::plain(if *value == true { "yes" } else { "no" })
}

/// A text; what is none is empty.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A whole number; what is none is 0.
pub(super) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// A list of texts; what is none is empty.
pub(super) fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// `1.5 s` for nanoseconds.
fn time(nanoseconds: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a health check's times have few digits")]
    let seconds = nanoseconds as f64 / 1e9;
    format!("{seconds} s")
}
