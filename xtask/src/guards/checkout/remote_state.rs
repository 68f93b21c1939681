//! The state that a `terraform_remote_state` reads: whose it is, and whether that is what infra.toml declares.

use terraform_config::backend::{Location, Setting, Settings};
use terraform_config::{Block, Value};

use crate::guards::facts::backend::locate;
use crate::guards::facts::literals::texts;
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
    block.labels.first().filter(|kind| block.kind == "data" && *kind == "terraform_remote_state")?;
    // Another workspace's state is another one.
    if block.value("workspace").is_some_and(|workspace| !workspace.references().iter().any(|it| it.is("terraform", "workspace"))) {
        return None;
    }
    let mut settings = Settings::new();
    if let Some(config) = block.value("config") {
        collect(environment, block, "", config, &mut settings);
    }
    let kind = texts(environment, block, block.value("backend")?).pop()?;
    Some(locate(&environment.directory, &kind, &settings))
}

fn collect(environment: &EnvironmentFacts, block: &Block, before: &str, config: &Value, settings: &mut Settings) {
    for entry in config.entries() {
        let name = format!("{before}{}", entry.key.text().unwrap_or_default());
        match &entry.value {
            Value::Null => {}
            Value::Object(_) => collect(environment, block, &format!("{name}."), &entry.value, settings),
            value => {
                // A module that is called for many reads many states.
                let one = match texts(environment, block, value).as_slice() {
                    [one] if !one.contains("${") => Setting::Text(one.clone()),
                    _ => Setting::Unknown,
                };
                settings.insert(name, one);
            }
        }
    }
}

/// True for the environment's own state: an image's tag that is kept from one apply to the next, say.
pub(super) fn is_own(environment: &EnvironmentFacts, location: &Location) -> bool {
    environment.backends.known().any(|backend| {
        // That of the default workspace: in others two roots on local files may have one directory.
        let (own, read) = (&backend.location, location);
        own.store() == read.store() && read.is_known() && own.states().first() == read.states().first()
    })
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
