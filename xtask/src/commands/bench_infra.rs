//! `bench-infra`: chooses what to measure, compiles Docker Compose, and hands over to the crate `bench`.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::test_infra::cargo;
use crate::cli::BenchInfraArgs;
use crate::docker::endpoint::Endpoint;
use crate::host::error::{Ending, Failure};
use crate::host::shutdown::{self, Finishing, StopSignal};
use crate::project::environment::Environment;
use crate::run::context::Context;
use crate::services::contract::{self, Outputs};
use crate::services::readiness::Waiting;

/// Measures, prints a table or JSON, and says how it ended.
///
/// # Errors
/// There is nothing to measure, or Compose cannot be compiled.
pub(crate) fn run(context: &Context, arguments: &BenchInfraArgs) -> Result<Option<Ending>> {
    let environment = measurable(context, arguments)?;
    if arguments.probe {
        return probe(&environment).map(|()| None);
    }
    let mut bench = cargo().args(["run", "--quiet", "--package", "bench", "--", &environment.name]);
    bench = bench.arg("--xtask").arg(env::current_exe().context("finding this program")?);
    bench = bench.args(["--runs", &arguments.runs.to_string()]);
    let flags = [("--json", arguments.json), ("--emulated", environment.target.emulated), ("--quiet", context.global.quiet)];
    bench = bench.args(flags.into_iter().filter_map(|(flag, is_set)| is_set.then_some(flag)));
    if environment.target.docker {
        let supply = context.supply()?;
        supply.engine()?;
        bench = bench.arg("--compose").arg(supply.compose(&context.checkout.infrastructure().join("bench/compose"))?);
        bench = bench.env("DOCKER_HOST", Endpoint::resolve()?.host());
    }
    let finishing = Finishing::begin("removing what was measured");
    let status = bench.directory(context.checkout.root()).stop_signal(StopSignal::Terminate).status()?;
    drop(finishing);
    // It has said why itself.
    Ok(match status.success() {
        true => None,
        false if shutdown::requested() => Some(Ending::Interrupted),
        false => Some(Ending::Failed),
    })
}

/// The environment that was named, or the first that is fit for it.
fn measurable(context: &Context, arguments: &BenchInfraArgs) -> Result<Environment> {
    let is_fit = |name: &String| {
        let policy = context.config.policy(name);
        policy.docker && !policy.protected
    };
    let named = arguments.environment.clone().or_else(|| context.checkout.names().into_iter().find(is_fit));
    let name =
        named.ok_or_else(|| Failure::new("no environment of containers to measure").hint("infra.toml marks one with `docker = true`"))?;
    let environment = context.environment(&name)?;
    if environment.reaches_aws() {
        return Err(Failure::usage(format!("measuring applies and destroys, and `{name}` is on AWS"))
            .hint(format!("measure it on an emulator: cargo xtask bench-infra {name} --emulated"))
            .into());
    }
    Ok(environment)
}

/// Waits until the services answer that standard input describes; containers are not looked at.
fn probe(environment: &Environment) -> Result<()> {
    let given: Value = serde_json::from_reader(std::io::stdin()).context("reading outputs from standard input")?;
    let outputs = Outputs {
        services: contract::parse_services(given["services"].clone())?,
        env: serde_json::from_value(given["env"].clone()).context("the output `env` is not a map of strings")?,
        raw: BTreeMap::new(),
    };
    let waiting = Waiting {
        outputs: &outputs,
        endpoint: None,
        typed: environment.cli_args(),
        limit: environment.policy.ready_timeout(),
        earlier: &[],
        settled: BTreeSet::new(),
        began: SystemTime::now(),
    };
    waiting.wait().map(drop)
}
