//! Objects and files in which an environment has its state, read or written as if they were any other, by whatever name.

use std::collections::HashMap;

use terraform_config::backend::{Location, Object};
use terraform_config::{Block, Place, resolved};

use crate::guards::facts::{EnvironmentFacts, Facts};

/// What a block does to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Reads,
    Writes,
}

/// How attributes say which object it is: the first by its name, the others by where that is.
#[derive(Clone, Copy)]
enum Named {
    /// In the store of a backend, by these settings.
    In(&'static str, &'static [&'static str]),
    /// `BUCKET/KEY` of S3.
    Joined,
    Url,
    File,
}

/// An attribute of resources and data sources that names an object.
struct Row {
    kinds: &'static str,
    attributes: &'static [&'static str],
    named: Named,
    /// What a resource does to it. A data source only reads.
    resource: Access,
}

const fn written(kinds: &'static str, attributes: &'static [&'static str], named: Named) -> Row {
    Row { kinds, attributes, named, resource: Access::Writes }
}

const fn read(kinds: &'static str, attributes: &'static [&'static str], named: Named) -> Row {
    Row { kinds, attributes, named, resource: Access::Reads }
}

const TABLE: [Row; 10] = [
    written("aws_s3_object aws_s3_bucket_object aws_s3_object_copy", &["key", "bucket"], Named::In("s3", &["bucket"])),
    read("aws_s3_object_copy", &["source"], Named::Joined),
    written("google_storage_bucket_object google_storage_bucket_object_content", &["name", "bucket"], Named::In("gcs", &["bucket"])),
    written(
        "azurerm_storage_blob",
        &["name", "storage_account_name", "storage_container_name"],
        Named::In("azurerm", &["storage_account_name", "container_name"]),
    ),
    read("azurerm_storage_blob", &["source_uri"], Named::Url),
    written("alicloud_oss_bucket_object", &["key", "bucket"], Named::In("oss", &["bucket"])),
    written("tencentcloud_cos_bucket_object", &["key", "bucket"], Named::In("cos", &["bucket"])),
    written("oci_objectstorage_object", &["object", "namespace", "bucket"], Named::In("oci", &["namespace", "bucket"])),
    written("local_file local_sensitive_file", &["filename"], Named::File),
    read("http", &["url"], Named::Url),
];

/// The states in one container, by what stands in their names before that of a workspace; with whose they are.
type Held<'a> = HashMap<&'a str, Vec<(&'a str, &'a Location)>>;

/// The states of all environments, by kind of backend and container.
pub(super) struct States<'a>(HashMap<(&'a str, &'a str), Held<'a>>);

/// A state that a block reads or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accessed<'a> {
    pub(super) access: Access,
    /// The attribute that names it.
    pub(super) place: Place,
    /// Whose state it is: that of the block's own environment, if it is that one's too.
    pub(super) owner: &'a str,
}

impl<'a> States<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut states = Self(HashMap::new());
        for environment in &facts.environments {
            for location in environment.backends.all().map(|backend| &backend.location) {
                let held = states.0.entry(location.container()).or_default();
                for state in location.states() {
                    held.entry(state.before()).or_default().push((&environment.name, location));
                }
            }
        }
        states
    }

    /// What this block does to states.
    pub(super) fn accessed_by(&self, environment: &EnvironmentFacts, block: &Block) -> Vec<Accessed<'a>> {
        let is_it =
            |row: &&Row| matches!(block.kind.as_str(), "data" | "resource") && row.kinds.split(' ').any(|kind| kind == block.label());
        let rows = TABLE.iter().filter(is_it);
        let accessed = |row: &Row| {
            let objects = environment.code.texts_together(block, row.attributes);
            let owner =
                objects.iter().flat_map(|texts| row.objects(environment, texts)).find_map(|object| self.owner(environment, &object))?;
            let access = if block.kind == "data" { Access::Reads } else { row.resource };
            Some(Accessed { access, place: block.place_of(row.attributes[0]), owner })
        };
        rows.filter_map(accessed).collect()
    }

    fn owner(&self, environment: &EnvironmentFacts, object: &Object) -> Option<&'a str> {
        let held = self.0.get(&object.container())?;
        let name = object.name();
        let beginnings = name.char_indices().map(|(at, _)| &name[..at]).chain([name]);
        let holding = beginnings.filter_map(|beginning| held.get(beginning)).flatten().filter(|(_, location)| location.holds(object));
        let mut owners = holding.map(|(owner, _)| *owner).collect::<Vec<_>>();
        owners.sort_by_key(|owner| *owner != environment.name);
        owners.first().copied()
    }
}

impl Row {
    fn objects(&self, environment: &EnvironmentFacts, texts: &[String]) -> Vec<Object> {
        let Some((name, store)) = texts.split_first() else {
            return Vec::new();
        };
        match self.named {
            Named::In(kind, settings) => {
                let store: Vec<_> = settings.iter().copied().zip(store.iter().map(String::as_str)).collect();
                vec![Object::new(kind, &store, name)]
            }
            Named::Joined => {
                let joined = name.split_once('/');
                joined.into_iter().map(|(bucket, key)| Object::new("s3", &[("bucket", bucket)], key)).collect()
            }
            Named::Url => Object::at(name),
            Named::File => vec![Object::file(&resolved(&environment.directory.join(name)))],
        }
    }
}
