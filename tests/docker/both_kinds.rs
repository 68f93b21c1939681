//! Public images and those built from packages, on the same volumes: what one kind wrote the other opens.

use std::fs;
use std::net::TcpListener;

use infra_tests::clients;
use infra_tests::docker::{self, Foreign};
use infra_tests::official;
use infra_tests::process::Outcome;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};
use infra_tests::xtask::Xtask;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Without Redis, whose images have one user and no locale.
const SETTINGS: &str = "redis = { enabled = false }\n";
const ENGINES: [&str; 3] = ["minio", "postgres", "weaviate"];

/// A stack whose public images are stand-ins in a registry that never answers: they are there, or they cannot be had.
struct Moving {
    stack: Stack,
    /// A machine of its own: what it remembers of where images come from.
    home: TempDir,
    registry: u16,
    // Another name for each stand-in, so that it outlives its own.
    kept: Vec<(Foreign, Foreign)>,
}

impl Moving {
    fn new(theme: &str) -> Self {
        let registry = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let stack = Stack::with_settings(theme, SETTINGS);
        let manifest = stack.checkout().infrastructure("images/images.toml");
        let mut text = fs::read_to_string(&manifest).unwrap();
        let mut kept = Vec::new();
        for engine in ENGINES {
            let name = format!("127.0.0.1:{registry}/{engine}:1");
            let line = |line: &&str| line.starts_with("registry = ") && line.contains(&format!("{engine}:"));
            let line =
                text.lines().find(line).or_else(|| text.lines().find(|line| line.contains("pgvector/pgvector:"))).unwrap().to_owned();
            text = text.replace(&line, &format!("registry = \"{name}\""));
            let stand_in = official::stand_in(engine, &format!("infra-tests/{engine}:{}", unique("public")));
            kept.push((stand_in, Foreign::image_to_be(&name)));
        }
        fs::write(manifest, text).unwrap();
        // Its ports are this machine's, so that no other test has them; its images are for the other machine to choose.
        stack.infra("init", &[]).success();
        edit_instance(&stack, |instance| instance["images"] = json!({}));
        let moving = Self { stack, home: tempfile::tempdir().unwrap(), registry, kept };
        moving.publish();
        moving
    }

    fn publish(&self) {
        for (stand_in, public) in &self.kept {
            docker::read(&["image", "tag", &stand_in.name, &public.name]);
        }
    }

    fn withdraw(&self) {
        for (_, public) in &self.kept {
            docker::read(&["image", "rm", &public.name]);
        }
    }

    fn xtask(&self) -> Xtask {
        self.stack.xtask().env("XDG_STATE_HOME", self.home.path())
    }

    fn infra(&self, verb: &str, options: &[&str]) -> Outcome {
        self.stack.with(&self.xtask(), verb, options)
    }

    fn choose(&self, source: &str) {
        let arguments = ["supply", "--images", source];
        self.xtask().infra(&[&arguments, ENGINES.as_slice()].concat()).success();
    }

    /// MinIO's public image is older than the built one, so each way its data is asked for; the others have one version.
    #[track_caller]
    fn goes_over(&self) -> Outcome {
        let before = self.stack.containers();
        let asked = self.infra("up", &[]).exits(3).says("objectstore would go from version ");
        assert!(
            !asked.complaint().contains("postgres would go") && !asked.complaint().contains("vectorstore would go"),
            "{}",
            asked.stderr
        );
        assert_eq!(self.stack.containers(), before, "nothing was touched");
        self.infra("up", &["--yes"]).success();
        asked
    }

    #[track_caller]
    fn runs(&self, public: bool) {
        let images = self.stack.services();
        for service in ["postgres", "vectorstore", "objectstore"] {
            let image = images[service]["image"].as_str().unwrap();
            assert_eq!(image.starts_with(&format!("127.0.0.1:{}/", self.registry)), public, "{service} runs {image}");
        }
        self.infra("plan", &["--detailed-exitcode"]).success();
    }

    /// Nobody in the built images is root; in the public ones root has no more than it needs.
    #[track_caller]
    fn users(&self) -> Vec<u64> {
        let uid = |container: &docker::Container| {
            let status = fs::read_to_string(format!("/proc/{}/status", container.pid)).unwrap();
            status.lines().find(|line| line.starts_with("Uid:")).unwrap().split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        self.stack.containers().iter().map(uid).collect()
    }
}

fn edit_instance(stack: &Stack, edit: impl FnOnce(&mut Value)) {
    let mut instance = stack.instance_file();
    edit(&mut instance);
    fs::write(stack.directory().join(format!(".instances/{}.json", stack.name())), instance.to_string()).unwrap();
}

fn write(moving: &Moving) {
    let variables = moving.stack.variables();
    clients::postgres::write(variables.get("DATABASE_URL"));
    clients::object_storage::write(&variables);
    clients::write_vectors(&variables);
}

fn check(moving: &Moving) {
    let variables = moving.stack.variables();
    clients::postgres::check(variables.get("DATABASE_URL"));
    clients::object_storage::check(&variables);
    clients::check_vectors(&variables);
}

/// A network that goes away and comes back: `down`, the public images pruned, no registry, and `supply --images registry` at the end.
#[test]
fn an_instance_falls_back_to_built_images_and_goes_back_with_its_data() {
    let moving = Moving::new("fall-back");
    moving.infra("up", &[]).success();
    moving.runs(true);
    assert_eq!(moving.users()[0], 0, "the public MinIO is root's");
    write(&moving);
    moving.infra("down", &[]).success();
    moving.withdraw();

    moving.goes_over().says("images are built from packages, now and from now on (`cargo xtask infra supply --images registry` goes back)");
    moving.runs(false);
    assert!(moving.users().iter().all(|user| *user != 0), "{:?}", moving.users());
    check(&moving);

    moving.publish();
    moving.infra("up", &[]).success().says("nothing changed");
    moving.choose("registry");
    moving.goes_over().says("goes over to images from the registries, as chosen with `supply --images`; its volumes stay");
    moving.runs(true);
    check(&moving);
}

#[test]
#[ignore = "thorough: the way there of volumes that built images made"]
fn an_instance_made_with_built_images_goes_to_public_ones_and_back() {
    let moving = Moving::new("built-first");
    moving.choose("packages");
    moving.infra("up", &[]).success();
    moving.runs(false);
    write(&moving);
    moving.choose("registry");
    moving.goes_over();
    moving.runs(true);
    check(&moving);
    moving.choose("packages");
    moving.goes_over();
    moving.runs(false);
    check(&moving);
}

/// Its recipe is gone with its tag, and so is the image: the one of today takes its place.
#[test]
fn a_built_image_of_an_earlier_recipe_is_kept_while_it_is_there() {
    let stack = Stack::with_settings("earlier", ONLY_REDIS);
    stack.infra("init", &[]).success();
    let today = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
    let earlier = Foreign::image(&today, &format!("{}:{}", today.rsplit_once(':').unwrap().0, unique("earlier")));
    edit_instance(&stack, |instance| instance["images"]["redis"]["reference"] = json!(earlier.name));
    stack.up();
    let runs = || stack.services()["redis"]["image"].as_str().unwrap().to_owned();
    assert_eq!(runs(), earlier.name);
    stack.infra("down", &[]).success();
    docker::read(&["image", "rm", &earlier.name]);
    stack.up();
    assert_eq!(runs(), today);
}
