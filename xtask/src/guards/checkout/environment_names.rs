//! The names of environments, found in values.

use std::collections::{HashMap, HashSet};

/// Every environment's name, and the parts of those that are paths.
pub(super) struct Names<'a> {
    /// Each by its words: `prod-eu` is two.
    by_words: HashMap<Vec<String>, &'a str>,
    longest: usize,
    /// Where each of them stands: the paths above it, which are empty at the top.
    above: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> Names<'a> {
    pub(super) fn of(environments: impl Iterator<Item = &'a str>) -> Self {
        let environments: Vec<&str> = environments.collect();
        let mut above: HashMap<&str, HashSet<&str>> = HashMap::new();
        for name in &environments {
            let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
            ends.fold(0, |start, end| {
                above.entry(&name[start..end]).or_default().insert(name[..start].trim_end_matches('/'));
                end + 1
            });
        }
        let all = environments.into_iter().flat_map(|name| std::iter::once(name).chain(name.split('/').filter(move |part| *part != name)));
        let by_words: HashMap<Vec<String>, &str> = all.filter(|name| !is_generic(name)).map(|name| (words(name), name)).collect();
        let longest = by_words.keys().map(Vec::len).max().unwrap_or_default();
        Self { by_words, longest, above }
    }

    /// True where the two stand beside each other in one directory, at whatever depth: `prod` and `test` of `prod/eu` and `test/eu`.
    pub(super) fn are_beside(&self, environment: &str, other: &str) -> bool {
        let is_below = |above: &&str| above.is_empty() || environment.strip_prefix(*above).is_some_and(|rest| rest.starts_with('/'));
        other.contains('/') || self.above.get(other).is_some_and(|above| above.iter().any(is_below))
    }

    /// The other environment that `value` is the whole name of, in `environment`'s own settings.
    pub(super) fn called(&self, environment: &str, value: &str) -> Option<&'a str> {
        let other = *self.by_words.get(&words(value))?;
        self.is_another(environment, other).then_some(other)
    }

    /// The other environment that `value` names in one of its parts, as `prod-objects` does, and not the environment itself.
    pub(super) fn named_in(&self, environment: &str, value: &str) -> Option<&'a str> {
        let parts = words(value);
        let own = words(environment);
        if parts.iter().any(|part| own.iter().any(|own| are_alike(own, part))) {
            return None;
        }
        let at = |start: usize| {
            let mut lengths = (1..=self.longest.min(parts.len() - start)).rev();
            lengths.find_map(|length| self.by_words.get(&parts[start..start + length])).copied()
        };
        (0..parts.len()).find_map(at).filter(|other| self.is_another(environment, other))
    }

    fn is_another(&self, environment: &str, other: &str) -> bool {
        let own = words(environment);
        // `prod-eu` may well say that it is `prod`, and `shared` may be of any.
        !is_generic(environment) && !words(other).iter().all(|word| own.iter().any(|own| are_alike(own, word)))
    }
}

/// `prod` and `production`, `dev` and `development`.
fn are_alike(one: &str, other: &str) -> bool {
    one == other || one.len().min(other.len()) >= 3 && (one.starts_with(other) || other.starts_with(one))
}

/// True for a name that says what a root is for, and not for whom: what is called so elsewhere may be any other thing.
fn is_generic(name: &str) -> bool {
    const WORDS: &str = "shared common global globals tools tooling mgmt management hub core network networking networks security bootstrap \
                         base root org organization platform infra infrastructure ops ci cd cicd dns ecr ecs eks iam account accounts admin \
                         state backend registry monitoring logging logs audit main default vpc data database databases db app apps web api \
                         service services identity storage compute cluster kubernetes k8s cloudfront local deploy deployment region primary \
                         secondary internal external public private server client frontend";
    let parts = words(name);
    // A region's name stands in the names of all that is there.
    let is_region = parts.len() == 3 && parts[0].len() == 2 && parts[2].bytes().all(|byte| byte.is_ascii_digit());
    is_region || parts.iter().all(|part| part.len() < 2 || part.parse::<u32>().is_ok() || WORDS.split(' ').any(|word| word == part))
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn another_environment_is_found_in_a_value_and_ones_own_is_not() {
        let names = Names::of(["prod", "prod-eu", "staging", "shared", "dev/app", "test/app", "eu-west-1"].into_iter());
        for (environment, value, called, named) in [
            ("staging", "prod", Some("prod"), Some("prod")),
            ("staging", "Prod", Some("prod"), Some("prod")),
            ("staging", "prod-objects", None, Some("prod")),
            ("staging", "app.prod-eu.example.com", None, Some("prod-eu")),
            ("staging", "production-objects", None, None),
            ("staging", "staging-objects-of-prod", None, None),
            ("staging", "nonprod", None, None),
            ("staging", "shared", None, None),
            ("staging", "logs-eu-west-1", None, None),
            ("staging", "", None, None),
            ("prod-eu", "prod", None, None),
            ("prod", "prod-eu", Some("prod-eu"), None),
            ("shared", "prod", None, None),
            ("dev/app", "test", Some("test"), Some("test")),
            ("dev/app", "dev", None, None),
        ] {
            assert_eq!(names.called(environment, value), called, "{environment}: {value}");
            let named = named.filter(|_| environment != "shared");
            assert_eq!(names.named_in(environment, value), named, "{environment}: {value}");
        }
    }
    #[test]
    fn environments_stand_beside_each_other_in_one_directory() {
        let names = Names::of(["prod", "dev/app", "test/app", "dev/db", "live/eu/uat", "live/eu/qa"].into_iter());
        for (environment, other, expected) in [
            ("prod", "dev", true),
            ("dev/app", "test", true),
            ("dev/app", "prod", true),
            ("dev/app", "db", true),
            ("live/eu/uat", "qa", true),
            // A root of another part of the repository.
            ("prod", "qa", false),
            ("dev/app", "uat", false),
            ("live", "eu", false),
        ] {
            assert_eq!(names.are_beside(environment, other), expected, "{environment} {other}");
        }
    }
}
