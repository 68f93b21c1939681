//! Credentials inside a longer text: a script, a configuration file or a command that code hands to something else.

use super::written::{Likelihood, has_form, judge};

/// True for a text of several words that a credential stands in: `DB_PASSWORD=...` of a script, `password: ...` of a configuration,
/// the password in an address, or a token.
pub(crate) fn has_credential(text: &str) -> bool {
    // Nearly all texts are shorter, or have nothing in them that could be one.
    text.contains(char::is_whitespace) && text.bytes().any(|byte| byte.is_ascii_digit()) && text.lines().any(line_has_credential)
}

fn line_has_credential(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with('#') || line.starts_with("//") {
        return false;
    }
    let words: Vec<&str> = line.split(|each: char| each.is_whitespace() || QUOTES.contains(each)).filter(|word| !word.is_empty()).collect();
    words.iter().any(|word| is_form(word))
        || words.iter().filter_map(|word| word.split_once('=')).any(is_set)
        || words.windows(2).filter(|pair| pair[0].starts_with("--")).any(|pair| is_set((pair[0], pair[1])))
        || line.split([',', ';', '{', '}']).filter_map(|part| part.split_once([':', '='])).any(is_set)
}

const QUOTES: &str = "\"'`\\";

/// A word that says itself what it is; of a setting, what it is set to.
fn is_form(word: &str) -> bool {
    let value = word.split_once('=').filter(|_| !word.contains("://")).map_or(word, |(_, value)| value);
    let value = value.trim_end_matches([',', ';', ')']);
    // The beginning of a key in PEM is a form, and is also what scripts look for.
    !value.contains("-----") && has_form(value) && judge("", value) == Some(Likelihood::Certain)
}

/// True for a name with its credential. What a program computes has brackets or dollars, or is a name without digits.
fn is_set((name, value): (&str, &str)) -> bool {
    let plain =
        |text: &str| text.trim_matches(|each: char| each.is_whitespace() || QUOTES.contains(each) || "-,;".contains(each)).to_owned();
    let (name, value) = (plain(name), plain(value));
    let name = name.rsplit([' ', '.', '?', '&']).next().unwrap_or_default();
    let is_written = value.bytes().any(|byte| byte.is_ascii_digit())
        && !value.contains(|each: char| each.is_whitespace() || "()[]{}<>|`*$\\\"'".contains(each));
    is_written && judge(name, &value) == Some(Likelihood::Certain)
}

#[cfg(test)]
mod tests {
    use super::has_credential;

    #[test]
    fn what_a_script_or_a_configuration_says_is_looked_at() {
        for (text, expected) in [
            ("#!/bin/sh\nexport DB_PASSWORD=Zk3mQ9vT2xL7pR4w\n", true),
            ("#!/bin/sh\nexport DB_PASSWORD='Zk3mQ9vT2xL7pR4w'\n", true),
            ("docker run -e POSTGRES_PASSWORD=hunter2hunter2 -e A=b postgres\n", true),
            ("mysqladmin --password Zk3mQ9vT2xL7pR4w status", true),
            ("mysqladmin --password=Zk3mQ9vT2xL7pR4w status", true),
            ("users:\n  - name: app\n    password: Zk3mQ9vT2xL7pR4w\n", true),
            ("{\n  \"username\": \"app\",\n  \"password\": \"Zk3mQ9vT2xL7pR4w\"\n}\n", true),
            ("{\"username\": \"app\",\"password\":\"Zk3mQ9vT2xL7pR4w\"} \n", true),
            ("[db]\npassword = Zk3mQ9vT2xL7pR4w\n", true),
            ("a: b\nurl: postgres://app:Zk3mQ9vT2xL7@db:5432/app\n", true),
            ("curl https://x.example && psql \"postgres://app:Zk3mQ9vT2xL7@${}/app\"", true),
            ("Server=db;Database=app;\nPassword=Zk3mQ9vT2xL7;", true),
            ("cat > ~/.aws/credentials\naws_secret_access_key = u8Jq2Zr7Lx0Vb4Nn1Kc6Ht9Wm3Pd5Sf8Ga2Ye7Qx\n", true),
            ("git clone https://ci:ghp_Zk3mQ9vT2xL7pR4wN8sB1cF6hJ0dY5gA2eUo@github.com/a/b\n", true),
            ("export GH=ghp_Zk3mQ9vT2xL7pR4wN8sB1cF6hJ0dY5gA2eUo\n", true),
            // Taken from elsewhere, said of one, or somebody's example.
            ("export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db1)\n", false),
            ("export DB_PASSWORD=\"${}\"\n", false),
            ("export DB_PASSWORD=$1\n", false),
            ("password = os.environ['DB_PASSWORD1']\n", false),
            ("const password = get_password1()\n", false),
            ("password: ENC[AES256_GCM,data:abc]\n", false),
            ("password_min_length: 14\nPasswordAuthentication no1\n", false),
            ("# password: Zk3mQ9vT2xL7pR4w\nx=1\n", false),
            ("The password: it has 8 characters, and a digit\n", false),
            ("{\n \"Action\": [\"secretsmanager:GetSecretValue\"],\n \"Version\": \"2012-10-17\"\n}\n", false),
            ("\"Resource\": \"arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf\" ", false),
            ("TOKEN=`curl -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'`\n", false),
            ("token: $${TOKEN1}\nsecret: changeme1\n", false),
            ("url: postgres://app:password@localhost:5432/app\nx: 1\n", false),
            ("DB_PASSWORD=Zk3mQ9vT2xL7pR4w", false),
        ] {
            assert_eq!(has_credential(text), expected, "{text}");
        }
    }
}
