//! `infra list`: the environments and their instances.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::ListArgs;
use crate::docker::availability::find_absence;
use crate::docker::endpoint::Endpoint;
use crate::host::console;
use crate::project::environment::Environment;
use crate::project::instance::{self, Instance};
use crate::project::target::Target;
use crate::run::context::Context;
use crate::ui::table;

struct Row {
    environment: String,
    instance: Option<String>,
    /// By what infra.toml declares.
    protected: bool,
    target: Target,
    /// None where there are no containers to count, or no engine to ask.
    running: Option<usize>,
}

/// Lists every environment, a line each, and a line for each of its instances.
///
/// # Errors
/// The checkout cannot be read.
pub(crate) fn run(context: &Context, arguments: &ListArgs) -> Result<()> {
    let mut rows = Vec::new();
    for name in context.checkout.names() {
        let policy = context.config.policy(&name);
        let resolve =
            |instance: Option<&str>, emulated: bool| Environment::resolve(&context.checkout, &context.config, &name, instance, emulated);
        let before = rows.len();
        for emulated in if policy.aws { &[false, true][..] } else { &[false] } {
            for instance in instance::names(&resolve(None, *emulated)?.instances_directory()) {
                let environment = resolve(Some(&instance), *emulated)?;
                let running = if environment.target.docker || *emulated { running(&environment)? } else { None };
                rows.push(Row {
                    environment: name.clone(),
                    instance: Some(instance),
                    protected: policy.protected,
                    target: environment.target,
                    running,
                });
            }
        }
        if rows.len() == before {
            let target = resolve(None, false)?.target;
            rows.push(Row { environment: name.clone(), instance: None, protected: policy.protected, target, running: None });
        }
    }
    if arguments.json { console::answer_json(as_json(&rows)) } else { console::answer(&as_table(&rows)) }
}

fn running(environment: &Environment) -> Result<Option<usize>> {
    let endpoint = Endpoint::resolve()?;
    if find_absence(&endpoint)?.is_some() {
        return Ok(None);
    }
    let Some(instance) = Instance::load(environment)? else {
        return Ok(None);
    };
    let (key, owner) = instance.emulator_label();
    let label = if environment.target.emulated { format!("{key}={owner}") } else { instance.owner_label() };
    Ok(Some(endpoint.labelled_containers(&label)?.iter().filter(|container| container.is_running()).count()))
}

fn as_table(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let policy = [
            (row.protected && !row.target.emulated, "protected"),
            (row.target.docker, "docker"),
            (row.target.aws && !row.target.emulated, "aws"),
            (row.target.emulated, "emulated"),
        ];
        let policy: Vec<&str> = policy.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
        let running = row.running.map_or_else(String::new, |count| format!("{count} containers run"));
        [row.environment.clone(), row.instance.clone().unwrap_or_else(|| "-".to_owned()), policy.join(", "), running]
    };
    table::render(["environment", "instance", "policy", "state"], &rows.iter().map(cells).collect::<Vec<_>>())
}

fn as_json(rows: &[Row]) -> Value {
    let entry = |row: &Row| json!({"environment": row.environment, "instance": row.instance, "emulated": row.target.emulated, "protected": row.protected, "running": row.running});
    rows.iter().map(entry).collect()
}
