# `terraform init && terraform test`, without Docker and without an instance of one's own.

mock_provider "docker" {}

# All of them, because a test also reads terraform.tfvars and a person's own *.auto.tfvars.
variables {
  instance_directory = "tests/instances"
  redis              = {}
  postgres           = {}
  vectorstore        = {}
  objectstore        = {}
  ports              = {}
  network            = false
}

run "offers_the_four_services_on_their_usual_ports" {
  command = plan

  assert {
    condition     = { for name, service in output.services : name => "${service.engine}:${service.port}" } == { redis = "redis:6379", postgres = "postgres:5432", vectorstore = "weaviate:8080", objectstore = "minio:9000" }
    error_message = "the services or their ports differ from the contract"
  }

  assert {
    condition     = alltrue([for service in values(output.services) : length(setsubtract(["engine", "version", "host", "port", "tls", "image", "container", "volume", "probe"], keys(service))) == 0])
    error_message = "a service lacks a key of the contract"
  }

  assert {
    condition = toset(keys(nonsensitive(output.env))) == toset([
      "REDIS_URL", "DATABASE_URL", "VECTORSTORE_URL", "VECTORSTORE_GRPC_URL", "VECTORSTORE_ENGINE", "VECTORSTORE_API_KEY",
      "S3_ENDPOINT_URL", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY",
    ])
    error_message = "env differs from the contract"
  }

  assert {
    condition     = output.instance == { project = "tracker", environment = "local", instance = "default", owner = "00000000000000000000000000000000" }
    error_message = "the identity is not stamped"
  }

  assert {
    condition     = length(module.docker.volumes) == 6
    error_message = "an engine has no volume"
  }
}

run "leaves_out_what_is_disabled_and_keeps_its_volume" {
  command = plan

  variables {
    redis       = { enabled = false }
    objectstore = { enabled = false }
  }

  assert {
    condition     = toset(keys(output.services)) == toset(["postgres", "vectorstore"])
    error_message = "a disabled service is still offered"
  }

  assert {
    condition     = !contains(keys(nonsensitive(output.env)), "S3_BUCKET") && module.docker.volumes.minio == "tracker-local-minio"
    error_message = "a disabled service keeps its volume and loses its variables"
  }
}

run "pgvector_is_the_environments_postgres" {
  command = plan

  variables {
    vectorstore = { engine = "pgvector" }
    ports       = { postgres = 5433 }
  }

  assert {
    condition     = output.services.vectorstore.container == null && output.services.vectorstore.port == 5433 && output.services.vectorstore.probe.protocol == "postgres"
    error_message = "pgvector does not point at Postgres"
  }

  assert {
    condition     = output.env.VECTORSTORE_URL == output.env.DATABASE_URL && output.env.VECTORSTORE_API_KEY == ""
    error_message = "pgvector has another address than Postgres"
  }
}

run "takes_a_chosen_image_and_reads_its_version" {
  command = plan

  variables {
    redis       = { image = "registry.example:5000/redis:7.4.1@sha256:${join("", [for i in range(64) : "0"])}" }
    vectorstore = { engine = "qdrant", image = "qdrant/qdrant:v1.14.0" }
  }

  assert {
    condition     = output.services.redis.version == "7.4.1" && output.services.vectorstore.version == "v1.14.0"
    error_message = "the version is not that of the chosen image"
  }
}

run "joins_a_network_on_request" {
  command = plan

  variables {
    network = true
  }

  assert {
    condition     = module.docker.network == "tracker-local"
    error_message = "no network"
  }
}

run "refuses_port_0" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    ports = { redis = 0 }
  }
}

run "refuses_port_65536" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    ports = { objectstore_console = 65536 }
  }
}

run "refuses_half_a_port" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    ports = { postgres = 5432.5 }
  }
}

run "refuses_the_instance_file_of_another_environment" {
  command         = plan
  expect_failures = [terraform_data.identity]

  variables {
    instance_directory = "tests/foreign"
  }
}
