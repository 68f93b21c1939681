//! The account and the region that a resource is in, as far as the code, infra.toml and the user's profiles say so.

use std::path::Path;

use terraform_config::{Block, Reference, Step, Value};

use super::EnvironmentFacts;
use super::aws_profiles::Profiles;
use super::literals::texts;
use crate::aws::account_of;

/// Modules that call each other deeper than this are not followed.
const DEPTH: usize = 16;

/// Whether two things are in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    Yes,
    No,
    /// One of them says so by what is not known here.
    Unknown,
}

/// What is said of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// Nothing: the surroundings decide, which are the same for all.
    Nothing,
    /// Something that takes more than reading.
    Unknown,
    /// One of these.
    These(Vec<String>),
}

/// Where a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    account: Said,
    region: Said,
}

impl Said {
    fn with(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Nothing { other() } else { self }
    }

    fn meets(&self, other: &Self) -> Together {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => Together::Yes,
            (Self::These(own), Self::These(others)) if own.iter().any(|one| others.contains(one)) => Together::Yes,
            (Self::These(_), Self::These(_)) => Together::No,
            _ => Together::Unknown,
        }
    }
}

impl Placement {
    /// Of a resource of AWS.
    pub(crate) fn on_aws(environment: &EnvironmentFacts, block: &Block, profiles: &Profiles) -> Self {
        let providers = environment.providers_of(block, "aws");
        let policy = &environment.policy;
        let of_policy = || match policy.allowed_account_ids.as_slice() {
            [] => all(&providers, |provider| account_of_profile(environment, provider, profiles)),
            allowed => Said::These(allowed.to_vec()),
        };
        let account = match all(&providers, |provider| account_of_provider(environment, provider)) {
            Said::Unknown if !policy.allowed_account_ids.is_empty() => of_policy(),
            said => said.with(of_policy),
        };
        let of_providers = || all(&providers, |provider| said(environment, provider, "region"));
        let region_of_policy = || policy.region.clone().map_or(Said::Nothing, |region| Said::These(vec![region]));
        Self { account, region: said(environment, block, "region").with(of_providers).with(region_of_policy) }
    }

    /// Of a resource in a project of Google's, or a subscription of Azure's, by the name of the setting.
    pub(crate) fn in_project(environment: &EnvironmentFacts, block: &Block, provider: &str, setting: &str) -> Self {
        let providers = environment.providers_of(block, provider);
        let of_providers = || all(&providers, |provider| said(environment, provider, setting));
        Self { account: said(environment, block, setting).with(of_providers), region: Said::Nothing }
    }

    /// Whether both are in one account or project.
    pub(crate) fn shares_account(&self, other: &Self) -> Together {
        self.account.meets(&other.account)
    }

    /// True where an account or project is named at all.
    pub(crate) fn names_account(&self) -> bool {
        self.account != Said::Nothing
    }

    /// Whether both are in one account and region.
    pub(crate) fn shares_region(&self, other: &Self) -> Together {
        match (self.account.meets(&other.account), self.region.meets(&other.region)) {
            (Together::No, _) | (_, Together::No) => Together::No,
            (Together::Yes, Together::Yes) => Together::Yes,
            _ => Together::Unknown,
        }
    }
}

/// What an attribute says; an empty text says nothing.
fn said(environment: &EnvironmentFacts, block: &Block, attribute: &str) -> Said {
    let Some(value) = block.value(attribute).filter(|value| **value != Value::Null) else {
        return Said::Nothing;
    };
    let known: Vec<String> = texts(environment, block, value).into_iter().filter(|text| !text.is_empty()).collect();
    if known.is_empty() { Said::Unknown } else { Said::These(known) }
}

/// What all of these providers say together.
fn all<'a>(providers: &[&'a Block], of: impl Fn(&'a Block) -> Said) -> Said {
    let mut known = Vec::new();
    for provider in providers {
        match of(provider) {
            Said::These(these) => known.extend(these),
            Said::Unknown => return Said::Unknown,
            Said::Nothing => {}
        }
    }
    if known.is_empty() { Said::Nothing } else { Said::These(known) }
}

/// By the role that a provider takes, or the accounts that it allows.
fn account_of_provider(environment: &EnvironmentFacts, provider: &Block) -> Said {
    let account = |arn: &String| account_of(arn).map(ToOwned::to_owned);
    let of_role = provider.blocks.iter().find(|block| block.kind.starts_with("assume_role")).map_or(Said::Nothing, |role| {
        match said(environment, role, "role_arn") {
            Said::These(arns) => Said::These(arns.iter().filter_map(account).collect()),
            other => other,
        }
    });
    let of_list = || match provider.value("allowed_account_ids") {
        None => Said::Nothing,
        Some(list) => {
            let ids: Vec<String> = list.elements().iter().flat_map(|id| texts(environment, provider, id)).collect();
            if ids.is_empty() { Said::Unknown } else { Said::These(ids) }
        }
    };
    of_role.with(of_list)
}

/// By what the user's configuration says of a provider's profile, or else by the profile's name.
fn account_of_profile(environment: &EnvironmentFacts, provider: &Block, profiles: &Profiles) -> Said {
    let place = |name: String| profiles.get(&name).and_then(|profile| profile.account.clone()).unwrap_or(format!("profile {name}"));
    match said(environment, provider, "profile") {
        Said::These(names) => Said::These(names.into_iter().map(place).collect()),
        other => other,
    }
}

impl EnvironmentFacts {
    /// The `provider` blocks of this name that a resource is made by; several where its module is called with several.
    fn providers_of(&self, block: &Block, provider: &str) -> Vec<&Block> {
        let named = match block.value("provider") {
            Some(Value::Reference(reference)) => reference.to_string(),
            Some(Value::Text(text)) => text.clone(),
            _ => provider.to_owned(),
        };
        let mut found = Vec::new();
        self.follow_provider(block.place.file.parent().unwrap_or(Path::new("")), &named, DEPTH, &mut found);
        found
    }

    /// `aws.london` in a directory: declared there, given by the calls of its module, or inherited
    /// (https://developer.hashicorp.com/terraform/language/modules/develop/providers).
    fn follow_provider<'a>(&'a self, directory: &Path, named: &str, depth: usize, found: &mut Vec<&'a Block>) {
        let (kind, alias) = named.split_once('.').map_or((named, None), |(kind, alias)| (kind, Some(alias)));
        let is_here = |block: &&Block| block.place.file.parent() == Some(directory);
        let is_it =
            |block: &&Block| block.kind == "provider" && block.labels.first().is_some_and(|it| it == kind) && block.text("alias") == alias;
        let declared: Vec<&Block> = self.blocks().filter(is_it).filter(is_here).collect();
        if !declared.is_empty() || depth == 0 || directory == self.directory {
            found.extend(declared.into_iter().filter(|one| !found.contains(one)).collect::<Vec<_>>());
            return;
        }
        for call in self.blocks().filter(|block| block.kind == "module") {
            let from = call.place.file.parent().unwrap_or(directory);
            let source = call.text("source").filter(|source| source.starts_with('.'));
            if source.and_then(|source| from.join(source).canonicalize().ok()).as_deref() != Some(directory) {
                continue;
            }
            let given = call.value("providers").map(Value::entries).unwrap_or_default();
            let passed = given.iter().find(|entry| shown(&entry.key) == named).map(|entry| shown(&entry.value));
            match passed {
                Some(passed) => self.follow_provider(from, &passed, depth - 1, found),
                None if alias.is_none() => self.follow_provider(from, named, depth - 1, found),
                None => {}
            }
        }
    }
}

/// `aws` or `aws.london`, as a name or as a text.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Reference(Reference { root, steps }) => match steps.first() {
            Some(Step::Attribute(alias)) => format!("{root}.{alias}"),
            _ => root.clone(),
        },
        _ => String::new(),
    }
}
