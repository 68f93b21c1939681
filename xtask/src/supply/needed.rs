//! Which engines an environment runs, by what its code and its variable files say.

use std::env;
use std::path::Path;

use terraform_config::{Code, Value, variable};

/// The engines among `engines`, each with the service that it is for, that an environment with code in `directory` runs with its
/// settings. Where it declares no service's variable, its code says itself what there is, and it may be any of them.
pub(super) fn engines<'a>(directory: &Path, engines: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<String> {
    let code = Code::read(directory);
    let is_declared = |service: &str| code.variable(service).is_some();
    let declares_any = engines.clone().any(|(_, service)| is_declared(service));
    let is_run = |(engine, service): &(&str, &str)| {
        let typed = env::var(format!("TF_VAR_{service}")).ok();
        match variable(directory, service, typed.as_deref()) {
            Some(settings) => runs(engine, &settings),
            None => is_declared(service) || !declares_any,
        }
    };
    engines.filter(is_run).map(|(engine, _)| engine.to_owned()).collect()
}

/// Whether an engine runs where its service has these settings; a null service is not part of the environment.
fn runs(engine: &str, settings: &Value) -> bool {
    let setting = |name: &str| settings.get(name).and_then(|entry| entry.value.as_string());
    *settings != Value::Null
        && setting("enabled").is_none_or(|enabled| enabled != "false")
        && settings.get("image").is_none_or(|entry| entry.value == Value::Null)
        && setting("engine").is_none_or(|chosen| chosen == engine)
}

#[cfg(test)]
mod tests {
    use super::engines;
    use std::fs;

    #[test]
    fn what_the_settings_leave_out_is_not_needed() {
        const ALL: [(&str, &str); 3] = [("redis", "redis"), ("weaviate", "vectors"), ("qdrant", "vectors")];
        let vectors = "variable \"vectors\" {\n  type = object({ engine = optional(string, \"weaviate\") })\n  default = {}\n}\n";
        let redis = |default: &str| format!("{vectors}variable \"redis\" {{\n  default = {default}\n}}\n");
        for (code, expected) in [
            (redis("{}"), &["redis", "weaviate"][..]),
            (redis("{ enabled = false }"), &["weaviate"]),
            (redis("{ image = \"redis:7.4\" }"), &["weaviate"]),
            (redis("{ image = null }"), &["redis", "weaviate"]),
            (redis("null"), &["weaviate"]),
            (vectors.to_owned(), &["weaviate"]),
            (format!("{vectors}variable \"redis\" {{}}\n"), &["redis", "weaviate"]),
            ("output \"none\" {}\n".to_owned(), &["redis", "weaviate", "qdrant"]),
        ] {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join("main.tf"), &code).unwrap();
            assert_eq!(engines(directory.path(), ALL.into_iter()), expected, "{code}");
        }
    }
}
