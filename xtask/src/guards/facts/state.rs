//! What a state file on this machine says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::old_state::RawModule;
use super::raw_state::RawResource;

/// The head of a state, and what it owns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StateFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// The workspace.
    pub(crate) workspace: String,
    /// Whether it is an emulator's: what it owns is not real.
    pub(crate) emulated: bool,
    /// Which program wrote it last.
    pub(crate) terraform_version: String,
    /// Grows with each change.
    pub(crate) serial: u64,
    /// Given at random to the first state of a line.
    pub(crate) lineage: String,
    /// Real things that it manages, by type and id.
    pub(crate) owns: BTreeSet<(String, String)>,
    /// What it manages, by type and by each of its names.
    pub(crate) named: BTreeSet<(String, String)>,
    /// The tags of what it manages, by type.
    pub(crate) tagged: Vec<(String, BTreeMap<String, String>)>,
    /// Providers' addresses, which tell OpenTofu's states from Terraform's.
    pub(crate) providers: BTreeSet<String>,
    /// What it says it is the state of: the output `instance`.
    pub(crate) identity: Option<Value>,
    /// Why it could not be understood.
    pub(crate) mistake: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    version: u64,
    terraform_version: String,
    serial: u64,
    lineage: String,
    outputs: serde_json::Map<String, Value>,
    resources: Vec<RawResource>,
    /// In place of both, in a state of Terraform before 0.12.
    modules: Vec<RawModule>,
}

impl StateFile {
    /// Reads a state; `None` if the file is missing or empty.
    pub(crate) fn read(path: &Path, workspace: &str, emulated: bool) -> Option<Self> {
        // Terraform makes an empty file before it locks it.
        let text = fs::read(path).ok().filter(|text| !text.is_empty())?;
        let mut state = Self { path: path.to_owned(), workspace: workspace.to_owned(), emulated, ..Self::parse(&text) };
        if emulated {
            // Two emulators have the same account, and may well have things of the same names.
            state.owns.clear();
            state.named.clear();
            state.tagged.clear();
        }
        Some(state)
    }

    fn parse(text: &[u8]) -> Self {
        let broken = |why: String| Self { mistake: Some(why), ..Self::default() };
        let mut raw: Raw = match serde_json::from_slice(text) {
            Ok(raw) => raw,
            Err(error) => return broken(error.to_string()),
        };
        match raw.version {
            4 => {}
            1..4 => {
                raw.outputs = raw.modules.first_mut().map(|root| std::mem::take(&mut root.outputs)).unwrap_or_default();
                raw.resources = raw.modules.into_iter().flat_map(RawModule::into_resources).collect();
            }
            other => return broken(format!("its format is {other}, and those known here end with 4")),
        }
        let mut state = Self {
            terraform_version: raw.terraform_version,
            serial: raw.serial,
            lineage: raw.lineage,
            identity: raw.outputs.get("instance").and_then(|output| output.get("value")).cloned(),
            ..Self::default()
        };
        for resource in raw.resources {
            state.providers.insert(resource.provider);
            if resource.mode != "managed" || !is_in_the_world(&resource.kind) {
                continue;
            }
            for instance in resource.instances {
                let attributes = &instance.attributes;
                let names = [&attributes.name, &attributes.bucket, &attributes.identifier, &attributes.id, &attributes.arn];
                let names = names.into_iter().flatten().filter_map(Value::as_str);
                state.named.extend(names.map(|name| (resource.kind.clone(), name.to_owned())));
                let tags = attributes.tags_all.as_ref().or(attributes.tags.as_ref()).and_then(Value::as_object);
                if let Some(tags) = tags.filter(|tags| !tags.is_empty()) {
                    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
                    state.tagged.push((resource.kind.clone(), tags.iter().filter_map(text).collect()));
                }
                let id = instance.attributes.arn.as_ref().or(instance.attributes.id.as_ref()).and_then(Value::as_str);
                if let Some(id) = id.filter(|id| is_unique(&resource.kind, id)) {
                    state.owns.insert((resource.kind.clone(), id.to_owned()));
                }
            }
        }
        state
    }
}

/// False for what exists in states alone, and for images, which everybody may use.
fn is_in_the_world(kind: &str) -> bool {
    let only_in_states = ["terraform_", "null_", "random_", "time_", "tls_", "local_", "external_"];
    kind != "docker_image" && !only_in_states.iter().any(|prefix| kind.starts_with(prefix))
}

/// True for an id that is unique worldwide, or in a Docker engine. Two servers may each have a database `app`.
fn is_unique(kind: &str, id: &str) -> bool {
    let is_numbered =
        || id.rsplit_once('-').is_some_and(|(_, number)| number.len() >= 8 && number.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !id.is_empty()
        && (kind.starts_with("docker_")
            || kind.starts_with("aws_s3_bucket") && kind != "aws_s3_bucket_object"
            || id.starts_with("arn:")
            || kind.starts_with("aws_") && is_numbered()
            || kind.starts_with("azurerm_") && id.starts_with("/subscriptions/")
            || kind.starts_with("google_") && id.starts_with("projects/"))
}

#[cfg(test)]
mod tests {
    use super::{StateFile, is_unique};

    #[test]
    fn ids_are_unique_in_the_world_or_only_in_a_server() {
        for (kind, id, expected) in [
            ("docker_volume", "data", true),
            ("aws_s3_bucket", "tracker", true),
            ("aws_db_instance", "arn:aws:rds:r:1:db:x", true),
            ("aws_security_group", "sg-0123456789abcdef0", true),
            ("azurerm_resource_group", "/subscriptions/1/resourceGroups/x", true),
            ("google_sql_database_instance", "projects/p/instances/x", true),
            ("aws_iam_role_policy", "deploy:s3", false),
            ("postgresql_database", "app", false),
            ("helm_release", "redis", false),
            ("aws_s3_bucket_object", "key", false),
        ] {
            assert_eq!(is_unique(kind, id), expected, "{kind} {id}");
        }
    }

    #[test]
    fn reads_the_head_and_what_is_owned() {
        let state = StateFile::parse(
            br#"{"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "l", "outputs": {"instance": {"value": "i"}},
            "resources": [
              {"mode": "managed", "type": "docker_volume", "provider": "p", "instances": [{"attributes": {"id": "v"}}]},
              {"mode": "managed", "type": "aws_db_instance", "provider": "q", "instances": [{"attributes": {"id": "db", "arn": "arn:db"}}]},
              {"mode": "managed", "type": "docker_image", "provider": "p", "instances": [{"attributes": {"id": "i"}}]},
              {"mode": "data", "type": "aws_vpc", "provider": "q", "instances": [{"attributes": {"id": "vpc"}}]},
              {"mode": "managed", "type": "terraform_data", "provider": "t", "instances": [{"attributes": {"id": "x"}}]}]}"#,
        );
        let owned: Vec<_> = state.owns.iter().map(|(kind, id)| format!("{kind} {id}")).collect();
        assert_eq!(owned, ["aws_db_instance arn:db", "docker_volume v"]);
        assert_eq!((state.serial, state.lineage.as_str(), state.identity.unwrap().as_str()), (7, "l", Some("i")));
    }

    #[test]
    fn reads_what_terraform_wrote_before_it_had_this_format() {
        let state = StateFile::parse(
            br#"{"version": 3, "terraform_version": "0.11.14", "serial": 7, "lineage": "l", "modules": [
              {"path": ["root"], "outputs": {"instance": {"sensitive": false, "type": "string", "value": "i"}}, "resources": {
                "aws_s3_bucket.b": {"type": "aws_s3_bucket", "provider": "provider.aws", "deposed": [], "primary": {"id": "b",
                  "attributes": {"id": "b", "arn": "arn:aws:s3:::b", "tags.%": "1", "tags.Name": "n", "website": null}}},
                "data.aws_vpc.v": {"type": "aws_vpc", "provider": "provider.aws", "primary": {"id": "vpc", "attributes": {"id": "vpc"}}}}},
              {"path": ["root", "m"], "outputs": {}, "resources": {
                "docker_volume.v": {"type": "docker_volume", "provider": "provider.docker", "primary": {"id": "v"}}}}]}"#,
        );
        assert_eq!(state.mistake, None);
        let owned: Vec<_> = state.owns.iter().map(|(kind, id)| format!("{kind} {id}")).collect();
        assert_eq!(owned, ["aws_s3_bucket arn:aws:s3:::b", "docker_volume v"]);
        assert_eq!((state.serial, state.lineage.as_str(), state.identity.unwrap().as_str()), (7, "l", Some("i")));
        assert_eq!(state.tagged, [("aws_s3_bucket".to_owned(), [("Name".to_owned(), "n".to_owned())].into())]);
    }

    #[test]
    fn what_cannot_be_understood_says_why() {
        for (text, expected) in [("{", "EOF"), (r#"{"version": 5}"#, "format is 5"), ("{}", "format is 0")] {
            assert!(StateFile::parse(text.as_bytes()).mistake.unwrap().contains(expected), "{text}");
        }
    }
}
