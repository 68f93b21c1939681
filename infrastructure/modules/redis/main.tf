locals {
  container_port = 6379
  config_path    = "/usr/local/etc/redis/redis.conf"

  # Redis counts kb, mb and gb in powers of 1024, and k, m and g in powers of 1000.
  units = { "" = 1, b = 1, k = 1000, kb = 1024, m = 1000000, mb = 1048576, g = 1000000000, gb = 1073741824 }
}

module "container" {
  source = "../container"

  name        = var.name
  image       = var.image
  labels      = var.labels
  memory_mb   = var.memory_mb
  start_after = var.start_after
  network     = var.network == null ? null : { name = var.network, alias = "redis" }

  command = ["redis-server", local.config_path]

  files = {
    (local.config_path) = replace(templatefile("${path.module}/redis.conf.tftpl", {
      port             = local.container_port
      password         = var.password
      maxmemory        = var.maxmemory
      maxmemory_policy = var.maxmemory_policy
    }), "\r\n", "\n")
  }

  # redis-cli reads it, so neither the health check nor a person needs the password in a command line.
  env = { REDISCLI_AUTH = var.password }

  ports  = [{ container = local.container_port, host = var.host_port }]
  volume = { name = var.volume, path = "/data" }

  # grep, because redis-cli exits 0 on NOAUTH and on LOADING.
  healthcheck = ["CMD-SHELL", "redis-cli ping | grep -qx PONG"]
}
