//! A Docker engine of the test's own: one that may be killed, run out of space, and have nothing in it but what it is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempDir;

use crate::poll;
use crate::process::{Call, Outcome, Running};
use crate::small_disk::{SmallDisk, skip, unmount_below};
use crate::stack::unique;
use crate::sweep;

/// The network of its containers: from a block that is nobody's (RFC 2544), a part of it chosen by chance.
const NETWORK: &str = "198.18";

/// An engine beside the machine's; ended, with everything in it, when dropped.
#[derive(Debug)]
pub struct OwnEngine {
    place: TempDir,
    _lock: fs::File,
    options: Vec<String>,
    daemon: Option<Running>,
    disk: Option<SmallDisk>,
}

impl OwnEngine {
    /// One with nothing in it, started with these options beside those that keep it apart. None where that is not possible:
    /// it needs root, and the reason is printed.
    pub fn start(options: &[&str]) -> Option<Self> {
        let mut engine = Self::prepare(options)?;
        engine.start_again();
        Some(engine)
    }

    /// One that keeps what it has on a disk of so many MiB. None where that is not possible.
    pub fn start_on_small_disk(mebibytes: u32) -> Option<Self> {
        let mut engine = Self::prepare(&[])?;
        fs::create_dir(engine.data()).unwrap();
        engine.disk = Some(SmallDisk::over(&engine.data(), mebibytes)?);
        engine.start_again();
        Some(engine)
    }

    fn prepare(options: &[&str]) -> Option<Self> {
        sweep::once();
        let place = tempfile::Builder::new().prefix(sweep::PREFIX).tempdir().unwrap();
        let lock = sweep::claim(place.path());
        // Interfaces have at most 15 characters in their names.
        let bridge = unique("itest");
        let made = Call::new("ip").args(["link", "add", &bridge, "type", "bridge"]).run();
        if made.code != Some(0) {
            skip(&format!("no engine can be started here: {}", made.stderr.trim()));
            return None;
        }
        fs::write(place.path().join("bridge"), &bridge).unwrap();
        Call::new("ip").args(["address", "add", &format!("{NETWORK}.{}.1/24", own_number()), "dev", &bridge]).run().success();
        Call::new("ip").args(["link", "set", &bridge, "up"]).run().success();
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Some(Self { place, _lock: lock, options, daemon: None, disk: None })
    }

    /// Starts it after it was killed, and waits until it answers.
    pub fn start_again(&mut self) {
        let path = |name: &str| self.place.path().join(name).into_os_string().into_string().unwrap();
        // A killed one leaves these, and a new one would not start over them.
        let _ = fs::remove_file(path("docker.pid"));
        let _ = fs::remove_file(path("exec/containerd/containerd.pid"));
        let bridge = fs::read_to_string(path("bridge")).unwrap();
        let log = path("log");
        let call = Call::new("sh")
            .args(["-c", "exec dockerd \"$@\" >\"$0\" 2>&1", &log])
            .args(["--host", &self.host(), "--data-root", &path("data"), "--exec-root", &path("exec"), "--pidfile", &path("docker.pid")])
            .args(["--bridge", &bridge, "--iptables=false", "--ip-masq=false", "--ip-forward=false"])
            .args(&self.options);
        let daemon = self.daemon.insert(call.start());
        let host = format!("unix://{}", self.place.path().join("docker.sock").display());
        poll::until("the test's own engine", || match Call::new("docker").args(["--host", &host, "version"]).run() {
            Outcome { code: Some(0), .. } => Ok(()),
            _ if daemon.has_ended() => panic!("{}", fs::read_to_string(&log).unwrap()),
            silent => Err(silent.stderr),
        });
    }

    /// Ends it as a crash would, at once and without a word.
    pub fn kill(&mut self) {
        let daemon = self.daemon.take().unwrap();
        daemon.signal("KILL");
        daemon.finish();
        // Its containerd dies with it, a moment later; what keeps the containers does not.
        poll::until("the end of containerd", || match processes_of(self.place.path(), &["containerd"]) {
            processes if processes.is_empty() => Ok(()),
            processes => Err(processes.join(" ")),
        });
    }

    /// Its address, as DOCKER_HOST takes it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.place.path().join("docker.sock")
    }

    /// Where it keeps what it has.
    pub fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// Its small disk.
    pub fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().unwrap()
    }

    /// Runs the client against it.
    pub fn docker(&self, arguments: &[&str]) -> Outcome {
        Call::new("docker").args(["--host", &self.host()]).args(arguments).run()
    }

    /// Gives it an image that the machine's engine has.
    pub fn give(&self, image: &str) {
        let script = "docker image save \"$1\" | docker --host \"$2\" image load --quiet";
        Call::new("sh").args(["-ec", script, "sh", image, &self.host()]).run().success();
    }

    /// Names of the containers of an instance, running or not.
    pub fn containers(&self, instance: &str) -> Vec<String> {
        let filter = format!("label=io.tracker.instance={instance}");
        let listed = self.docker(&["container", "ls", "--all", "--format", "{{.Names}}", "--filter", &filter]).success();
        listed.stdout.lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        clear(self.place.path());
    }
}

/// A number that no other engine of this process has: two bridges with one address would reach neither's containers.
fn own_number() -> u8 {
    static NEXT: LazyLock<AtomicU8> = LazyLock::new(|| AtomicU8::new(first_number()));
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Other runs of the tests on this machine begin elsewhere.
fn first_number() -> u8 {
    u8::from_str_radix(&unique("")[7..], 16).unwrap()
}

/// Ends the engine in `place`, if there is one, and everything that it has started.
pub(crate) fn clear(place: &Path) {
    let Ok(bridge) = fs::read_to_string(place.join("bridge")) else { return };
    // In order first; what a killed engine has left, its containers' keepers, does not end by itself.
    for signal in ["TERM", "KILL"] {
        let processes = processes_of(place, &ENGINE);
        for process in &processes {
            Call::new("kill").args([&format!("-{signal}"), process]).run();
        }
        if signal == "TERM" && !processes.is_empty() {
            let started = std::time::Instant::now();
            while !processes_of(place, &ENGINE).is_empty() && started.elapsed().as_secs() < 20 {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
    }
    unmount_below(place);
    Call::new("ip").args(["link", "delete", &bridge]).run();
}

/// The programs of an engine, as the kernel names them: in 15 characters.
const ENGINE: [&str; 3] = ["dockerd", "containerd", "containerd-shim"];

/// Processes of these programs whose command line names the place.
fn processes_of(place: &Path, programs: &[&str]) -> Vec<String> {
    let place = place.to_str().unwrap();
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_of = |process: &String| {
        let program = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        programs.contains(&program.trim()) && line.contains(place)
    };
    all.filter(|process| process.bytes().all(|byte| byte.is_ascii_digit())).filter(is_of).collect()
}
