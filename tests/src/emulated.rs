//! An emulated instance of `aws`, or of another environment on AWS, for one test; dropped, it leaves nothing behind or fails the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use crate::checkout::Checkout;
use crate::clients::Variables;
use crate::docker;
use crate::proc;
use crate::process::{Call, Outcome};
use crate::stack::{files_named_after, pasted, report, unique, user_directories};
use crate::xtask::Xtask;

/// One emulated instance.
#[derive(Debug)]
pub struct Emulated {
    checkout: Arc<Checkout>,
    environment: &'static str,
    name: String,
    variables: Vec<(&'static str, &'static str)>,
}

impl Emulated {
    /// An instance in a copy of its own; no emulator is started yet.
    pub fn new(theme: &str) -> Self {
        Self::of("aws", &Arc::new(Checkout::new()), theme, &[])
    }

    /// An instance of any environment, in a copy that may have others, with variables in the shell.
    pub fn of(environment: &'static str, checkout: &Arc<Checkout>, theme: &str, variables: &[(&'static str, &'static str)]) -> Self {
        Self { checkout: Arc::clone(checkout), environment, name: unique(&format!("t-{theme}")), variables: variables.to_vec() }
    }

    /// The copy it is in.
    pub fn checkout(&self) -> &Arc<Checkout> {
        &self.checkout
    }

    /// The xtask in the copy.
    pub fn xtask(&self) -> Xtask {
        self.variables.iter().fold(self.checkout.xtask(), |xtask, (name, value)| xtask.env(name, value))
    }

    /// The instance's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory of its environment in the copy.
    pub fn directory(&self) -> PathBuf {
        self.checkout.environment(self.environment)
    }

    /// What Docker calls the emulator, and by what the names of its databases' containers begin.
    pub fn docker_name(&self) -> String {
        format!("tracker-{}-{}-emulator", self.environment, self.name)
    }

    /// The arguments after `infra`.
    pub fn arguments<'a>(&'a self, verb: &'a str, options: &[&'a str]) -> Vec<&'a str> {
        [&[verb, self.environment, "--emulated", "--instance", &self.name], options].concat()
    }

    /// Runs `infra VERB ENVIRONMENT --emulated OPTIONS` for this instance.
    pub fn infra(&self, verb: &str, options: &[&str]) -> Outcome {
        self.xtask().infra(&self.arguments(verb, options))
    }

    /// Writes the environment's settings, in place of all that were there.
    pub fn settings(&self, tfvars: &str) {
        self.checkout.write(&format!("environments/{}/terraform.tfvars", self.environment), tfvars);
    }

    /// The variables that an application connects with.
    #[track_caller]
    pub fn variables(&self) -> Variables {
        let printed = self.infra("env", &["--format", "json"]).success();
        Variables::new(serde_json::from_str::<BTreeMap<String, String>>(&printed.stdout).unwrap())
    }

    /// The output `services`.
    #[track_caller]
    pub fn services(&self) -> Value {
        serde_json::from_str(&self.infra("output", &["services"]).success().stdout).unwrap()
    }

    /// Where the emulator answers.
    #[track_caller]
    pub fn endpoint(&self) -> String {
        let path = self.directory().join(".emulated").join(format!("{}.json", self.name));
        let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        file["emulator"]["endpoint"].as_str().unwrap().to_owned()
    }

    /// Runs plain Terraform the way `init` says: its own lines, pasted into a shell, with `arguments` in place of `plan`.
    #[track_caller]
    pub fn terraform(&self, arguments: &str) -> Outcome {
        self.terraform_call(arguments).run()
    }

    /// The same, not started yet.
    #[track_caller]
    pub fn terraform_call(&self, arguments: &str) -> Call {
        let script = pasted(&self.infra("init", &[]).success().stderr, arguments);
        let call = Call::new("sh").args(["-ec", &script]).directory("/").env_remove("TF_WORKSPACE");
        self.variables.iter().fold(call, |call, (name, value)| call.env(name, value))
    }

    /// Everything of it that is still there: in Docker, in the copy, in the user's directories, and as a process.
    pub fn remains(&self) -> Vec<String> {
        let mut remains = docker::everything(&self.name);
        remains.extend(files_named_after(&self.checkout.infrastructure(""), &self.name));
        for directory in user_directories() {
            remains.extend(files_named_after(&directory, &self.name));
        }
        remains.extend(proc::of(self.checkout.root()).into_iter().map(|process| format!("process {} {}", process.pid, process.line)));
        remains
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let destroyed = self.infra("destroy", &["--yes"]);
        let left = docker::everything(&self.name);
        if destroyed.code == Some(0) && left.is_empty() {
            return;
        }
        docker::remove_instance(&self.name);
        let complaint = format!("destroying {} ended with {:?} and left {left:?}\n{}", self.name, destroyed.code, destroyed.stderr);
        assert!(thread::panicking(), "{complaint}");
        report(&complaint);
    }
}
