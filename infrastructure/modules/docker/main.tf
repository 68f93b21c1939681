# The four services on one Docker engine: their volumes, their network, and one module each. They
# know of each other only here.

locals {
  # Data directories, each with the service it belongs to.
  stores = {
    redis    = "redis"
    postgres = "postgres"
    weaviate = "vectorstore"
    qdrant   = "vectorstore"
    milvus   = "vectorstore"
    minio    = "objectstore"
  }

  chosen_images = {
    redis                    = var.redis.image
    postgres                 = var.postgres.image
    (var.vectorstore.engine) = var.vectorstore.image
    minio                    = var.objectstore.image
  }
  images = merge(var.images, {
    for engine, reference in local.chosen_images :
    engine => {
      reference = reference
      version   = try(regex(":([^:@/]+)(?:@.*)?$", reference)[0], "unknown")
      defaults  = try(var.images[engine].defaults, 1)
    }
    if reference != null
  })
}

# Every engine's, whether it runs or not: data survives a service that is disabled and an
# engine that is swapped, and only `destroy` removes it. The provider replaces a volume,
# data and all, over any change of an attribute, so it is told of none.
resource "docker_volume" "data" {
  for_each = local.stores

  name = "${var.name}-${each.key}"

  dynamic "labels" {
    for_each = merge(var.labels, { "${var.namespace}.service" = each.value })

    content {
      label = labels.key
      value = labels.value
    }
  }

  lifecycle {
    ignore_changes = all
  }
}

# Off by default: the provider waits 2 s at each create, read and delete of a network.
resource "docker_network" "this" {
  count = var.network ? 1 : 0

  name = var.name

  dynamic "labels" {
    for_each = var.labels

    content {
      label = labels.key
      value = labels.value
    }
  }
}

locals {
  # The id is the name, but unknown while a volume is replaced: so its container is replaced
  # with it, and does not hold on to the old one.
  volumes = { for engine, volume in docker_volume.data : engine => volume.id }
  network = one(docker_network.this[*].name)

  # The vector store needs longest, some three seconds. With a head start of the moment that the
  # engine takes to start it, all four are up half a second earlier.
  # An index and not a splat, which would wait for all outputs: pgvector's are Postgres'.
  slowest = var.vectorstore.enabled ? module.vectorstore[0].container_ids : []
}

module "redis" {
  source = "../redis"
  count  = var.redis.enabled ? 1 : 0

  name      = "${var.name}-redis"
  image     = local.images.redis
  labels    = merge(var.labels, { "${var.namespace}.service" = "redis" })
  volume    = local.volumes.redis
  network   = local.network
  host_port = var.ports.redis
  password  = var.credentials.redis_password

  start_after      = local.slowest
  memory_mb        = var.redis.memory_mb
  maxmemory        = var.redis.maxmemory
  maxmemory_policy = var.redis.maxmemory_policy
}

module "postgres" {
  source = "../postgres"
  count  = var.postgres.enabled ? 1 : 0

  name      = "${var.name}-postgres"
  image     = local.images.postgres
  labels    = merge(var.labels, { "${var.namespace}.service" = "postgres" })
  volume    = local.volumes.postgres
  network   = local.network
  host_port = var.ports.postgres
  password  = var.credentials.postgres_password

  start_after        = local.slowest
  memory_mb          = var.postgres.memory_mb
  shm_mb             = var.postgres.shm_mb
  user               = var.postgres.user
  database           = var.postgres.database
  init_sql_directory = var.postgres.init_sql_directory
}

module "vectorstore" {
  source = "../vectorstore"
  count  = var.vectorstore.enabled ? 1 : 0

  name    = "${var.name}-vectorstore"
  images  = local.images
  labels  = merge(var.labels, { "${var.namespace}.service" = "vectorstore" })
  volumes = local.volumes
  network = local.network
  api_key = var.credentials.vectorstore_api_key
  host_ports = {
    http = var.ports.vectorstore_http
    grpc = var.ports.vectorstore_grpc
  }

  engine       = var.vectorstore.engine
  memory_mb    = var.vectorstore.memory_mb
  postgres     = one(module.postgres[*].service)
  postgres_url = one(module.postgres[*].env.DATABASE_URL)
}

module "objectstore" {
  source = "../minio"
  count  = var.objectstore.enabled ? 1 : 0

  name       = "${var.name}-objectstore"
  image      = local.images.minio
  labels     = merge(var.labels, { "${var.namespace}.service" = "objectstore" })
  volume     = local.volumes.minio
  network    = local.network
  access_key = var.credentials.objectstore_access_key
  secret_key = var.credentials.objectstore_secret_key
  host_ports = {
    api     = var.ports.objectstore_api
    console = var.ports.objectstore_console
  }

  start_after = local.slowest
  memory_mb   = var.objectstore.memory_mb
  bucket      = var.objectstore.bucket
  region      = var.objectstore.region
}
