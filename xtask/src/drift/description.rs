//! A container, attribute by attribute, in words that do not depend on which side they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::secret::MASK;

/// One thing that can be said of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attribute {
    /// What kind of thing: `memory limit`, `variable`.
    pub(super) group: &'static str,
    /// Which of its kind; empty where a container has one.
    pub(super) item: String,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Decides whether two sides agree.
    value: String,
    /// For a person; none for a secret.
    shown: Option<String>,
}

/// All that is said of a container.
#[derive(Debug, Default)]
pub(super) struct Description {
    attributes: BTreeMap<Attribute, Text>,
    /// Groups that are described as a whole: who has more of them differs.
    complete: BTreeSet<&'static str>,
    /// What cannot be said yet.
    open: Vec<String>,
}

/// An attribute in which what runs is not what is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `memory limit`, `variable REDISCLI_AUTH`, `port 6379/tcp`, ….
    pub(crate) attribute: String,
    /// What runs, masked if it may be secret; none where it has no such thing.
    pub(crate) running: Option<String>,
    /// What is configured, masked likewise; none where nothing is.
    pub(crate) configured: Option<String>,
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item.as_str() {
            "" => formatter.write_str(self.group),
            item => write!(formatter, "{} {item}", self.group),
        }
    }
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

    /// Compared, and never shown.
    pub(super) fn hidden(value: impl Into<String>) -> Self {
        Self { value: value.into(), shown: None }
    }

    /// The same, not shown if `is_secret`.
    pub(super) fn hidden_if(self, is_secret: bool) -> Self {
        if is_secret { Self { shown: None, ..self } } else { self }
    }

    /// A list of words whose order counts.
    pub(super) fn words(words: &[String]) -> Self {
        if words.is_empty() { Self::shown("", "none") } else { Self::plain(Value::from(words).to_string()) }
    }

    /// A list of words whose order does not.
    pub(super) fn set(words: impl IntoIterator<Item = String>) -> Self {
        let words: BTreeSet<String> = words.into_iter().collect();
        if words.is_empty() { Self::shown("", "none") } else { Self::plain(words.into_iter().collect::<Vec<_>>().join(", ")) }
    }
}

impl Description {
    /// Says something of which a container has one.
    pub(super) fn say(&mut self, group: &'static str, text: Text) {
        self.say_of(group, "", text);
    }

    /// Says something of which a container has several.
    pub(super) fn say_of(&mut self, group: &'static str, item: impl Into<String>, text: Text) {
        self.attributes.insert(Attribute { group, item: item.into() }, text);
    }

    /// Everything of this group has been said.
    pub(super) fn is_complete_in(&mut self, group: &'static str) {
        self.complete.insert(group);
    }

    /// Nothing can be said of this group.
    pub(super) fn leave_open(&mut self, group: &'static str) {
        self.open.push(group.to_owned());
    }

    /// The groups of which nothing could be said.
    pub(super) fn open(&self) -> &[String] {
        &self.open
    }

    /// Where `running` is not as this, the configured one, says; what this says nothing of does not count.
    pub(super) fn differences(&self, running: &Self) -> Vec<Difference> {
        let attributes: BTreeSet<&Attribute> = self.attributes.keys().chain(running.attributes.keys()).collect();
        let difference = |attribute: &Attribute| {
            let (wanted, found) = (self.attributes.get(attribute), running.attributes.get(attribute));
            if wanted.is_none() && !self.complete.contains(attribute.group) {
                return None;
            }
            if wanted.map(|text| &text.value) == found.map(|text| &text.value) {
                return None;
            }
            // What a thing is like is not told where there is no such thing.
            let itself = Attribute { group: attribute.group, item: String::new() };
            if !attribute.item.is_empty() && self.attributes.contains_key(&itself) != running.attributes.contains_key(&itself) {
                return None;
            }
            let (running, configured) = in_words(found, wanted);
            Some(Difference { attribute: attribute.to_string(), running, configured })
        };
        attributes.into_iter().filter_map(difference).collect()
    }
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

    fn difference(configured: Option<Text>, running: Option<Text>) -> Option<(String, String)> {
        let description = |text: Option<Text>| {
            let mut description = Description::default();
            description.is_complete_in("a");
            text.into_iter().for_each(|text| description.say_of("a", "b", text));
            description
        };
        let differences = description(configured).differences(&description(running));
        assert!(differences.iter().all(|difference| difference.attribute == "a b"));
        let words = |side: Option<String>| side.unwrap_or_else(|| "nothing".to_owned());
        differences.into_iter().next().map(|difference| (words(difference.running), words(difference.configured)))
    }

    #[test]
    fn secrets_are_masked_on_both_sides_and_equal_words_told_apart() {
        let plain = |value: &str| Some(Text::plain(value));
        for (configured, running, expected) in [
            (plain("1"), plain("1"), None),
            (plain("1"), plain("2"), Some(("2", "1"))),
            (plain("1"), None, Some(("nothing", "1"))),
            (None, plain("2"), Some(("2", "nothing"))),
            (Some(Text::hidden("pw")), plain("old pw"), Some(("********", "********"))),
            (Some(Text::hidden("pw")), None, Some(("nothing", "********"))),
            (Some(Text::shown("1", "same")), Some(Text::shown("1", "other")), None),
            (Some(Text::shown("1", "same")), Some(Text::shown("2", "same")), Some(("2", "1"))),
        ] {
            let expected = expected.map(|(running, configured)| (running.to_owned(), configured.to_owned()));
            assert_eq!(difference(configured, running), expected);
        }
    }

    #[test]
    fn what_the_configuration_says_nothing_of_is_no_difference() {
        let mut running = Description::default();
        running.say("stop signal", Text::plain("SIGINT"));
        assert!(Description::default().differences(&running).is_empty());
    }
}
