# The one shape of every container of this project; a service's module supplies what differs.

locals {
  # No start_interval: it needs engine 25. Each check is a process in the container: every ten seconds, those of four
  # services took a twentieth of a processor.
  healthcheck = var.healthcheck == null ? null : {
    test         = var.healthcheck
    interval     = var.image.defaults >= 3 ? "30s" : "10s"
    timeout      = "5s"
    start_period = "1m0s"
    retries      = 3
  }
}

resource "docker_image" "this" {
  name = var.image.reference

  # Another instance, or the next `apply`, may need it again.
  keep_locally = true
}

# The provider calls a change of these an update and then makes none, plan after plan.
resource "terraform_data" "replaces_container" {
  input = {
    healthcheck      = local.healthcheck
    volume           = var.volume
    read_only_mounts = var.read_only_mounts
  }
}

resource "docker_container" "this" {
  name = var.name

  # The id and not the tag, so that a rebuilt tag replaces the container.
  image = docker_image.this.image_id

  entrypoint = var.entrypoint
  command    = var.command
  env        = [for name, value in var.env : "${name}=${value}"]

  # Waiting is the xtask's part: the provider's own wait ignores `unhealthy` and `exited`.
  wait     = false
  must_run = true
  restart  = "unless-stopped"

  # Without a grace period the provider's stop is a SIGKILL.
  destroy_grace_seconds = 30
  stop_timeout          = 30
  stop_signal           = var.stop_signal

  memory   = var.memory_mb
  shm_size = var.shm_size_mb

  # Any other value is rewritten by the engine, by one rule with and another without
  # swap accounting, and would come back as drift.
  memory_swap = -1

  log_driver = "json-file"
  log_opts = {
    max-size = "10m"
    max-file = "3"
  }

  security_opts = ["no-new-privileges:true"]

  # What an entrypoint needs to own its data directory and to leave root; engines
  # before 25 keep names as written, so they are written as later ones return them.
  capabilities {
    drop = ["ALL"]
    add  = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"]
  }

  dynamic "ports" {
    for_each = var.ports

    content {
      ip       = "127.0.0.1"
      internal = ports.value.container
      external = ports.value.host
    }
  }

  # No volume_options: engine 20.10 refuses them.
  mounts {
    type   = "volume"
    source = var.volume.name
    target = var.volume.path
  }

  dynamic "mounts" {
    for_each = var.read_only_mounts

    content {
      type      = "bind"
      source    = mounts.value
      target    = mounts.key
      read_only = true
    }
  }

  # World-readable inside the container only: the process that reads it is not root.
  dynamic "upload" {
    for_each = var.files

    content {
      file        = upload.key
      content     = upload.value
      permissions = "0444"
    }
  }

  dynamic "healthcheck" {
    for_each = local.healthcheck == null ? [] : [local.healthcheck]

    content {
      test         = healthcheck.value.test
      interval     = healthcheck.value.interval
      timeout      = healthcheck.value.timeout
      start_period = healthcheck.value.start_period
      retries      = healthcheck.value.retries
    }
  }

  dynamic "networks_advanced" {
    for_each = var.network == null ? [] : [var.network]

    content {
      name    = networks_advanced.value.name
      aliases = [networks_advanced.value.alias]
    }
  }

  dynamic "labels" {
    for_each = var.labels

    content {
      label = labels.key
      value = labels.value
    }
  }

  depends_on = [var.start_after]

  lifecycle {
    replace_triggered_by = [terraform_data.replaces_container]
  }
}
