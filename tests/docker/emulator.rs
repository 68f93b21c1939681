//! The AWS emulator: its databases are real, on loopback only, and gone with it.

use std::fs;
use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::clients::{postgres, redis};
use infra_tests::docker;
use infra_tests::poll;
use infra_tests::process::Outcome;
use infra_tests::stack::unique;
use serde_json::Value;

/// An instance of `aws` on an emulator of its own; dropped, it leaves nothing behind or fails the test.
struct Emulated {
    checkout: Arc<Checkout>,
    name: String,
}

impl Emulated {
    /// One that was started, and has nothing applied to it.
    fn started(checkout: &Arc<Checkout>, theme: &str) -> Self {
        let emulated = Self { checkout: Arc::clone(checkout), name: unique(&format!("t-{theme}")) };
        emulated.infra("init", &[]).success();
        emulated
    }

    fn infra(&self, verb: &str, options: &[&str]) -> Outcome {
        self.checkout.xtask().infra(&[&[verb, "aws", "--emulated", "--instance", &self.name], options].concat())
    }

    fn container(&self) -> String {
        format!("tracker-aws-{}-emulator", self.name)
    }

    fn port(&self, name: &str) -> u16 {
        let file = self.checkout.environment("aws").join(format!(".emulated/{}.json", self.name));
        let instance: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        u16::try_from(instance["ports"][name].as_u64().unwrap()).unwrap()
    }

    /// One call of AWS' query interface. Nobody checks the signature; its scope says which service is meant.
    fn call(&self, service: &str, parameters: &str) -> String {
        let scope = format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0");
        let answer = minreq::post(format!("http://127.0.0.1:{}/", self.port("emulator")))
            .with_header("Authorization", scope)
            .with_header("Content-Type", "application/x-www-form-urlencoded")
            .with_body(parameters)
            .with_timeout(60)
            .send()
            .unwrap();
        assert_eq!(answer.status_code, 200, "{parameters}: {}", answer.as_str().unwrap());
        answer.as_str().unwrap().to_owned()
    }

    /// Makes the database `db` of RDS, and returns its URL once it is available.
    fn postgres(&self, password: &str) -> String {
        let settings =
            "Engine=postgres&EngineVersion=17.5&DBInstanceClass=db.t4g.small&AllocatedStorage=20&MasterUsername=someone&DBName=something";
        self.call("rds", &format!("Action=CreateDBInstance&DBInstanceIdentifier=db&{settings}&MasterUserPassword={password}"));
        poll::until("a database", || {
            let found = self.call("rds", "Action=DescribeDBInstances&DBInstanceIdentifier=db");
            if found.contains("<DBInstanceStatus>available<") { Ok(()) } else { Err(found) }
        });
        format!("postgres://someone:{password}@127.0.0.1:{}/something", self.port("emulator_postgres"))
    }

    /// Makes a replication group of ElastiCache, without TLS, and returns its URL.
    fn redis(&self) -> String {
        let settings = "Engine=valkey&EngineVersion=8.0&CacheNodeType=cache.t4g.small&NumCacheClusters=1&AutomaticFailoverEnabled=false";
        let description = "ReplicationGroupDescription=cache&TransitEncryptionEnabled=false";
        self.call("elasticache", &format!("Action=CreateReplicationGroup&ReplicationGroupId=cache&{description}&{settings}"));
        let url = format!("redis://127.0.0.1:{}", self.port("emulator_redis"));
        // The group is made once the container is; on a busy machine the server in it needs a moment more.
        poll::until("a cache", || redis::answers(&url));
        url
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let destroyed = self.infra("destroy", &["--yes"]);
        let left = docker::everything(&self.name);
        docker::remove_instance(&self.name);
        if !std::thread::panicking() {
            assert_eq!((destroyed.code, left), (Some(0), Vec::new()), "{}", destroyed.stderr);
        }
    }
}

/// Names of the volumes of an instance's containers, with and without a name of their own.
fn mounted_volumes(instance: &str) -> Vec<String> {
    let format = "{{range .Mounts}}{{if eq .Type \"volume\"}}{{.Name}} {{end}}{{end}}";
    let ids = docker::containers(instance).into_iter().map(|container| container.id);
    ids.flat_map(|id| docker::read(&["inspect", "--format", format, &id]).split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn its_databases_are_real_on_loopback_and_gone_with_it() {
    let emulated = Emulated::started(&Arc::new(Checkout::new()), "emulator");
    let url = emulated.postgres("first-password");
    postgres::write(&url);
    postgres::check(&url);
    let cache = emulated.redis();
    redis::write(&cache);
    redis::check(&cache);

    let containers = docker::containers(&emulated.name);
    assert_eq!(containers.len(), 3, "{containers:?}");
    for container in &containers {
        assert!(!container.published.is_empty(), "{container:?}");
        assert!(container.published.iter().all(|(address, _)| address.is_loopback()), "{container:?}");
        assert_ne!(docker::read(&["inspect", "--format", "{{.HostConfig.Memory}}", &container.id]), "0", "{container:?}");
    }

    // A database of the same name is another one, at the same port: it lets nobody in by the old one's password.
    emulated.call("rds", "Action=DeleteDBInstance&DBInstanceIdentifier=db&SkipFinalSnapshot=true");
    postgres::write(&emulated.postgres("second-password"));

    // What it started goes even when it is gone itself, with the volumes that have no name.
    let volumes = mounted_volumes(&emulated.name);
    assert!(!volumes.is_empty());
    docker::read(&["rm", "--force", &emulated.container()]);
    emulated.infra("destroy", &["--yes"]).success();
    assert_eq!(docker::everything(&emulated.name), Vec::<String>::new());
    for volume in volumes {
        docker::run(&["volume", "inspect", &volume]).exits(1);
    }
}

#[test]
fn nothing_in_it_reaches_the_world() {
    let emulated = Emulated::started(&Arc::new(Checkout::new()), "emulator-out");
    // A packet to an address that is kept for documentation would get no answer either, so the way out is looked at:
    // the network has no masquerading, and without it no answer finds its way back.
    let network = docker::read(&["network", "inspect", "--format", "{{json .Options}}", &emulated.container()]);
    assert!(network.contains(r#""com.docker.network.bridge.enable_ip_masquerade":"false""#), "{network}");
    assert!(network.contains(r#""com.docker.network.bridge.host_binding_ipv4":"127.0.0.1""#), "{network}");
    // An image that nothing stands in for is not pulled.
    let settings =
        "Engine=mysql&EngineVersion=8.0&DBInstanceClass=db.t4g.small&AllocatedStorage=20&MasterUsername=u&MasterUserPassword=password";
    emulated.call("rds", &format!("Action=CreateDBInstance&DBInstanceIdentifier=other&{settings}"));
    poll::until("a failure", || {
        let found = emulated.call("rds", "Action=DescribeDBInstances&DBInstanceIdentifier=other");
        if found.contains("<DBInstanceStatus>failed<") { Ok(()) } else { Err(found) }
    });
    assert!(docker::run(&["logs", &emulated.container()]).stderr.contains("emulator.toml lists what does"));
}

#[test]
fn databases_of_one_name_on_two_emulators_do_not_meet() {
    let checkout = Arc::new(Checkout::new());
    let one = Emulated::started(&checkout, "emulator-one");
    let other = Emulated::started(&checkout, "emulator-two");
    let url = one.postgres("password-of-one");
    postgres::write(&url);
    let url_of_other = other.postgres("password-of-other");
    postgres::write(&url_of_other);
    drop(other);
    postgres::check(&url);
    assert_eq!(docker::containers(&one.name).len(), 2);
}

#[test]
fn one_that_has_stopped_is_replaced_and_a_running_one_is_kept() {
    let emulated = Emulated::started(&Arc::new(Checkout::new()), "emulator-stopped");
    let first = docker::container(&emulated.container()).unwrap().id;
    emulated.infra("init", &[]).success();
    assert_eq!(docker::container(&emulated.container()).unwrap().id, first);

    docker::pause(&emulated.container());
    emulated.infra("init", &[]).success();
    assert_eq!(docker::container(&emulated.container()).unwrap().id, first);

    docker::read(&["stop", &emulated.container()]);
    let again = emulated.infra("init", &[]).success();
    assert!(again.stderr.contains("had stopped, and what was applied to it is gone"), "{}", again.stderr);
    assert_ne!(docker::container(&emulated.container()).unwrap().id, first);
}

#[test]
fn a_name_that_is_somebody_elses_is_refused_and_not_touched() {
    let emulated = Emulated::started(&Arc::new(Checkout::new()), "emulator-name");
    let image = docker::read(&["inspect", "--format", "{{.Config.Image}}", &emulated.container()]);
    docker::read(&["rm", "--force", "--volumes", &emulated.container()]);
    let foreign = docker::Foreign::container("create", &emulated.container(), &[&image]);
    let before = docker::container(&emulated.container());
    emulated.infra("init", &[]).exits(3).complains(&format!(
        "error: Docker already has a container `{}`, and it does not belong to this instance\n\
         hint: nothing was touched. it is often another checkout's: use another instance, or remove it there\n",
        emulated.container()
    ));
    assert_eq!(docker::container(&emulated.container()), before);
    drop(foreign);
}

/// As after a `git clean -dfx`: the copy in the user's state directory still knows whose the emulator is.
#[test]
fn one_whose_files_are_gone_is_removed_all_the_same() {
    let emulated = Emulated::started(&Arc::new(Checkout::new()), "cleaned");
    fs::remove_dir_all(emulated.checkout.environment("aws").join(".emulated")).unwrap();
    emulated.infra("destroy", &["--yes"]).success().says("is destroyed, its emulator and its state with it");
    assert!(docker::container(&emulated.container()).is_none());
}
