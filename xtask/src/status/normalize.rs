//! The same words for the same thing, whatever form it has in the engine's answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::Text;
use crate::ui::size;

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

/// A name, or `none` if it is empty.
pub(super) fn named(name: &str) -> Text {
    if name.is_empty() { Text::shown("", "none") } else { Text::plain(name) }
}

pub(super) fn yes_or_no(value: &Value) -> Text {
    Text::plain(if *value == true { "yes" } else { "no" })
}

/// The string, or `""` if the value is not one.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The whole number, or 0 if the value is not one.
pub(super) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// The strings of a list; empty if the value is not one.
pub(super) fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// `1.5 s` for nanoseconds.
pub(super) fn time(nanoseconds: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a health check's times have few digits")]
    let seconds = nanoseconds as f64 / 1e9;
    format!("{seconds} s")
}
