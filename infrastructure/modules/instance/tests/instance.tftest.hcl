# The directory of this module stands in for an environment called `instance`.

run "reads_what_is_there" {
  variables {
    directory = "tests/whole"
    ports     = { redis = 7000, postgres = null }
  }

  assert {
    condition     = output.problem == "" && output.name == "tracker-instance" && output.environment == "instance"
    error_message = "the names, or a problem that is none: ${output.problem}"
  }

  assert {
    condition     = tomap(output.labels) == tomap({ "io.tracker.project" = "tracker", "io.tracker.environment" = "instance", "io.tracker.instance" = "default", "io.tracker.owner" = "00000000000000000000000000000000" })
    error_message = "the labels"
  }

  assert {
    condition     = nonsensitive(output.credentials) == { redis = { password = "not0a0secret00000000000000000000" }, objectstore = { access_key = "not0a0secret00000000000000000001" } }
    error_message = "the credentials are not by service and key"
  }

  # One without a version is none.
  assert {
    condition     = output.images == { redis = { reference = "redis:8.0.2-bookworm", version = "8.0.2", defaults = 1 }, minio = { reference = "minio:1", version = "1", defaults = 2 } }
    error_message = "the images"
  }

  # The file's are a named instance's.
  assert {
    condition     = output.ports.redis == 7000 && output.ports.postgres == null
    error_message = "the default instance does not have the ports that were wanted"
  }

  assert {
    condition     = !issensitive(output.name) && !issensitive(output.labels) && !issensitive(output.images) && !issensitive(output.ports) && !issensitive(output.problem)
    error_message = "the credentials make something else sensitive"
  }
}

run "leaves_out_a_credential_that_is_no_text_and_no_other" {
  variables {
    directory = "tests/no_text"
  }

  assert {
    condition     = nonsensitive(output.credentials) == { postgres = { password = "" } }
    error_message = "the credentials"
  }
}

run "says_where_on_aws_it_may_be" {
  variables {
    directory = "tests/whole"
    target    = "aws"
  }

  assert {
    condition     = output.problem == "" && output.region == "us-east-1" && output.allowed_accounts == ["123456789012"] && !output.emulated && output.emulator == null
    error_message = "region, accounts or emulator"
  }

  assert {
    condition     = output.policy == "[environments.instance]" && endswith(output.file, "/tests/whole/default.json") && output.command == "cargo xtask infra init instance"
    error_message = "what messages name"
  }
}

run "is_in_the_emulator_s_account_on_the_emulator" {
  variables {
    directory = "tests/emulated"
    target    = "aws"
  }

  assert {
    condition     = output.problem == "" && output.emulated && output.emulator.endpoint == "http://127.0.0.1:4566" && output.allowed_accounts == ["000000000000"]
    error_message = "the emulator"
  }
}

run "knows_no_emulator_on_docker" {
  variables {
    directory = "tests/nowhere_emulated"
  }

  assert {
    condition     = output.problem == "" && !output.emulated && output.emulator == null
    error_message = "the other half of the file counts"
  }
}

run "asks_for_the_file" {
  variables {
    directory = "tests/nowhere"
  }

  assert {
    condition     = startswith(output.problem, "no instance file ") && output.name == "none-instance" && length(nonsensitive(output.credentials)) == 0
    error_message = output.problem
  }
}

run "refuses_what_is_no_object" {
  variables {
    directory = "tests/list"
  }

  assert {
    condition     = strcontains(output.problem, " is not a JSON object")
    error_message = output.problem
  }
}

run "refuses_another_format" {
  variables {
    directory = "tests/newer"
  }

  assert {
    condition     = strcontains(output.problem, " is not of format 1")
    error_message = output.problem
  }
}

run "asks_for_the_owner_on_docker" {
  variables {
    directory = "tests/lacking"
  }

  assert {
    condition     = strcontains(output.problem, " lacks owner: run `cargo xtask infra init instance`")
    error_message = output.problem
  }
}

run "asks_for_the_accounts_on_aws" {
  variables {
    directory = "tests/lacking"
    target    = "aws"
  }

  assert {
    condition     = strcontains(output.problem, " lacks allowed_account_ids: ")
    error_message = output.problem
  }
}

run "refuses_what_is_no_port" {
  variables {
    directory = "tests/bad_port"
  }

  assert {
    condition     = strcontains(output.problem, " has no port number from 1 to 65535 in ports.postgres, ports.redis: ")
    error_message = output.problem
  }
}

run "refuses_the_file_of_another_environment" {
  variables {
    directory = "tests/foreign"
  }

  assert {
    condition     = strcontains(output.problem, " is of environment `other`, instance `default`, and this is environment `instance`, workspace `default`: ")
    error_message = output.problem
  }
}

run "refuses_an_emulator_that_is_nowhere" {
  variables {
    directory = "tests/nowhere_emulated"
    target    = "aws"
  }

  assert {
    condition     = strcontains(output.problem, " has an emulator without an `endpoint` ")
    error_message = output.problem
  }
}

run "refuses_a_third_target" {
  command         = plan
  expect_failures = [var.target]

  variables {
    directory = "tests/whole"
    target    = "both"
  }
}

