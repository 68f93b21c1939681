//! No Docker engine, in each of its forms.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use infra_tests::checkout::Checkout;
use infra_tests::process::{Call, is_installed, which};
use infra_tests::temporary;
use infra_tests::xtask;
use tempfile::TempDir;

/// A directory for PATH with programs that do nothing.
fn tools(names: &[&str]) -> TempDir {
    let place = temporary::directory();
    for name in names {
        let program = place.path().join(name);
        fs::write(&program, "#!/bin/sh\n").unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    place
}

#[test]
fn each_absence_of_an_engine_has_its_own_message() {
    let checkout = Checkout::new();
    let host = "unix:///nonexistent/docker.sock";
    for (programs, expected) in [
        (
            &[][..],
            "error: `docker` was not found on PATH\n\
             hint: install Docker 20.10 or later (https://docs.docker.com/engine/install/), or add its directory to PATH\n",
        ),
        (
            &["docker"],
            "error: nothing listens on unix:///nonexistent/docker.sock, which DOCKER_HOST names\n\
             hint: start the engine there, or `unset DOCKER_HOST` for this machine's own engine\n",
        ),
        (
            &["docker", "dockerd"],
            "error: nothing listens on unix:///nonexistent/docker.sock, which DOCKER_HOST names\n\
             hint: start the engine there, or `unset DOCKER_HOST` for this machine's own engine\n",
        ),
    ] {
        let path = tools(programs);
        let xtask = checkout.xtask().env("DOCKER_HOST", host).env("PATH", path.path());
        xtask.infra(&["up", "local", "--instance", "absent"]).exits(1).complains(expected);
    }
    assert!(!checkout.environment("local").join(".instances/absent.json").exists(), "nothing was made for it");
}

/// A user who may not write to the socket: root may always, so root becomes somebody else for this.
#[test]
fn no_permission_on_the_socket_is_said_to_be_that() {
    let checkout = Checkout::new();
    let place = temporary::directory();
    let socket = place.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o000)).unwrap();
    let home = place.path().join("home");
    fs::create_dir(&home).unwrap();
    // A copy, because the build directory may be below root's home.
    let binary = place.path().join("xtask");
    xtask::copy_binary(&binary);
    let path = tools(&["docker", "dockerd"]);
    if is_root() {
        open(&home, 0o777);
        let own = checkout.root().parent().unwrap();
        for directory in [place.path(), path.path(), own, checkout.root()] {
            open(directory, 0o755);
        }
        open(&checkout.environment("local"), 0o777);
        symlink(which("setpriv"), path.path().join("setpriv")).unwrap();
    }
    let call = if is_root() {
        assert!(is_installed("setpriv"), "util-linux is needed to become somebody else");
        Call::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups", binary.to_str().unwrap()])
    } else {
        Call::new(&binary)
    };
    let call = call.args(["infra", "up", "local", "--instance", "forbidden"]).directory(checkout.root()).env("PATH", path.path());
    let call = call.env("HOME", &home).env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let call = call.env("XDG_CACHE_HOME", home.join("cache")).env("XDG_STATE_HOME", home.join("state"));
    call.run().exits(1).complains(&format!(
        "error: no permission to use the Docker engine on unix://{}, which DOCKER_HOST names\n\
         hint: have its owner let you in, or `unset DOCKER_HOST` for this machine's own engine\n",
        socket.display()
    ));
}

/// An engine that listens and never answers, and one whose queue is full: neither is waited for without end, and the first Ctrl-C
/// ends the wait.
#[test]
fn an_engine_that_hangs_is_not_waited_for() {
    let checkout = Checkout::new();
    let place = temporary::directory();
    let path = tools(&["docker", "dockerd"]);
    let socket = |name: &str| place.path().join(name);
    let silent = UnixListener::bind(socket("silent.sock")).unwrap();
    thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = silent.accept() {
            kept.push(stream);
        }
    });
    let _full = UnixListener::bind(socket("full.sock")).unwrap();
    let waiting = fill(&socket("full.sock"));
    let each = |name: &str| {
        let host = format!("unix://{}", socket(name).display());
        let xtask = checkout.xtask().env("DOCKER_HOST", &host).env("PATH", path.path());
        let start = |instance: &str| xtask.start(&["up", "local", "--instance", &format!("{instance}-{}", &name[..4])]);
        let (interrupted, to_the_end) = (start("interrupted"), start("patient"));
        thread::sleep(Duration::from_secs(3));
        interrupted.signal_group("INT");
        let asked = Instant::now();
        interrupted.finish().exits(130).says("error: interrupted while");
        assert!(asked.elapsed() < Duration::from_secs(5), "{host}: {:?} after Ctrl-C", asked.elapsed());
        to_the_end.finish().exits(1).complains(&format!(
            "error: the Docker engine on {host} does not answer: it listens, and said nothing for 10 s\n\
             hint: see whether `docker version` answers; if not, restart the engine (`systemctl restart docker`, or Docker Desktop)\n",
        ));
    };
    thread::scope(|scope| ["silent.sock", "full.sock"].map(|name| scope.spawn(|| each(name))).map(|each| each.join().unwrap()));
    drop(waiting);
}

/// Connects until nobody more is let in. Each is a thread: the one that waits cannot be told to give up.
fn fill(socket: &Path) -> Arc<AtomicUsize> {
    let connected = Arc::new(AtomicUsize::new(0));
    let (count, socket) = (Arc::clone(&connected), socket.to_owned());
    thread::spawn(move || {
        let mut streams = Vec::new();
        while let Ok(stream) = UnixStream::connect(&socket) {
            streams.push(stream);
            count.store(streams.len(), Ordering::SeqCst);
        }
    });
    let mut before = 0;
    loop {
        thread::sleep(Duration::from_millis(300));
        let now = connected.load(Ordering::SeqCst);
        if now > 0 && now == before {
            return connected;
        }
        before = now;
    }
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    Call::new("id").args(["-u"]).run().success().stdout.trim() == "0"
}
