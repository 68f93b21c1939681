locals {
  container_port = 5432
  data_path      = "/var/lib/postgresql/data"
  entrypoint     = "/usr/local/bin/resumable-entrypoint.sh"

  # A container of an instance from before stays as it is: any of what is new would replace it.
  is_new = var.image.defaults >= 2

  # The built-in locale sorts the same whatever C library the image has, and every image has
  # C.UTF-8 for messages and the like, so a volume can move from one image to another.
  initdb_arguments = concat(
    [
      "--auth=scram-sha-256",
      "--data-checksums",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ],
    local.is_new ? ["--locale=C.UTF-8"] : [],
  )

  # Parallel queries and index builds share memory there; the limit of the container's memory holds for it too.
  shm_mb = coalesce(var.shm_mb, local.is_new ? var.memory_mb : 128)

  init_path  = "/docker-entrypoint-initdb.d"
  init_files = var.init_sql_directory == null ? ["00-pgvector.sql"] : ["00-pgvector.sql", "50-directory.sh"]
}

module "container" {
  source = "../container"

  name        = var.name
  image       = var.image
  labels      = var.labels
  memory_mb   = var.memory_mb
  start_after = var.start_after
  network     = var.network == null ? null : { name = var.network, alias = "postgres" }

  # Ours in any image: the public one's would take a first start that was cut off for a whole one.
  entrypoint = local.is_new ? ["bash", local.entrypoint] : null
  command    = local.is_new ? ["postgres"] : null

  # The POSTGRES_ ones make the database; the PG ones let `psql` inside connect without arguments.
  env = merge({
    POSTGRES_USER        = var.user
    POSTGRES_PASSWORD    = var.password
    POSTGRES_DB          = var.database
    POSTGRES_INITDB_ARGS = join(" ", local.initdb_arguments)
    PGUSER               = var.user
    PGPASSWORD           = var.password
    PGDATABASE           = var.database
    },
    # An image that keeps its data elsewhere would keep it outside the volume.
    local.is_new ? { PGDATA = local.data_path } : {},
  )

  # The image runs them once, when it makes the database.
  files = merge(
    { for name in local.init_files : "${local.init_path}/${name}" => replace(file("${path.module}/init/${name}"), "\r\n", "\n") },
    local.is_new ? { (local.entrypoint) = replace(file("${path.module}/../../images/postgres/docker-entrypoint.sh"), "\r\n", "\n") } : {},
  )
  read_only_mounts = var.init_sql_directory == null ? {} : { "/init-sql" = abspath(var.init_sql_directory) }

  ports  = [{ container = local.container_port, host = var.host_port }]
  volume = { name = var.volume, path = local.data_path }

  shm_size_mb = local.shm_mb

  # Ends the sessions and shuts down; SIGTERM would wait for every client to leave.
  stop_signal = "SIGINT"

  # Over TCP, because the server that runs the init files listens on its socket only.
  healthcheck = ["CMD-SHELL", "pg_isready --quiet --host=127.0.0.1"]
}
