//! From a request to a command line and an environment; pure, so that every case is a row of a table.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::backend::BackendConfig;

/// Seconds that Terraform waits for a lock that somebody else holds.
pub(crate) const LOCK_TIMEOUT: u32 = 60;

/// The address of a resource that no state has.
const NOTHING: &str = "terraform_data.nothing_has_this_name";

/// One call of Terraform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// `init`: providers, modules, backend; with messages as JSON.
    Init {
        /// The part of the backend's settings that is not in the code.
        backend: BackendConfig,
    },
    /// `plan` into a file, with events as JSON.
    Plan {
        /// Where the plan is saved.
        out: PathBuf,
        /// Plan the removal of everything.
        destroy: bool,
    },
    /// `apply` of a saved plan, with events as JSON.
    Apply {
        /// The saved plan.
        plan: PathBuf,
    },
    /// A saved plan as JSON.
    ShowPlan {
        /// The saved plan.
        plan: PathBuf,
    },
    /// The outputs as JSON.
    Output,
    /// The state, from wherever it is.
    PullState,
    /// Takes from a resource the mark that it has to be made anew.
    Untaint {
        /// Its address.
        address: String,
    },
    /// Puts a state where it belongs; refused when that one is newer, or another one's.
    PushState {
        /// The state.
        from: PathBuf,
    },
    /// Takes the state's lock and gives it back, changing nothing: a mark is taken from what is not there. Quicker than a plan.
    TryLock,
    /// Takes away the lock of this id, whoever holds it.
    ForceUnlock {
        /// The lock's id.
        id: String,
    },
    /// Removes a workspace whose state is empty.
    DeleteWorkspace {
        /// Its name.
        name: String,
    },
}

impl Request {
    /// The subcommand and the options that it always gets.
    fn words(&self) -> &'static str {
        match self {
            Self::Init { .. } => "init -json -input=false",
            Self::Plan { .. } => "plan -json -input=false -detailed-exitcode",
            Self::Apply { .. } => "apply -json -input=false",
            Self::ShowPlan { .. } => "show -json -no-color",
            Self::Output => "output -json -no-color",
            Self::PullState => "state pull",
            Self::Untaint { .. } => "untaint -no-color",
            Self::PushState { .. } => "state push -no-color",
            Self::TryLock => "untaint -no-color -allow-missing -lock-timeout=0s",
            Self::ForceUnlock { .. } => "force-unlock -no-color -force",
            Self::DeleteWorkspace { .. } => "workspace delete -no-color",
        }
    }

    /// Terraform's name of the subcommand, for messages.
    pub(crate) fn verb(&self) -> &'static str {
        self.words().split(" -").next().unwrap_or_default()
    }

    /// The arguments after `terraform -chdir=DIRECTORY`.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = self.words().split(' ').map(Into::into).collect();
        if matches!(self, Self::Plan { .. } | Self::Apply { .. } | Self::Untaint { .. } | Self::PushState { .. }) {
            arguments.push(format!("-lock-timeout={LOCK_TIMEOUT}s").into());
        }
        match self {
            Self::Init { backend } => {
                let given = backend.file.iter().map(PathBuf::as_path).chain(backend.options.iter().map(Path::new));
                arguments.extend(given.map(|given| option("-backend-config=", given)));
                arguments.extend(backend.reconfigure.then(|| "-reconfigure".into()));
            }
            Self::Plan { out, destroy } => {
                arguments.extend(destroy.then(|| "-destroy".into()));
                arguments.push(option("-out=", out));
            }
            Self::Apply { plan: file } | Self::ShowPlan { plan: file } | Self::PushState { from: file } => arguments.push(file.into()),
            Self::Untaint { address: word } | Self::ForceUnlock { id: word } | Self::DeleteWorkspace { name: word } => {
                arguments.push(word.into());
            }
            Self::TryLock => arguments.push(NOTHING.into()),
            Self::Output | Self::PullState => {}
        }
        arguments
    }

    /// True for the exit status of a request that ended well. 2 means changes for a plan, and a failure for all
    /// others: a crash of Go's runtime ends with it.
    pub(crate) fn ends_well_with(&self, status: i32) -> bool {
        status == 0 || status == 2 && matches!(self, Self::Plan { .. })
    }

    /// The operation that Terraform names in `change_summary` once all of it is done; empty for a request without one.
    /// An apply of a saved plan that removes everything is an `apply` too.
    pub(crate) fn completions(&self) -> &'static [&'static str] {
        match self {
            Self::Plan { .. } => &["plan"],
            Self::Apply { .. } => &["apply", "destroy"],
            _ => &[],
        }
    }

    /// The workspace the request runs in: one cannot be deleted from within.
    pub(crate) fn workspace<'a>(&self, instance: &'a str) -> &'a str {
        match self {
            Self::DeleteWorkspace { .. } => crate::project::environment::DEFAULT_INSTANCE,
            _ => instance,
        }
    }
}

/// `NAMEVALUE` as one word, whatever the path is made of: an option such as `-chdir=`, and its path.
pub(crate) fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(value);
    option
}

#[cfg(test)]
mod tests {
    use super::{BackendConfig, Request};

    #[test]
    fn requests_become_command_lines() {
        let cases = [
            (Request::Init { backend: BackendConfig::default() }, "init -json -input=false"),
            (
                Request::Init { backend: BackendConfig { file: Some("/e/f".into()), ..BackendConfig::default() } },
                "init -json -input=false -backend-config=/e/f",
            ),
            (
                Request::Init { backend: BackendConfig { options: vec!["bucket=b".into(), "/e/g".into()], ..BackendConfig::default() } },
                "init -json -input=false -backend-config=bucket=b -backend-config=/e/g",
            ),
            (
                Request::Init { backend: BackendConfig { file: Some("f".into()), reconfigure: true, ..BackendConfig::default() } },
                "init -json -input=false -backend-config=f -reconfigure",
            ),
            (
                Request::Plan { out: "/e f/p.tfplan".into(), destroy: false },
                "plan -json -input=false -detailed-exitcode -lock-timeout=60s -out=/e f/p.tfplan",
            ),
            (
                Request::Plan { out: "p".into(), destroy: true },
                "plan -json -input=false -detailed-exitcode -lock-timeout=60s -destroy -out=p",
            ),
            (Request::Apply { plan: "p".into() }, "apply -json -input=false -lock-timeout=60s p"),
            (Request::ShowPlan { plan: "p".into() }, "show -json -no-color p"),
            (Request::Output, "output -json -no-color"),
            (Request::PullState, "state pull"),
            (Request::TryLock, "untaint -no-color -allow-missing -lock-timeout=0s terraform_data.nothing_has_this_name"),
            (Request::ForceUnlock { id: "1-2".to_owned() }, "force-unlock -no-color -force 1-2"),
            (Request::Untaint { address: "a.b[\"c\"]".to_owned() }, "untaint -no-color -lock-timeout=60s a.b[\"c\"]"),
            (Request::PushState { from: "s".into() }, "state push -no-color -lock-timeout=60s s"),
            (Request::DeleteWorkspace { name: "t1".to_owned() }, "workspace delete -no-color t1"),
        ];
        for (request, expected) in cases {
            let arguments: Vec<_> = request.arguments().iter().map(|word| word.to_str().unwrap().to_owned()).collect();
            assert_eq!(arguments.join(" "), expected);
            assert!(
                expected.starts_with(request.verb()) && !request.verb().contains('-') || request.verb() == "force-unlock",
                "{request:?}"
            );
        }
    }

    #[test]
    fn only_a_plan_ends_well_with_2() {
        let plan = Request::Plan { out: "p".into(), destroy: false };
        let apply = Request::Apply { plan: "p".into() };
        let init = Request::Init { backend: BackendConfig::default() };
        for (request, status, expected) in
            [(&plan, 0, true), (&plan, 2, true), (&plan, 1, false), (&apply, 0, true), (&apply, 2, false), (&init, 2, false)]
        {
            assert_eq!(request.ends_well_with(status), expected, "{request:?} {status}");
        }
    }

    #[test]
    fn a_workspace_is_deleted_from_the_default_one() {
        assert_eq!(Request::DeleteWorkspace { name: "t1".to_owned() }.workspace("t1"), "default");
        assert_eq!(Request::Output.workspace("t1"), "t1");
    }
}
