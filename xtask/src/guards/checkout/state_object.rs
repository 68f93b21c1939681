//! A data source that reads an object in which another environment's state is, by whatever name that has.

use terraform_config::{Block, Place};

use crate::guards::facts::backend::Backend;
use crate::guards::facts::literals::texts;
use crate::guards::facts::{EnvironmentFacts, Facts};

/// A data source that reads objects of a backend's store.
struct Reader {
    kind: &'static str,
    backend: &'static str,
    /// The attribute that says where the object is, and the backend's setting for that; none where the object's name is all.
    store: Option<(&'static str, &'static str)>,
    /// The attribute that says which object, and the backend's setting for that.
    object: (&'static str, &'static str),
}

const READERS: [Reader; 5] = [
    Reader { kind: "aws_s3_object", backend: "s3", store: Some(("bucket", "bucket")), object: ("key", "key") },
    Reader { kind: "aws_s3_bucket_object", backend: "s3", store: Some(("bucket", "bucket")), object: ("key", "key") },
    Reader {
        kind: "azurerm_storage_blob",
        backend: "azurerm",
        store: Some(("storage_container_name", "container_name")),
        object: ("name", "key"),
    },
    Reader { kind: "google_storage_bucket_object_content", backend: "gcs", store: Some(("bucket", "bucket")), object: ("name", "prefix") },
    Reader { kind: "http", backend: "http", store: None, object: ("url", "address") },
];

/// Where a data source reads another environment's state, and whose that is. Its own is not another's.
pub(super) fn read_by<'a>(facts: &'a Facts, environment: &EnvironmentFacts, block: &Block) -> Option<(Place, &'a str)> {
    let kind = block.labels.first().filter(|_| block.kind == "data")?;
    let reader = READERS.iter().find(|reader| reader.kind == kind)?;
    let values = |attribute: &str| block.value(attribute).map(|value| texts(environment, block, value)).unwrap_or_default();
    let stores = reader.store.map(|(attribute, setting)| (values(attribute), setting));
    let objects = values(reader.object.0);
    let is_in = |backend: &Backend| {
        let is_store = stores
            .as_ref()
            .is_none_or(|(values, setting)| backend.text(setting).is_some_and(|written| values.iter().any(|value| value == written)));
        let is_object = |written: &str| objects.iter().any(|object| is_state(backend, object, written));
        backend.kind == reader.backend && is_store && backend.text(reader.object.1).is_some_and(is_object)
    };
    let holds = |one: &EnvironmentFacts| one.backends.all().any(is_in);
    let owner = facts.environments.iter().find(|other| other.name != environment.name && holds(other))?;
    (!holds(environment)).then(|| (block.place_of(reader.object.0), owner.name.as_str()))
}

/// True for the object of the default workspace, or of another one.
fn is_state(backend: &Backend, object: &str, written: &str) -> bool {
    let written = written.trim_matches('/');
    match backend.kind.as_str() {
        // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/s3/backend_state.go
        "s3" => {
            let below = backend.text("workspace_key_prefix").unwrap_or("env:");
            let of_workspace = || object.strip_prefix(below).and_then(|rest| rest.strip_suffix(written));
            object == written || of_workspace().is_some_and(|rest| rest.len() > 2 && rest.starts_with('/') && rest.ends_with('/'))
        }
        // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/azure/backend_state.go
        "azurerm" => object.strip_prefix(written).is_some_and(|rest| rest.is_empty() || rest.starts_with("env:")),
        // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/gcs/backend_state.go
        "gcs" => object.strip_prefix(written).is_some_and(|rest| rest.starts_with('/') && rest.ends_with(".tfstate")),
        _ => object == written,
    }
}
