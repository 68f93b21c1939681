# Reads the instance file, as environments/local and environments/aws do: of the first it holds
# owner, credentials, ports and images, of the second region, accounts and emulator. Only the
# chosen side's half is asked for.

locals {
  # The path below environments/, with `-` where it has `/`: it becomes part of other names.
  environment_path = try(regex("^.*/environments/(.+)$", abspath(path.root))[0], basename(abspath(path.root)))
  environment      = replace(local.environment_path, "/", "-")
  on_aws           = var.environment == "aws"

  instance_path    = "${path.root}/${var.instance_directory}/${terraform.workspace}.json"
  instance_file    = abspath(local.instance_path)
  instance_json    = try(jsondecode(file(local.instance_path)), null)
  instance_command = "cargo xtask infra init ${local.environment_path}${terraform.workspace == "default" ? "" : " --instance ${terraform.workspace}"}"

  engines = ["redis", "postgres", "weaviate", "qdrant", "milvus", "minio"]
  secrets = ["redis_password", "postgres_password", "vectorstore_api_key", "objectstore_access_key", "objectstore_secret_key"]

  # What stands in for a file that is missing or broken, so that a condition below is the only
  # thing that fails, and not every line that reads a value from it.
  instance_blank = {
    format              = 1
    project             = "none"
    environment         = "none"
    instance            = "none"
    owner               = "none"
    ports               = {}
    credentials         = {}
    images              = {}
    region              = null
    allowed_account_ids = []
    emulator            = null
  }

  instance = merge(local.instance_blank, try({ for name, value in local.instance_json : name => value }, {}))

  instance_missing = concat(
    [for name in ["project", "environment", "instance"] : name if !can(local.instance_json[name])],
    local.on_aws
    ? [for name in ["allowed_account_ids"] : name if !can(local.instance_json[name])]
    : concat(
      [for name in ["owner"] : name if !can(local.instance_json[name])],
      [for name in local.secrets : "credentials.${name}" if !can(tostring(local.instance.credentials[name]))],
      [for name in local.engines : "images.${name}" if !can("${local.instance.images[name].reference} ${local.instance.images[name].version}")],
    ),
  )

  credentials = { for name in local.secrets : name => sensitive(try(tostring(local.instance.credentials[name]), "missing00000000000000000")) }

  images = {
    for engine in local.engines : engine => {
      reference = try(tostring(local.instance.images[engine].reference), "none:none")
      version   = try(tostring(local.instance.images[engine].version), "none")
      defaults  = try(tonumber(local.instance.images[engine].defaults), 1)
    }
  }

  # A port can be had only once, so what a person wrote for the default instance does not
  # bind a named one, whose own free ports are in its file.
  ports = {
    for name, wanted in var.ports :
    name => terraform.workspace == "default" ? wanted : try(tonumber(local.instance.ports[name]), wanted)
  }

  emulated         = local.on_aws && local.instance.emulator != null
  emulator_account = "000000000000"
  allowed_accounts = local.emulated ? [local.emulator_account] : try([for id in local.instance.allowed_account_ids : tostring(id)], [])

  instance_problem = (
    !fileexists(local.instance_path)
    ? "no instance file ${local.instance_file}: run `${local.instance_command}`, which writes it."
    : !can(keys(local.instance_json))
    ? "the instance file ${local.instance_file} is not a JSON object: put it right, or move it away and run `${local.instance_command}`."
    : try(local.instance.format, 0) != 1
    ? "the instance file ${local.instance_file} is not of format 1: move it away and run `${local.instance_command}`."
    : length(local.instance_missing) > 0
    ? "the instance file ${local.instance_file} lacks ${join(", ", local.instance_missing)}: run `${local.instance_command}`, which adds what is missing."
    : local.instance.environment != local.environment || local.instance.instance != terraform.workspace
    ? "the instance file ${local.instance_file} is of environment `${local.instance.environment}`, instance `${local.instance.instance}`, and this is environment `${local.environment}`, workspace `${terraform.workspace}`: remove the copy and run `${local.instance_command}`."
    : local.emulated && !can(regex("^http://[^/:]+:[0-9]+$", local.instance.emulator.endpoint))
    ? "the instance file ${local.instance_file} has an emulator without an `endpoint` such as \"http://127.0.0.1:4566\": move it away and run `${local.instance_command} --emulated`."
    : ""
  )
}
