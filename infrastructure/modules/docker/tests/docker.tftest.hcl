mock_provider "docker" {}

# Every value is another one, so that what reaches the wrong service shows.
variables {
  instance = {
    problem   = ""
    file      = "/x/.instances/t.json"
    command   = "cargo xtask infra init x"
    name      = "tracker-t"
    namespace = "io.tracker"
    labels    = { "io.tracker.instance" = "t" }
    images = {
      for engine in ["redis", "postgres", "weaviate", "qdrant", "milvus", "minio"] :
      engine => { reference = "${engine}:1.0", version = "1.0" }
    }
    credentials = {
      redis       = { password = "redis0password00000000000000000" }
      postgres    = { password = "postgres0password00000000000000" }
      vectorstore = { api_key = "vectorstore0api0key000000000000" }
      objectstore = { access_key = "objectstore0access0key000000000", secret_key = "objectstore0secret0key000000000" }
    }
    ports = {
      redis               = 7001
      postgres            = 7002
      vectorstore_http    = 7003
      vectorstore_grpc    = 7004
      objectstore_api     = 7005
      objectstore_console = 7006
    }
  }
  redis       = {}
  postgres    = {}
  vectorstore = {}
  objectstore = {}
}

run "offers_four_services_and_a_volume_for_every_engine" {
  command = plan

  assert {
    condition     = { for name, service in output.services : name => "${service.engine} ${service.version} ${service.container}" } == { redis = "redis 1.0 tracker-t-redis", postgres = "postgres 1.0 tracker-t-postgres", vectorstore = "weaviate 1.0 tracker-t-vectorstore", objectstore = "minio 1.0 tracker-t-objectstore" }
    error_message = "the services"
  }

  assert {
    condition     = { for engine, volume in docker_volume.data : volume.name => one([for label in volume.labels : label.value if label.label == "io.tracker.service"]) } == { tracker-t-redis = "redis", tracker-t-postgres = "postgres", tracker-t-weaviate = "vectorstore", tracker-t-qdrant = "vectorstore", tracker-t-milvus = "vectorstore", tracker-t-minio = "objectstore" }
    error_message = "the volumes or their labels"
  }

  assert {
    condition     = length(docker_network.this) == 0
    error_message = "a network that nobody wanted"
  }
}

run "gives_each_service_what_is_its_own" {
  command = apply

  assert {
    condition     = alltrue([for service in values(output.services) : service.volume == docker_volume.data[service.engine].id && service.image == "${service.engine}:1.0"])
    error_message = "another service's volume or image"
  }

  assert {
    condition = tomap(nonsensitive(output.env)) == tomap({
      REDIS_URL            = "redis://default:redis0password00000000000000000@127.0.0.1:7001/0"
      DATABASE_URL         = "postgres://tracker:postgres0password00000000000000@127.0.0.1:7002/tracker"
      VECTORSTORE_ENGINE   = "weaviate"
      VECTORSTORE_URL      = "http://127.0.0.1:7003"
      VECTORSTORE_GRPC_URL = "http://127.0.0.1:7004"
      VECTORSTORE_API_KEY  = "vectorstore0api0key000000000000"
      S3_ENDPOINT_URL      = "http://127.0.0.1:7005"
      S3_BUCKET            = "tracker"
      S3_REGION            = "us-east-1"
      S3_ACCESS_KEY_ID     = "objectstore0access0key000000000"
      S3_SECRET_ACCESS_KEY = "objectstore0secret0key000000000"
    })
    error_message = "another service's port or credential"
  }
}

run "has_only_the_services_that_are_named" {
  command = plan

  variables {
    redis       = null
    vectorstore = { engine = "pgvector" }
    objectstore = null
  }

  assert {
    condition     = toset(keys(output.services)) == toset(["postgres", "vectorstore"]) && toset(keys(output.volumes)) == toset(["postgres", "weaviate", "qdrant", "milvus"])
    error_message = "the services or their volumes"
  }
}

run "takes_what_is_said_and_keeps_the_data_of_what_is_disabled" {
  command = plan

  variables {
    redis       = { image = "registry.example:5000/redis:7.4.1" }
    vectorstore = { engine = "pgvector" }
    objectstore = { enabled = false }
    network     = true
  }

  assert {
    condition     = toset(keys(output.services)) == toset(["redis", "postgres", "vectorstore"]) && output.services.redis.version == "7.4.1" && output.services.redis.image == "registry.example:5000/redis:7.4.1" && output.services.vectorstore.port == 7002 && length(docker_volume.data) == 6
    error_message = "the services or their volumes"
  }

  assert {
    condition     = docker_network.this[0].name == "tracker-t"
    error_message = "the network"
  }
}

run "refuses_one_port_twice" {
  command         = plan
  expect_failures = [output.services]

  variables {
    instance = merge(var.instance, { ports = { redis = 5432 } })
  }
}

run "refuses_an_instance_file_with_a_problem" {
  command         = plan
  expect_failures = [output.services]

  variables {
    instance = merge(var.instance, { problem = "no instance file" })
  }
}

run "asks_for_every_engine_s_image" {
  command         = plan
  expect_failures = [output.services]

  variables {
    instance = merge(var.instance, { images = { redis = { reference = "redis:1", version = "1" } } })
  }
}

run "asks_for_every_service_s_credentials" {
  command         = plan
  expect_failures = [output.services]

  variables {
    instance = merge(var.instance, { credentials = { redis = { password = "redis0password00000000000000000" } } })
  }
}

# It is for the service's own module to refuse, by what it accepts.
run "puts_nothing_in_the_place_of_an_empty_credential" {
  command = plan

  variables {
    instance = merge(var.instance, { credentials = merge(var.instance.credentials, { redis = { password = "" } }) })
    redis    = { enabled = false }
  }

  assert {
    condition     = nonsensitive(local.credentials.redis.password) == ""
    error_message = "another password than the instance file's"
  }
}
