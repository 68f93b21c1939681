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

run "leaves_a_container_of_before_as_it_is" {
  command = plan

  assert {
    condition     = local.shm_mb == 128 && !contains(local.initdb_arguments, "--locale=C.UTF-8") && !local.is_new
    error_message = "something new would replace the container"
  }
}

run "gives_a_new_one_the_defaults_of_today" {
  command = plan

  variables {
    image     = { reference = "postgres:17", version = "17", defaults = 2 }
    memory_mb = 768
  }

  assert {
    condition     = local.shm_mb == 768 && contains(local.initdb_arguments, "--locale=C.UTF-8") && local.is_new
    error_message = "shared memory, locale or entry point"
  }
}

run "takes_the_shared_memory_that_is_said" {
  command = plan

  variables {
    shm_mb = 300
  }

  assert {
    condition     = local.shm_mb == 300
    error_message = "shared memory"
  }
}

run "refuses_too_little_shared_memory" {
  command         = plan
  expect_failures = [var.shm_mb]

  variables {
    shm_mb = 32
  }
}
