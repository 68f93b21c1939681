//! Which logins volumes keep. Some engines take a user, a password or a database only when they begin an empty volume: another
//! one, set later, would be in `env` and would not log in. What has worked is written down, and looked at before a change.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::contract::{Outputs, Protocol, Service};
use super::login::{Account, Refusal, Refused};
use super::{probe, scram};
use crate::docker::endpoint::Endpoint;
use crate::host::digest::hex;
use crate::host::error::Failure;
use crate::host::{private_file, secret};
use crate::project::environment::Environment;
use crate::project::instance;
use crate::project::user_dirs::UserDirs;
use crate::terraform::plan::Plan;

/// As many as Postgres takes: a password that a person has chosen is not to be read out of the record.
const ITERATIONS: u32 = 4096;

/// A login that has worked with a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    user: String,
    /// The database.
    path: String,
    salt: String,
    /// Hash of salt and password.
    password: String,
}

/// By the volume's name.
type Volumes = BTreeMap<String, Vec<Made>>;

/// The record of an instance. It is beside the copy of the instance file: it is about volumes, which a `git clean` does not touch.
#[derive(Debug)]
pub(crate) struct MadeWith {
    file: PathBuf,
}

impl Made {
    fn with(account: &Account, salt: String) -> Self {
        let password = scram::stretched(&account.password, salt.as_bytes(), ITERATIONS);
        Self { user: account.user.clone(), path: account.path.clone(), salt, password: hex(&password) }
    }

    fn is_with(&self, account: &Account) -> bool {
        *self == Self::with(account, self.salt.clone())
    }

    /// The parts of a login that are others.
    fn difference(&self, account: &Account) -> Vec<&'static str> {
        let now = Self::with(account, self.salt.clone());
        let parts = [("user", self.user != now.user), ("password", self.password != now.password), ("database", self.path != now.path)];
        parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
    }
}

/// A change of a login that a volume keeps.
struct Edit<'a> {
    service: &'a str,
    volume: &'a str,
    container: Option<&'a str>,
    docker: &'a str,
    protocol: Protocol,
    wanted: &'a Account,
    parts: Vec<&'static str>,
}

impl MadeWith {
    /// That of an instance.
    pub(crate) fn of(environment: &Environment, directories: &UserDirs) -> Self {
        Self { file: instance::RecordFile::MadeWith.path(environment, directories) }
    }

    /// Refuses a plan that sets a login which a volume cannot take any more, but for volumes that are `going`. What works already may
    /// be set: it was made by hand.
    ///
    /// # Errors
    /// The refusal, with the ways on; or the engine does not answer.
    pub(crate) fn check(&self, endpoint: Option<&Endpoint>, typed: &str, plan: &Plan, going: &[String]) -> Result<()> {
        let Some(endpoint) = endpoint else {
            return Ok(());
        };
        let record = self.read()?;
        let (services, before) = (services(&plan.services_after), services(&plan.services_before));
        for (name, service) in &services {
            let Some(volume) = service
                .volume
                .as_ref()
                .filter(|volume| !going.contains(volume) && service.probe.as_ref().is_some_and(|probe| probe.login_stays))
            else {
                continue;
            };
            let Some(wanted) = account(service, &plan.env_after) else {
                continue;
            };
            let earlier = before.get(name).filter(|earlier| earlier.volume.as_ref() == Some(volume));
            // Without a record, what was applied last is what it was made with, as far as anybody knows.
            let made = match (record.get(volume), earlier.and_then(|earlier| account(earlier, &plan.env_before))) {
                (Some(known), _) => known.clone(),
                (None, Some(applied)) => vec![Made::with(&applied, String::new())],
                (None, None) => continue,
            };
            if made.iter().any(|made| made.is_with(&wanted)) || endpoint.volumes(std::slice::from_ref(volume))?.is_empty() {
                continue;
            }
            // As seen from the nearest that has worked.
            let Some(parts) = made.iter().map(|made| made.difference(&wanted)).min_by_key(Vec::len) else {
                continue;
            };
            let running = earlier.unwrap_or(service);
            let probe = service.probe.as_ref().map(|probe| {
                let port = running.probe.as_ref().map_or(probe.port, |probe| probe.port);
                probe::ask(&running.host, &super::contract::ProbeSpec { port, ..probe.clone() }, Some(&plan.env_after))
            });
            let refusal = match probe.transpose().map_err(|error| error.downcast::<Refusal>()) {
                Ok(_) => continue,
                Err(Ok(refusal)) => Some(refusal),
                // Nothing answers, and nobody has seen what the volume was made with.
                Err(Err(_)) if !record.contains_key(volume) => continue,
                Err(Err(_)) => None,
            };
            let container = running.container.as_deref();
            let protocol = service.probe.as_ref().map_or(Protocol::Http, |probe| probe.protocol);
            let docker = endpoint.typed_client();
            let edit = Edit { service: name, volume, container, docker: &docker, protocol, wanted: &wanted, parts };
            return Err(edit.refused(refusal.as_ref(), typed).into());
        }
        Ok(())
    }

    /// Writes down what the volumes of these services were made with, after a login to each.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(crate) fn remember(&self, outputs: &Outputs) -> Result<()> {
        let mut record = self.read()?;
        let before = record.clone();
        for service in outputs.services.values().filter(|service| service.probe.as_ref().is_some_and(|probe| probe.login_stays)) {
            let (Some(volume), Some(account)) = (&service.volume, account(service, &outputs.env)) else {
                continue;
            };
            let known = record.entry(volume.clone()).or_default();
            if !known.iter().any(|made| made.is_with(&account)) {
                known.push(Made::with(&account, secret::identifier()?));
            }
        }
        if record == before { Ok(()) } else { self.write(&record) }
    }

    /// Forgets volumes that are gone.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(crate) fn forget(&self, volumes: &[String]) -> Result<()> {
        let mut record = self.read()?;
        let count = record.len();
        record.retain(|volume, _| !volumes.contains(volume));
        if record.len() == count { Ok(()) } else { self.write(&record) }
    }

    fn read(&self) -> Result<Volumes> {
        match fs::read(&self.file) {
            // One that cannot be understood says nothing; the next success writes another.
            Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Volumes::new()),
            Err(error) => Err(error).with_context(|| format!("reading {}", self.file.display())),
        }
    }

    fn write(&self, record: &Volumes) -> Result<()> {
        private_file::write(&self.file, &serde_json::to_vec_pretty(record).context("writing JSON")?)
    }
}

impl Edit<'_> {
    fn refused(&self, refusal: Option<&Refusal>, typed: &str) -> Failure {
        let parts = self.parts.join(" and ");
        let reason =
            refusal.map_or_else(|| "it does not run, so it cannot be asked".to_owned(), |refusal| format!("it refuses the new: {refusal}"));
        let ways = match (by_hand(self.docker, self.protocol, &self.parts, self.container, self.wanted), refusal) {
            (Some(command), Some(_)) => format!("set the {parts} back, or make it by hand (`{command}`) and run this again"),
            (Some(command), None) => {
                format!("set the {parts} back and bring it up: then `{command}` makes the new one, and what you set now can be set")
            }
            (None, _) => format!("set the {parts} back"),
        };
        Failure::refused(format!(
            "the {parts} of {} cannot be changed by configuration: volume `{}` keeps what it was made with; {reason}",
            self.service, self.volume
        ))
        .hint(format!("{ways}; or begin anew without its data: `cargo xtask infra reset {typed} {}`", self.service))
    }
}

/// The command that makes, in a running container that has the login of before, what is missing for the new one.
fn by_hand(docker: &str, protocol: Protocol, parts: &[&str], container: Option<&str>, wanted: &Account) -> Option<String> {
    let container = container.filter(|_| protocol == Protocol::Postgres)?;
    match parts {
        ["database"] => Some(format!("{docker} exec {container} createdb {}", wanted.path)),
        ["password"] => Some(format!("{docker} exec -it {container} psql --command '\\password'")),
        ["user"] => Some(format!("{docker} exec -it {container} createuser --superuser --pwprompt {}", wanted.user)),
        _ => None,
    }
}

/// The hint for a login that is refused after everything was made.
pub(super) fn way_on(name: &str, service: &Service, refused: Refused, account: Option<&Account>, docker: &str, typed: &str) -> String {
    let stays = service.probe.as_ref().filter(|probe| probe.login_stays);
    match (stays, &service.volume, &service.container) {
        (Some(probe), Some(volume), container) => {
            let parts: &[&str] = if refused == Refused::Path { &["database"] } else { &[] };
            let by_hand = account.and_then(|account| by_hand(docker, probe.protocol, parts, container.as_deref(), account));
            let by_hand = by_hand.map(|command| format!(", or make it (`{command}`)")).unwrap_or_default();
            format!(
                "volume `{volume}` keeps the login that it was made with: set that one again{by_hand} and run this again, or begin anew without its data: `cargo xtask infra reset {typed} {name}`"
            )
        }
        (_, _, Some(container)) => {
            format!("it was changed in the running engine: `{docker} restart {container}` makes it read its configuration again")
        }
        _ => "compare what `env` prints with what the service was made with".to_owned(),
    }
}

fn account(service: &Service, env: &BTreeMap<String, String>) -> Option<Account> {
    service.probe.as_ref()?.login.as_ref()?.account(env)
}

/// Those of a plan's services of which everything is known.
fn services(value: &Value) -> BTreeMap<String, Service> {
    let services = value.as_object().into_iter().flatten();
    services.filter_map(|(name, value)| Some((name.clone(), serde_json::from_value(value.clone()).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Edit, Made, by_hand};
    use crate::services::contract::Protocol;
    use crate::services::login::{Account, Refusal};

    fn account(user: &str, password: &str, path: &str) -> Account {
        Account { user: user.to_owned(), password: password.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn what_a_volume_was_made_with_is_known_again_and_the_password_is_not_written_down() {
        let made = Made::with(&account("tracker", "secret-of-16-chars", "tracker"), "salt".to_owned());
        for (now, difference) in [
            (account("tracker", "secret-of-16-chars", "tracker"), vec![]),
            (account("tracker", "secret-of-16-chars", "other"), vec!["database"]),
            (account("else", "another", "tracker"), vec!["user", "password"]),
        ] {
            assert_eq!((made.is_with(&now), made.difference(&now)), (difference.is_empty(), difference));
        }
        assert!(!serde_json::to_string(&made).unwrap().contains("secret"));
        assert_ne!(made.password, Made::with(&account("tracker", "secret-of-16-chars", "tracker"), "pepper".to_owned()).password);
    }

    #[test]
    fn what_can_be_made_by_hand_is_named_with_its_command() {
        let wanted = account("new", "pw", "other");
        for (protocol, parts, expected) in [
            (Protocol::Postgres, &["database"][..], Some("docker exec c createdb other")),
            (Protocol::Postgres, &["user"], Some("docker exec -it c createuser --superuser --pwprompt new")),
            (Protocol::Postgres, &["password"], Some("docker exec -it c psql --command '\\password'")),
            (Protocol::Postgres, &["user", "password"], None),
            (Protocol::Http, &["password"], None),
        ] {
            assert_eq!(by_hand("docker", protocol, parts, Some("c"), &wanted).as_deref(), expected, "{parts:?}");
        }
        let edit = Edit {
            service: "postgres",
            volume: "v",
            container: Some("c"),
            docker: "docker",
            protocol: Protocol::Postgres,
            wanted: &wanted,
            parts: vec!["database"],
        };
        let refusal = Refusal::of_the_path("database \"other\" does not exist");
        assert_eq!(
            edit.refused(Some(&refusal), "local").to_string(),
            "the database of postgres cannot be changed by configuration: volume `v` keeps what it was made with; it refuses the new: database \"other\" does not exist\n\
             hint: set the database back, or make it by hand (`docker exec c createdb other`) and run this again; or begin anew without its data: `cargo xtask infra reset local postgres`"
        );
        assert!(edit.refused(None, "local").to_string().contains(
            "it does not run, so it cannot be asked\nhint: set the database back and bring it up: then `docker exec c createdb other`"
        ));
    }
}
