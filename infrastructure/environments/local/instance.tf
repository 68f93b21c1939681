# Reads the instance file: owner, credentials, ports and images of this copy of the environment.
# `cargo xtask infra init` writes it; the README describes it for those who write it by hand.

locals {
  # The path below environments/, with `-` where it has `/`: it becomes part of other names.
  environment_path = try(regex("^.*/environments/(.+)$", abspath(path.root))[0], basename(abspath(path.root)))
  environment      = replace(local.environment_path, "/", "-")

  instance_path = "${path.root}/${var.instance_directory}/${terraform.workspace}.json"
  instance_json = try(jsondecode(file(local.instance_path)), null)

  # Also what stands in for a file that is missing or broken, so that the precondition
  # below is the only thing that fails, and not every line that reads a value from it.
  instance_blank = {
    format      = 1
    project     = "none"
    environment = "none"
    instance    = "none"
    owner       = "none"
    ports       = {}
    credentials = {
      for name in ["redis_password", "postgres_password", "vectorstore_api_key", "objectstore_access_key", "objectstore_secret_key"] :
      name => "missing00000000000000000"
    }
    images = {
      for engine in ["redis", "postgres", "weaviate", "qdrant", "milvus", "minio"] :
      engine => { reference = "none:none", version = "none" }
    }
  }

  instance = merge(local.instance_blank, try({ for name, value in local.instance_json : name => value }, {}))

  instance_missing = concat(
    [for name in keys(local.instance_blank) : name if !can(local.instance_json[name])],
    [for name in keys(local.instance_blank.credentials) : "credentials.${name}" if !can(tostring(local.instance.credentials[name]))],
    [for name in keys(local.instance_blank.images) : "images.${name}" if !can("${local.instance.images[name].reference} ${local.instance.images[name].version}")],
  )

  instance_bad_ports = [
    for name, port in try({ for name, port in local.instance.ports : name => port }, {}) : "ports.${name}"
    if !try(tonumber(port) >= 1 && tonumber(port) <= 65535 && floor(tonumber(port)) == tonumber(port), false)
  ]

  credentials = {
    for name, blank in local.instance_blank.credentials :
    name => sensitive(try(tostring(local.instance.credentials[name]), blank))
  }

  instance_images = {
    for engine, blank in local.instance_blank.images :
    engine => {
      reference = try(tostring(local.instance.images[engine].reference), blank.reference)
      version   = try(tostring(local.instance.images[engine].version), blank.version)
      defaults  = try(tonumber(local.instance.images[engine].defaults), 1)
    }
  }

  instance_file    = abspath(local.instance_path)
  instance_command = "cargo xtask infra init ${local.environment_path}${terraform.workspace == "default" ? "" : " --instance ${terraform.workspace}"}"

  instance_problem = (
    !fileexists(local.instance_path)
    ? "no instance file ${local.instance_file}: run `${local.instance_command}`, which writes credentials, ports and image names there."
    : !can(keys(local.instance_json))
    ? "the instance file ${local.instance_file} is not a JSON object: put it right, or move it away and run `${local.instance_command}`."
    : try(local.instance.format, 0) != 1
    ? "the instance file ${local.instance_file} is not of format 1: move it away and run `${local.instance_command}`."
    : length(local.instance_missing) > 0
    ? "the instance file ${local.instance_file} lacks ${join(", ", local.instance_missing)}: run `${local.instance_command}`, which adds what is missing."
    : length(local.instance_bad_ports) > 0
    ? "the instance file ${local.instance_file} has no port number from 1 to 65535 in ${join(", ", local.instance_bad_ports)}: write one, or remove the line and run `${local.instance_command}`."
    : local.instance.environment != local.environment || local.instance.instance != terraform.workspace
    ? "the instance file ${local.instance_file} is of environment `${local.instance.environment}`, instance `${local.instance.instance}`, and this is environment `${local.environment}`, workspace `${terraform.workspace}`: remove the copy and run `${local.instance_command}`."
    : ""
  )
}

# Who this state belongs to. Everything else depends on it, so a missing or foreign
# instance file is one message and nothing is planned.
resource "terraform_data" "identity" {
  input = {
    project     = local.instance.project
    environment = local.environment
    instance    = terraform.workspace
    owner       = local.instance.owner
  }

  lifecycle {
    precondition {
      condition     = local.instance_problem == ""
      error_message = local.instance_problem
    }
  }
}
