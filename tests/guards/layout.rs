//! Environments of `terraform_data` alone, which needs no provider and no engine: a real state in a moment.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use infra_tests::checkout::Checkout;
use infra_tests::process::{Call, Outcome};
use infra_tests::snapshot::{self, Snapshot};
use infra_tests::temporary;
use infra_tests::xtask::Xtask;
use serde_json::Value;
use tempfile::TempDir;

/// What `check --json` says of one thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) guard: String,
    pub(crate) severity: String,
    /// `FILE:LINE`, relative to `infrastructure/environments/` where it is in there.
    pub(crate) place: String,
    pub(crate) what: String,
}

/// A checkout with a few environments, and user directories of its own.
pub(crate) struct Layout {
    checkout: Checkout,
    home: TempDir,
}

impl Layout {
    /// Two environments, `alpha` and `beta`: each makes one thing of its own name, and is not protected.
    pub(crate) fn new() -> Self {
        Self::of(&["alpha", "beta"])
    }

    /// The same with these environments.
    pub(crate) fn of(names: &[&str]) -> Self {
        let checkout = Checkout::new();
        fs::remove_dir_all(checkout.infrastructure("environments")).unwrap();
        let layout = Self { checkout, home: temporary::directory() };
        layout.policy(&names.iter().map(|name| format!("[environments.\"{name}\"]\nprotected = false\n")).collect::<String>());
        for name in names {
            layout.write(name, "main.tf", &thing(name));
        }
        layout
    }

    /// Replaces all tables of infra.toml that are about environments.
    pub(crate) fn policy(&self, tables: &str) {
        let config = fs::read_to_string(self.checkout.infrastructure("infra.toml")).unwrap();
        let head = config.split("[environments.").next().unwrap();
        self.checkout.write("infra.toml", &format!("{head}{tables}"));
    }

    /// The environments' directory.
    pub(crate) fn environments(&self) -> PathBuf {
        self.checkout.infrastructure("environments")
    }

    /// A path in an environment.
    pub(crate) fn path(&self, environment: &str, below: &str) -> PathBuf {
        self.checkout.environment(environment).join(below)
    }

    /// The copy of the repository.
    pub(crate) fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    /// Writes a file of an environment.
    pub(crate) fn write(&self, environment: &str, file: &str, text: &str) {
        self.checkout.write(&format!("environments/{environment}/{file}"), text);
    }

    /// Declares variables of an environment.
    pub(crate) fn declare(&self, environment: &str, names: &[&str]) {
        self.write(environment, "variables.tf", &names.iter().map(|name| format!("variable \"{name}\" {{}}\n")).collect::<String>());
    }

    /// Reads one.
    #[track_caller]
    pub(crate) fn read(&self, environment: &str, file: &str) -> String {
        fs::read_to_string(self.path(environment, file)).unwrap()
    }

    /// Copies a file from one place to another, both below the environments' directory.
    #[track_caller]
    pub(crate) fn copy(&self, from: &str, to: &str) {
        let to = self.environments().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(self.environments().join(from), to).unwrap();
    }

    /// Makes a link, below the environments' directory, to a target as `ln -s` takes it.
    #[track_caller]
    pub(crate) fn link(&self, target: &str, link: &str) {
        symlink(target, self.environments().join(link)).unwrap();
    }

    /// Declares where an environment's state is, in a file of its own.
    pub(crate) fn backend(&self, environment: &str, block: &str) {
        self.write(environment, "backend.tf", &format!("terraform {{\n  {block}\n}}\n"));
    }

    /// Bare Terraform in an environment, as a person would type it.
    pub(crate) fn terraform(&self, environment: &str, arguments: &[&str]) -> Outcome {
        self.terraform_call(environment, arguments).run()
    }

    /// The same, not yet started.
    pub(crate) fn terraform_call(&self, environment: &str, arguments: &[&str]) -> Call {
        let call = Call::new("terraform").args(arguments).directory(self.checkout.environment(environment));
        let call = call.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_CLI_ARGS", "-no-color");
        // It lives for a moment: a quarter of its time goes into collecting garbage.
        let call = call.env("GOGC", "off");
        ["TF_CLI_CONFIG_FILE", "TF_WORKSPACE", "TF_DATA_DIR"].into_iter().fold(call, Call::env_remove)
    }

    /// Bare `terraform init` and `apply`.
    #[track_caller]
    pub(crate) fn apply(&self, environment: &str) {
        self.initialise(environment);
        self.terraform(environment, &["apply", "-auto-approve", "-input=false"]).success();
    }

    /// Bare `terraform init`.
    #[track_caller]
    pub(crate) fn initialise(&self, environment: &str) {
        self.terraform(environment, &["init", "-input=false"]).success();
    }

    /// The summary of a bare `terraform plan`, which goes ahead.
    #[track_caller]
    pub(crate) fn bare_plan(&self, environment: &str) -> String {
        let planned = self.terraform(environment, &["plan", "-input=false"]).success().stdout;
        let summary = planned.lines().find(|line| line.starts_with("Plan: ") || line.starts_with("No changes."));
        summary.unwrap_or_else(|| panic!("no summary in\n{planned}")).to_owned()
    }

    /// The variables that give the xtask user directories of its own.
    pub(crate) fn directories(&self) -> [(&'static str, PathBuf); 2] {
        [("XDG_CACHE_HOME", self.home.path().join("cache")), ("XDG_STATE_HOME", self.home.path().join("state"))]
    }

    /// The xtask in the checkout.
    pub(crate) fn xtask(&self) -> Xtask {
        self.directories().into_iter().fold(self.checkout.xtask(), |xtask, (name, directory)| xtask.env(name, directory))
    }

    /// The xtask on a machine that has never seen this checkout.
    pub(crate) fn elsewhere(&self) -> Xtask {
        self.xtask().env("XDG_STATE_HOME", self.home.path().join("elsewhere"))
    }

    /// `infra ARGUMENTS`.
    pub(crate) fn infra(&self, arguments: &[&str]) -> Outcome {
        self.xtask().infra(arguments)
    }

    /// A file in the user's state directory that the xtask keeps, by how its name ends.
    #[track_caller]
    pub(crate) fn record(&self, ending: &str) -> PathBuf {
        let all = snapshot::of(&[&self.home.path().join("state")]);
        all.into_keys().find(|path| path.to_string_lossy().ends_with(ending)).unwrap_or_else(|| panic!("no {ending}"))
    }

    /// The checkout, and what the xtask remembers outside it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut snapshot = snapshot::of(&[self.checkout.root(), &self.home.path().join("state")]);
        // Held while the guards look: the number of the process that held it last is in it.
        snapshot.retain(|path, _| path.extension().is_none_or(|extension| extension != "lock"));
        snapshot
    }

    /// What `check` finds.
    #[track_caller]
    pub(crate) fn found(&self) -> Vec<Found> {
        let outcome = self.infra(&["check", "--json"]);
        assert!(matches!(outcome.code, Some(0 | 3)), "{outcome:?}");
        let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let findings = answer["findings"].as_array().unwrap().iter().map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            let file = text("file").replace("infrastructure/environments/", "");
            Found { guard: text("guard"), severity: text("severity"), place: format!("{file}:{}", finding["line"]), what: text("what") }
        });
        let findings: Vec<Found> = findings.collect();
        assert_eq!(outcome.code == Some(3), findings.iter().any(|finding| finding.severity == "refusal"), "{findings:?}");
        findings
    }

    /// Fails the test unless `check` finds nothing at all.
    #[track_caller]
    pub(crate) fn is_healthy(&self, what: &str) {
        assert_eq!(self.found(), [], "{what}");
    }

    /// Proves that an accident is refused by `check` and by a plan of `environment`, at `place` and with what begins like
    /// this, with the exit code of refusals, a reason and a hint, and with nothing changed.
    #[track_caller]
    pub(crate) fn refuses(&self, environment: &str, guard: &str, place: &str, what: &str) {
        let before = self.snapshot();
        let refused = self.infra(&["plan", environment]).exits(3);
        let complaint = refused.complaint();
        let shown = if place.starts_with('/') { place.to_owned() } else { format!("infrastructure/environments/{place}") };
        assert!(complaint.contains(&format!("{shown}: {what}")), "not at {shown}, or not {what:?}\n{complaint}");
        assert!(complaint.contains("\nhint: ") && complaint.lines().count() > 2, "{complaint}");
        self.finds(guard, place, what);
        snapshot::assert_same(&before, &self.snapshot());
    }

    /// The same of what a run judges more closely than `check` does: `reason` is what it says, with whatever exit code.
    #[track_caller]
    pub(crate) fn refuses_in_its_own_words(&self, environment: &str, (guard, place, what): (&str, &str, &str), reason: &str) {
        let refused = || {
            let refused = self.infra(&["plan", environment]);
            assert_ne!(refused.code, Some(0), "{}", refused.stderr);
            refused.says(reason).says("hint: ");
        };
        // The run makes the instance file before it comes to the state, and what others could read private.
        refused();
        let before = self.snapshot();
        refused();
        self.finds(guard, place, what);
        snapshot::assert_same(&before, &self.snapshot());
    }

    /// Fails the test unless `check` refuses for this.
    #[track_caller]
    fn finds(&self, guard: &str, place: &str, what: &str) {
        let found = self.found();
        let named = |found: &Found| found.guard == guard && found.place == place && found.what.starts_with(what);
        assert!(found.iter().any(|found| found.severity == "refusal" && named(found)), "{guard} {place} {what}\n{found:#?}");
    }
}

/// Code that makes one thing called like this.
pub(crate) fn thing(name: &str) -> String {
    let name = name.replace('/', "-");
    format!("resource \"terraform_data\" \"{name}\" {{\n  input = \"{name}\"\n}}\n")
}
