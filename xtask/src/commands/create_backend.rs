//! `infra create-backend ENV`: the bucket for the states of an environment on AWS, made or taken back, and named to its root.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::cli::EnvironmentArgs;
use crate::host::error::Failure;
use crate::host::quoting::hcl_quoted;
use crate::host::{console, private_file};
use crate::run::blockers::Blockers;
use crate::run::context::Context;
use crate::run::session::Session;
use crate::run::{apply, describe, teardown};
use crate::terraform::run::Planned;
use crate::ui::prompt;

/// What Terraform says of an import of a bucket that does not exist.
const NO_SUCH_BUCKET: &str = "Cannot import non-existent remote object";

/// Makes the bucket after a yes, writes `state.tfbackend`, and prints the policies for the team.
///
/// # Errors
/// The environment keeps its state elsewhere, the bucket is somebody else's, or AWS refuses.
pub(crate) fn run(context: &Context, arguments: &EnvironmentArgs) -> Result<()> {
    let environment = context.environment(&arguments.environment)?;
    let hint = match (environment.target.aws, environment.has_local_state()) {
        (true, false) => None,
        (true, true) => Some("for a state that a team shares, give it a backend.tf as environments/aws has, with a key of its own"),
        (false, _) => Some("create-backend is for environments with `aws = true` in infra.toml"),
    };
    if let Some(hint) = hint {
        return Err(Failure::usage(format!("`{}` keeps its state in a file: it needs no bucket", environment.name)).hint(hint).into());
    }
    let mut session = context.open_backend(&arguments.environment)?;
    session.terraform.initialise()?;
    let planned = plan(&mut session)?;
    let file = session.environment.plan_file();
    if matches!(planned, Planned::Changes(_)) {
        let plan = session.terraform.show(&file)?;
        console::say(describe::list(&plan).trim_end());
        prompt::confirm("make this, the bucket for Terraform's states?", context.global.yes)?;
        let applied = apply::saved_plan(&session, &file, &Blockers::default());
        private_file::remove(&file)?;
        applied?;
    } else {
        private_file::remove(&file)?;
    }
    let outputs = session.outputs()?;
    let value = |name: &str| outputs.raw.get(name).map(|output| output["value"].clone()).unwrap_or_default();
    let backend = value("backend");
    if environment.target.emulated {
        console::say(&format!("the emulator has the bucket {}; an emulated state has one of its own", backend["bucket"]));
        // Gone with the emulator, whose end nobody tells this root: the bucket is known by its tags.
        teardown::forget(&session.environment, &context.directories)?;
    } else {
        let path = environment.backend_file();
        std::fs::write(&path, tfbackend(&backend)).with_context(|| format!("writing {}", path.display()))?;
        console::say(&format!("wrote {}: commit it, so that everybody has the same state", path.display()));
        console::say(&format!("go on: cargo xtask infra plan {}", environment.cli_args()));
    }
    console::answer_json(policies(&value("policies")))
}

/// A plan that takes a bucket of ours that exists already, when nothing is known of it here; else one that makes it.
fn plan(session: &mut Session) -> Result<Planned> {
    let file = session.environment.plan_file();
    if session.terraform.local_state()?.is_none_or(|state| state["resources"].as_array().is_none_or(Vec::is_empty)) {
        session.terraform.set_input("adopt", "true");
        match session.terraform.plan(&file, false) {
            Ok(planned) => {
                console::say("the bucket exists and carries our tags: it is taken back");
                return Ok(planned);
            }
            Err(error) if format!("{error:#}").contains(NO_SUCH_BUCKET) => session.terraform.set_input("adopt", "false"),
            Err(error) => return Err(error),
        }
    }
    session.terraform.plan(&file, false)
}

/// The file's text: one setting a line.
fn tfbackend(backend: &Value) -> String {
    let settings = backend.as_object().into_iter().flatten();
    let lines = settings.filter_map(|(name, value)| Some(format!("{name} = {}\n", hcl_quoted(value.as_str()?))));
    format!("# Written by `cargo xtask infra create-backend`.\n{}", lines.collect::<String>())
}

/// The policies as documents, and not as the text of documents.
fn policies(policies: &Value) -> Value {
    let documents = policies.as_object().into_iter().flatten().map(|(name, text)| {
        let document = text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        (name.clone(), document.unwrap_or_default())
    });
    json!({ "policies": documents.collect::<serde_json::Map<_, _>>() })
}

#[cfg(test)]
mod tests {
    use super::{policies, tfbackend};
    use serde_json::json;

    #[test]
    fn the_backends_settings_are_lines_of_terraforms_language() {
        let text = tfbackend(&json!({"bucket": "b", "region": "r"}));
        assert_eq!(text, "# Written by `cargo xtask infra create-backend`.\nbucket = \"b\"\nregion = \"r\"\n");
    }

    #[test]
    fn policies_are_documents() {
        assert_eq!(policies(&json!({"plan": "{\"Version\": 1}"})), json!({"policies": {"plan": {"Version": 1}}}));
    }
}
