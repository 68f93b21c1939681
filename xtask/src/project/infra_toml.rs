//! infra.toml, typed: each environment's policy and what its instances hold.

mod environments;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use self::environments::Environments;
use super::roots;
use crate::host::error::Failure;
use crate::host::unreadable;

/// The whole of infra.toml.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// First part of every container's and volume's name, and the name of our directories in the user's cache and state.
    pub(crate) project: String,
    /// Where images come from when the machine has not decided yet.
    #[serde(default)]
    pub(crate) images: ImageSource,
    /// The image manifest, relative to `infrastructure/`; a checkout without containers has none.
    #[serde(default = "usual_manifest")]
    pub(crate) manifest: String,
    /// A commit: what git's history has added to `infrastructure/` since then is looked through by `check`.
    #[serde(default)]
    pub(crate) history_since: Option<String>,
    /// What is accepted of what guards find, for good.
    #[serde(default)]
    pub(crate) accept: Vec<Accept>,
    /// Where the environments are, and their policies; one without a table gets `Policy::default()`.
    #[serde(default)]
    pub(crate) environments: Environments,
}

/// A table `[[accept]]`: what this guard finds in these environments, or in this file or below this directory, passes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    /// The guard.
    pub(crate) guard: Spanned<String>,
    /// Names of environments; any where none is named.
    #[serde(default)]
    pub(crate) environments: Vec<String>,
    /// Relative to the top of the checkout.
    pub(crate) path: Option<PathBuf>,
    /// Why.
    pub(crate) reason: String,
    /// Where `guard` stands.
    #[serde(skip)]
    pub(crate) line: usize,
}

/// What sets one environment apart. The default is the strictest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Policy {
    /// Every apply asks first, also one that loses nothing.
    pub(crate) protected: bool,
    /// It needs the Docker engine, the Docker provider and images.
    pub(crate) docker: bool,
    /// It reaches AWS, with credentials of the caller's, or an emulator of it with `--emulated`.
    pub(crate) aws: bool,
    /// For one that is on Docker or on AWS: which of the two, by the value of a variable.
    pub(crate) sides: Option<Sides>,
    /// The AWS region of its default provider.
    pub(crate) region: Option<String>,
    /// The only other regions that providers with an alias, and resources with a region of their own, may be in; any without it.
    pub(crate) regions: Option<Vec<String>>,
    /// The only AWS accounts it may be applied to, 12 digits each.
    pub(crate) allowed_account_ids: Vec<String>,
    /// Names of its data sources of another environment that are meant: `terraform_remote_state`, and what the other owns.
    pub(crate) reads_state_of: Vec<String>,
    /// What `terraform init -backend-config` is given, in order: `NAME=VALUE`, or a file by its path from the environment.
    pub(crate) backend_config: Vec<String>,
    /// Names of the ports that a named instance gets of its own.
    pub(crate) ports: Vec<String>,
    /// Names of the ports that an instance on the emulator gets: `emulator`, and those of its databases.
    pub(crate) emulator_ports: Vec<String>,
    /// How long a service may take until it lets an application in, such as `10m`; five minutes when it says none.
    pub(crate) ready_timeout: Option<String>,
    /// Names of the credentials that every instance gets of its own.
    pub(crate) credentials: Vec<String>,
}

/// How the side of an environment is chosen that can be on either.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sides {
    /// The root's variable.
    pub(crate) variable: String,
    /// Its value for Docker.
    pub(crate) docker: String,
    /// Its value for AWS.
    pub(crate) aws: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            protected: true,
            docker: false,
            aws: false,
            sides: None,
            region: None,
            regions: None,
            allowed_account_ids: Vec::new(),
            reads_state_of: Vec::new(),
            backend_config: Vec::new(),
            ports: Vec::new(),
            emulator_ports: Vec::new(),
            ready_timeout: None,
            credentials: Vec::new(),
        }
    }
}

/// Where images are taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImageSource {
    /// The public registries only
    Registry,
    /// Built from packages only
    Packages,
    /// The registry, or packages where the network refuses it
    #[default]
    Auto,
}

fn usual_manifest() -> String {
    "images/images.toml".to_owned()
}

impl Config {
    /// That of a repository without one: nothing is known of its environments but what their code says.
    pub(crate) fn absent() -> Self {
        let (project, manifest) = (String::new(), String::new());
        Self {
            project,
            images: ImageSource::Auto,
            manifest,
            history_since: None,
            accept: Vec::new(),
            environments: Environments::default(),
        }
    }

    /// Reads infra.toml.
    ///
    /// # Errors
    /// A file that cannot be read, or a mistake in it: named with file, line and what is expected.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = unreadable::read_text(path).with_context(|| format!("reading {}", path.display()))?;
        let mut config: Self = parse_toml(path, &text)?;
        for accept in &mut config.accept {
            accept.line = position(&text, accept.guard.span().start).0;
        }
        if !is_name(&config.project) {
            return Err(Failure::new(format!("{}: project = {:?} is not a name", path.display(), config.project))
                .hint(format!("{NAME_RULE}: it becomes part of container names"))
                .into());
        }
        for (name, policy) in &config.environments.policies {
            if let Some(mistake) = policy.mistake() {
                return Err(Failure::new(format!("{}: {}: {mistake}", path.display(), roots::table(name)))
                    .hint("correct that table; the comments in the file say what each key means")
                    .into());
            }
        }
        Ok(config)
    }

    /// The policy of an environment, written or strictest.
    pub(crate) fn policy(&self, environment: &str) -> Policy {
        self.environments.policies.get(environment).cloned().unwrap_or_default()
    }
}

/// How long a service may take when nothing says otherwise: after a crash Weaviate needs 20 s, and init files of a new database
/// minutes.
const READY_TIMEOUT: Duration = Duration::from_secs(300);

impl Policy {
    /// How long a service may take until it lets an application in.
    pub(crate) fn ready_timeout(&self) -> Duration {
        self.ready_timeout.as_deref().and_then(duration).unwrap_or(READY_TIMEOUT)
    }

    /// What is wrong with the keys taken together.
    fn mistake(&self) -> Option<String> {
        if !self.aws && (self.region.is_some() || self.regions.is_some() || !self.allowed_account_ids.is_empty()) {
            return Some("`region`, `regions` and `allowed_account_ids` are for environments with `aws = true`".to_owned());
        }
        if let Some(odd) = self.ready_timeout.as_ref().filter(|text| duration(text).is_none()) {
            return Some(format!("`ready_timeout = {odd:?}` is not a time: write a number and s, m or h, such as \"10m\""));
        }
        if self.sides.is_some() && !(self.docker && self.aws) {
            return Some("`sides` is for an environment with `docker = true` and `aws = true`".to_owned());
        }
        if self.aws && self.region.is_none() {
            return Some("`aws = true` needs a `region`".to_owned());
        }
        let is_account = |id: &&String| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
        let odd = self.allowed_account_ids.iter().find(|id| !is_account(id))?;
        Some(format!("`{odd}` in `allowed_account_ids` is not an AWS account: write its 12 digits, in quotes"))
    }
}

/// Reads a file of TOML into `T`.
///
/// # Errors
/// It cannot be read, or has a mistake in it: named with file, line and what is expected.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    parse_toml(path, &unreadable::read_text(path).with_context(|| format!("reading {}", path.display()))?)
}

/// Parses TOML into `T`; a mistake is reported with its file, line and column.
///
/// # Errors
/// What the parser or the type expected instead, in one message.
fn parse_toml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = error.span().map_or((1, 1), |span| position(text, span.start));
        let source = text.lines().nth(line - 1).unwrap_or_default().trim_end();
        Failure::new(format!("{}:{line}:{column}: {}", path.display(), error.message().replace('\n', ", ")))
            .details([source])
            .hint("correct that line; the comments in the file say what each key means")
            .into()
    })
}

/// `90s`, `10m`, `1h`.
fn duration(text: &str) -> Option<Duration> {
    let unit = [("s", 1), ("m", 60), ("h", 3600)].into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: u64 = text.strip_suffix(unit.0)?.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(unit.1).map(Duration::from_secs)
}

/// Line and column, both from 1, of a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// What [`is_name`] asks for, in words.
pub(crate) const NAME_RULE: &str =
    "use at most 32 lower-case letters, digits and hyphens, beginning with a letter and ending with a letter or a digit";

/// True for a name that can stand in container, volume and workspace names: `[a-z][a-z0-9-]{0,31}`, no hyphen at the end.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
}

#[cfg(test)]
mod tests {
    use super::{Config, ImageSource, Policy, duration, is_name, parse_toml};
    use std::path::Path;

    const GOOD: &str = r#"
project = "tracker"
images = "auto"
manifest = "images/images.toml"
[environments.local]
protected = false
docker = true
ports = ["redis"]
"#;

    fn parse(text: &str) -> Result<Config, String> {
        parse_toml(Path::new("infra.toml"), text).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn reads_policies_and_gives_the_strictest_to_an_unknown_environment() {
        let config = parse(GOOD).unwrap();
        assert_eq!(config.images, ImageSource::Auto);
        assert!(!config.policy("local").protected);
        assert_eq!(config.policy("staging"), Policy::default());
        assert!(config.policy("staging").protected);
    }

    #[test]
    fn a_mistake_is_reported_with_file_line_and_what_is_expected() {
        let cases = [
            (
                GOOD.replace("auto", "sometimes"),
                "infra.toml:3:10: unknown variant `sometimes`, expected one of `registry`, `packages`, `auto`",
            ),
            (GOOD.replace("docker =", "dokcer ="), "infra.toml:7:1: unknown field `dokcer`, expected one of"),
            (GOOD.replace("[\"redis\"]", "\"redis\""), "infra.toml:8:9: invalid type: string \"redis\", expected a sequence"),
            (GOOD.replace("project = \"tracker\"", ""), "missing field `project`"),
            (GOOD.replace("true", "true false"), "infra.toml:7:"),
        ];
        for (text, expected) in cases {
            let message = parse(&text).unwrap_err();
            assert!(message.contains(expected), "{message}\ndoes not contain\n{expected}");
            assert!(message.contains("hint: "), "{message}");
        }
    }

    #[test]
    fn the_reference_has_a_row_for_every_key() {
        let reference = include_str!("../../../docs/reference.md");
        for mistake in [toml::from_str::<Config>("odd = 1").unwrap_err(), toml::from_str::<Policy>("odd = 1").unwrap_err()] {
            // What serde expects in place of an unknown key is every key.
            let (_, keys) = mistake.message().split_once("expected one of").unwrap();
            for key in keys.split('`').skip(1).step_by(2) {
                let rows = [format!("\n| `{key}` |"), format!("\n| `[[{key}]]` |"), format!("\n| `{key}.")];
                assert!(rows.iter().any(|row| reference.contains(row)), "docs/reference.md has no row for {key}");
            }
        }
    }

    #[test]
    fn the_keys_of_a_policy_fit_together() {
        let policy = |aws: bool, region: Option<&str>, accounts: &[&str]| Policy {
            aws,
            region: region.map(ToOwned::to_owned),
            allowed_account_ids: accounts.iter().map(|id| (*id).to_owned()).collect(),
            ..Policy::default()
        };
        for (policy, expected) in [
            (policy(true, Some("eu-central-1"), &["123456789012"]), None),
            (policy(true, Some("eu-central-1"), &[]), None),
            (policy(false, None, &[]), None),
            (policy(true, None, &["123456789012"]), Some("needs a `region`")),
            (policy(true, Some("r"), &["1234"]), Some("`1234` in `allowed_account_ids` is not an AWS account")),
            (policy(false, Some("r"), &[]), Some("`aws = true`")),
        ] {
            let mistake = policy.mistake();
            assert_eq!(mistake.is_some(), expected.is_some(), "{policy:?}");
            assert!(mistake.unwrap_or_default().contains(expected.unwrap_or_default()), "{policy:?}");
        }
    }

    #[test]
    fn times_are_a_number_and_a_unit() {
        for (text, expected) in [
            ("90s", Some(90)),
            ("10m", Some(600)),
            ("1h", Some(3600)),
            ("0s", None),
            ("10", None),
            ("m", None),
            ("-1m", None),
            ("1 m", None),
        ] {
            assert_eq!(duration(text).map(|time| time.as_secs()), expected, "{text}");
        }
        let policy = |time: &str| Policy { ready_timeout: Some(time.to_owned()), ..Policy::default() };
        assert_eq!((policy("2m").mistake(), policy("2m").ready_timeout().as_secs()), (None, 120));
        assert!(policy("soon").mistake().is_some_and(|mistake| mistake.contains("such as \"10m\"")));
        assert_eq!(Policy::default().ready_timeout().as_secs(), 300);
    }

    #[test]
    fn names_fit_where_they_will_stand() {
        for good in ["a", "local", "pr-12", "x1"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "1a", "A", "a_b", "a-", "-a", "a b", "../x", "ä", &"x".repeat(33)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
