mock_provider "docker" {}

variables {
  name     = "t-redis"
  image    = { reference = "redis:8.0.2", version = "8.0.2" }
  labels   = { "io.tracker.instance" = "t" }
  volume   = "t-redis"
  password = "0123456789abcdef"
}

run "offers_its_url" {
  command = plan

  variables {
    host_port = 7000
  }

  assert {
    condition     = output.env.REDIS_URL == "redis://default:0123456789abcdef@127.0.0.1:7000/0"
    error_message = "REDIS_URL"
  }
}

run "refuses_a_password_that_the_configuration_cannot_hold" {
  command         = plan
  expect_failures = [var.password]

  variables {
    password = "0123456789 abcdef"
  }
}

run "refuses_a_size_without_a_number" {
  command         = plan
  expect_failures = [var.maxmemory]

  variables {
    maxmemory = "lots"
  }
}

run "refuses_more_than_the_container_holds" {
  command         = plan
  expect_failures = [var.maxmemory]

  variables {
    maxmemory = "1gb"
    memory_mb = 1024
  }
}

run "refuses_an_unknown_policy" {
  command         = plan
  expect_failures = [var.maxmemory_policy]

  variables {
    maxmemory_policy = "lru"
  }
}
