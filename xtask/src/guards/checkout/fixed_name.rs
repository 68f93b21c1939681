//! A name that the code alone decides, and that two environments would make in one place.

use std::collections::BTreeMap;

use terraform_config::Block;
use terraform_config::backend::Answer;

use super::resource_name::names;
use super::unique_names::{Scope, unique};
use crate::guards::facts::placement::{Placement, Together};
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, Severity, listed};

pub(crate) const GUARD: Guard = Guard {
    name: "fixed-name",
    looks_at: "resources whose name the code alone decides, in what two environments share or repeat",
    danger: "the second environment takes over, or destroys, what the first one made under that name",
    can_be_allowed: true,
    find,
};

/// One environment's resource of a name.
struct User<'a> {
    environment: &'a EnvironmentFacts,
    block: &'a Block,
    placement: Option<Placement>,
}

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut all: BTreeMap<(&str, Vec<String>), Vec<User>> = BTreeMap::new();
    let mut order = Vec::new();
    for environment in &facts.environments {
        for block in environment.code.of_kind("resource") {
            let kind = block.label();
            let Some(unique) = unique(kind) else {
                continue;
            };
            for name in names(environment, block, unique) {
                let key = (kind, name);
                let users = all.entry(key.clone()).or_insert_with(|| {
                    order.push((key, unique));
                    Vec::new()
                });
                users.push(User { environment, block, placement: None });
            }
        }
    }
    for (key, unique) in order {
        let users = all.remove(&key).unwrap_or_default();
        let (kind, name) = key;
        // Without an infra.toml nobody knows in which workspaces people work, and whether `default` is one of them.
        let is_sure = facts.has_policy() || !name.concat().contains("${terraform.workspace}");
        for (certain, group) in groups(facts, users, kind, unique.scope) {
            findings.push(finding(facts, (kind, unique.name(), &name[0]), certain && is_sure, &group));
        }
    }
}

/// Those that meet, each group with whether that is certain.
fn groups<'a>(facts: &Facts, users: Vec<User<'a>>, kind: &str, scope: Scope) -> Vec<(bool, Vec<User<'a>>)> {
    let first = users.first().map(|user| user.environment.name.as_str());
    if users.iter().all(|user| Some(user.environment.name.as_str()) == first) {
        return Vec::new();
    }
    let mut groups: Vec<(bool, Vec<User>)> = Vec::new();
    for user in users {
        let user = User { placement: placement(facts, &user, kind, scope), ..user };
        let met = groups.iter_mut().find_map(|group| {
            let together = meets(&group.1[0], &user, kind, scope);
            (together != Together::No).then_some((group, together))
        });
        match met {
            Some(((certain, group), together)) => {
                if group.iter().all(|other| other.environment.name != user.environment.name) {
                    *certain &= together == Together::Yes;
                    group.push(user);
                }
            }
            None => groups.push((true, vec![user])),
        }
    }
    groups.retain(|(_, group)| group.len() > 1);
    groups
}

fn placement(facts: &Facts, user: &User, kind: &str, scope: Scope) -> Option<Placement> {
    let project = |provider, setting| Some(Placement::in_project(user.environment, user.block, provider, setting));
    match scope {
        Scope::Region | Scope::Account => Some(Placement::on_aws(user.environment, user.block, &facts.profiles)),
        Scope::Project if kind.starts_with("google_") => project("google", "project"),
        Scope::Project => project("azurerm", "subscription_id"),
        Scope::Engine | Scope::World => None,
    }
}

/// Whether two resources of one name would be one thing. In one state they are, and that is another guard's to refuse.
fn meets(one: &User, other: &User, kind: &str, scope: Scope) -> Together {
    if have_one_state(one, other) {
        return Together::No;
    }
    let place = match (&one.placement, &other.placement) {
        (Some(own), Some(others)) => match scope {
            Scope::Region => own.shares_region(others),
            // Where no project is named, nobody knows which one the shell or a pipeline names.
            Scope::Project if !own.names_account() && !others.names_account() => Together::Unknown,
            _ => own.shares_account(others),
        },
        _ if one.environment.is_elsewhere(other.environment, kind) => Together::No,
        _ => Together::Yes,
    };
    let is_made = |user: &User| ["count", "for_each"].iter().all(|gate| user.environment.code.is_known(user.block, gate));
    match place {
        Together::Yes if !is_made(one) || !is_made(other) => Together::Unknown,
        // A bucket for the states of each: most likely an account for each too.
        Together::Yes if one.placement.as_ref().is_some_and(|own| !own.names_account()) && have_buckets_of_their_own(one, other) => {
            Together::Unknown
        }
        place => place,
    }
}

fn have_one_state(one: &User, other: &User) -> bool {
    let (own, others) = (&one.environment.backends, &other.environment.backends);
    one.environment.name != other.environment.name
        && own.known().any(|own| others.known().any(|other| own.location.compare(&other.location) == Answer::Same))
}

fn have_buckets_of_their_own(one: &User, other: &User) -> bool {
    let buckets = |user: &User| -> Vec<String> {
        let declared = user.environment.backends.declared.iter().filter(|backend| backend.kind == "s3");
        declared.filter_map(|backend| Some(backend.text("bucket")?.to_owned())).collect()
    };
    let (own, others) = (buckets(one), buckets(other));
    !own.is_empty() && !others.is_empty() && own.iter().all(|bucket| !others.contains(bucket))
}

fn finding(facts: &Facts, (kind, attribute, name): (&str, &str, &str), certain: bool, users: &[User]) -> Finding {
    let names: Vec<&str> = users.iter().map(|user| user.environment.name.as_str()).collect();
    let first = users[0].block.place_of(attribute);
    let what = format!(
        "{} {} make {kind} \"{name}\" ({}:{})",
        listed(&names),
        if names.len() == 2 { "both" } else { "all" },
        facts.shown(&first.file),
        first.line
    );
    let hint = "build the name from the environment's and the workspace's, as a variable of the module; where each has an account of its own, \
                say which in `allowed_account_ids` of infra.toml";
    let place = users[1].block.place_of(attribute);
    let severity = if certain { Severity::Refusal } else { Severity::Warning };
    GUARD
        .finding(severity, &names, place, what, hint)
        .among(users.iter().map(|user| (user.environment.name.as_str(), user.block.place_of(attribute))))
}
