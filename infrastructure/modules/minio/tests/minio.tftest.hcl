mock_provider "docker" {}

variables {
  name       = "t-objectstore"
  image      = { reference = "minio:1", version = "1" }
  labels     = { "io.tracker.instance" = "t" }
  volume     = "t-minio"
  access_key = "0123456789abcdef"
  secret_key = "0123456789abcdef"
}

run "offers_its_endpoint" {
  command = plan

  variables {
    host_ports = { console = 9100 }
  }

  assert {
    condition     = output.env.S3_ENDPOINT_URL == "http://127.0.0.1:9000" && output.service.console_port == 9100
    error_message = "the endpoint or the console"
  }
}

run "refuses_capitals_in_a_bucket" {
  command         = plan
  expect_failures = [var.bucket]

  variables {
    bucket = "Tracker"
  }
}

run "refuses_an_address_as_a_bucket" {
  command         = plan
  expect_failures = [var.bucket]

  variables {
    bucket = "192.168.1.1"
  }
}

run "refuses_a_reserved_ending_of_a_bucket" {
  command         = plan
  expect_failures = [var.bucket]

  variables {
    bucket = "tracker-s3alias"
  }
}

run "refuses_a_region_that_is_none" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "here and there"
  }
}

run "refuses_a_short_access_key" {
  command         = plan
  expect_failures = [var.access_key]

  variables {
    access_key = "ab"
  }
}

run "refuses_a_short_secret_key" {
  command         = plan
  expect_failures = [var.secret_key]

  variables {
    secret_key = "minioadmin"
  }
}
