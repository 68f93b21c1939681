//! Secrets Manager, as the `..._SECRET_COMMAND` of the environment's variables asks it.

use serde_json::Value;

use super::Variables;

/// The password that `PREFIX_SECRET_ARN` refers to, from the emulator that `PREFIX_SECRET_COMMAND` names.
///
/// An emulator wants no signature, so this is the one request and no client of AWS.
#[track_caller]
pub fn password(variables: &Variables, prefix: &str) -> String {
    let command = variables.get(&format!("{prefix}_SECRET_COMMAND"));
    let arn = variables.get(&format!("{prefix}_SECRET_ARN"));
    let words: Vec<&str> = command.split(' ').collect();
    assert!(words.windows(2).any(|pair| pair == ["--secret-id", arn]), "{command} is not about {arn}");
    let endpoint = words.iter().find_map(|word| word.strip_prefix("AWS_ENDPOINT_URL=")).expect("the command names the emulator");
    let answer = minreq::post(endpoint)
        .with_header("Content-Type", "application/x-amz-json-1.1")
        .with_header("X-Amz-Target", "secretsmanager.GetSecretValue")
        .with_body(serde_json::json!({ "SecretId": arn }).to_string())
        .with_timeout(60)
        .send()
        .unwrap();
    assert_eq!(answer.status_code, 200, "{}", answer.as_str().unwrap_or_default());
    let answer: Value = serde_json::from_slice(answer.as_bytes()).unwrap();
    let secret: Value = serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap();
    secret["password"].as_str().unwrap().to_owned()
}
