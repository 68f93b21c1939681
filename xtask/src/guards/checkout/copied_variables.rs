//! Variables of one environment that say that they are another one's: copied with a file, or left from one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use terraform_config::{Block, Place, Value, is_loaded};

use super::environment_names::Names;
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, Severity, by_cause, listed};
use crate::host::secret::written::{is_password, words};

pub(crate) const GUARD: Guard = Guard {
    name: "copied-variables",
    looks_at: "variable files, and what the root's code calls the environment, for the name of another one; passwords that two have",
    danger: "the second environment would be made under the first one's names, or with its secrets",
    can_be_allowed: true,
    find,
};

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let all: Vec<&EnvironmentFacts> = facts.environments.iter().collect();
    let names = Names::of(all.iter().map(|environment| environment.name.as_str()));
    let settings: Vec<Vec<Setting>> = all.iter().map(|environment| settings_of(environment)).collect();
    let mut users: BTreeMap<(&str, &str), Vec<(usize, &Setting)>> = BTreeMap::new();
    for (at, settings) in settings.iter().enumerate() {
        settings.iter().filter(|setting| setting.source == Source::File).for_each(|setting| {
            users.entry((&setting.key, setting.text)).or_default().push((at, setting));
        });
    }
    let mut found: Vec<Copied> = Vec::new();
    for (at, own) in settings.iter().enumerate() {
        let name = all[at].name.as_str();
        // Once for each environment that it is taken for: the first line says enough.
        let mut named: BTreeSet<&str> = BTreeSet::new();
        for setting in own {
            let place = setting.file.place_within(setting.variable, setting.line);
            let copied = |severity, what, from| Copied { severity, name, place: place.clone(), key: &setting.key, what, from };
            if setting.calls_the_environment()
                && let Some(other) = names.called(name, setting.text).filter(|other| !setting.is_about(other))
            {
                if named.insert(other) {
                    // The shell may replace a default, and what is called so elsewhere may be something else.
                    let is_certain = setting.source != Source::Default && names.are_beside(name, other);
                    let severity = if is_certain { Severity::Refusal } else { Severity::Warning };
                    found.push(copied(severity, What::Calls(setting.text), None));
                }
                continue;
            }
            if setting.source != Source::File {
                continue;
            }
            let users = &users[&(setting.key.as_str(), setting.text)];
            let theirs =
                |other: &str| users.iter().find(|(user, theirs)| all[*user].name == other && !is_one_file(theirs.file, setting.file));
            let password = || {
                let (other, _) = users.iter().find(|(user, theirs)| *user < at && !is_one_file(theirs.file, setting.file))?;
                is_password(&setting.key, setting.text).then_some(all[*other].name.as_str())
            };
            let foreign = names.named_in(name, setting.text).filter(|_| !setting.refers());
            let Some(other) = foreign.or_else(password).filter(|other| !named.contains(other)) else {
                continue;
            };
            named.insert(other);
            let Some((owner, theirs)) = theirs(other) else {
                found.push(copied(Severity::Warning, What::Names(other), None));
                continue;
            };
            let is_copy = says_the_same(setting.file, theirs.file);
            let from = Some((all[*owner].name.as_str(), theirs.file.place_within(theirs.variable, theirs.line)));
            // What three and more have in common may be one thing that all of them use.
            let is_shared = users.iter().map(|(user, _)| user).collect::<BTreeSet<_>>().len() > 2;
            let severity = if is_shared { Severity::Warning } else { Severity::Refusal };
            found.push(copied(severity, if is_copy { What::Copy } else { What::Value }, from));
        }
    }
    findings.extend(by_cause(found, |copied| Some(copied.cause())).into_iter().map(|(_, copied)| finding(facts, &copied)));
}

/// A setting that is another environment's.
struct Copied<'a> {
    severity: Severity,
    name: &'a str,
    place: Place,
    key: &'a str,
    what: What<'a>,
    /// Whose it is, and where that one has it.
    from: Option<(&'a str, Place)>,
}

/// What is the same in all that one mistake has brought about.
type Cause<'a> = (Severity, What<'a>, &'a str, Option<(&'a str, PathBuf)>);

impl<'a> Copied<'a> {
    fn cause(&self) -> Cause<'a> {
        let key = if self.what == What::Copy { "" } else { self.key };
        (self.severity, self.what, key, self.from.as_ref().map(|(other, place)| (*other, place.file.clone())))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum What<'a> {
    /// The environment is called by this name.
    Calls(&'a str),
    /// This environment is named.
    Names(&'a str),
    /// The other one's value.
    Value,
    /// The other one's file.
    Copy,
}

/// One for all that have it from one place.
fn finding(facts: &Facts, copied: &[Copied]) -> Finding {
    let first = &copied[0];
    let key = first.key;
    let mut names: Vec<&str> = copied.iter().map(|one| one.name).collect();
    let shown = listed(&names);
    let (says, has, its) = if names.len() > 1 { ("say", "have", "their") } else { ("says", "has", "its") };
    let ours = facts.shown(&first.place.file);
    let (other, theirs) = first.from.as_ref().map_or(("", "".into()), |(other, place)| (*other, facts.shown(&place.file)));
    let what = match first.what {
        What::Calls(other) => format!("{shown} {says} that {its} `{key}` is `{other}`, which is another environment"),
        What::Names(other) => format!("`{key}` of {shown} names `{other}`, which is another environment"),
        What::Copy => format!("{shown} {has} the variables of `{other}`: {ours} is a copy of {theirs}"),
        What::Value => format!("{shown} {has} `{key}` of `{other}`: {ours} has it from {theirs}"),
    };
    let hint = format!("give `{key}`, and whatever else is its own, a value for {shown}");
    let mut parts: Vec<(&str, Place)> = copied.iter().map(|one| (one.name, one.place.clone())).collect();
    if let Some((other, place)) = &first.from {
        names.push(other);
        parts.push((other, place.clone()));
    }
    let finding = GUARD.finding(first.severity, &names, first.place.clone(), what, hint);
    if copied.len() > 1 { finding.among(parts) } else { finding }
}

/// A string that a variable, or something in one, is set to.
#[derive(Debug)]
struct Setting<'a> {
    /// `tags.Environment`
    key: String,
    text: &'a str,
    /// The block that it stands in: a variable file, or a block of code.
    file: &'a Block,
    variable: &'a str,
    line: usize,
    source: Source,
}

/// What a setting stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    File,
    Code,
    /// A default that no variable file replaces; the shell may.
    Default,
}

impl Setting<'_> {
    /// True where the value says which environment this is. `rails_env` does not: staging runs in `production` too.
    fn calls_the_environment(&self) -> bool {
        const NAMES: [&str; 9] = [
            "environment",
            "env",
            "stage",
            "deploy environment",
            "deployment environment",
            "deploy env",
            "deployment env",
            "target environment",
            "target env",
        ];
        const OF_NAME: [&str; 12] =
            ["name", "label", "tag", "slug", "code", "prefix", "suffix", "short", "abbreviation", "abbr", "identifier", "id"];
        let mut way = self.key.rsplit('.');
        let mut last = words(way.next().unwrap_or_default());
        if last.len() > 1 && last.last().is_some_and(|word| OF_NAME.contains(&word.as_str())) {
            last.pop();
        }
        let last = last.join(" ");
        let is_tag = |above: &str| words(above).iter().any(|word| matches!(word.as_str(), "tags" | "labels" | "tag" | "label"));
        NAMES.contains(&last.as_str()) && way.all(is_tag)
    }

    /// `module "prod_peering"`, in any environment.
    fn is_about(&self, other: &str) -> bool {
        self.source == Source::Code && self.file.labels.iter().any(|label| words(label).contains(&other.to_lowercase()))
    }

    /// True where it is normal to name another environment: what this one talks to, takes from or lets in.
    fn refers(&self) -> bool {
        const WORDS: &str = "peer peers peering source src origin origins allowed trusted shared remote upstream parent from image images \
                             repository repo registry ecr acr url uri urls endpoint endpoints cors cidr cidrs allowlist whitelist description \
                             comment replica backup restore snapshot hub root central";
        words(&self.key).iter().any(|word| WORDS.split(' ').any(|one| one == word))
    }
}

/// Everything that says something of an environment in its variable files, and what its root's code calls it.
fn settings_of(environment: &EnvironmentFacts) -> Vec<Setting<'_>> {
    let mut settings = Vec::new();
    for file in environment.readable_variables() {
        // `prod.tfvars` waits for `-var-file`, in whatever directory: it says itself whose it is.
        if is_loaded(&file.place.file) {
            collect(file, Source::File, &mut settings);
        }
    }
    for block in environment.code.root_blocks() {
        match block.kind.as_str() {
            "locals" | "module" => collect(block, Source::Code, &mut settings),
            "provider" => block.of_kind("default_tags").for_each(|tags| collect(tags, Source::Code, &mut settings)),
            "variable" => settings.extend(default_of(environment, block)),
            _ => {}
        }
    }
    settings
}

fn default_of<'a>(environment: &EnvironmentFacts, block: &'a Block) -> Option<Setting<'a>> {
    let (key, (value, line)) = (block.label().to_owned(), block.attributes.get("default")?);
    let is_set = environment.readable_variables().any(|file| file.attributes.contains_key(&key));
    let setting = Setting { key, text: value.text()?, file: block, variable: "default", line: *line, source: Source::Default };
    Some(setting).filter(|_| !is_set)
}

fn collect<'a>(file: &'a Block, source: Source, settings: &mut Vec<Setting<'a>>) {
    fn below<'a>(key: &str, value: &'a Value, line: usize, add: &mut impl FnMut(String, &'a str, usize)) {
        match value {
            Value::Text(text) => add(key.to_owned(), text.trim(), line),
            Value::List(elements) => elements.iter().for_each(|value| below(key, value, line, add)),
            Value::Object(entries) => entries.iter().for_each(|entry| {
                below(&format!("{key}.{}", entry.key.text().unwrap_or_default()), &entry.value, entry.line, add);
            }),
            _ => {}
        }
    }
    for (variable, (value, line)) in &file.attributes {
        below(variable, value, *line, &mut |key, text, line| {
            settings.push(Setting { key, text, file, variable, line, source });
        });
    }
}

/// True for files that set the same, whatever their lines.
fn says_the_same(left: &Block, right: &Block) -> bool {
    let values = |block: &Block| block.attributes.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect::<Vec<_>>();
    values(left) == values(right)
}

/// The same file by a link is for another guard to name.
fn is_one_file(left: &Block, right: &Block) -> bool {
    let real = |Place { file, .. }: &Place| file.canonicalize().ok();
    real(&left.place).is_some() && real(&left.place) == real(&right.place)
}
