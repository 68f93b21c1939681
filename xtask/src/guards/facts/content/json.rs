//! What Terraform writes and prints as JSON: states, and what `show -json` and `output -json` make of states and plans.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Content;

/// What a text that begins with a brace is; its end may be cut off.
pub(super) fn of_text(text: &str) -> Content {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let has = |key: &str| text.contains(key);
    // Nearly all JSON has none of these, and is not parsed.
    if has("\"serial\"") && (has("\"lineage\"") || has("\"modules\"")) && is_state(text) {
        return Content::State;
    }
    if has("\"format_version\"")
        && let Some(shown) = shown(text)
    {
        return Content::Shown(shown);
    }
    if has("\"sensitive\"") && has_sensitive_output(text) {
        return Content::Shown("outputs, sensitive ones too");
    }
    // A key in PKCS #8 begins with `MI`, as all long sequences of DER do in Base64: a template of the file has none.
    if has("\"service_account\"") && has("-----BEGIN PRIVATE KEY-----\\nMI") { Content::PrivateKey } else { Content::Unknown }
}

/// What every state has: https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go, and version3.go.
#[derive(Deserialize)]
struct State {
    version: u64,
    #[expect(dead_code, reason = "only that it is there counts")]
    serial: u64,
    lineage: Option<String>,
    modules: Option<Vec<IgnoredAny>>,
}

fn is_state(text: &str) -> bool {
    match serde_json::from_str::<State>(text) {
        Ok(found) => found.lineage.is_some() || found.version <= 3 && found.modules.is_some(),
        // Cut off, or beyond the limit: what it begins with is enough.
        Err(error) => error.is_eof() && text.contains("\"lineage\"") && text.contains("\"terraform_version\""),
    }
}

/// What `show -json` prints: https://developer.hashicorp.com/terraform/internals/json-format. Sensitive values are in it as they are.
#[derive(Deserialize)]
struct Shown {
    #[expect(dead_code, reason = "only that it is there counts")]
    terraform_version: String,
    values: Option<BTreeMap<String, IgnoredAny>>,
    planned_values: Option<BTreeMap<String, IgnoredAny>>,
    resource_changes: Option<Vec<IgnoredAny>>,
}

fn shown(text: &str) -> Option<&'static str> {
    const STATE: &str = "a state, as `show -json` prints it";
    const PLAN: &str = "a plan, as `show -json` prints it";
    match serde_json::from_str::<Shown>(text) {
        Ok(shown) if shown.planned_values.is_some() || shown.resource_changes.is_some() => Some(PLAN),
        Ok(shown) => shown.values.is_some_and(|values| !values.is_empty()).then_some(STATE),
        Err(error) if error.is_eof() && text.contains("\"terraform_version\"") => {
            let has = |key: &str| text.contains(key);
            if has("\"planned_values\"") { Some(PLAN) } else { (has("\"values\"") && has("\"root_module\"")).then_some(STATE) }
        }
        Err(_) => None,
    }
}

/// An output as `output -json` prints it: https://developer.hashicorp.com/terraform/cli/commands/output
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    sensitive: bool,
    #[serde(rename = "type")]
    _type: IgnoredAny,
    #[serde(rename = "value")]
    _value: IgnoredAny,
}

fn has_sensitive_output(text: &str) -> bool {
    serde_json::from_str::<BTreeMap<String, Output>>(text).is_ok_and(|outputs| outputs.values().any(|output| output.sensitive))
}

#[cfg(test)]
mod tests {
    use super::{Content, of_text};

    #[test]
    fn what_terraform_prints_is_told_from_other_json() {
        const STATE: Content = Content::Shown("a state, as `show -json` prints it");
        const PLAN: Content = Content::Shown("a plan, as `show -json` prints it");
        const OUTPUTS: Content = Content::Shown("outputs, sensitive ones too");
        let long =
            format!(r#"{{"format_version": "1.0", "terraform_version": "1.11.4", "values": {{"root_module": {{"x": "{}"#, "x".repeat(99));
        for (text, expected) in [
            (r#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}"#, STATE),
            (long.as_str(), STATE),
            (r#"{"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}}}"#, PLAN),
            (r#"{"resource_changes": [], "terraform_version": "1.11.4", "format_version": "1.2"}"#, PLAN),
            (
                r#"{"db": {"sensitive": true, "type": "string", "value": "s"}, "a": {"sensitive": false, "type": "string", "value": "s"}}"#,
                OUTPUTS,
            ),
            (r#"{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMII\n"}"#, Content::PrivateKey),
            // Nothing in it, nothing secret in it, or made up to try a policy on.
            (r#"{"format_version": "1.0"}"#, Content::Unknown),
            (r#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}"#, Content::Unknown),
            (r#"{"format_version": "1.0", "provider_schemas": {}, "terraform_version": "1.11.4"}"#, Content::Unknown),
            (r#"{"format_version": "1.2", "resource_changes": [{"address": "aws_s3_bucket.b"}]}"#, Content::Unknown),
            (r#"{"format_version": "1.0", "valid": true, "diagnostics": []}"#, Content::Unknown),
            (r#"{"a": {"sensitive": false, "type": "string", "value": "s"}}"#, Content::Unknown),
            (r#"{"db": {"sensitive": true, "type": "string"}}"#, Content::Unknown),
            (r#"{"fields": {"sensitive": true, "type": "string", "value": "s", "label": "x"}}"#, Content::Unknown),
            (r#"{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----"}"#, Content::Unknown),
            ("{}", Content::Unknown),
        ] {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}
