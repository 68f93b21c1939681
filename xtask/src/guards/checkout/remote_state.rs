//! The state that a `terraform_remote_state` reads: whose it is, and whether that is what infra.toml declares.

use terraform_config::backend::{self, Location};
use terraform_config::backends::locate;
use terraform_config::{Block, Code, Entry, Value};

use crate::guards::facts::{EnvironmentFacts, Facts};

/// How a read stands to what `reads_state_of` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Declared {
    No,
    Yes,
    /// It is declared, of this environment or address, and reads another one.
    Moved {
        from: String,
        to: String,
    },
}

/// Where the state is that a data source reads; `None` for another kind of data source, or where the code does not say.
pub(super) fn location_of(environment: &EnvironmentFacts, block: &Block) -> Option<Location> {
    // Another workspace's state is another one.
    let is_of_another = |workspace: &Value| !workspace.references().iter().any(|it| it.is("terraform", "workspace"));
    if block.kind != "data" || block.label() != "terraform_remote_state" || block.value("workspace").is_some_and(is_of_another) {
        return None;
    }
    // A module that is called for many reads many states.
    let settings = block.value("config").map(|config| backend::settings_in(&environment.code.one(block, config))).unwrap_or_default();
    let kind = environment.code.texts(block, block.value("backend")?).pop()?;
    Some(locate(&environment.directory, &kind, &settings))
}

/// True for the environment's own state: an image's tag that is kept from one apply to the next, say.
pub(super) fn is_own(environment: &EnvironmentFacts, location: &Location) -> bool {
    environment.backends.known().any(|backend| {
        // That of the default workspace: in others two roots on local files may have one directory.
        let (own, read) = (&backend.location, location);
        own.store() == read.store() && read.is_known() && own.states().first() == read.states().first()
    })
}

/// True where the address comes out of a file of backend settings beside the code, as `init` is given one: whichever of them that is,
/// it is about the environment's own state.
pub(super) fn is_of_own_settings(environment: &EnvironmentFacts, block: &Block) -> bool {
    let (Some(kind), Some(config)) = (block.text("backend"), block.value("config")) else {
        return false;
    };
    // A region is only the way to a bucket.
    let says_where = |entry: &&Entry| entry.key.text().is_some_and(|name| name != "region" && backend::is_address(kind, name));
    let addressing: Vec<&Value> = config.entries().iter().filter(says_where).map(|entry| &entry.value).collect();
    let comes_from_settings = |code: &Code| addressing.iter().all(|value| code.with_locals(value).into_iter().any(reads_settings));
    environment.code.is_in_root(block)
        && !addressing.is_empty()
        && environment.code.readings.iter().any(|reading| comes_from_settings(&reading.code))
}

/// True for what is made from `file("${path.module}/NAME.tfbackend")`.
fn reads_settings(value: &Value) -> bool {
    let mut is_read = false;
    value.walk(&mut |part| is_read |= part.call("file").and_then(|call| call.arguments.first()).is_some_and(is_settings_beside_code));
    is_read
}

fn is_settings_beside_code(path: &Value) -> bool {
    let written = path.text().map_or_else(|| path.to_string().trim_matches('"').to_owned(), ToOwned::to_owned);
    let beginnings = ["${path.module}/", "${path.root}/", "./"];
    let name = beginnings.iter().find_map(|beginning| written.strip_prefix(beginning)).unwrap_or(&written);
    name.ends_with(".tfbackend") && !name.contains('/')
}

/// Whether the read of this name is declared: by the name alone, which is checked where an environment is called so, or as
/// `NAME: ADDRESS`.
pub(super) fn declared(facts: &Facts, environment: &EnvironmentFacts, name: &str, location: Option<&Location>) -> Declared {
    let mut entries = environment.policy.reads_state_of.iter().map(|entry| entry.split_once(": ").unwrap_or((entry, "")));
    let Some((_, address)) = entries.find(|(declared, _)| *declared == name) else {
        return Declared::No;
    };
    let Some(location) = location.filter(|location| location.is_known()) else {
        return Declared::Yes;
    };
    if !address.is_empty() {
        let now = location.to_string();
        return if now == address { Declared::Yes } else { Declared::Moved { from: address.to_owned(), to: now } };
    }
    let is_of = |one: &EnvironmentFacts| is_own(one, location);
    let named = facts.environments.iter().find(|one| one.name == name);
    let owner = || facts.environments.iter().find(|one| is_of(one) && one.name != environment.name);
    match named.filter(|one| !is_of(one)).and_then(|_| owner()) {
        Some(owner) => Declared::Moved { from: format!("`{name}`"), to: format!("`{}`", owner.name) },
        None => Declared::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::reads_settings;
    use std::fs;
    use terraform_config::Code;

    #[test]
    fn an_address_out_of_ones_own_settings_is_ones_own() {
        for (locals, expected) in [
            ("key = regex(\"x\", file(\"${path.module}/${var.env}.s3.tfbackend\"))", true),
            (
                "text = file(\"dev.tfbackend\")\n  all = { for m in regexall(\"x\", local.text) : m[0] => m[1] }\n  key = local.all[\"key\"]",
                true,
            ),
            ("key = file(\"${path.module}/../other/dev.tfbackend\")", false),
            ("key = file(\"${path.module}/dev.txt\")", false),
            ("key = \"dev.tfbackend\"", false),
            ("key = local.other\n  other = local.key", false),
        ] {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join("main.tf"), format!("locals {{\n  {locals}\n}}\n")).unwrap();
            let code = Code::read(directory.path());
            let value = code.of_kind("locals").find_map(|block| block.value("key")).unwrap();
            assert_eq!(code.with_locals(value).into_iter().any(reads_settings), expected, "{locals}");
        }
    }
}
