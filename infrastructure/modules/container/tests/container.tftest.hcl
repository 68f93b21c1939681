mock_provider "docker" {}

variables {
  name      = "t"
  image     = { reference = "redis:8.0.2-bookworm" }
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
    image = { reference = "redis:latest" }
  }
}

run "refuses_an_image_without_a_tag" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = { reference = "registry.example:5000/redis" }
  }
}

run "refuses_too_little_memory" {
  command         = plan
  expect_failures = [var.memory_mb]

  variables {
    memory_mb = 10
  }
}

run "checks_the_health_of_a_new_one_less_often" {
  command = plan

  variables {
    image       = { reference = "redis:8.0.2-bookworm", defaults = 3 }
    healthcheck = ["CMD", "true"]
  }

  assert {
    condition     = docker_container.this.healthcheck[0].interval == "30s"
    error_message = "a container that is made today is checked every 30 s"
  }
}

run "leaves_the_health_check_of_an_older_one_as_it_is" {
  command = plan

  variables {
    image       = { reference = "redis:8.0.2-bookworm", defaults = 2 }
    healthcheck = ["CMD", "true"]
  }

  assert {
    condition     = docker_container.this.healthcheck[0].interval == "10s"
    error_message = "another interval would replace the container"
  }
}
