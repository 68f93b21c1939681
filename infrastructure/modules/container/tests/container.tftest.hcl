mock_provider "docker" {}

variables {
  name      = "t"
  image     = "redis:8.0.2-bookworm"
  labels    = { "io.tracker.instance" = "t" }
  volume    = { name = "t-data", path = "/data" }
  memory_mb = 256
  ports     = [{ container = 6379, host = 7000 }]
}

run "publishes_on_loopback_and_stops_in_order" {
  command = plan

  assert {
    condition     = alltrue([for port in docker_container.this.ports : port.ip == "127.0.0.1"])
    error_message = "a port is published beyond this machine"
  }

  assert {
    condition     = docker_container.this.destroy_grace_seconds >= 30
    error_message = "the container would be killed"
  }
}

run "refuses_latest" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = "redis:latest"
  }
}

run "refuses_an_image_without_a_tag" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = "registry.example:5000/redis"
  }
}

run "refuses_too_little_memory" {
  command         = plan
  expect_failures = [var.memory_mb]

  variables {
    memory_mb = 10
  }
}
