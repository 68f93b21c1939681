//! Each service has what is its own, and each setting arrives: the code of `infrastructure/` is read, and nothing is made. Terraform
//! refuses a name that does not exist; one that exists and is another service's it takes.

mod code;
mod services;

use std::fs;
use std::path::{Path, PathBuf};

use infra_tests::checkout::Checkout;
use infra_tests::xtask::repository;
use terraform_config::{Code, Value};

use self::code::Wiring;

#[test]
fn every_service_has_what_is_its_own_and_every_setting_arrives() {
    assert_eq!(wrong(&repository().join("infrastructure")), Vec::<String>::new());
}

#[test]
fn a_wrong_wiring_is_found() {
    let checkout = Checkout::new();
    let docker = "modules/docker/main.tf";
    for (file, from, to, expected) in [
        (docker, "local.volumes.redis", "local.volumes.minio", "modules/docker: module.redis has minio's volume"),
        (docker, "local.credentials.redis.password", "local.credentials.postgres.password", "module.redis has local.credentials.postgres"),
        (docker, "  host_port = var.instance.ports.redis\n", "", "modules/docker: module.redis lacks var.instance.ports.redis"),
        (docker, "local.images.redis", "local.images.postgres", "modules/docker: module.redis has postgres's image"),
        (docker, "  images  = local.images\n", "", "modules/docker: module.vectorstore lacks local.images"),
        (
            docker,
            "local.credentials.objectstore.secret_key",
            "local.credentials.objectstore.access_key",
            "lacks local.credentials.objectstore.secret_key",
        ),
        (docker, "local.labels.objectstore", "local.labels.redis", "modules/docker: labels of module.objectstore"),
        (docker, "  maxmemory        = var.redis.maxmemory\n", "", "modules/docker: var.redis.maxmemory arrives nowhere"),
        (
            docker,
            "settings = var.redis, engine = \"redis\"",
            "settings = var.postgres, engine = \"redis\"",
            "modules/docker: the settings of redis",
        ),
        (docker, "engines = [\"minio\"]", "engines = [\"minio\", \"redis\"]", "modules/docker: redis is an engine of two services"),
        (docker, "      objectstore = module.objectstore\n", "", "modules/docker: objectstore is not among those that run"),
        ("environments/local/main.tf", "  redis       = var.redis\n", "", "environments/local: var.redis arrives nowhere"),
        ("environments/local/main.tf", "= var.redis", "= var.postgres", "environments/local: module.docker has no var.redis"),
        ("environments/local/main.tf", "  ports     = var.ports\n", "", "environments/local: var.ports arrives nowhere"),
        ("environments/hybrid/main.tf", "  redis             = var.redis\n", "", "environments/hybrid: module.aws has no var.redis"),
        (
            "environments/local/variables.tf",
            "maxmemory_policy = optional",
            "eviction = optional",
            "module.docker does not know var.redis.eviction",
        ),
        (docker, "var.redis.memory_mb", "var.postgres.memory_mb", "modules/docker: module.redis has var.postgres.memory_mb"),
        (
            "modules/aws/main.tf",
            "local.redis.engine_version",
            "local.postgres.engine_version",
            "module.redis has local.postgres.engine_version",
        ),
        ("modules/aws/main.tf", "local.postgres.backup_window", "null", "modules/aws: var.postgres.backup_window arrives nowhere"),
        (
            "environments/hybrid/variables.tf",
            "    vectorstore_grpc    = optional(number)\n",
            "",
            "environments/hybrid: var.ports lacks vectorstore_grpc",
        ),
        ("environments/aws/terraform.tfvars", "flow_logs", "flows", "environments/aws: terraform.tfvars does not show flow_logs"),
        ("infra.toml", "objectstore_secret_key", "objectstore_secret", "environments/local: infra.toml lacks objectstore_secret_key"),
        ("infra.toml", "\"vectorstore_grpc\"", "\"grpc\"", "environments/local: infra.toml lacks vectorstore_grpc"),
        ("images/images.toml", "[qdrant]", "[quadrant]", "modules/docker: images.toml lacks an image of qdrant for vectorstore"),
        ("images/images.toml", "service  = \"objectstore\"", "service  = \"redis\"", "images.toml lacks an image of minio for objectstore"),
        ("modules/redis/main.tf", "host = var.host_port", "host = 6379", "modules/redis: var.host_port"),
    ] {
        let at = checkout.infrastructure(file);
        let code = fs::read_to_string(&at).unwrap();
        assert!(code.contains(from), "{file} has no {from}");
        fs::write(&at, code.replacen(from, to, 1)).unwrap();
        let found = wrong(&checkout.infrastructure(""));
        fs::write(&at, code).unwrap();
        assert!(found.iter().any(|line| line.contains(expected)), "{from} -> {to}: {expected} is not in\n{found:#?}");
    }
}

/// What is wired wrongly, a line each.
fn wrong(infrastructure: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for kind in ["modules", "environments"] {
        let mut directories: Vec<PathBuf> = fs::read_dir(infrastructure.join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
        directories.sort();
        for directory in directories {
            let name = format!("{kind}/{}", directory.file_name().unwrap().display());
            let code = Code::read(&directory);
            assert_eq!(code.mistakes, [], "{name}");
            let root = Wiring { code: &code };
            let mut found = [root.unused(), root.of_others()].concat();
            if kind == "environments" {
                found.extend(root.not_passed_on());
                found.extend(root.not_shown());
                found.extend(root.not_in_instance_file(infrastructure));
            }
            if let (Some(Value::For(services)), Some(Value::For(running))) = (root.local("services"), root.local("running")) {
                found.extend(root.of_services(&services.collection, &running.collection));
                found.extend(services::without_image(&services.collection, infrastructure));
            }
            wrong.extend(found.into_iter().map(|line| format!("{name}: {line}")));
        }
    }
    wrong
}
