//! `environments` in infra.toml: a table for each environment, and where they are if that is somewhere else than usual.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use super::Policy;

/// The key among the tables that says where the environments are.
const DIRECTORIES: &str = "directories";

/// Either tables, with `directories = [...]` among them, or the directories alone: TOML has no key that is both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environments {
    /// The directories to be searched, relative to the checkout; empty for `infrastructure/environments`.
    pub(crate) directories: Vec<String>,
    /// Policies by environment name.
    pub(crate) policies: BTreeMap<String, Policy>,
}

/// What stands under one key.
enum Entry {
    UserDirs(Vec<String>),
    Policy(Box<Policy>),
}

struct EnvironmentsVisitor;
struct EntryVisitor;

impl<'de> Deserialize<'de> for Environments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EnvironmentsVisitor)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl<'de> Visitor<'de> for EnvironmentsVisitor {
    type Value = Environments;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a table for each environment, or the directories that hold them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Environments, E> {
        Ok(Environments { directories: vec![text.to_owned()], ..Environments::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Environments, A::Error> {
        Ok(Environments { directories: texts(sequence)?, ..Environments::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Environments, A::Error> {
        let mut environments = Environments::default();
        while let Some(name) = map.next_key::<String>()? {
            match map.next_value()? {
                Entry::Policy(policy) => drop(environments.policies.insert(name, *policy)),
                Entry::UserDirs(directories) if name == DIRECTORIES => environments.directories = directories,
                Entry::UserDirs(_) => {
                    return Err(A::Error::custom(format!("`{name}` is not a table; `{DIRECTORIES}` is where the environments are")));
                }
            }
        }
        Ok(environments)
    }
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the table of an environment")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Entry, E> {
        Ok(Entry::UserDirs(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Entry, A::Error> {
        texts(sequence).map(Entry::UserDirs)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        Policy::deserialize(MapAccessDeserializer::new(map)).map(|policy| Entry::Policy(Box::new(policy)))
    }
}

fn texts<'de, A: SeqAccess<'de>>(sequence: A) -> Result<Vec<String>, A::Error> {
    Vec::deserialize(de::value::SeqAccessDeserializer::new(sequence))
}

#[cfg(test)]
mod tests {
    use super::Environments;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Document {
        #[serde(default)]
        environments: Environments,
    }

    #[test]
    fn directories_stand_alone_or_among_the_tables() {
        for (text, directories, names) in [
            ("", &[][..], &[][..]),
            ("environments = \"live\"", &["live"], &[]),
            ("environments = [\"live\", \"apps/live\"]", &["live", "apps/live"], &[]),
            ("[environments.prod]\ndocker = true", &[], &["prod"]),
            ("[environments]\ndirectories = \"live\"\n[environments.\"prod/eu\"]", &["live"], &["prod/eu"]),
            ("[environments]\ndirectories = [\"live\"]\n[environments.a]\n[environments.b]", &["live"], &["a", "b"]),
        ] {
            let environments = toml::from_str::<Document>(text).unwrap().environments;
            assert_eq!(environments.directories, directories, "{text}");
            assert_eq!(environments.policies.keys().collect::<Vec<_>>(), names, "{text}");
        }
    }

    #[test]
    fn a_mistake_is_named_where_it_is() {
        for (text, line, expected) in [
            ("environments = 3", 1, "expected a table for each environment, or the directories"),
            ("[environments]\nlive = \"live\"", 1, "`live` is not a table; `directories` is where"),
            ("[environments]\ndirectories = [\"a\", 3]", 2, "invalid type: integer `3`, expected a string"),
            ("[environments.a]\ndocker = true\ndokcer = true", 3, "unknown field `dokcer`"),
        ] {
            let error = toml::from_str::<Document>(text).unwrap_err();
            assert!(error.message().contains(expected), "{text}: {error}");
            let at = error.span().map_or(0, |span| span.start);
            assert_eq!(text[..at].matches('\n').count() + 1, line, "{text}: {error}");
        }
    }
}
