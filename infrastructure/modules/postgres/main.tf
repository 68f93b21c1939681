locals {
  container_port = 5432

  # The built-in locale sorts the same whatever C library the image has, so a volume can
  # move from one image to another.
  initdb_arguments = [
    "--auth=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ]

  init_path  = "/docker-entrypoint-initdb.d"
  init_files = var.init_sql_directory == null ? ["00-pgvector.sql"] : ["00-pgvector.sql", "50-directory.sh"]
}

module "container" {
  source = "../container"

  name        = var.name
  image       = var.image.reference
  labels      = var.labels
  memory_mb   = var.memory_mb
  start_after = var.start_after
  network     = var.network == null ? null : { name = var.network, alias = "postgres" }

  # The POSTGRES_ ones make the database; the PG ones let `psql` inside connect without arguments.
  env = {
    POSTGRES_USER        = var.user
    POSTGRES_PASSWORD    = var.password
    POSTGRES_DB          = var.database
    POSTGRES_INITDB_ARGS = join(" ", local.initdb_arguments)
    PGUSER               = var.user
    PGPASSWORD           = var.password
    PGDATABASE           = var.database
  }

  # The image runs them once, when it makes the database.
  files = {
    for name in local.init_files : "${local.init_path}/${name}" => file("${path.module}/init/${name}")
  }
  read_only_mounts = var.init_sql_directory == null ? {} : { "/init-sql" = abspath(var.init_sql_directory) }

  ports  = [{ container = local.container_port, host = var.host_port }]
  volume = { name = var.volume, path = "/var/lib/postgresql/data" }

  # Parallel queries share memory there; the engine's 64 MiB are soon full.
  shm_size_mb = 128

  # Ends the sessions and shuts down; SIGTERM would wait for every client to leave.
  stop_signal = "SIGINT"

  # Over TCP, because the server that runs the init files listens on its socket only.
  healthcheck = ["CMD-SHELL", "pg_isready --quiet --host=127.0.0.1"]
}
