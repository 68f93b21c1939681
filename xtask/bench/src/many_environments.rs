//! `infra check` over a thousand and over ten thousand environments: ten times as many may take ten times as long.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::program::{call, run};
use crate::statistics::Comparison;

const FEW: u32 = 1_000;
const TIMES: u32 = 10;

/// Generates both checkouts and measures them in alternating runs; nothing of them stays.
///
/// # Errors
/// A file cannot be written, or `check` refuses what was generated.
pub(crate) fn measure(xtask: &Path, runs: usize) -> Result<Comparison> {
    let place = tempfile::tempdir().context("making a directory for generated environments")?;
    let (few, many) = (place.path().join("few"), place.path().join("many"));
    generate(&few, FEW)?;
    generate(&many, FEW * TIMES)?;
    let check_few = || check(xtask, &few, FEW);
    let check_many = || check(xtask, &many, FEW * TIMES);
    // The first run reads from the disk, and that is not what is measured.
    check_few()?;
    check_many()?;
    let mut comparison = Comparison::new("check, 10,000 environments", "ten times 1,000", Some(1.5));
    for _ in 0..runs {
        let few = check_few()?;
        comparison.add(check_many()?, few * TIMES);
    }
    Ok(comparison)
}

/// One whole run, which has to see every environment and its state.
fn check(xtask: &Path, root: &Path, count: u32) -> Result<Duration> {
    let started = Instant::now();
    let said = run(call(xtask).args(["infra", "check"]).current_dir(root))?.stdout;
    let elapsed = started.elapsed();
    ensure!(said.contains(&format!("\n{count} environments: ")), "`infra check` has not looked at {count} environments:\n{said}");
    Ok(elapsed)
}

/// Environments that share a module and a bucket and have a key, a variable file and a state of their own.
fn generate(root: &Path, count: u32) -> Result<()> {
    let infrastructure = root.join("infrastructure");
    write(&infrastructure.join("infra.toml"), "project = \"many\"\nimages = \"auto\"\nmanifest = \"images.toml\"\n")?;
    let module = "variable \"name\" {}\nresource \"docker_container\" \"this\" {\n  name  = var.name\n  image = \"redis\"\n}\n";
    write(&infrastructure.join("modules/redis/main.tf"), module)?;
    for number in 0..count {
        let directory = infrastructure.join(format!("environments/e{number}"));
        let backend =
            format!("bucket = \"states\"\n    region = \"eu-central-1\"\n    key    = \"environments/e{number}/terraform.tfstate\"");
        let module = format!(
            "module \"redis\" {{\n  source = \"../../modules/redis\"\n  name   = \"e{number}-redis\"\n}}\n\nvariable \"owner\" {{}}\n"
        );
        write(&directory.join("main.tf"), &format!("terraform {{\n  backend \"s3\" {{\n    {backend}\n  }}\n}}\n\n{module}"))?;
        write(&directory.join("terraform.tfvars"), &format!("owner = \"e{number}\"\n"))?;
        let resource =
            format!(r#"{{"mode": "managed", "type": "docker_container", "instances": [{{"attributes": {{"id": "c{number}"}}}}]}}"#);
        write(
            &directory.join("terraform.tfstate"),
            &format!(r#"{{"version": 4, "serial": 1, "lineage": "l{number}", "resources": [{resource}]}}"#),
        )?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let directory = path.parent().unwrap_or(path);
    fs::create_dir_all(directory).and_then(|()| fs::write(path, text)).with_context(|| format!("writing {}", path.display()))
}
