mock_provider "docker" {}

variables {
  name     = "t-postgres"
  image    = { reference = "postgres:17", version = "17" }
  labels   = { "io.tracker.instance" = "t" }
  volume   = "t-postgres"
  password = "0123456789/abcdef"
}

run "offers_its_url" {
  command = plan

  assert {
    condition     = output.env.DATABASE_URL == "postgres://tracker:0123456789%2Fabcdef@127.0.0.1:5432/tracker"
    error_message = "DATABASE_URL"
  }
}

run "refuses_a_reserved_user" {
  command         = plan
  expect_failures = [var.user]

  variables {
    user = "pg_owner"
  }
}

run "refuses_a_database_that_needs_quotes" {
  command         = plan
  expect_failures = [var.database]

  variables {
    database = "My Database"
  }
}

run "refuses_a_short_password" {
  command         = plan
  expect_failures = [var.password]

  variables {
    password = "postgres"
  }
}

run "refuses_too_little_memory" {
  command         = plan
  expect_failures = [var.memory_mb]

  variables {
    memory_mb = 128
  }
}

run "refuses_a_directory_without_sql" {
  command         = plan
  expect_failures = [var.init_sql_directory]

  variables {
    init_sql_directory = "nowhere"
  }
}
