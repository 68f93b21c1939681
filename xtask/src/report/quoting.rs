//! Values written so that another program reads back exactly them.

/// Double quotes with `\`, `"`, `$`, backtick and line breaks escaped: what every dotenv reader and `docker --env-file`'s
/// users agree on. A plain value stays plain, because `docker run --env-file` takes quotes literally.
pub(crate) fn dotenv_quoted(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-./:@%+=,?&".contains(character);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\\' | '"' | '$' | '`' => quoted.extend(['\\', character]),
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}

/// Single quotes, in which a POSIX shell changes nothing.
pub(crate) fn shell_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A string of Terraform's language in which nothing is filled in
/// (https://developer.hashicorp.com/terraform/language/expressions/strings).
pub(crate) fn hcl_quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '"' | '\\' => quoted.extend(['\\', character]),
            _ => quoted.push(character),
        }
    }
    quoted.replace("${", "$${").replace("%{", "%%{") + "\""
}

#[cfg(test)]
mod tests {
    use super::{dotenv_quoted, hcl_quoted, shell_quoted};

    #[test]
    fn nothing_is_filled_into_a_string_of_terraforms() {
        for (value, expected) in
            [("a b", r#""a b""#), (r#"a"b\c"#, r#""a\"b\\c""#), ("a\nb", r#""a\nb""#), ("${a} %{b} $c", r#""$${a} %%{b} $c""#)]
        {
            assert_eq!(hcl_quoted(value), expected);
        }
    }

    #[test]
    fn values_survive_each_format() {
        for (value, dotenv, shell) in [
            ("redis://default:pw@127.0.0.1:6379/0", "redis://default:pw@127.0.0.1:6379/0", "'redis://default:pw@127.0.0.1:6379/0'"),
            ("a b", "\"a b\"", "'a b'"),
            ("it's $HOME", "\"it's \\$HOME\"", r"'it'\''s $HOME'"),
            ("a\nb\\\"", "\"a\\nb\\\\\\\"\"", "'a\nb\\\"'"),
            ("", "", "''"),
        ] {
            assert_eq!((dotenv_quoted(value).as_str(), shell_quoted(value).as_str()), (dotenv, shell));
        }
    }
}
