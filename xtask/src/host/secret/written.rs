//! Whether a value that stands written in a file is a credential: by its form, and by what its name says it is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::named::{Named, is_one};

pub(crate) use super::named::words;

/// How sure one can be that a value is a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likelihood {
    /// It may as well be the name of one, or a word that stands for one.
    Suspected,
    /// It has the form of one and a name that says so, or a form that nothing else has.
    Certain,
}

use Likelihood::{Certain, Suspected};

/// How likely it is that `value`, written down under `name`, is a credential; `None` for what is none.
pub(crate) fn judge(name: &str, value: &str) -> Option<Likelihood> {
    let value = value.trim();
    if let Some(password) = password_within(value) {
        return judge_password(password);
    }
    let named = Named::of(name);
    if is_public(name) && !value.contains("PRIVATE KEY-----") {
        return None;
    }
    if has_form(value) {
        // `access_key_id`: without the key that goes with it, it opens nothing.
        return Some(if is_access_key(value) && named == Named::About { Suspected } else { Certain });
    }
    if value.is_empty() || stands_for_another(value) || is_measure(value) || value.split(',').map(str::trim).all(is_place) {
        return None;
    }
    match named {
        Named::Password => judge_password(value),
        Named::Key if is_random(value) => Some(Certain),
        Named::Key => is_long_word(value).then_some(Suspected),
        Named::BesidePassword => is_random(value).then_some(Suspected),
        Named::BesideKey => (value.len() >= 20 && is_random(value)).then_some(Suspected),
        Named::About | Named::Other => None,
    }
}

/// True for a password by its name and form.
pub(crate) fn is_password(name: &str, value: &str) -> bool {
    Named::of(name) == Named::Password && judge(name, value) == Some(Certain)
}

/// Weak or strong: a word in small letters may also say where the password comes from.
fn judge_password(value: &str) -> Option<Likelihood> {
    let is_worded = value.contains(char::is_whitespace) || value.chars().all(|each| each.is_ascii_lowercase() || "-_/.".contains(each));
    let is_short = value.len() < 6 || value.bytes().all(|byte| byte.is_ascii_digit());
    let is_one = value.len() > 2 && !stands_for_another(value) && !(is_worded && value.contains('/'));
    is_one.then_some(if is_worded || is_short { Suspected } else { Certain })
}

/// `public_api_key`: browsers have it too.
fn is_public(name: &str) -> bool {
    words(name).iter().any(|word| is_one(word, "public pub publishable"))
}

/// True for what nothing but a credential looks like, whatever its name.
pub(crate) fn has_form(value: &str) -> bool {
    is_access_key(value) || value.contains("PRIVATE KEY-----") || password_within(value).is_some() || is_token(value)
}

/// True for a key or token that a service has issued, by its form: nobody makes one up for a machine of their own, and it is no key
/// that browsers have too.
pub(crate) fn is_issued(name: &str, value: &str) -> bool {
    let is_browsers = value.starts_with("AIza") || value.starts_with("eyJ") || is_public(name);
    let is_secret_key = || value.len() == 40 && is_random(value) && name.to_ascii_lowercase().ends_with("secret_access_key");
    !is_browsers && (is_token(value) || is_secret_key() && !stands_for_another(value))
}

/// The keys of AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids).
fn is_access_key(value: &str) -> bool {
    let is_of_the_alphabet = value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    value.len() == 20 && is_of_the_alphabet && begins_with_one(value, "AKIA ASIA ABIA ACCA")
}

/// True for a token that says by how it begins whose it is: those of
/// https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml that a prefix tells.
pub(crate) fn is_token(value: &str) -> bool {
    const FORMS: &str = "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- glrt- xoxb- xoxp- xoxa- xoxr- xapp- sk_live_ rk_live_ whsec_ AIza \
                         hvs. hvb. ya29. npm_ dop_v1_ pypi-AgE dckr_pat_ shpat_ shpss_ SG. sk-ant- sk-proj- hf_ NRAK- \
                         AGE-SECRET-KEY-1 https://hooks.slack.com/services/T";
    // Two parts of a JSON web token are Base64 of `{\"`; a token of HCP Terraform has its kind in the middle.
    let is_web_token = || value.starts_with("eyJ") && value.contains(".eyJ") && value.matches('.').count() == 2;
    let is_one_word = || value.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`$*".contains(&byte));
    // Every word of every setting and message comes by here, and nearly all of them are shorter.
    if value.len() <= 20 || !value.bytes().any(|byte| byte.is_ascii_digit()) || !is_one_word() {
        return false;
    }
    begins_with_one(value, FORMS) || is_web_token() || value.contains(".atlasv1.")
}

/// The password in a URL, or in a connection string of `name=value;` parts.
fn password_within(value: &str) -> Option<&str> {
    let of_url = || {
        let (user, _) = value.split_once("://")?.1.split('/').next()?.rsplit_once('@')?;
        Some(user.split_once(':')?.1)
    };
    let of_parts = || {
        let mut parts = value.split(';').filter_map(|part| part.trim().split_once('='));
        let is_password = |name: &str| is_one(&name.trim().to_ascii_lowercase(), "password pwd accountkey sharedaccesskey");
        Some(parts.find(|(name, _)| is_password(name))?.1)
    };
    of_url().or_else(of_parts).filter(|password| !password.is_empty() && !password.contains("${"))
}

/// True for what has to be replaced by the credential, or says where it comes from.
fn stands_for_another(value: &str) -> bool {
    const KEEPERS: &str = "arn: projects/ vault: ssm: sm:// op:// keyvault @microsoft. secretsmanager $";
    const TO_REPLACE: &str = "changeme change-me change_me change-this change_this replace your my- my_ example dummy placeholder todo tbd \
                              fake xxx insert set- set_ please";
    const WORDS: &str = "password secret token managed generated generate random auto rotate none null nil true false enabled disabled \
                         required optional default unused redacted masked env file iam string test";
    const MARKS: &str = "${ {{ $( #{ < %{ ... example_ placeholder **";
    // `ChangeMe123!` satisfies every rule for passwords: it is what stays.
    let has = |is_of_kind: fn(&u8) -> bool| value.bytes().any(|byte| is_of_kind(&byte));
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let value = value.to_ascii_lowercase();
    let mut letters = value.chars();
    letters.next().is_some_and(|first| letters.all(|other| other == first))
        || MARKS.split(' ').any(|mark| value.contains(mark))
        || [('%', '%'), ('[', ']')].iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close))
        || is_one(&value, WORDS)
        || begins_with_one(&value, KEEPERS)
        || begins_with_one(&value, TO_REPLACE) && !is_mixed
}

/// True for a number, a duration, a version, a schedule.
fn is_measure(value: &str) -> bool {
    const UNITS: &str = "ms s sec secs second seconds m min mins minute minutes h hr hour hours d day days w weeks months y years";
    let amount = value.trim_start_matches(['-', '+', 'v']);
    let unit = amount.trim_start_matches(|each: char| each.is_ascii_digit() || ".,_:".contains(each));
    let digits = amount.len() - unit.len();
    // Six digits and more may be somebody's password.
    let is_amount = digits > 0 && if unit.is_empty() { digits < 6 } else { is_one(&unit.trim().to_ascii_lowercase(), UNITS) };
    let is_period =
        value.starts_with('P') && value.len() < 14 && value.chars().all(|each| "PYMWDTHS.".contains(each) || each.is_ascii_digit());
    is_amount || is_period || begins_with_one(value, "rate( cron(")
}

/// True for a path, an address of the network or of mail, a host, a public key: what everybody may read.
fn is_place(value: &str) -> bool {
    let is_path = begins_with_one(value, "/ ./ ../ ~/") && !value.ends_with('=');
    let is_public =
        begins_with_one(value, "ssh-rsa ssh-ed25519 ecdsa-sha2-") || value.contains("BEGIN CERTIFICATE") || value.contains("PUBLIC KEY");
    let last = value.rsplit('.').next().filter(|last| last.len() < value.len()).unwrap_or_default();
    let is_host = last.len() >= 2
        && !last.starts_with(|first: char| first.is_ascii_digit())
        && value.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || ".-:/_@".contains(each));
    let is_address = value.split('/').next().is_some_and(|address| address.parse::<IpAddr>().is_ok());
    is_path || is_public || is_host || is_address || value.contains("://")
}

/// Ten characters and more with a digit among them, and no two words of a name.
fn is_long_word(value: &str) -> bool {
    let has = |is_of_kind: fn(&u8) -> bool| value.bytes().any(|byte| is_of_kind(&byte));
    let is_one_word = !value.contains(|each: char| each.is_whitespace() || "-_/.:".contains(each));
    value.len() >= 10 && is_one_word && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

/// True for what is long and not made of words: `prod-db-2` is a name, and so is `registryCredentials`.
fn is_random(value: &str) -> bool {
    let is_one_word = value.is_ascii() && !value.contains(char::is_whitespace);
    let has_variety = value.bytes().collect::<BTreeSet<u8>>().len() >= 8;
    let parts = value.split(['-', '_', '/', '.', ':', '+', '=']);
    value.len() >= 12 && is_one_word && has_variety && parts.filter(|part| part.len() >= 6).any(|part| !is_word(part))
}

/// Letters, in words that begin with a capital if at all, and a short number behind them; or a number.
fn is_word(part: &str) -> bool {
    let letters = part.trim_end_matches(|last: char| last.is_ascii_digit());
    let capitals = letters.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
    let is_all_capitals = capitals + 1 == letters.len() && letters.len() < 20;
    // A name in camel case has a capital in every five letters or so, Base64 in every two.
    let is_letters = letters.bytes().all(|byte| byte.is_ascii_alphabetic()) && (is_all_capitals || capitals * 4 <= letters.len());
    letters.is_empty() || is_letters && part.len() - letters.len() <= 4
}

fn begins_with_one(value: &str, list: &str) -> bool {
    list.split(' ').any(|one| value.starts_with(one))
}

#[cfg(test)]
mod tests {
    use super::Likelihood::{Certain, Suspected};
    use super::{is_issued, judge};

    #[test]
    fn credentials_are_told_by_name_and_form() {
        for (name, value, expected) in [
            // Passwords, weak ones too, by names long and short.
            ("db_password", "hunter2hunter2", Some(Certain)),
            ("db_password", "Passw0rd!", Some(Certain)),
            ("DB_PASSWORD", "hunter2hunter2", Some(Certain)),
            ("adminPassword", "hunter2hunter2", Some(Certain)),
            ("db_pass", "hunter2hunter2", Some(Certain)),
            ("db_password", "ChangeMe123!", Some(Certain)),
            ("pwd", "Tr0ub4dor", Some(Certain)),
            ("dbpassword", "s3cr3t!x", Some(Certain)),
            ("postgres_password_prod", "s3cr3t!x", Some(Certain)),
            ("password_for_app", "s3cr3t!x", Some(Certain)),
            ("db_pass_x", "Zk3mQ9vT2xL7pR4w", Some(Certain)),
            ("db_password_eu2", "Zk3mQ9vT2xL7pR4w", Some(Certain)),
            ("db_password_orders", "Zk3mQ9vT2xL7pR4w", Some(Suspected)),
            ("db_password_id", "Zk3mQ9vT2xL7pR4w", None),
            ("db_password_x", "CHANGE_ME", None),
            ("db_password", "PleaseChange!", None),
            ("db_password", "postgres", Some(Suspected)),
            ("db_password", "correct horse battery staple", Some(Suspected)),
            ("db_password", "12345678", Some(Suspected)),
            // Keys and tokens: long and random.
            ("api_token", "abcdef0123456789", Some(Certain)),
            ("apikey", "9f8e7d6c5b4a39281706", Some(Certain)),
            ("client_secret", "0b5a1f0e-6a3c-4bd2-9f27-d3b5c2a1e0f9", Some(Certain)),
            ("secret_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Some(Certain)),
            ("storage_account_key", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==", Some(Certain)),
            ("jwt_secret", "supersecretvalue123", Some(Suspected)),
            ("password_salt", "9f8e7d6c5b4a392817064a5b", Some(Suspected)),
            // Whatever the name.
            ("anything", "AKIAIOSFODNN7EXAMPLE", Some(Certain)),
            ("aws_access_key_id", "AKIAIOSFODNN7EXAMPLE", Some(Suspected)),
            ("ci", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", Some(Certain)),
            ("ci", "github_pat_11ABCDEFG0abcdefghijkl", Some(Certain)),
            ("hook", "https://hooks.slack.com/services/T00000000/B00000000/abcdef0123456789abcdef01", Some(Certain)),
            ("url", "postgres://app:hunter2hunter2@db/app", Some(Certain)),
            ("storage", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFyYmF6cXV4MTIzNA==;", Some(Certain)),
            ("pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", Some(Certain)),
            // What is said of one, or where it is.
            ("PASSWORD_RESET_URL", "https://example.com/reset", None),
            ("OAUTH_TOKEN_VERIFICATION_URL", "http://auth.internal:8080/oauth/check_token", None),
            ("CONFIRM_TOKEN_TIMEOUT", "90", None),
            ("jwt_token_exchange_duration", "PT15S", None),
            ("token_ttl", "3600", None),
            ("token_ttl", "90d", None),
            ("password_length", "32", None),
            ("password_policy", "strict-16-characters-2", None),
            ("db_password_arn", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf", None),
            ("db_password", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf", None),
            ("db_password", "/prod/db/password", None),
            ("db_password", "${var.password}", None),
            ("db_password", "managed", None),
            ("db_password", "CHANGE_ME", None),
            ("db_password", "change-me-min-16ch", None),
            ("key", "sk-proj-replace-with-real-key", None),
            ("secret", "ga4-oauth2-credentials", None),
            ("access_token", "minutes", None),
            ("ES_PASS", "shared/logging/es_pass", None),
            ("public_google_api_key", "AIzaSyA0123456789abcdefghijklmnopqrstuv", None),
            ("db_password", "<your password>", None),
            ("apiKey", "[DATADOG_API_KEY_2]", None),
            ("secret", "192.0.2.10/32, 198.51.100.7", None),
            ("secret", "a1b2c3@example.com,d4e5f6@example.com", None),
            ("db_password", "/Zk3mQ9v,T2xL7pR4w", Some(Certain)),
            ("db_password", "xxxxxxxx", None),
            ("db_password", "", None),
            ("db_password", "true", None),
            ("secret_name", "prod/db/credentials1", None),
            ("client_secret_id", "0b5a1f0e-6a3c-4bd2-9f27-d3b5c2a1e0f9", None),
            ("image_pull_secret", "registry-credentials", None),
            ("tls_secret", "wildcard-example-com-2024", None),
            ("tls_secret", "registryCredentials", None),
            ("metrics_token", "shared-by-all", None),
            ("access_key", "mock_access_key", None),
            ("secret_key", "test", None),
            ("ssh_public_key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ", None),
            ("token_issuer", "https://token.actions.githubusercontent.com", None),
            ("auth_token", "token.actions.githubusercontent.com", None),
            ("region", "eu-central-1", None),
            ("bucket", "b7f3a9c2d1e8f4a6", None),
            ("url", "postgres://app@db/app", None),
            ("url", "postgres://app:${var.password}@db/app", None),
            ("url", "postgres://app:password@localhost/app", None),
            ("url", "https://example.com/a:b@c", None),
            ("key_vault_secrets", "60d", None),
            ("bypass", "Abcdef123456", None),
        ] {
            assert_eq!(judge(name, value), expected, "{name} = {value}");
        }
    }

    #[test]
    fn what_a_service_has_issued_is_told_from_what_people_make_up() {
        for (name, value, expected) in [
            ("GITHUB_TOKEN", "ghp_Zk3mQ9vT2xL7pR4wN8sB1cF6hJ0dY5gA2eUo", true),
            ("AWS_SECRET_ACCESS_KEY", "u8Jq2Zr7Lx0Vb4Nn1Kc6Ht9Wm3Pd5Sf8Ga2Ye7Qx", true),
            ("AWS_SECRET_ACCESS_KEY", "minioadmin", false),
            ("AWS_SECRET_ACCESS_KEY", "your-secret-access-key-goes-here-0000000", false),
            ("AWS_ACCESS_KEY_ID", "AKIAQ2Z4M6N8P1R3T5V7", false),
            ("DB_PASSWORD", "hunter2hunter2", false),
            ("DATABASE_URL", "postgres://app:Zk3mQ9vT2xL7@localhost/app", false),
            ("VITE_API_KEY", "AIzaSyZk3mQ9vT2xL7pR4wN8sB1cF6hJ0dY5gA2", false),
            ("ANON_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJl", false),
        ] {
            assert_eq!(is_issued(name, value), expected, "{name}");
        }
    }
}
