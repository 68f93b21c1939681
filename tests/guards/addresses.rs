//! Hundreds of pairs of backends, generated: whether two have one state is asked of Terraform itself, which writes one in
//! each of them, and compared with what `check` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use infra_tests::clients::{Variables, object_storage};
use infra_tests::dice::Dice;
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::process::Call;
use infra_tests::stack::unique;
use infra_tests::xtask::{Xtask, repository};
use serde_json::Value;

use super::layout::Layout;

/// How many backends: 33 make 528 pairs.
const COUNT: usize = 33;
/// The workspaces that Terraform writes in. The second one's name is found again in what it writes.
const WORKSPACES: [&str; 2] = ["default", "any-other"];
/// Names that a workspace would need to write where another environment does: every part of every generated address.
const NAMES: [&str; 15] =
    ["w1", "a", "k", "K", "p", "P", "q", "env:", "deep", "er", "shared", "states", "linked", "e00", "terraform.tfstate.d"];

/// Everywhere that an environment writes, by where it has written in both workspaces.
fn everywhere(written: impl Iterator<Item = String>) -> BTreeSet<String> {
    let other = WORKSPACES[1];
    written
        .flat_map(|address| if address.contains(other) { NAMES.map(|name| address.replace(other, name)).to_vec() } else { vec![address] })
        .collect()
}

fn names() -> Vec<String> {
    (0..COUNT).map(|number| format!("e{number:02}")).collect()
}

/// Pairs of environments that have a state in common, by where Terraform has put each one's.
fn pairs_with_one_state(written: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for (one, addresses) in written {
        for (other, others) in written.range::<String, _>((std::ops::Bound::Excluded(one), std::ops::Bound::Unbounded)) {
            if !addresses.is_disjoint(others) {
                pairs.insert((one.clone(), other.clone()));
            }
        }
    }
    pairs
}

/// Pairs that `check` refuses.
fn pairs_refused(layout: &Layout) -> BTreeSet<(String, String)> {
    let answer: Value = serde_json::from_str(&layout.infra(&["check", "--json"]).stdout).unwrap();
    let findings = answer["findings"].as_array().unwrap().iter();
    let refusals = findings.filter(|finding| finding["guard"] == "shared-address" && finding["severity"] == "refusal");
    let mut pairs = BTreeSet::new();
    for finding in refusals {
        // One finding names all that are in one place.
        let names: BTreeSet<&str> = finding["environments"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let others = |one: &str| names.range::<str, _>((std::ops::Bound::Excluded(one), std::ops::Bound::Unbounded));
        pairs.extend(names.iter().flat_map(|one| others(one).map(|other| ((*one).to_owned(), (*other).to_owned()))));
    }
    pairs
}

#[track_caller]
fn assert_agree(layout: &Layout, written: &BTreeMap<String, BTreeSet<String>>) {
    let (truth, refused) = (pairs_with_one_state(written), pairs_refused(layout));
    let shown = |pair: &(String, String)| {
        let backend = |name: &str| format!("{name}: {}\n  writes {:?}", layout.read(name, "backend.tf"), written[name].first());
        format!("{}\n{}", backend(&pair.0), backend(&pair.1))
    };
    let missed: Vec<String> = truth.difference(&refused).map(shown).collect();
    let wrong: Vec<String> = refused.difference(&truth).map(shown).collect();
    assert!(missed.is_empty(), "{} not refused, the first of them:\n{}", missed.len(), missed[0]);
    assert!(wrong.is_empty(), "{} refused without a reason, the first of them:\n{}", wrong.len(), wrong[0]);
    assert!(truth.len() > 5 && truth.len() < COUNT * COUNT / 4, "{} pairs of one state: too few or too many to mean much", truth.len());
}

#[test]
fn local_backends_meet_where_terraform_writes_one_file() {
    let mut dice = Dice::thrown();
    let names = names();
    let layout = Layout::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let shared = layout.checkout().infrastructure("shared");
    // Terraform makes directories by the text of a path and opens files by its links: those that it would miss are there.
    for directory in ["deep/er", "w1", "terraform.tfstate.d/w1"] {
        fs::create_dir_all(shared.join(directory)).unwrap();
    }
    for name in &names {
        layout.link("../../shared", &format!("{name}/linked"));
        layout.link("../../shared/deep", &format!("{name}/deep"));
        layout.backend(name, &local(&mut dice, &shared));
    }
    let written = names.iter().map(|name| {
        layout.initialise(name);
        let files = WORKSPACES.iter().map(|workspace| {
            let apply = ["apply", "-auto-approve", "-input=false"];
            layout.terraform_call(name, &apply).env("TF_WORKSPACE", workspace).run().success();
            let mut states = Vec::new();
            find_states(&layout.checkout().infrastructure(""), &mut states);
            assert_eq!(states.len(), 1, "{name}/{workspace}");
            fs::remove_file(&states[0]).unwrap();
            states[0].display().to_string()
        });
        (name.clone(), everywhere(files))
    });
    let written: BTreeMap<String, BTreeSet<String>> = written.collect();
    assert_agree(&layout, &written);
}

/// A local backend in one of a few places that are one behind different names, or nearly.
fn local(dice: &mut Dice, shared: &Path) -> String {
    let absolute = shared.display().to_string();
    let directories = [
        "",
        "./",
        "../e00/",
        "../e01/./",
        "../../shared/",
        "linked/",
        "linked/deep/er/../",
        "deep/../",
        "deep/er/../../",
        &format!("{absolute}/"),
        &format!("{absolute}//deep/../"),
    ];
    let files = ["terraform.tfstate", "a.tfstate", "A.tfstate", "w1/terraform.tfstate", "terraform.tfstate.d/w1/terraform.tfstate"];
    let states = ["terraform.tfstate.d", "states", "", "deep"];
    let mut settings = String::new();
    if dice.below(5) > 0 {
        settings += &format!("    path = \"{}{}\"\n", dice.one_of(&directories), dice.one_of(&files));
    }
    if dice.below(2) > 0 {
        let directory = format!("{}{}", dice.one_of(&directories), dice.one_of(&states));
        if !directory.is_empty() {
            settings += &format!("    workspace_dir = \"{directory}\"\n");
        }
    }
    format!("backend \"local\" {{\n{settings}  }}")
}

/// State files, by their real paths.
fn find_states(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() && !path.ends_with(".terraform") {
            find_states(&path, found);
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "tfstate") {
            found.push(path);
        }
    }
}

#[test]
fn s3_backends_meet_where_terraform_writes_one_object() {
    let mut dice = Dice::thrown();
    let s3 = ObjectStore::start();
    let names = names();
    let layout = Layout::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names {
        layout.backend(name, &s3.backend(&mut dice));
    }
    let written = names.iter().map(|name| {
        let terraform = |workspace: &str, arguments: &[&str]| {
            let call = layout.terraform_call(name, arguments).env("TF_WORKSPACE", workspace);
            let call = call.env("AWS_ACCESS_KEY_ID", USER).env("AWS_SECRET_ACCESS_KEY", PASSWORD);
            ["AWS_CA_BUNDLE", "AWS_PROFILE"].into_iter().fold(call, Call::env_remove).run().success();
        };
        terraform("default", &["init", "-input=false"]);
        let objects = WORKSPACES.iter().map(|workspace| {
            terraform(workspace, &["apply", "-auto-approve", "-input=false"]);
            s3.take_the_only_object()
        });
        (name.clone(), everywhere(objects))
    });
    let written: BTreeMap<String, BTreeSet<String>> = written.collect();
    assert_agree(&layout, &written);
}

const USER: &str = "someone";
const PASSWORD: &str = "0123456789abcdefghijklmnopqrstuv";
const BUCKETS: [&str; 2] = ["states", "others"];

/// A real S3 of the test's own, on loopback.
struct ObjectStore {
    _container: Foreign,
    endpoint: String,
}

impl ObjectStore {
    fn start() -> Self {
        let listed = Xtask::in_directory(repository()).infra(&["supply", "--check", "minio"]).success().stdout;
        let image = listed.split_whitespace().find(|word| word.contains("minio:")).unwrap();
        let name = unique("infra-tests-states");
        let (user, password) = (format!("MINIO_ROOT_USER={USER}"), format!("MINIO_ROOT_PASSWORD={PASSWORD}"));
        let options = ["--detach", "--publish", "127.0.0.1::9000", "--env", &user, "--env", &password, image, "minio", "server", "/data"];
        let container = Foreign::container("run", &name, &options);
        let endpoint = format!("http://{}", docker::read(&["container", "port", &name, "9000/tcp"]).lines().next().unwrap());
        let store = Self { _container: container, endpoint };
        poll::until("an answer of MinIO", || match minreq::get(&store.endpoint).with_timeout(2).send() {
            Ok(answer) if answer.status_code == 403 => Ok(()),
            Ok(answer) => Err(format!("status {}", answer.status_code)),
            Err(error) => Err(error.to_string()),
        });
        BUCKETS.iter().for_each(|bucket| object_storage::make_bucket(&store.variables(bucket)));
        store
    }

    fn variables(&self, bucket: &str) -> Variables {
        let values = [
            ("S3_ENDPOINT_URL", self.endpoint.as_str()),
            ("S3_BUCKET", bucket),
            ("S3_REGION", "us-east-1"),
            ("S3_ACCESS_KEY_ID", USER),
            ("S3_SECRET_ACCESS_KEY", PASSWORD),
        ];
        Variables::new(values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// An S3 backend whose key and prefix are one of a few that Terraform joins to the same, or nearly.
    fn backend(&self, dice: &mut Dice) -> String {
        let keys = ["k", "K", "a/k", "w1/k", "env:/w1/k", "p/w1/k", "p/w1/a/k", "p/q/w1/k", "q/w1/k", "env:/w1/a/k"];
        let prefixes = ["p", "p/q", "env:", "q", "P", "p/w1"];
        let mut settings = format!("    bucket = \"{}\"\n    key = \"{}\"\n", dice.one_of(&BUCKETS), dice.one_of(&keys));
        if dice.below(2) > 0 {
            settings += &format!("    workspace_key_prefix = \"{}\"\n", dice.one_of(&prefixes));
        }
        let skipped = ["credentials_validation", "metadata_api_check", "requesting_account_id", "region_validation"];
        settings += &skipped.iter().map(|check| format!("    skip_{check} = true\n")).collect::<String>();
        format!(
            "backend \"s3\" {{\n    region = \"us-east-1\"\n    use_path_style = true\n    endpoints = {{ s3 = \"{}\" }}\n{settings}  }}",
            self.endpoint
        )
    }

    /// Where the state is; nothing is left afterwards.
    fn take_the_only_object(&self) -> String {
        let lists = BUCKETS.iter().map(|bucket| (bucket, object_storage::list(&self.variables(bucket))));
        let found: Vec<(&str, String)> = lists.flat_map(|(bucket, keys)| keys.into_iter().map(|key| (*bucket, key))).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        object_storage::remove(&self.variables(found[0].0), &found[0].1);
        format!("{}/{}", found[0].0, found[0].1)
    }
}
