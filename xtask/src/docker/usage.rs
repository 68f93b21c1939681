//! Memory of containers and sizes of volumes, as the engine counts them: its directories may be on another machine.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use super::api::{WORK, escaped};
use super::endpoint::Endpoint;
use crate::host::time_limit::TimeLimit;

/// How long to wait before asking again an engine that counts for somebody else.
const POLL: Duration = Duration::from_millis(50);

/// Bytes of memory of a running container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// In use, without caches that can be given back; `None` if the engine does not count.
    pub(crate) used: Option<u64>,
    /// Its limit; `None` for all there is.
    pub(crate) limit: Option<u64>,
}

/// How much a volume is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VolumeUsage {
    /// Bytes in its files; below 0 where the volume's driver does not know.
    size: i64,
    /// Containers that have it; below 0 where the engine does not say.
    containers: i64,
    /// The engine began to make it, and did not come to the directory for its data.
    has_no_directory: bool,
}

/// Sizes that are being added up: the engine walks through the files of all its volumes, and may need long.
#[derive(Debug)]
pub(crate) struct VolumeSizes {
    asked: Instant,
    answer: Receiver<Result<BTreeMap<String, u64>>>,
}

impl Endpoint {
    /// The memory of a running container, which the engine describes as `container`.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn memory(&self, container: &Value) -> Result<Memory> {
        // one-shot: the engine would wait a second to compare two readings of the processor's time.
        let path = format!("/containers/{}/stats?stream=false&one-shot=true", escaped(container["Id"].as_str().unwrap_or_default()));
        let used = self.get::<Value>(&path)?.and_then(|stats| used(&stats["memory_stats"]));
        Ok(Memory { used, limit: container["HostConfig"]["Memory"].as_u64().filter(|limit| *limit > 0) })
    }

    /// Begins to ask for the sizes of all volumes.
    pub(crate) fn ask_for_volume_sizes(&self) -> VolumeSizes {
        let (sender, answer) = mpsc::channel();
        let endpoint = self.clone();
        // Not joined: nobody has to wait for the answer.
        thread::spawn(move || sender.send(endpoint.volume_sizes()));
        VolumeSizes { asked: Instant::now(), answer }
    }

    fn volume_sizes(&self) -> Result<BTreeMap<String, u64>> {
        let volumes = self.volume_usage()?.into_iter();
        Ok(volumes.filter_map(|(name, usage)| Some((name, u64::try_from(usage.size).ok()?))).collect())
    }

    /// How much every volume is used, by its name. The engine walks through the files of all of them.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(crate) fn volume_usage(&self) -> Result<BTreeMap<String, VolumeUsage>> {
        let time_limit = TimeLimit::for_an_answer(WORK);
        loop {
            // Engines before API 1.42 count everything, whatever is asked for, and from 1.52 on list single volumes only with `verbose`.
            match self.get_within::<Value>("/system/df?type=volume&verbose=1", time_limit) {
                // Before API 1.42 they count for one at a time.
                Err(error) if error.to_string().contains("already running") => {
                    time_limit.check("the Docker engine")?;
                    thread::sleep(POLL);
                }
                answer => return Ok(usage(&answer?.unwrap_or_default())),
            }
        }
    }
}

impl VolumeSizes {
    /// Bytes of each volume by its name, if the engine has added them up within `limit` after it was asked.
    ///
    /// # Errors
    /// The engine refuses.
    pub(crate) fn within(self, limit: Duration) -> Result<Option<BTreeMap<String, u64>>> {
        self.answer.recv_timeout(limit.saturating_sub(self.asked.elapsed())).ok().transpose()
    }
}

/// As `docker stats` shows it: the kernel gives inactive file pages back whenever they are needed elsewhere.
fn used(memory: &Value) -> Option<u64> {
    let usage = memory["usage"].as_u64()?;
    // The first name is that of cgroup version 1, the second that of version 2.
    let caches = ["total_inactive_file", "inactive_file"].iter().find_map(|name| memory["stats"][name].as_u64());
    Some(usage.saturating_sub(caches.unwrap_or(0)))
}

/// `Volumes` until API 1.51, `VolumeUsage` after.
fn usage(answer: &Value) -> BTreeMap<String, VolumeUsage> {
    let volumes = answer["Volumes"].as_array().or_else(|| answer["VolumeUsage"]["Items"].as_array()).into_iter().flatten();
    volumes.filter_map(|volume| Some((volume["Name"].as_str()?.to_owned(), VolumeUsage::of(volume)))).collect()
}

impl VolumeUsage {
    fn of(volume: &Value) -> Self {
        let number = |name: &str| volume["UsageData"][name].as_i64().unwrap_or(-1);
        // The engine dates a volume of its own by the directory for its data: Go's zero time is that of one that is not there.
        let is_undated = volume["CreatedAt"].as_str().is_some_and(|at| at.starts_with("0001-01-01T"));
        Self { size: number("Size"), containers: number("RefCount"), has_no_directory: volume["Driver"] == "local" && is_undated }
    }

    /// True only for a volume of which it is known that it holds nothing and that no container has it.
    pub(crate) fn is_empty(&self) -> bool {
        self.containers == 0 && (self.size == 0 || self.size < 0 && self.has_no_directory)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::{VolumeSizes, usage, used};

    #[test]
    fn memory_is_counted_without_the_caches_in_both_versions_of_control_groups() {
        for (memory, expected) in [
            (json!({"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 10}}), Some(70)),
            (json!({"usage": 100, "stats": {"inactive_file": 10}}), Some(90)),
            (json!({"usage": 100}), Some(100)),
            (json!({"usage": 10, "stats": {"inactive_file": 20}}), Some(0)),
            (json!({}), None),
        ] {
            assert_eq!(used(&memory), expected, "{memory}");
        }
    }

    #[test]
    fn usage_is_understood_as_older_and_newer_engines_write_it() {
        let volume = |name: &str, driver: &str, created_at: &str, size: i64, ref_count: i64| json!({"Name": name, "Driver": driver, "CreatedAt": created_at, "UsageData": {"Size": size, "RefCount": ref_count}});
        let (zero, date) = ("0001-01-01T00:00:00Z", "2026-11-24T12:04:42Z");
        let volumes = json!([
            volume("empty", "local", date, 0, 0),
            volume("begun", "local", zero, -1, 0),
            volume("used", "local", date, 0, 1),
            volume("full", "local", date, 5, 0),
            volume("unknown", "local", date, -1, -1),
            volume("elsewhere", "nfs", zero, -1, 0),
            {"Name": "silent", "Driver": "local", "UsageData": null},
            {"Name": "bare"}
        ]);
        for answer in [json!({ "Volumes": volumes, "Images": [] }), json!({ "VolumeUsage": { "Items": volumes } })] {
            let found = usage(&answer);
            let empty: Vec<&str> = found.iter().filter(|(_, usage)| usage.is_empty()).map(|(name, _)| name.as_str()).collect();
            assert_eq!(empty, ["begun", "empty"], "{answer}");
            assert_eq!((found["full"].size, found["silent"].size, found["bare"].size), (5, -1, -1));
        }
        assert!(usage(&json!({"Volumes": null})).is_empty());
    }

    #[test]
    fn an_answer_that_takes_too_long_is_not_waited_for() {
        let (sender, answer) = mpsc::channel();
        let late = VolumeSizes { asked: Instant::now(), answer };
        assert!(late.within(Duration::from_millis(1)).unwrap().is_none());
        drop(sender);
    }
}
