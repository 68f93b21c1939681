locals {
  api_port     = 9000
  console_port = 9001
}

module "container" {
  source = "../container"

  name        = var.name
  image       = var.image
  labels      = var.labels
  memory_mb   = var.memory_mb
  start_after = var.start_after
  network     = var.network == null ? null : { name = var.network, alias = "objectstore" }

  # A directory in the data directory is a bucket, so the bucket is there before the
  # first request, every time, and no one-shot container is left behind.
  entrypoint = ["sh", "-c"]
  command = [join(" ", [
    "mkdir -p \"/data/$BUCKET\" &&",
    "exec minio server /data --address :${local.api_port} --console-address :${local.console_port}",
  ])]

  env = {
    BUCKET              = var.bucket
    MINIO_ROOT_USER     = var.access_key
    MINIO_ROOT_PASSWORD = var.secret_key
    MINIO_SITE_REGION   = var.region
    MINIO_UPDATE        = "off"
    GOMEMLIMIT          = "${floor(var.memory_mb * 0.8)}MiB"
  }

  ports = [
    { container = local.api_port, host = var.host_ports.api },
    { container = local.console_port, host = var.host_ports.console },
  ]
  volume = { name = var.volume, path = "/data" }

  healthcheck = ["CMD", "mc", "ready", "local"]
}
