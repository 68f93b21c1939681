//! The account and the region that a resource is in, as far as the code, infra.toml and the user's profiles say so.

use terraform_config::{Block, Value};

use super::EnvironmentFacts;
use super::aws_profiles::Profiles;
use crate::aws::account_of;

/// Whether two things are in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    Yes,
    No,
    /// One of them depends on something that is not known here.
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
        let providers = environment.code.providers_of(block, "aws");
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
        let providers = environment.code.providers_of(block, provider);
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
    if block.value(attribute).is_none_or(|value| *value == Value::Null) {
        return Said::Nothing;
    }
    let known = environment.code.texts_of(block, attribute);
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
            let ids: Vec<String> = list.elements().iter().flat_map(|id| environment.code.texts(provider, id)).collect();
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
