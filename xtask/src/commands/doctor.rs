//! `infra doctor`: checks the prerequisites, and says how to fix what is missing.

use std::collections::BTreeMap;

use anyhow::{Context as _, Error, Result};
use serde_json::{Value, json};

use crate::cli::DoctorArgs;
use crate::docker::endpoint::Endpoint;
use crate::host::command::{INSTALL_TERRAFORM, find_on_path};
use crate::host::error::{self, Failure};
use crate::host::{console, temporary};
use crate::project::instance::{self, emulator_key, owner_key};
use crate::run::context::Context;
use crate::run::prerequisites::Prerequisites;
use crate::supply::{Item, State, Supply};
use crate::terraform::version;
use crate::ui::table;

/// Disk space that a full first run needs beside the cache: images, Go's caches, the provider.
const DISK_NEEDED_GIB: f64 = 8.0;

/// One thing that was looked at.
struct Diagnosis {
    item: String,
    state: Standing,
    found: String,
    /// How to fix it; empty if it is well.
    advice: String,
}

/// What a finding means for the outcome.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Well,
    /// Not as it should be; nothing here needs it.
    NotNeeded,
    Missing,
}

impl Diagnosis {
    fn well(item: &str, found: impl Into<String>) -> Self {
        Self { item: item.to_owned(), state: Standing::Well, found: found.into(), advice: String::new() }
    }

    fn missing(item: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { item: item.to_owned(), state: Standing::Missing, found: found.into(), advice: advice.into() }
    }

    /// One that could not be looked at.
    fn unknown(item: &str, error: Error) -> Self {
        let (found, advice) = error::parts(error);
        Self::missing(item, found, advice)
    }

    /// Listed, and not counted, unless it is needed.
    fn needed(mut self, is_needed: bool) -> Self {
        if !is_needed && self.state == Standing::Missing {
            self.state = Standing::NotNeeded;
        }
        self
    }
}

/// Looks at everything and prints a line each, whatever is missing.
///
/// # Errors
/// Something that an environment here needs is missing.
pub(crate) fn run(context: &Context, arguments: &DoctorArgs) -> Result<()> {
    let mut findings = vec![terraform(), temporary_directory(), disk(context)];
    match context.supply().and_then(|supply| Ok((Prerequisites::of(context, &supply)?, supply))) {
        Ok((needs, supply)) => findings.extend(docker(context, &supply, &needs)),
        Err(error) => findings.push(Diagnosis::unknown("docker engine", error)),
    }
    let missing = findings.iter().filter(|finding| finding.state == Standing::Missing).count();
    if arguments.json { console::answer_json(as_json(&findings)) } else { console::answer(&as_table(&findings)) }?;
    match missing {
        0 => Ok(()),
        _ => Err(Failure::new(format!("{missing} of {} checks failed", findings.len()))
            .hint("the last column says what to do about each")
            .into()),
    }
}

fn terraform() -> Diagnosis {
    let Some(path) = find_on_path("terraform") else {
        return Diagnosis::missing("terraform", "not on PATH", INSTALL_TERRAFORM);
    };
    let output = match version::question(&path).output() {
        Ok(output) => output,
        Err(error) => return Diagnosis::unknown("terraform", error),
    };
    match version::in_answer(&output.stdout) {
        Some(version) if version::is_wanted(&version) => Diagnosis::well("terraform", version),
        Some(version) => Diagnosis::missing("terraform", version, INSTALL_TERRAFORM),
        None => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said).lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing").trim().to_owned();
            let advice = format!("`{} version -json` has to print Terraform's version: see what that program is", path.display());
            Diagnosis::missing("terraform", format!("does not say its version, but: {said}"), advice)
        }
    }
}

fn temporary_directory() -> Diagnosis {
    match temporary::require() {
        Ok(()) => Diagnosis::well("temporary files", std::env::temp_dir().display().to_string()),
        Err(failure) => Diagnosis::unknown("temporary files", failure.into()),
    }
}

/// The engine and everything that only it can be asked about.
fn docker(context: &Context, supply: &Supply, needs: &Prerequisites) -> Vec<Diagnosis> {
    let looked = || -> Result<Vec<Diagnosis>> {
        if context.global.bootstrap {
            supply.engine()?;
        }
        let endpoint = Endpoint::resolve()?;
        endpoint.require()?;
        let version: Value = endpoint.get("/version")?.context("the engine does not say its version")?;
        let word = |name: &str| version[name].as_str().unwrap_or("unknown").to_owned();
        let found = format!("{} (API {}) on {}", word("Version"), word("ApiVersion"), endpoint.host());
        let mut findings = vec![Diagnosis::well("docker engine", found)];
        match supply.inventory(&[]) {
            Ok(items) => findings.extend(items.into_iter().map(|item| supplied(item, needs))),
            Err(error) => findings.push(Diagnosis::unknown("images", error)),
        }
        findings.push(leftovers(context, &endpoint).unwrap_or_else(|error| Diagnosis::unknown("leftovers", error)));
        Ok(findings)
    };
    looked().unwrap_or_else(|error| vec![Diagnosis::unknown("docker engine", error).needed(needs.docker)])
}

fn supplied(item: Item, needs: &Prerequisites) -> Diagnosis {
    let found = format!("{}, {}", item.reference, item.state.word());
    let is_provider = item.name == "provider";
    let is_needed = if is_provider { needs.docker } else { needs.engines.contains(&item.name) };
    let finding = match item.state {
        State::Present => Diagnosis::well(&item.name, found),
        State::Missing | State::Outdated if is_provider => Diagnosis::missing(&item.name, found, "cargo xtask infra supply"),
        State::Missing | State::Outdated => Diagnosis::missing(&item.name, found, format!("cargo xtask infra supply {}", item.name)),
        State::Unavailable => Diagnosis::missing(&item.name, found, format!("cargo xtask infra supply {} --images registry", item.name)),
    };
    finding.needed(is_needed)
}

/// Containers and volumes with this project's labels whose instance nobody on this machine knows any more: nothing needs them gone.
fn leftovers(context: &Context, endpoint: &Endpoint) -> Result<Diagnosis> {
    let known: Vec<String> = instance::all(&context.directories).map(|instance| instance.owner).collect();
    let is_orphan = |owner: Option<&String>| owner.is_some_and(|owner| !known.contains(owner));
    let (mut containers, mut volumes) = (Vec::new(), Vec::new());
    for key in [owner_key(&context.config.project), emulator_key(&context.config.project)] {
        let found = endpoint.labelled_containers(&key)?;
        containers.extend(found.into_iter().filter(|found| is_orphan(found.labels.get(&key))).map(|found| found.name));
        let found = endpoint.volumes(&endpoint.labelled_volumes(&key)?)?;
        let owner = |labels: Option<BTreeMap<String, String>>| labels.and_then(|labels| labels.get(&key).cloned());
        volumes.extend(found.into_iter().filter(|found| is_orphan(owner(found.labels.clone()).as_ref())).map(|found| found.name));
    }
    if containers.is_empty() && volumes.is_empty() {
        return Ok(Diagnosis::well("leftovers", "none"));
    }
    let remove = |verb: &str, names: &[String]| {
        let names = names.join(" ");
        (!names.is_empty()).then(|| format!("`{} {verb} {names}`", endpoint.typed_client()))
    };
    let commands = [remove("rm --force", &containers), remove("volume rm", &volumes)].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let advice = format!("no instance file knows their owner: keep them, or remove them with their data: {commands}");
    Ok(Diagnosis::missing("leftovers", [containers, volumes].concat().join(", "), advice).needed(false))
}

fn disk(context: &Context) -> Diagnosis {
    let existing = context.directories.cache.ancestors().find(|directory| directory.exists());
    let free = existing.and_then(|directory| rustix::fs::statvfs(directory).ok());
    let Some(free) = free else {
        return Diagnosis::well("disk", "free space unknown");
    };
    #[expect(clippy::cast_precision_loss, reason = "for a number with one decimal")]
    let gib = (free.f_bavail * free.f_frsize) as f64 / f64::from(1 << 30);
    let found = format!("{gib:.1} GiB free for {}", context.directories.cache.display());
    if gib >= DISK_NEEDED_GIB {
        Diagnosis::well("disk", found)
    } else {
        Diagnosis::missing(
            "disk",
            found,
            format!("a first run needs some {DISK_NEEDED_GIB} GiB; `docker system df` shows what Docker holds"),
        )
    }
}

fn as_table(findings: &[Diagnosis]) -> String {
    let row = |finding: &Diagnosis| {
        let word = match finding.state {
            Standing::Well => "ok",
            Standing::NotNeeded => "not needed",
            Standing::Missing => "missing",
        };
        [finding.item.clone(), word.to_owned(), finding.found.clone(), finding.advice.clone()]
    };
    table::render(["item", "state", "found", "what to do"], &findings.iter().map(row).collect::<Vec<_>>())
}

/// `ok` is false only for what is missing and needed.
fn as_json(findings: &[Diagnosis]) -> Value {
    let entry = |finding: &Diagnosis| {
        let (ok, needed) = (finding.state != Standing::Missing, finding.state != Standing::NotNeeded);
        json!({"item": finding.item, "ok": ok, "needed": needed, "found": finding.found, "advice": finding.advice})
    };
    findings.iter().map(entry).collect()
}
