//! Real clients: each writes something, finds it again, and is refused without the right credentials.

pub mod http;
pub mod milvus;
pub mod object_storage;
pub mod postgres;
pub mod redis;
pub mod redis_over_tls;
pub mod secrets;
pub mod vectors;
pub mod weaviate;

use std::collections::BTreeMap;

/// The services that every environment has.
pub const SERVICES: [&str; 4] = ["objectstore", "postgres", "redis", "vectorstore"];

/// The contract: what every environment gives to an application.
pub const CONTRACT: [&str; 11] = [
    "DATABASE_URL",
    "REDIS_URL",
    "S3_ACCESS_KEY_ID",
    "S3_BUCKET",
    "S3_ENDPOINT_URL",
    "S3_REGION",
    "S3_SECRET_ACCESS_KEY",
    "VECTORSTORE_API_KEY",
    "VECTORSTORE_ENGINE",
    "VECTORSTORE_GRPC_URL",
    "VECTORSTORE_URL",
];

/// The variables that an application connects with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Takes what `env` printed.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    /// One of them.
    #[track_caller]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("{name} is not among {:?}", self.names()))
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// The same with another value for one.
    pub fn replaced(&self, name: &str, value: &str) -> Self {
        let mut variables = self.0.clone();
        variables.insert(name.to_owned(), value.to_owned());
        Self(variables)
    }
}

/// Writes something into all four services.
pub fn write(variables: &Variables) {
    redis::write(variables.get("REDIS_URL"));
    postgres::write(variables.get("DATABASE_URL"));
    object_storage::write(variables);
    // With pgvector they are in the same database, and written already.
    if variables.get("VECTORSTORE_URL") != variables.get("DATABASE_URL") {
        write_vectors(variables);
    }
}

/// Finds in all four services what `write` has written.
pub fn check(variables: &Variables) {
    redis::check(variables.get("REDIS_URL"));
    postgres::check(variables.get("DATABASE_URL"));
    object_storage::check(variables);
    check_vectors(variables);
}

/// Is refused by all four services.
pub fn are_refused(variables: &Variables) {
    redis::is_refused(variables.get("REDIS_URL"));
    postgres::is_refused(variables.get("DATABASE_URL"));
    object_storage::is_refused(variables);
    vectors_are_refused(variables);
}

/// Writes the vectors into whatever the vector store is.
pub fn write_vectors(variables: &Variables) {
    let (url, key) = (variables.get("VECTORSTORE_URL"), variables.get("VECTORSTORE_API_KEY"));
    match variables.get("VECTORSTORE_ENGINE") {
        "weaviate" => weaviate::write(url, key),
        "milvus" => milvus::write(url, key),
        "pgvector" => postgres::write(url),
        other => panic!("no client for {other}"),
    }
}

/// Finds the right neighbours in whatever the vector store is.
pub fn check_vectors(variables: &Variables) {
    let (url, key) = (variables.get("VECTORSTORE_URL"), variables.get("VECTORSTORE_API_KEY"));
    match variables.get("VECTORSTORE_ENGINE") {
        "weaviate" => weaviate::check(url, key),
        "milvus" => milvus::check(url, key),
        "pgvector" => postgres::check(url),
        other => panic!("no client for {other}"),
    }
}

/// Is refused by whatever the vector store is.
pub fn vectors_are_refused(variables: &Variables) {
    let url = variables.get("VECTORSTORE_URL");
    match variables.get("VECTORSTORE_ENGINE") {
        "weaviate" => weaviate::is_refused(url),
        "milvus" => milvus::is_refused(url),
        "pgvector" => postgres::is_refused(url),
        other => panic!("no client for {other}"),
    }
}

/// The same address with another password in it.
pub(crate) fn with_password(url: &str, password: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (credentials, address) = rest.rsplit_once('@').unwrap();
    let (user, _) = credentials.split_once(':').unwrap();
    format!("{scheme}://{user}:{password}@{address}")
}
