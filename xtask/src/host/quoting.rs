//! Values written so that another program reads back exactly them.

/// How a value stands in a `.env` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dotenv {
    /// As it is: every reader takes it so.
    Plain,
    /// Words between double quotes. sh, python-dotenv, node and systemd take these away, `docker --env-file` keeps them.
    Quoted(String),
    /// In no way that two readers would read alike.
    Impossible,
}

/// The one form that sh, python-dotenv, node, `docker --env-file` and systemd's EnvironmentFile read alike is no quoting at
/// all, of characters that each of them leaves alone. Each was asked about every character, at the beginning,
/// in the middle and at the end (`tests/src/env_file.rs` asks them again).
pub(crate) fn dotenv(value: &str) -> Dotenv {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-./:@%+=,?!*^[]{}~".contains(character);
    // A shell puts a home directory in the place of a `~` that could begin a path (POSIX, 2.6.1).
    let home = value.starts_with('~') || value.contains(":~");
    match (value.chars().all(plain), value.split(' ').all(|word| !word.is_empty() && word.chars().all(plain))) {
        (true, _) if !home => Dotenv::Plain,
        (false, true) => Dotenv::Quoted(format!("\"{value}\"")),
        _ => Dotenv::Impossible,
    }
}

/// Single quotes, in which a POSIX shell changes nothing.
pub(crate) fn shell_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// Between double quotes, with what would end them escaped.
pub(crate) fn double_quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '"' | '\\' => quoted.extend(['\\', character]),
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}

/// A string of Terraform's language in which nothing is filled in
/// (https://developer.hashicorp.com/terraform/language/expressions/strings).
pub(crate) fn hcl_quoted(value: &str) -> String {
    double_quoted(value).replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::{Dotenv, dotenv, hcl_quoted, shell_quoted};

    #[test]
    fn nothing_is_filled_into_a_string_of_terraforms() {
        for (value, expected) in
            [("a b", r#""a b""#), (r#"a"b\c"#, r#""a\"b\\c""#), ("a\nb", r#""a\nb""#), ("${a} %{b} $c", r#""$${a} %%{b} $c""#)]
        {
            assert_eq!(hcl_quoted(value), expected);
        }
    }

    #[test]
    fn what_no_two_readers_would_read_alike_is_not_written_to_a_dotenv() {
        for value in ["", "redis://default:p%24w@127.0.0.1:6379/0", "root:Ab1", "a==", "!a*b?{c}[d],e^f+g", "a~b", "http://[::1]:80/?a=b"] {
            assert_eq!(dotenv(value), Dotenv::Plain, "{value}");
        }
        for value in ["aws rds --port 5432", "A=b=c d", "~ a:~b"] {
            assert_eq!(dotenv(value), Dotenv::Quoted(format!("\"{value}\"")), "{value}");
        }
        for special in ["\"", "'", "`", "$", "\\", "#", "&", ";", "|", "<", ">", "(", ")", "\n", "\r", "\t", "\u{0}", "ä", "\u{a0}"] {
            for value in [format!("{special}ab"), format!("a{special}b"), format!("ab{special}"), format!("a b{special}")] {
                assert_eq!(dotenv(&value), Dotenv::Impossible, "{value:?}");
            }
        }
        for value in ["~/a", "a:~b", " a", "a ", "a  b", " "] {
            assert_eq!(dotenv(value), Dotenv::Impossible, "{value:?}");
        }
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted_for_it() {
        for (value, quoted) in [("a b", "'a b'"), ("it's $HOME", r"'it'\''s $HOME'"), ("a\nb\\\"", "'a\nb\\\"'"), ("", "''")] {
            assert_eq!(shell_quoted(value), quoted);
        }
    }
}
