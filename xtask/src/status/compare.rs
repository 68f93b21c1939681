//! A container, attribute by attribute, and where two descriptions of one differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::host::digest::Digest;
use crate::host::secret::MASK;

/// The value of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    /// Decides whether two sides agree; of a secret its hash.
    value: String,
    /// For a person; `None` for a secret.
    shown: Option<String>,
}

/// All that is said of a container: by group (`memory limit`, `variable`) and by item, which is empty where a container has one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Description {
    groups: BTreeMap<String, BTreeMap<String, Text>>,
}

/// An attribute in which what runs is not what was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `memory limit`, `variable REDISCLI_AUTH`, `port 6379/tcp`, ….
    pub(crate) attribute: String,
    /// As it runs, masked if it may be secret; `None` if what runs has no such thing.
    pub(crate) running: Option<String>,
    /// As it was applied, masked likewise; `None` if it was not applied.
    pub(crate) configured: Option<String>,
}

impl Text {
    /// Shown as it is.
    pub(super) fn plain(value: impl Into<String>) -> Self {
        let value = value.into();
        Self { shown: Some(value.clone()), value }
    }

    /// Compared by `value`, and shown in other words.
    pub(super) fn shown(value: impl Into<String>, shown: impl Into<String>) -> Self {
        Self { value: value.into(), shown: Some(shown.into()) }
    }

    /// Compared by the hash of `value`, and never shown.
    pub(super) fn hidden(value: impl AsRef<[u8]>) -> Self {
        Self { value: Digest::default().part(value).finish(), shown: None }
    }

    /// A list of words whose order counts.
    pub(super) fn words(words: &[String]) -> Self {
        if words.is_empty() { Self::shown("", "none") } else { Self::plain(serde_json::Value::from(words).to_string()) }
    }

    /// A list of words whose order does not.
    pub(super) fn set(words: impl IntoIterator<Item = String>) -> Self {
        let words: BTreeSet<String> = words.into_iter().collect();
        if words.is_empty() { Self::shown("", "none") } else { Self::plain(words.into_iter().collect::<Vec<_>>().join(", ")) }
    }

    /// True where both stand for one value: what is hidden on one side alone is compared by its hash.
    fn agrees_with(&self, other: &Self) -> bool {
        match (&self.shown, &other.shown) {
            (None, Some(_)) => self.value == Self::hidden(&other.value).value,
            (Some(_), None) => Self::hidden(&self.value).value == other.value,
            _ => self.value == other.value,
        }
    }
}

impl Description {
    /// Says something of which a container has one.
    pub(super) fn say(&mut self, group: &str, text: Text) {
        self.say_of(group, "", text);
    }

    /// Says something of which a container has several.
    pub(super) fn say_of(&mut self, group: &str, item: impl Into<String>, text: Text) {
        self.groups.entry(group.to_owned()).or_default().insert(item.into(), text);
    }

    /// Hides what a group says, which is a secret.
    pub(super) fn hide(&mut self, group: &str) {
        for text in self.groups.get_mut(group).into_iter().flat_map(BTreeMap::values_mut).filter(|text| text.shown.is_some()) {
            *text = Text::hidden(&text.value);
        }
    }

    /// Puts what `other` says of a group in the place of what this says of it.
    pub(super) fn take_over(&mut self, group: &str, other: &Self) {
        match other.groups.get(group) {
            Some(texts) => self.groups.insert(group.to_owned(), texts.clone()),
            None => self.groups.remove(group),
        };
    }

    /// The items of a group.
    pub(super) fn items(&self, group: &str) -> impl Iterator<Item = &String> {
        self.groups.get(group).into_iter().flat_map(BTreeMap::keys)
    }

    /// Where `running` is not as this, which was applied.
    pub(super) fn differences(&self, running: &Self) -> Vec<Difference> {
        let groups: BTreeSet<&String> = self.groups.keys().chain(running.groups.keys()).collect();
        let none = BTreeMap::new();
        let of_group = |group: &String| {
            let [applied, running] = [self, running].map(|side| side.groups.get(group).unwrap_or(&none));
            differences_in(group, applied, running)
        };
        groups.into_iter().flat_map(of_group).collect()
    }
}

fn differences_in(group: &str, applied: &BTreeMap<String, Text>, running: &BTreeMap<String, Text>) -> Vec<Difference> {
    let items: BTreeSet<&String> = applied.keys().chain(running.keys()).collect();
    // Details of a thing are left out if one side does not have it.
    let is_one_sided = applied.contains_key("") != running.contains_key("");
    let difference = |item: &String| {
        let (wanted, found) = (applied.get(item), running.get(item));
        let agree = wanted.zip(found).is_some_and(|(wanted, found)| wanted.agrees_with(found));
        if agree || is_one_sided && !item.is_empty() {
            return None;
        }
        let (running, configured) = in_words(found, wanted);
        Some(Difference { attribute: format!("{group} {item}").trim_end().to_owned(), running, configured })
    };
    items.into_iter().filter_map(difference).collect()
}

/// Both sides for a person: masked if either is secret, and told apart even if their words are the same.
fn in_words(running: Option<&Text>, configured: Option<&Text>) -> (Option<String>, Option<String>) {
    let both = || [running, configured].into_iter().flatten();
    let words = |side: Option<&Text>, word: &dyn Fn(&Text) -> String| side.map(word);
    if both().any(|text| text.shown.is_none()) {
        let mask = |_: &Text| MASK.to_owned();
        return (words(running, &mask), words(configured, &mask));
    }
    let are_told_apart = running.map(|text| &text.shown) != configured.map(|text| &text.shown);
    let shown = |text: &Text| text.shown.clone().filter(|_| are_told_apart).unwrap_or_else(|| text.value.clone());
    (words(running, &shown), words(configured, &shown))
}

#[cfg(test)]
mod tests {
    use super::{Description, Text};

    fn difference(applied: Option<Text>, running: Option<Text>) -> Option<(String, String)> {
        let description = |text: Option<Text>| {
            let mut description = Description::default();
            text.into_iter().for_each(|text| description.say_of("a", "b", text));
            description
        };
        let differences = description(applied).differences(&description(running));
        assert!(differences.iter().all(|difference| difference.attribute == "a b"));
        let words = |side: Option<String>| side.unwrap_or_else(|| "nothing".to_owned());
        differences.into_iter().next().map(|difference| (words(difference.running), words(difference.configured)))
    }

    #[test]
    fn secrets_are_masked_on_both_sides_and_equal_words_told_apart() {
        let plain = |value: &str| Some(Text::plain(value));
        for (applied, running, expected) in [
            (plain("1"), plain("1"), None),
            (plain("1"), plain("2"), Some(("2", "1"))),
            (plain("1"), None, Some(("nothing", "1"))),
            (None, plain("2"), Some(("2", "nothing"))),
            (Some(Text::hidden("pw")), plain("old pw"), Some(("********", "********"))),
            (Some(Text::hidden("pw")), plain("pw"), None),
            (Some(Text::hidden("pw")), None, Some(("nothing", "********"))),
            (Some(Text::shown("1", "same")), Some(Text::shown("1", "other")), None),
            (Some(Text::shown("1", "same")), Some(Text::shown("2", "same")), Some(("2", "1"))),
        ] {
            let expected = expected.map(|(running, applied)| (running.to_owned(), applied.to_owned()));
            assert_eq!(difference(applied, running), expected);
        }
    }

    #[test]
    fn no_secret_is_written_down() {
        let mut description = Description::default();
        description.say_of("variable", "A", Text::hidden("one secret"));
        description.say("command", Text::plain("another secret"));
        description.hide("command");
        let written = serde_json::to_string(&description).unwrap();
        assert!(!written.contains("secret"), "{written}");
        assert_eq!(serde_json::from_str::<Description>(&written).unwrap(), description);
    }
}
