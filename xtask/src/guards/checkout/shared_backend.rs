//! Environments whose states are in one place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use terraform_config::backend::{self, Path};
use terraform_config::backends::Backend;
use terraform_config::{Block, Reading, Value};

use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard, Severity, listed};

pub(crate) const GUARD: Guard = Guard {
    name: "shared-address",
    looks_at: "backend blocks, override files, files of backend settings and what `init` remembered, resolved for every workspace",
    danger: "each apply of the one would plan to destroy what the other has made",
    can_be_allowed: false,
    find,
};

/// A backend of an environment, by the environment's place in the facts.
#[derive(Clone, Copy)]
struct Used<'a> {
    at: usize,
    environment: &'a EnvironmentFacts,
    backend: &'a Backend,
}

/// One state, or those of all workspaces, with every backend that keeps it there.
struct Group<'a> {
    path: &'a Path,
    used: Vec<Used<'a>>,
}

/// What was found about these environments, which all meet.
struct Meeting<'a> {
    severity: Severity,
    used: Vec<Used<'a>>,
    what: String,
    hint: String,
}

fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let used: Vec<Used> = facts
        .environments
        .iter()
        .enumerate()
        .flat_map(|(at, environment)| environment.backends.known().map(move |backend| Used { at, environment, backend }))
        .collect();
    let meetings = [meeting(&used), by_other_ways(&used), unfinished(facts)].into_iter().flatten().collect();
    let mut found: Vec<Finding> = used.iter().filter_map(of_one).collect();
    found.extend(largest(meetings).into_iter().map(|meeting| meeting.finding(facts)));
    found.sort_by(|left, right| (&left.environments, left.severity, &left.place).cmp(&(&right.environments, right.severity, &right.place)));
    found.dedup_by(|later, earlier| later.environments == earlier.environments);
    findings.extend(found);
}

/// The default workspace of a backend that has the state of another one of its own.
fn of_one(used: &Used) -> Option<Finding> {
    let (default, others) = used.backend.location.states().split_first()?;
    let name = used.environment.name.as_str();
    others.iter().any(|state| state.meets(default)).then(|| {
        let what = format!("the instances of `{name}` have one state, {}", used.backend.location);
        let hint = "keep the state of the default instance outside the directory of the others";
        GUARD.refusal(&[name], used.backend.place.clone(), what, hint)
    })
}

/// One finding for each cause: not again for some of those whom another one names.
fn largest(mut meetings: Vec<Meeting>) -> Vec<Meeting> {
    meetings.sort_by_key(|meeting| (meeting.severity, std::cmp::Reverse(meeting.environments().len())));
    let mut kept: Vec<Meeting> = Vec::new();
    let mut by_environment: HashMap<usize, Vec<usize>> = HashMap::new();
    for meeting in meetings {
        let environments = meeting.environments();
        let first = environments.first().and_then(|first| by_environment.get(first));
        if first.is_some_and(|kept_there| kept_there.iter().any(|at| environments.is_subset(&kept[*at].environments()))) {
            continue;
        }
        environments.iter().for_each(|environment| by_environment.entry(*environment).or_default().push(kept.len()));
        kept.push(meeting);
    }
    kept
}

/// Environments that have a state in common, found by looking up and not by comparing each with each: thousands take a moment.
fn meeting<'a>(used: &[Used<'a>]) -> Vec<Meeting<'a>> {
    let mut stores: BTreeMap<_, HashMap<&Path, Vec<Used>>> = BTreeMap::new();
    for used in used {
        for state in used.backend.location.states() {
            stores.entry(used.backend.location.store()).or_default().entry(state).or_default().push(*used);
        }
    }
    let mut meetings = Vec::new();
    for (_, states) in stores {
        let mut groups: Vec<Group> = states.into_iter().map(|(path, used)| Group { path, used }).collect();
        // The default workspace's first: that is the one to show.
        groups.sort_by_key(|group| (group.path.after().is_some(), group.path));
        meetings.extend(groups.iter().filter_map(Meeting::at_one_path));
        for (one, other) in backend::meeting(groups.iter().map(|group| group.path)) {
            meetings.extend(Meeting::of_two(&groups[one], &groups[other]));
        }
    }
    meetings
}

/// Environments that name one state and reach it in different ways, some of which this machine decides: by its kubeconfig, say. Two
/// contexts that are both written are taken for two clusters.
fn by_other_ways<'a>(used: &[Used<'a>]) -> Vec<Meeting<'a>> {
    let mut by_place: BTreeMap<_, Vec<Used>> = BTreeMap::new();
    for used in used {
        let location = &used.backend.location;
        by_place.entry(location.whatever_the_way().map(|place| (place, location.states()))).or_default().push(*used);
    }
    by_place.remove(&None);
    let is_open = |used: &Vec<Used>| {
        let ways: Vec<_> = used.iter().map(|used| used.backend.location.way()).collect();
        let is_left_to_some = |at: usize| ways.iter().any(|way| way[at].is_none()) && ways.iter().any(|way| way[at].is_some());
        used.iter().any(|one| one.at != used[0].at) && (0..ways[0].len()).any(is_left_to_some)
    };
    let met = by_place.into_values().filter(is_open).map(|used| Meeting {
        severity: Severity::Warning,
        what: format!("name one state, {}, and only this machine's settings say whether in one place", used[0].backend.location),
        hint: "give each a name of its own, or say in each where it is: for Kubernetes, by `config_context`; for OCI, by `region`"
            .to_owned(),
        used,
    });
    met.collect()
}

/// Environments whose code names one state and leaves out what holds it: certain where the code is the same too, which is a
/// copied directory; a suspicion otherwise.
fn unfinished(facts: &Facts) -> Vec<Meeting<'_>> {
    let mut by_name: BTreeMap<_, Vec<(Used, &Reading)>> = BTreeMap::new();
    for (at, environment) in facts.environments.iter().enumerate() {
        let written = environment.backends.written.iter().zip(&environment.code.readings);
        let open = written.filter(|(backend, _)| !backend.location.is_known() && backend.location.names_a_state());
        for (backend, reading) in open {
            let used = (Used { at, environment, backend }, reading);
            by_name.entry((backend.location.store(), backend.location.states())).or_default().push(used);
        }
    }
    let mut meetings = Vec::new();
    for used in by_name.into_values().filter(|used| used.len() > 1) {
        let mut by_code: BTreeMap<String, Vec<Used>> = BTreeMap::new();
        for (one, reading) in &used {
            by_code.entry(reading.code.blocks.iter().map(Block::to_string).collect()).or_default().push(*one);
        }
        meetings.extend(by_code.into_values().filter_map(|group| Meeting::unfinished(group, true)));
        let used: Vec<Used> = used.into_iter().map(|(used, _)| used).collect();
        meetings.extend(of_selected_workspaces(&used));
        meetings.extend(Meeting::unfinished(used, false));
    }
    meetings
}

fn asks_for_the_workspace(block: &Block) -> bool {
    let asks = |value: &Value| value.references().iter().any(|reference| reference.is("terraform", "workspace"));
    block.attributes.values().any(|(value, _)| asks(value)) || block.blocks.iter().any(asks_for_the_workspace)
}

/// Of those whose workspaces have the same tags, the ones in which the same workspace is selected.
fn of_selected_workspaces<'a>(used: &[Used<'a>]) -> Vec<Meeting<'a>> {
    let mut by_workspace: BTreeMap<&str, Vec<Used>> = BTreeMap::new();
    for one in used.iter().filter(|one| one.backend.location.missing().is_empty()) {
        one.environment.selected_workspace.iter().for_each(|workspace| by_workspace.entry(workspace).or_default().push(*one));
    }
    let of_several = |(_, used): &(&str, Vec<Used>)| used.iter().any(|one| one.at != used[0].at);
    let met = by_workspace.into_iter().filter(of_several).map(|(workspace, used)| {
        let what = format!("work in one workspace, `{workspace}` of {}", used[0].backend.location);
        let hint = "give each a tag of its own, or select another workspace in one: `terraform workspace select`".to_owned();
        Meeting { severity: Severity::Refusal, used, what, hint }
    });
    met.collect()
}

impl<'a> Meeting<'a> {
    /// Of those that keep a state in one place.
    fn at_one_path(group: &Group<'a>) -> Option<Self> {
        let is_default = |used: &Used| used.backend.location.states().first() == Some(group.path);
        let has_a_prefix = |used: &Used| used.backend.text("workspace_key_prefix").is_some();
        let works_in_others = |used: &Used| used.environment.code.blocks().any(asks_for_the_workspace);
        let mut others: Vec<&[Path]> = group.used.iter().map(|used| used.backend.location.states()).collect();
        others.dedup();
        // In the workspace `default` alone: each has a prefix of its own for the others, and works in them.
        if others.len() > 1 && group.used.iter().all(|used| is_default(used) && has_a_prefix(used) && works_in_others(used)) {
            let hint = "give each environment a key of its own: workspace_key_prefix keeps only their other workspaces apart";
            return Self::of(&[group], Severity::RunRefusal, "have one state in the workspace `default`,", hint);
        }
        Self::of_one_state(&[group])
    }

    /// Of two groups whose states may be the same, capitals aside.
    fn of_two(one: &Group<'a>, other: &Group<'a>) -> Option<Self> {
        let groups = [one, other];
        if !one.path.meets(other.path) {
            let hint = "name them so that nobody takes the one for the other";
            return Self::of(&groups, Severity::Warning, "have states whose names differ in capitals alone:", hint);
        }
        // Workspaces of a service are told apart by how their names begin: one may have got a name that is taken for the other's.
        if ["remote", "cloud"].contains(&one.used[0].backend.kind.as_str()) {
            let hint = "begin them so that no workspace of the one can have a name of the other's";
            return Self::of(&groups, Severity::Warning, "have workspaces that begin alike:", hint);
        }
        Self::of_one_state(&groups)
    }

    /// Of those for which Terraform writes one state.
    fn of_one_state(groups: &[&Group<'a>]) -> Option<Self> {
        let hint = "give each environment a key or path of its own, in a bucket or directory that may be shared";
        Self::of(groups, Severity::Refusal, "have one state,", hint)
    }

    /// Of one group or two; `None` if all of it belongs to one environment.
    fn of(groups: &[&Group<'a>], severity: Severity, words: &str, hint: &str) -> Option<Self> {
        let mut used: Vec<Used> = groups.iter().flat_map(|group| group.used.iter().copied()).collect();
        used.sort_by_key(|used| used.at);
        let is_written = |used: &Used| used.backend.is_written(&used.environment.directory);
        // What somebody has written is what somebody can correct.
        if let Some(written) = used.iter().position(is_written) {
            used[..=written].rotate_right(1);
        }
        let is_first = |group: &&&Group| group.used.iter().any(|one| std::ptr::eq(one.backend, used[0].backend));
        let named: Vec<&&Group> = match severity {
            Severity::Refusal => groups.iter().filter(is_first).take(1).collect(),
            _ => groups.iter().collect(),
        };
        let state = |group: &&&Group| format!("{} {}", group.used[0].backend.location.label(), group.path).trim_end().to_owned();
        let what = format!("{words} {}", named.iter().map(state).collect::<Vec<_>>().join(" and "));
        let meeting = Self { severity, used, what, hint: hint.to_owned() };
        (meeting.environments().len() > 1).then_some(meeting)
    }

    /// Of environments that name one state; `None` if it is known for all of them what holds it.
    fn unfinished(used: Vec<Used<'a>>, same_code: bool) -> Option<Self> {
        let known = |used: &Used| used.environment.backends.known().next().is_some();
        if used.iter().all(|one| one.at == used[0].at) || used.iter().all(known) {
            return None;
        }
        let location = &used[0].backend.location;
        let missing = location.missing().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let Some(first) = location.missing().first() else {
            // Tags choose among workspaces, and which one a run works in is chosen outside the code: by TF_WORKSPACE, say.
            let what = format!("work in workspaces of the same tags, {location}");
            let hint = "give each a tag of its own, or the name of a workspace".to_owned();
            return Some(Self { severity: Severity::Warning, used, what, hint });
        };
        let (severity, also) = if same_code { (Severity::Refusal, "have the same code and ") } else { (Severity::RunRefusal, "") };
        let what = format!("{also}name one state, {location}, and leave {missing} out");
        let hint = format!(
            "give each a key of its own. If {missing} keeps them apart, say in infra.toml what `init` is given: backend_config = [\"{first}=...\"] in the table of each"
        );
        Some(Self { severity, used, what, hint })
    }

    fn environments(&self) -> BTreeSet<usize> {
        self.used.iter().map(|used| used.at).collect()
    }

    fn finding(self, facts: &Facts) -> Finding {
        let names: Vec<&str> = self.environments().into_iter().map(|at| facts.environments[at].name.as_str()).collect();
        let first = &self.used[0];
        let mut seen = BTreeSet::from([first.at]);
        let others: Vec<&Used> = self.used.iter().filter(|used| seen.insert(used.at)).collect();
        let also = others.first().map(|used| format!(" (also {}:{})", facts.shown(&used.backend.place.file), used.backend.place.line));
        let what = format!("{} {}{}", listed(&names), self.what, also.filter(|_| others.len() == 1).unwrap_or_default());
        let finding = GUARD.finding(self.severity, &names, first.backend.place.clone(), what, self.hint);
        let mut parts: Vec<&Used> = std::iter::once(first).chain(others).collect();
        parts.sort_by_key(|used| used.at);
        if parts.len() > 2 {
            finding.among(parts.iter().map(|used| (used.environment.name.as_str(), used.backend.place.clone())))
        } else {
            finding
        }
    }
}
