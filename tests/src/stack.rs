//! An instance of `local`, or of another environment of containers, for one test, beside a person's own; dropped, it leaves nothing behind or fails the test.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use crate::checkout::Checkout;
use crate::clients::Variables;
use crate::docker::{self, Container};
use crate::engine::Engine;
use crate::own_engine::OwnEngine;
use crate::proc;
use crate::process::{Call, Outcome};
use crate::xtask::Xtask;

/// The settings of a stack that is there in a second: Redis alone.
pub const ONLY_REDIS: &str = "postgres = { enabled = false }\nvectorstore = { enabled = false }\nobjectstore = { enabled = false }\n";

/// One instance in a copy of the repository.
#[derive(Debug)]
pub struct Stack {
    checkout: Arc<Checkout>,
    environment: &'static str,
    name: String,
    /// The engine, when it is not the machine's.
    host: Option<String>,
}

impl Stack {
    /// An instance in a copy of its own; nothing is brought up yet.
    pub fn new(theme: &str) -> Self {
        Self::in_checkout(&Arc::new(Checkout::new()), theme)
    }

    /// An instance in a copy of its own, with settings.
    pub fn with_settings(theme: &str, tfvars: &str) -> Self {
        let stack = Self::new(theme);
        stack.checkout.settings(tfvars);
        stack
    }

    /// An instance in a copy that has others.
    pub fn in_checkout(checkout: &Arc<Checkout>, theme: &str) -> Self {
        Self::of("local", checkout, theme)
    }

    /// An instance of any environment that is on Docker, in a copy that may have others.
    pub fn of(environment: &'static str, checkout: &Arc<Checkout>, theme: &str) -> Self {
        Self { checkout: Arc::clone(checkout), environment, name: unique(&format!("t-{theme}")), host: None }
    }

    /// An instance on a test's own engine, in a copy of its own, with settings.
    pub fn on_engine(engine: &OwnEngine, theme: &str, tfvars: &str) -> Self {
        let mut stack = Self::with_settings(theme, tfvars);
        stack.host = Some(engine.host());
        stack
    }

    /// The xtask in the copy, on the stack's engine.
    pub fn xtask(&self) -> Xtask {
        let xtask = self.checkout.xtask();
        match &self.host {
            Some(host) => xtask.env("DOCKER_HOST", host),
            None => xtask,
        }
    }

    /// The copy it is in.
    pub fn checkout(&self) -> &Arc<Checkout> {
        &self.checkout
    }

    /// The instance's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What Docker calls one of its containers, or volumes.
    pub fn docker_name(&self, part: &str) -> String {
        format!("tracker-{}-{}-{part}", self.environment, self.name)
    }

    /// Runs `infra VERB ENVIRONMENT OPTIONS` for this instance.
    pub fn infra(&self, verb: &str, options: &[&str]) -> Outcome {
        self.with(&self.xtask(), verb, options)
    }

    /// The same by an xtask of another directory or environment.
    pub fn with(&self, xtask: &Xtask, verb: &str, options: &[&str]) -> Outcome {
        xtask.infra(&self.arguments(verb, options))
    }

    /// The arguments after `infra`.
    pub fn arguments<'a>(&'a self, verb: &'a str, options: &[&'a str]) -> Vec<&'a str> {
        [&[verb, self.environment, "--instance", &self.name], options].concat()
    }

    /// Brings it up.
    #[track_caller]
    pub fn up(&self) -> Outcome {
        self.infra("up", &[]).success()
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

    /// `status --json`.
    #[track_caller]
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.infra("status", &["--json"]).success().stdout).unwrap()
    }

    /// Its containers, sorted by name.
    pub fn containers(&self) -> Vec<Container> {
        docker::containers(&self.name)
    }

    /// The container of one service.
    #[track_caller]
    pub fn container(&self, service: &str) -> Container {
        let name = self.docker_name(service);
        docker::container(&name).unwrap_or_else(|| panic!("there is no container {name}"))
    }

    /// The directory of its environment in the copy.
    pub fn directory(&self) -> PathBuf {
        self.checkout.environment(self.environment)
    }

    /// Where its state is.
    pub fn state_file(&self) -> PathBuf {
        self.directory().join("terraform.tfstate.d").join(&self.name).join("terraform.tfstate")
    }

    /// The instance file.
    #[track_caller]
    pub fn instance_file(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.instance_path()).unwrap()).unwrap()
    }

    fn instance_path(&self) -> PathBuf {
        self.directory().join(".instances").join(format!("{}.json", self.name))
    }

    /// Writes a credential into the instance file, as a person does who has one already; it is there after `init`.
    #[track_caller]
    pub fn choose_credential(&self, name: &str, secret: &str) {
        let mut file = self.instance_file();
        file["credentials"][name] = secret.into();
        fs::write(self.instance_path(), file.to_string()).unwrap();
    }

    /// One port of the instance file.
    #[track_caller]
    pub fn port(&self, name: &str) -> u16 {
        u16::try_from(self.instance_file()["ports"][name].as_u64().unwrap()).unwrap()
    }

    /// Runs plain Terraform the way `init` says: its own lines, pasted into a shell, with `arguments` in place of `plan`.
    #[track_caller]
    pub fn terraform(&self, arguments: &str) -> Outcome {
        let script = pasted(&self.infra("init", &[]).success().stderr, arguments);
        Call::new("sh").args(["-ec", &script]).directory("/").env_remove("TF_WORKSPACE").run()
    }

    /// Everything of it that is still there: in Docker, in the copy, in the user's directories, and as a process.
    pub fn remains(&self) -> Vec<String> {
        let mut remains = docker::everything(&self.name);
        remains.extend(files_named_after(&self.checkout.infrastructure(""), &self.name));
        for directory in user_directories() {
            remains.extend(files_named_after(&directory, &self.name));
        }
        remains.extend(self.processes());
        remains
    }

    /// What is filed of it in the user's state directory.
    pub fn filed(&self) -> Vec<PathBuf> {
        let directories = fs::read_dir(&user_directories()[0]).into_iter().flatten().filter_map(Result::ok);
        let files = directories.filter_map(|directory| fs::read_dir(directory.path()).ok()).flatten().filter_map(Result::ok);
        files.map(|file| file.path()).filter(|path| path.file_stem().is_some_and(|stem| *stem == *self.name)).collect()
    }

    /// The owner id in the instance file, if there is one.
    fn owner(&self) -> Option<String> {
        let file = fs::read(self.instance_path()).ok()?;
        serde_json::from_slice::<Value>(&file).ok()?["owner"].as_str().map(ToOwned::to_owned)
    }

    /// Removes what is filed of it in the user's state directory; the rest goes with the copy of the repository.
    fn forget(&self) {
        for file in self.filed() {
            let _ = fs::remove_file(&file);
            // Fails, as it should, while other instances have files there.
            let _ = file.parent().map(fs::remove_dir);
        }
    }

    /// Processes that work on it now, or have outlived the run that started them.
    pub fn processes(&self) -> Vec<String> {
        proc::of(self.checkout.root()).into_iter().map(|process| format!("process {} {}", process.pid, process.line)).collect()
    }
}

impl Drop for Stack {
    /// Removes it by its labels: that `destroy` does, for a second of processor time more, is for the tests that call it to prove.
    fn drop(&mut self) {
        // A run that is still at work on it would create more; `destroy` waits for that run.
        let destroyed = (!self.processes().is_empty()).then(|| self.infra("destroy", &["--yes"]));
        let engine = self.host.as_ref().map_or_else(|| Engine::of_the_tests().clone(), |host| Engine::at(host));
        let labels: Vec<String> =
            self.owner().map(|owner| format!("io.tracker.owner={owner}")).into_iter().chain([docker::label(&self.name)]).collect();
        engine.remove(&docker::label(&self.name));
        self.forget();
        let left: Vec<String> = labels.iter().flat_map(|label| engine.everything(label)).collect();
        let failed = destroyed.filter(|destroyed| destroyed.code != Some(0));
        if failed.is_none() && left.is_empty() {
            return;
        }
        labels.iter().for_each(|label| engine.remove(label));
        let said = failed.map(|failed| format!("\ndestroying it ended with {:?}\n{}", failed.code, failed.stderr)).unwrap_or_default();
        let complaint = format!("{} left {left:?}{said}", self.name);
        assert!(thread::panicking(), "{complaint}");
        report(&complaint);
    }
}

#[expect(clippy::print_stderr, reason = "the test fails already, and this is beside its message")]
pub(crate) fn report(complaint: &str) {
    eprintln!("{complaint}");
}

/// `name` with eight random hexadecimal digits: other runs, on this machine and on others, may share the engine.
pub fn unique(name: &str) -> String {
    format!("{name}-{:08x}", RandomState::new().build_hasher().finish() >> 32)
}

/// The lines that `init` printed for plain Terraform, as a script with `arguments` in place of `plan`.
#[track_caller]
pub(crate) fn pasted(printed: &str, arguments: &str) -> String {
    let lines: Vec<&str> = printed.lines().map(str::trim).skip_while(|line| !line.starts_with("export ")).collect();
    let pasted = lines.join("\n");
    pasted.strip_suffix("plan").unwrap_or_else(|| panic!("init printed no plan to paste:\n{printed}")).to_owned() + arguments
}

/// Where the xtask keeps copies of instance files, and anything of an instance in the user's cache.
pub(crate) fn user_directories() -> Vec<PathBuf> {
    [("XDG_STATE_HOME", ".local/state"), ("XDG_CACHE_HOME", ".cache")]
        .map(|(name, usual)| user_directory(name, usual).join("instances"))
        .into()
}

/// This project's directory among those of the user that `variable` names, as a rule the one called `usual` in the home.
pub(crate) fn user_directory(variable: &str, usual: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(usual));
    std::env::var_os(variable).map(PathBuf::from).or(home).unwrap().join("tracker-infra")
}

/// Every file or directory below `directory` with `name` in its own name.
pub(crate) fn files_named_after(directory: &std::path::Path, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().contains(name) {
            found.push(format!("file {}", entry.path().display()));
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(files_named_after(&entry.path(), name));
        }
    }
    found
}
