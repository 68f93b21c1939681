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

  name = join("-", concat(
    [local.instance.project, local.environment],
    terraform.workspace == "default" ? [] : [terraform.workspace],
  ))

  namespace = "io.${local.instance.project}"

  labels = {
    "${local.namespace}.project"     = local.instance.project
    "${local.namespace}.environment" = local.environment
    "${local.namespace}.instance"    = terraform.workspace
    "${local.namespace}.owner"       = local.instance.owner
  }

  # A port can be had only once, so what a person wrote for the default instance does not
  # bind a named one, whose own free ports are in its file.
  ports = {
    for name, wanted in var.ports :
    name => terraform.workspace == "default" ? wanted : try(tonumber(local.instance.ports[name]), wanted)
  }

  chosen_images = {
    redis                    = var.redis.image
    postgres                 = var.postgres.image
    (var.vectorstore.engine) = var.vectorstore.image
    minio                    = var.objectstore.image
  }
  images = merge(local.instance_images, {
    for engine, reference in local.chosen_images :
    engine => { reference = reference, version = try(regex(":([^:@/]+)(?:@.*)?$", reference)[0], "unknown") }
    if reference != null
  })
}

# Every engine's, whether it runs or not: data survives a service that is disabled and an
# engine that is swapped, and only `destroy` removes it. The provider replaces a volume,
# data and all, over any change of an attribute, so it is told of none.
resource "docker_volume" "data" {
  for_each = local.stores

  name = "${local.name}-${each.key}"

  dynamic "labels" {
    for_each = merge(local.labels, { "${local.namespace}.service" = each.value })

    content {
      label = labels.key
      value = labels.value
    }
  }

  lifecycle {
    ignore_changes = all
  }

  depends_on = [terraform_data.identity]
}

# Off by default: the provider waits 2 s at each create, read and delete of a network.
resource "docker_network" "this" {
  count = var.network ? 1 : 0

  name = local.name

  dynamic "labels" {
    for_each = local.labels

    content {
      label = labels.key
      value = labels.value
    }
  }

  depends_on = [terraform_data.identity]
}

locals {
  # The id is the name, but unknown while a volume is replaced: so its container is replaced
  # with it, and does not hold on to the old one.
  volumes = { for engine, volume in docker_volume.data : engine => volume.id }
  network = one(docker_network.this[*].name)
}

module "redis" {
  source = "../../modules/redis"
  count  = var.redis.enabled ? 1 : 0

  name      = "${local.name}-redis"
  image     = local.images.redis
  labels    = merge(local.labels, { "${local.namespace}.service" = "redis" })
  volume    = local.volumes.redis
  network   = local.network
  host_port = local.ports.redis
  password  = local.credentials.redis_password

  memory_mb        = var.redis.memory_mb
  maxmemory        = var.redis.maxmemory
  maxmemory_policy = var.redis.maxmemory_policy

  depends_on = [terraform_data.identity]
}

module "postgres" {
  source = "../../modules/postgres"
  count  = var.postgres.enabled ? 1 : 0

  name      = "${local.name}-postgres"
  image     = local.images.postgres
  labels    = merge(local.labels, { "${local.namespace}.service" = "postgres" })
  volume    = local.volumes.postgres
  network   = local.network
  host_port = local.ports.postgres
  password  = local.credentials.postgres_password

  memory_mb          = var.postgres.memory_mb
  user               = var.postgres.user
  database           = var.postgres.database
  init_sql_directory = var.postgres.init_sql_directory

  depends_on = [terraform_data.identity]
}

module "vectorstore" {
  source = "../../modules/vectorstore"
  count  = var.vectorstore.enabled ? 1 : 0

  name    = "${local.name}-vectorstore"
  images  = local.images
  labels  = merge(local.labels, { "${local.namespace}.service" = "vectorstore" })
  volumes = local.volumes
  network = local.network
  api_key = local.credentials.vectorstore_api_key
  host_ports = {
    http = local.ports.vectorstore_http
    grpc = local.ports.vectorstore_grpc
  }

  engine       = var.vectorstore.engine
  memory_mb    = var.vectorstore.memory_mb
  postgres     = one(module.postgres[*].service)
  postgres_url = one(module.postgres[*].env.DATABASE_URL)

  depends_on = [terraform_data.identity]
}

module "objectstore" {
  source = "../../modules/minio"
  count  = var.objectstore.enabled ? 1 : 0

  name       = "${local.name}-objectstore"
  image      = local.images.minio
  labels     = merge(local.labels, { "${local.namespace}.service" = "objectstore" })
  volume     = local.volumes.minio
  network    = local.network
  access_key = local.credentials.objectstore_access_key
  secret_key = local.credentials.objectstore_secret_key
  host_ports = {
    api     = local.ports.objectstore_api
    console = local.ports.objectstore_console
  }

  memory_mb = var.objectstore.memory_mb
  bucket    = var.objectstore.bucket
  region    = var.objectstore.region

  depends_on = [terraform_data.identity]
}
