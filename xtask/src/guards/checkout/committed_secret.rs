//! Passwords, tokens and keys that stand written in variable files, settings and code that git tracks.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use terraform_config::{Block, Code, Place, Value};

use crate::guards::facts::Facts;
use crate::guards::facts::content::Content;
use crate::guards::finding::{Finding, Guard, Severity};
use crate::host::secret::within::has_credential;
use crate::host::secret::written::{Likelihood, has_form, is_issued, judge};

pub(crate) const GUARD: Guard = Guard {
    name: "secret-in-variables",
    looks_at: "passwords, tokens and keys written into tracked variable files and code, and key files beside them",
    danger: "everybody who can read the repository, now or later, can read them",
    can_be_allowed: true,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let is_tracked = |block: &&Block| facts.is_tracked(&block.place.file);
    let mut find_in = |block: &Block, environments: &[&str]| {
        for secret in secrets_in(block) {
            let what = format!("`{}` in {} looks like a secret", secret.name, facts.shown(&block.place.file));
            let hint = "take it out, and set it by TF_VAR_ or in an *.auto.tfvars file, which git ignores; change it, because the history keeps it";
            let place = secret.block.place_within(secret.attribute, secret.line);
            findings.push(GUARD.finding(secret.severity, environments, place, what, hint));
        }
    };
    let mut users_of: HashMap<*const Code, Vec<&str>> = HashMap::new();
    for environment in &facts.environments {
        let own = environment.readable_variables().chain(&environment.backends.files).chain(environment.code.root_blocks());
        own.filter(is_tracked).for_each(|block| find_in(block, &[&environment.name]));
        environment.code.modules().for_each(|module| users_of.entry(Arc::as_ptr(module)).or_default().push(&environment.name));
    }
    for module in facts.environments.iter().flat_map(|environment| environment.code.modules()) {
        if let Some(users) = users_of.remove(&Arc::as_ptr(module)) {
            module.blocks.iter().filter(is_tracked).for_each(|block| find_in(block, &users));
        }
    }
    for file in &facts.other_settings {
        find_in(file, &facts.names_at(&file.place.file));
    }
    find_issued(facts, findings);
    find_private_keys(facts, findings);
}

/// Keys and tokens in files of environment variables near the code. A password there is most often for one's own machine.
fn find_issued(facts: &Facts, findings: &mut Vec<Finding>) {
    for Block { place, attributes, .. } in facts.environment_variables.iter().filter(|file| facts.is_near_code(&file.place.file)) {
        for (name, (_, line)) in attributes.iter().filter(|(name, (value, _))| value.text().is_some_and(|text| is_issued(name, text))) {
            let what = format!("`{name}` in {} looks like a secret", facts.shown(&place.file));
            let hint = "take the file out of git with `git rm --cached`, and change it, because the history keeps it";
            findings.push(GUARD.refusal(&facts.names_at(&place.file), Place { line: *line, ..place.clone() }, what, hint));
        }
    }
}

/// Files near the code that are a private key, or hold a service account's.
fn find_private_keys(facts: &Facts, findings: &mut Vec<Finding>) {
    let contents = facts.tracked.iter().flat_map(|tracked| &tracked.content);
    let keys: BTreeSet<&PathBuf> = contents.filter(|(_, content)| **content == Content::PrivateKey).map(|(file, _)| file).collect();
    for file in keys.into_iter().filter(|file| facts.is_near_code(file)) {
        let place = Place::top_of(facts.root.join(file));
        let what = format!("git tracks {}, which holds a private key", file.display());
        let hint = "take it out with `git rm --cached`, and change it, because the history keeps it";
        // One made for a test opens nothing.
        let severity = if facts.is_for_tests(file) { Severity::Warning } else { Severity::Refusal };
        findings.push(GUARD.finding(severity, &facts.names_at(&place.file), place, what, hint));
    }
}

/// A credential, and where it stands.
struct Secret<'a> {
    severity: Severity,
    name: &'a str,
    block: &'a Block,
    attribute: &'a str,
    line: usize,
}

/// Every credential written into a block and what is in it.
fn secrets_in(block: &Block) -> Vec<Secret<'_>> {
    // Words of Terraform's own, which set nothing.
    if matches!(block.kind.as_str(), "moved" | "import" | "removed" | "required_providers" | "validation" | "lifecycle") {
        return Vec::new();
    }
    let mut secrets = Vec::new();
    for (attribute, (value, line)) in &block.attributes {
        let name = match (block.kind.as_str(), block.labels.last()) {
            ("variable", Some(variable)) if attribute == "default" => variable,
            ("variable" | "output", _) => continue,
            ("resource", _) if attribute == "value" && is_kept_secret(block) => "secret_value",
            _ => attribute,
        };
        each_string(name, value, *line, &mut |name, text, line| {
            let within = has_credential(text).then_some(Likelihood::Certain);
            let severity = match judge(name, text).max(within) {
                None => return,
                Some(Likelihood::Certain) if has_form(text) || !begins_as_anything(block, attribute) => Severity::Refusal,
                Some(_) => Severity::Warning,
            };
            let name = if name.is_empty() { attribute } else { name };
            secrets.push(Secret { severity, name, block, attribute, line });
        });
    }
    secrets.extend(block.blocks.iter().flat_map(secrets_in));
    secrets
}

/// True for what a keeper of secrets is made with and Terraform leaves alone from then on: people put the secret in by hand.
/// <https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes>
fn begins_as_anything(block: &Block, attribute: &str) -> bool {
    let is_it = |value: &Value| match value {
        Value::Reference(reference) => reference.root == attribute || reference.root == "all",
        value => value.text() == Some(attribute),
    };
    let ignored = block.of_kind("lifecycle").filter_map(|lifecycle| lifecycle.value("ignore_changes"));
    ["value", "secret_string", "secret_data"].contains(&attribute)
        && ignored.into_iter().any(|value| is_it(value) || value.elements().iter().any(is_it))
}

/// True for what keeps one credential under a name of its own: `aws_ssm_parameter`, `azurerm_key_vault_secret`.
fn is_kept_secret(block: &Block) -> bool {
    block.text("type") == Some("SecureString") || block.label().ends_with("_secret")
}

/// Every string in a value, with the name that it is set under, which elements of lists have from their list, and its line.
fn each_string<'a>(name: &'a str, value: &'a Value, line: usize, visit: &mut impl FnMut(&'a str, &str, usize)) {
    match value {
        Value::Text(text) => visit(name, text, line),
        Value::Template(parts) => visit(name, &shown(parts), line),
        Value::Object(entries) => {
            // As containers have their variables: `{ name = "DB_PASSWORD", value = "..." }`.
            let own = |key: &str| value.get(key).and_then(|entry| entry.value.text());
            let named = ["name", "key", "parameter"].into_iter().find_map(own);
            for entry in entries {
                let key = match entry.key.text().unwrap_or_default() {
                    "value" => named.unwrap_or("value"),
                    key => key,
                };
                each_string(key, &entry.value, entry.line, visit);
            }
        }
        Value::Conditional { then, otherwise, .. } => [then, otherwise].into_iter().for_each(|value| each_string(name, value, line, visit)),
        Value::List(elements) => elements.iter().for_each(|value| each_string(name, value, line, visit)),
        // What it is called with is put into what it gives; elsewhere it says which part is meant.
        Value::Call(call) if is_transparent(&call.name) => {
            call.arguments.iter().for_each(|value| each_string(name, value, line, visit));
        }
        other => other.children().into_iter().for_each(|value| each_string("", value, line, visit)),
    }
}

fn is_transparent(function: &str) -> bool {
    const FUNCTIONS: &str = "jsonencode yamlencode merge tomap toset tolist tostring sensitive nonsensitive concat coalesce try base64encode \
                             trimspace";
    FUNCTIONS.split(' ').any(|one| one == function)
}

/// A template as it is written: a password may stand in a URL whose host is filled in.
fn shown(parts: &[Value]) -> String {
    parts.iter().map(|part| part.text().map_or_else(|| "${}".to_owned(), ToOwned::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::secrets_in;
    use crate::guards::finding::Severity::{Refusal, Warning};
    use std::path::Path;

    #[test]
    fn credentials_in_code_have_their_names_and_lines() {
        for (code, expected) in [
            ("variable \"db_pass\" {\n  default = \"hunter2hunter2\"\n}", Some(("db_pass", 2))),
            ("variable \"db\" {\n  default = {\n    user     = \"u\"\n    password = \"Passw0rd!\"\n  }\n}", Some(("password", 4))),
            ("variable \"users\" {\n  default = [{ name = \"u\", pwd = \"Passw0rd!\" }]\n}", Some(("pwd", 2))),
            ("variable \"passwords\" {\n  default = [\n    \"Passw0rd!\"]\n}", Some(("passwords", 2))),
            ("variable \"password\" {\n  description = \"Passw0rd!\"\n}", None),
            ("locals {\n  apikey = \"9f8e7d6c5b4a39281706\"\n}", Some(("apikey", 2))),
            ("provider \"p\" {\n  password = \"hunter2hunter2\"\n}", Some(("password", 2))),
            ("terraform {\n  backend \"pg\" {\n    conn_str = \"postgres://u:hunter2hunter2@db/x\"\n  }\n}", Some(("conn_str", 3))),
            (
                "terraform {\n  backend \"s3\" {\n    secret_key = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"\n  }\n}",
                Some(("secret_key", 3)),
            ),
            ("provider \"aws\" {\n  access_key = \"test\"\n  secret_key = \"test\"\n}", None),
            ("module \"m\" {\n  url = \"postgres://u:hunter2hunter2@${var.host}/x\"\n}", Some(("url", 2))),
            ("module \"m\" {\n  url = \"postgres://u:${var.password}@${var.host}/x\"\n}", None),
            (
                "resource \"r\" \"x\" {\n  v = jsonencode([{ name = \"DB_PASSWORD\", value = \"hunter2hunter2\" }])\n}",
                Some(("DB_PASSWORD", 2)),
            ),
            (
                "resource \"aws_ssm_parameter\" \"x\" {\n  type = \"SecureString\"\n  value = \"9f8e7d6c5b4a39281706\"\n}",
                Some(("secret_value", 3)),
            ),
            ("resource \"aws_ssm_parameter\" \"x\" {\n  type = \"SecureString\"\n  value = \"placeholder\"\n}", None),
            ("resource \"aws_ssm_parameter\" \"x\" {\n  type = \"String\"\n  value = \"9f8e7d6c5b4a39281706\"\n}", None),
            ("resource \"azurerm_key_vault_secret\" \"x\" {\n  value = \"9f8e7d6c5b4a39281706\"\n}", Some(("secret_value", 2))),
            ("resource \"r\" \"x\" {\n  password = lookup(var.all, \"db_password1\")\n}", None),
            ("resource \"r\" \"x\" {\n  password = var.all[\"db-Password1\"]\n}", None),
            ("resource \"r\" \"x\" {\n  password = var.set ? var.it : \"hunter2hunter2\"\n}", Some(("password", 2))),
            (
                "resource \"r\" \"x\" {\n  user_data = base64encode(<<-E\n    #!/bin/sh\n    export DB_PASSWORD=hunter2hunter2\n    E\n  )\n}",
                Some(("user_data", 2)),
            ),
            (
                "resource \"r\" \"x\" {\n  user_data = <<-E\n    url: postgres://u:hunter2hunter2@${var.host}/x\n    E\n}",
                Some(("user_data", 2)),
            ),
            ("resource \"r\" \"x\" {\n  user_data = <<-E\n    export DB_PASSWORD=${var.password1}\n    E\n}", None),
            ("output \"password\" {\n  value = \"hunter2hunter2\"\n}", None),
        ] {
            let file = terraform_config::parse(Path::new("x.tf"), code).unwrap();
            let found: Vec<_> = file.blocks.iter().flat_map(secrets_in).collect();
            assert_eq!(found.first().map(|secret| (secret.name, secret.line)), expected, "{code}");
            assert!(found.len() < 2, "{code}");
        }
    }

    #[test]
    fn what_a_secret_begins_with_before_people_put_it_in_is_suspected() {
        let parameter = |ignored: &str| {
            let lifecycle = format!("  lifecycle {{\n    ignore_changes = {ignored}\n  }}\n");
            format!("resource \"aws_ssm_parameter\" \"x\" {{\n  type = \"SecureString\"\n  value = \"Zk3mQ9vT2xL7pR4w\"\n{lifecycle}}}")
        };
        for (ignored, expected) in [("[value]", Warning), ("all", Warning), ("[\"value\"]", Warning), ("[tags]", Refusal)] {
            let file = terraform_config::parse(Path::new("x.tf"), &parameter(ignored)).unwrap();
            let found = secrets_in(&file.blocks[0]);
            assert_eq!(found.iter().map(|secret| secret.severity).collect::<Vec<_>>(), [expected], "{ignored}");
        }
    }
}
