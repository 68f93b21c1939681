mock_provider "docker" {}

variables {
  name      = "tracker-t"
  namespace = "io.tracker"
  labels    = { "io.tracker.instance" = "t" }
  images = {
    for engine in ["redis", "postgres", "weaviate", "qdrant", "milvus", "minio"] :
    engine => { reference = "${engine}:1.0", version = "1.0" }
  }
  credentials = {
    redis_password         = "not0a0secret00000000000000000000"
    postgres_password      = "not0a0secret00000000000000000000"
    vectorstore_api_key    = "not0a0secret00000000000000000000"
    objectstore_access_key = "not0a0secret00000000000000000000"
    objectstore_secret_key = "not0a0secret00000000000000000000"
  }
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
    condition     = output.port_problem == "" && length(docker_network.this) == 0
    error_message = "a problem that is none, or a network that nobody wanted"
  }
}

run "takes_what_is_said_and_keeps_the_data_of_what_is_disabled" {
  command = plan

  variables {
    redis       = { image = "registry.example:5000/redis:7.4.1" }
    vectorstore = { engine = "pgvector" }
    objectstore = { enabled = false }
    ports       = { redis = 7000, postgres = 7000 }
    network     = true
  }

  assert {
    condition     = toset(keys(output.services)) == toset(["redis", "postgres", "vectorstore"]) && output.services.redis.version == "7.4.1" && output.services.vectorstore.port == 7000 && length(docker_volume.data) == 6
    error_message = "the services or their volumes"
  }

  assert {
    condition     = output.port_problem == "one port cannot be published twice: 7000 is wanted by postgres and redis. Write another number for one of them in `ports`." && docker_network.this[0].name == "tracker-t"
    error_message = "the port that is wanted twice, or the network"
  }
}

run "asks_for_every_engine_s_image" {
  command         = plan
  expect_failures = [var.images]

  variables {
    images = { redis = { reference = "redis:1", version = "1" } }
  }
}
