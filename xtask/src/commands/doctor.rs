//! `infra doctor`: of each thing that is needed, whether it is there, and what to do if not.

use anyhow::Result;
use serde_json::json;

use crate::cli::DoctorArgs;
use crate::docker::endpoint::Endpoint;
use crate::docker::inspect::Volume;
use crate::failure::Failure;
use crate::instance::{self, emulator_key, owner_key};
use crate::process::{Tool, find_on_path};
use crate::report::{console, table};
use crate::session::Context;
use crate::supply::State;
use crate::terraform::version;

/// What a full first run needs on the disk that holds the cache: images, Go's caches, the provider.
const DISK_NEEDED_GIB: f64 = 8.0;

/// One thing that was looked at.
struct Finding {
    item: String,
    ok: bool,
    found: String,
    /// What to do when it is not well.
    advice: String,
}

impl Finding {
    fn well(item: &str, found: impl Into<String>) -> Self {
        Self { item: item.to_owned(), ok: true, found: found.into(), advice: String::new() }
    }

    fn missing(item: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { item: item.to_owned(), ok: false, found: found.into(), advice: advice.into() }
    }
}

/// Looks at everything and prints a line each.
///
/// # Errors
/// Something is missing.
pub(crate) fn run(context: &Context, arguments: &DoctorArgs) -> Result<()> {
    let endpoint = Endpoint::resolve()?;
    let mut findings = vec![terraform(), engine(&endpoint)?];
    if findings.iter().all(|finding| finding.ok) {
        findings.extend(supply(context)?);
        findings.push(leftovers(context, &endpoint)?);
    }
    findings.push(disk(context));
    let missing = findings.iter().filter(|finding| !finding.ok).count();
    console::answer(&if arguments.json { as_json(&findings) } else { as_table(&findings) })?;
    match missing {
        0 => Ok(()),
        _ => Err(Failure::new(format!("{missing} of {} things are not as they should be", findings.len()))
            .hint("the last column says what to do about each")
            .into()),
    }
}

fn terraform() -> Finding {
    const WANTED: &str = "install Terraform 1.11 or later, below 2 (https://developer.hashicorp.com/terraform/install)";
    let Some(path) = find_on_path("terraform") else {
        return Finding::missing("terraform", "not on PATH", WANTED);
    };
    let version = Tool::new(path).args(["version", "-json"]).env("CHECKPOINT_DISABLE", "1").env_remove("TF_CLI_CONFIG_FILE").read();
    let version = version.ok().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    match version.as_ref().and_then(|version| version["terraform_version"].as_str()) {
        Some(version) if is_wanted(version) => Finding::well("terraform", version),
        Some(version) => Finding::missing("terraform", version, WANTED),
        None => Finding::missing("terraform", "does not say its version", WANTED),
    }
}

/// The modules' `required_version`.
fn is_wanted(found: &str) -> bool {
    version::compare(found, "1.11").is_ge() && version::compare(found, "2").is_lt()
}

fn engine(endpoint: &Endpoint) -> Result<Finding> {
    if let Some(absence) = crate::docker::engine::find_absence(endpoint)? {
        let (message, hint) = absence.failure(endpoint).parts();
        return Ok(Finding::missing("docker engine", message, hint));
    }
    let version = endpoint.client().args(["version", "--format", "{{.Server.Version}} (API {{.Server.APIVersion}})"]).read()?;
    Ok(Finding::well("docker engine", format!("{version} on {}", endpoint.host())))
}

fn supply(context: &Context) -> Result<Vec<Finding>> {
    let items = context.supply()?.inventory(&[])?;
    let finding = |item: crate::supply::Item| match item.state {
        // An image that only its registry has is missing for those who choose that engine; the others need nothing.
        State::Present | State::Unavailable => Finding::well(&item.name, format!("{}, {}", item.reference, item.state.word())),
        State::Missing | State::Outdated => {
            let command = if item.name == "provider" { String::new() } else { format!(" {}", item.name) };
            Finding::missing(&item.name, format!("{}, {}", item.reference, item.state.word()), format!("cargo xtask infra supply{command}"))
        }
    };
    Ok(items.into_iter().map(finding).collect())
}

/// Containers and volumes with this project's labels whose instance nobody on this machine knows any more.
fn leftovers(context: &Context, endpoint: &Endpoint) -> Result<Finding> {
    let known: Vec<String> = instance::all(&context.directories).map(|instance| instance.owner).collect();
    let is_orphan = |owner: Option<&String>| owner.is_some_and(|owner| !known.contains(owner));
    let mut orphans: Vec<String> = Vec::new();
    for key in [owner_key(&context.config.project), emulator_key(&context.config.project)] {
        let containers = endpoint.labelled_containers(&key)?;
        orphans.extend(containers.into_iter().filter(|found| is_orphan(found.labels.get(&key))).map(|found| found.name));
        let volumes = endpoint.volumes(&endpoint.labelled_volumes(&key)?)?;
        let is_orphan = |volume: &Volume| is_orphan(volume.labels.as_ref().and_then(|labels| labels.get(&key)));
        orphans.extend(volumes.into_iter().filter(is_orphan).map(|volume| volume.name));
    }
    Ok(if orphans.is_empty() {
        Finding::well("leftovers", "none")
    } else {
        let advice = "no instance file knows their owner: keep them, or remove them with `docker rm` and `docker volume rm`";
        Finding::missing("leftovers", orphans.join(", "), advice)
    })
}

fn disk(context: &Context) -> Finding {
    let existing = context.directories.cache.ancestors().find(|directory| directory.exists());
    let free = existing.and_then(|directory| rustix::fs::statvfs(directory).ok());
    let Some(free) = free else {
        return Finding::well("disk", "free space unknown");
    };
    #[expect(clippy::cast_precision_loss, reason = "for a number with one decimal")]
    let gib = (free.f_bavail * free.f_frsize) as f64 / f64::from(1 << 30);
    let found = format!("{gib:.1} GiB free for {}", context.directories.cache.display());
    if gib >= DISK_NEEDED_GIB {
        Finding::well("disk", found)
    } else {
        Finding::missing("disk", found, format!("a first run needs some {DISK_NEEDED_GIB} GiB; `docker system df` shows what Docker holds"))
    }
}

fn as_table(findings: &[Finding]) -> String {
    let row = |finding: &Finding| {
        let word = if finding.ok { "ok" } else { "missing" };
        [finding.item.clone(), word.to_owned(), finding.found.clone(), finding.advice.clone()]
    };
    table::render(["item", "state", "found", "what to do"], &findings.iter().map(row).collect::<Vec<_>>())
}

fn as_json(findings: &[Finding]) -> String {
    let entry = |finding: &Finding| json!({"item": finding.item, "ok": finding.ok, "found": finding.found, "advice": finding.advice});
    format!("{:#}\n", serde_json::Value::Array(findings.iter().map(entry).collect()))
}

#[cfg(test)]
mod tests {
    use super::is_wanted;

    #[test]
    fn the_terraform_that_the_modules_ask_for_is_wanted() {
        for (version, expected) in
            [("1.11.0", true), ("1.11.4", true), ("1.9.8", false), ("2.0.0", false), ("1.12.0-beta1", true), ("", false)]
        {
            assert_eq!(is_wanted(version), expected, "{version}");
        }
    }
}
