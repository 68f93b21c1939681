//! An object of a store, as resources and URLs name it, and whether a backend has a state in it.

use std::path::Path as File;

use super::path::Path;
use super::spelling::{Url, address, alone, decoded, is_of_amazon};
use super::table;
use super::{Location, Part};

/// An object, by the kind of backend that would keep a state there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    kind: &'static str,
    /// What is said of the store, by the backend's settings.
    store: Vec<(&'static str, String)>,
    name: String,
}

impl Object {
    /// One in a store of which these settings of the backend are known.
    #[must_use]
    pub fn new(kind: &'static str, store: &[(&'static str, &str)], name: &str) -> Self {
        let field = |setting| table::row(kind).and_then(|row| row.store.iter().find(|field| field.names.contains(&setting)));
        let spelled = |setting, value: &str| field(setting).map_or_else(|| value.to_owned(), |field| alone(field.spelling, value));
        Self { kind, store: store.iter().map(|(setting, value)| (*setting, spelled(*setting, value))).collect(), name: name.to_owned() }
    }

    /// A file of this machine.
    #[must_use]
    pub fn file(path: &File) -> Self {
        Self { kind: "local", store: Vec::new(), name: path.to_string_lossy().into_owned() }
    }

    /// Every object that a URL may be of: the same one is an object of a bucket, and a state behind `http`.
    #[must_use]
    pub fn at(url: &str) -> Vec<Self> {
        let parts = Url::parse(url);
        if !["http", "https"].contains(&parts.scheme.to_lowercase().as_str()) {
            return Vec::new();
        }
        let host = parts.host.to_lowercase();
        let path = decoded(parts.path.trim_start_matches('/')).into_owned();
        let mut found = vec![Self { kind: "http", store: Vec::new(), name: alone(address, url) }];
        found.extend(of_s3(&parts, &host, &path));
        found.extend(of_gcs(&host, &path, parts.path));
        found.extend(of_azure(&host, &path));
        found.extend(path.strip_prefix("v1/kv/").map(|name| Self::new("consul", &[("address", &parts.authority())], name)));
        found
    }

    /// What [`Location::container`] is of a backend that has a state in it.
    #[must_use]
    pub fn container(&self) -> (&str, &str) {
        (self.kind, self.store.first().map_or("", |(_, value)| value))
    }

    /// Its name in there.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>: `BUCKET.s3.REGION.amazonaws.com/KEY`, or
/// `s3.REGION.amazonaws.com/BUCKET/KEY`; older ones are `s3-REGION`.
fn of_s3(url: &Url<'_>, host: &str, path: &str) -> Vec<Object> {
    let object = |bucket: &str, endpoint: &str, key: &str| Object::new("s3", &[("bucket", bucket), ("endpoints.s3", endpoint)], key);
    let below = |endpoint: &str| path.split_once('/').map(|(bucket, key)| object(bucket, endpoint, key));
    if !is_of_amazon(host) {
        let authority = url.authority();
        let within = authority.split_once('.').map(|(bucket, endpoint)| object(bucket, endpoint, path));
        return below(&authority).into_iter().chain(within).collect();
    }
    let labels: Vec<&str> = host.split('.').collect();
    match labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-")) {
        Some(0) => below(host).into_iter().collect(),
        Some(at) => vec![object(&labels[..at].join("."), host, path)],
        None => Vec::new(),
    }
}

/// <https://cloud.google.com/storage/docs/request-endpoints>. In an API's URL the object's name is one part, with `%2F` in it.
fn of_gcs(host: &str, path: &str, written: &str) -> Option<Object> {
    const HOST: &str = "storage.googleapis.com";
    let object = |bucket: &str, name: &str| Object::new("gcs", &[("bucket", bucket), ("storage_custom_endpoint", "")], name);
    let of_api = written.split_once("storage/v1/b/").and_then(|(_, rest)| rest.split_once("/o/"));
    match of_api.filter(|_| [HOST, "www.googleapis.com"].contains(&host)) {
        Some((bucket, name)) => Some(object(bucket, &decoded(name))),
        None if [HOST, "storage.cloud.google.com"].contains(&host) => path.split_once('/').map(|(bucket, name)| object(bucket, name)),
        None => host.strip_suffix(HOST)?.strip_suffix('.').map(|bucket| object(bucket, path)),
    }
}

/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>
fn of_azure(host: &str, path: &str) -> Option<Object> {
    let (account, cloud) = host.split_once(".blob.")?;
    let clouds = [("core.windows.net", "public"), ("core.chinacloudapi.cn", "china"), ("core.usgovcloudapi.net", "usgovernment")];
    let (_, environment) = clouds.iter().find(|(domain, _)| *domain == cloud)?;
    let (container, name) = path.split_once('/')?;
    let store = [("storage_account_name", account), ("container_name", container), ("environment", environment)];
    Some(Object::new("azurerm", &store, name))
}

impl Location {
    /// What its objects are in first of all, such as a bucket.
    #[must_use]
    pub fn container(&self) -> (&str, &str) {
        match self.store.first() {
            Some(Part::Known(first) | Part::Chosen(first) | Part::Way(first)) => (&self.kind, first),
            _ => (&self.kind, ""),
        }
    }

    /// True where this object is the state of some workspace.
    #[must_use]
    pub fn holds(&self, object: &Object) -> bool {
        let part = |setting: &str| {
            let at = table::row(&self.kind)?.store.iter().position(|field| field.names.contains(&setting))?;
            self.store.get(at)
        };
        let is_there = |(setting, value): &(&str, String)| matches!(part(setting), Some(Part::Known(known) | Part::Chosen(known) | Part::Way(known)) if known == value);
        let name = Path::fixed(object.name.clone());
        self.kind == object.kind && object.store.iter().all(is_there) && self.states().iter().any(|state| state.meets(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::Object;
    use crate::backend::tests::of;

    #[test]
    fn a_url_is_of_the_object_that_it_gets() {
        const S3: &str = "s3 bucket=b.c key=k/main region=eu-west-1";
        const AZURE: &str = "azurerm storage_account_name=a container_name=c key=k";
        for (url, backend, expected) in [
            ("https://b.c.s3.amazonaws.com/k/main", S3, true),
            ("https://b.c.s3.eu-west-1.amazonaws.com/k/main?versionId=1", S3, true),
            ("https://b.c.s3.dualstack.eu-west-1.amazonaws.com/env:/prod/k/main", S3, true),
            ("https://s3.eu-west-1.amazonaws.com/b.c/k%2Fmain", S3, true),
            ("https://s3-eu-west-1.amazonaws.com/b.c/env%3A/prod/k/main", S3, true),
            ("https://s3.amazonaws.com/other/k/main", S3, false),
            ("https://b.c.s3.amazonaws.com/k/other", S3, false),
            ("https://b.c.execute-api.eu-west-1.amazonaws.com/k/main", S3, false),
            ("https://minio:9000/b.c/k/main", S3, false),
            ("http://minio:9000/b/k", "s3 bucket=b key=k endpoint=http://minio:9000", true),
            ("http://b.minio:9000/k", "s3 bucket=b key=k endpoint=http://minio:9000", true),
            ("http://minio:9001/b/k", "s3 bucket=b key=k endpoint=http://minio:9000", false),
            ("https://storage.googleapis.com/b/p/default.tfstate", "gcs bucket=b prefix=p", true),
            ("https://b.storage.googleapis.com/p/prod.tfstate", "gcs bucket=b prefix=p", true),
            ("https://storage.googleapis.com/storage/v1/b/b/o/p%2Fdefault.tfstate?alt=media", "gcs bucket=b prefix=p", true),
            ("https://storage.googleapis.com/b/p/q/default.tfstate", "gcs bucket=b prefix=p", false),
            ("https://A.blob.core.windows.net/c/k", AZURE, true),
            ("https://a.blob.core.windows.net/c/kenv:prod", AZURE, true),
            ("https://a.blob.core.chinacloudapi.cn/c/k", AZURE, false),
            ("https://other.blob.core.windows.net/c/k", AZURE, false),
            (
                "https://gitlab/api/v4/projects/1/terraform/state/x",
                "http address=https://u:p@gitlab/api/v4/projects/1/terraform/state/x",
                true,
            ),
            (
                "https://gitlab/api/v4/projects/1/terraform/state/y",
                "http address=https://gitlab/api/v4/projects/1/terraform/state/x",
                false,
            ),
            ("http://127.0.0.1:8500/v1/kv/p?raw", "consul path=p", true),
            ("s3://b.c/k/main", S3, false),
        ] {
            assert_eq!(Object::at(url).iter().any(|object| of(backend).holds(object)), expected, "{url} {backend}");
        }
    }

    #[test]
    fn an_object_is_a_state_where_all_that_is_said_of_it_is_the_backends() {
        for (object, backend, expected) in [
            (Object::new("s3", &[("bucket", "b")], "k"), "s3 bucket=b key=k", true),
            (Object::new("s3", &[("bucket", "b")], "env:/prod/k"), "s3 bucket=b key=k", true),
            (Object::new("s3", &[("bucket", "b")], "k"), "s3 key=k", false),
            (Object::new("s3", &[("bucket", "b")], "k"), "s3 bucket=b", false),
            (Object::new("s3", &[("bucket", "b")], "k"), "cos bucket=b key=k", false),
            (Object::new("azurerm", &[("storage_account_name", "A")], "k"), "azurerm storage_account_name=a container_name=c key=k", true),
            (Object::file("/e/own/terraform.tfstate".as_ref()), "local", true),
            (Object::file("/e/own/terraform.tfstate.d/prod/terraform.tfstate".as_ref()), "local", true),
            (Object::file("/e/own/main.tf".as_ref()), "local", false),
        ] {
            assert_eq!(of(backend).holds(&object), expected, "{object:?} {backend}");
        }
    }
}
