# The four services on one Docker engine: their volumes, their network, and one module each. They
# know of each other only here.

locals {
  # Each service that this environment has, with its settings, the engine that it runs, and all that it can run.
  services = {
    for service, row in {
      redis       = { settings = var.redis, engine = "redis", engines = ["redis"] }
      postgres    = { settings = var.postgres, engine = "postgres", engines = ["postgres"] }
      vectorstore = { settings = var.vectorstore, engine = try(var.vectorstore.engine, ""), engines = ["weaviate", "qdrant", "milvus"] }
      objectstore = { settings = var.objectstore, engine = "minio", engines = ["minio"] }
    } : service => row if row.settings != null
  }

  # Data directories: each engine, with the service it belongs to.
  stores = merge([for service, row in local.services : { for engine in row.engines : engine => service }]...)

  labels = {
    for service in keys(local.services) :
    service => merge(var.instance.labels, { "${var.instance.namespace}.service" = service })
  }
}

# Every engine's, whether it runs or not: data survives a service that is disabled and an
# engine that is swapped, and only `destroy` removes it. The provider replaces a volume,
# data and all, over any change of an attribute, so it is told of none.
resource "docker_volume" "data" {
  for_each = local.stores

  name = "${var.instance.name}-${each.key}"

  dynamic "labels" {
    for_each = local.labels[each.value]

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

  name = var.instance.name

  dynamic "labels" {
    for_each = var.instance.labels

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
  slowest = try(var.vectorstore.enabled, false) ? module.vectorstore[0].container_ids : []
}

module "redis" {
  source = "../redis"
  count  = try(var.redis.enabled, false) ? 1 : 0

  name      = "${var.instance.name}-redis"
  image     = local.images.redis
  labels    = local.labels.redis
  volume    = local.volumes.redis
  network   = local.network
  host_port = var.instance.ports.redis
  password  = local.credentials.redis.password

  start_after      = local.slowest
  memory_mb        = var.redis.memory_mb
  maxmemory        = var.redis.maxmemory
  maxmemory_policy = var.redis.maxmemory_policy
}

module "postgres" {
  source = "../postgres"
  count  = try(var.postgres.enabled, false) ? 1 : 0

  name      = "${var.instance.name}-postgres"
  image     = local.images.postgres
  labels    = local.labels.postgres
  volume    = local.volumes.postgres
  network   = local.network
  host_port = var.instance.ports.postgres
  password  = local.credentials.postgres.password

  start_after        = local.slowest
  memory_mb          = var.postgres.memory_mb
  shm_mb             = var.postgres.shm_mb
  user               = var.postgres.user
  database           = var.postgres.database
  init_sql_directory = var.postgres.init_sql_directory
}

module "vectorstore" {
  source = "../vectorstore"
  count  = try(var.vectorstore.enabled, false) ? 1 : 0

  name    = "${var.instance.name}-vectorstore"
  images  = local.images
  labels  = local.labels.vectorstore
  volumes = local.volumes
  network = local.network
  api_key = local.credentials.vectorstore.api_key
  host_ports = {
    http = var.instance.ports.vectorstore_http
    grpc = var.instance.ports.vectorstore_grpc
  }

  engine       = var.vectorstore.engine
  memory_mb    = var.vectorstore.memory_mb
  postgres     = one(module.postgres[*].service)
  postgres_url = one(module.postgres[*].env.DATABASE_URL)
}

module "objectstore" {
  source = "../minio"
  count  = try(var.objectstore.enabled, false) ? 1 : 0

  name       = "${var.instance.name}-objectstore"
  image      = local.images.minio
  labels     = local.labels.objectstore
  volume     = local.volumes.minio
  network    = local.network
  access_key = local.credentials.objectstore.access_key
  secret_key = local.credentials.objectstore.secret_key
  host_ports = {
    api     = var.instance.ports.objectstore_api
    console = var.instance.ports.objectstore_console
  }

  start_after = local.slowest
  memory_mb   = var.objectstore.memory_mb
  bucket      = var.objectstore.bucket
  region      = var.objectstore.region
}

# Those that run.
locals {
  running = {
    for service, module in {
      redis       = module.redis
      postgres    = module.postgres
      vectorstore = module.vectorstore
      objectstore = module.objectstore
    } : service => module[0] if length(module) > 0
  }
}
