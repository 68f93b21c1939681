# Reads the instance file of the root that calls it: owner, credentials, ports and images of this copy of
# the environment, and where on AWS it may be. `cargo xtask infra init` writes that file; the README
# describes it for those who write it by hand. It makes nothing.

locals {
  # The path below environments/, with `-` where it has `/`: it becomes part of other names.
  environment_path = try(regex("^.*/environments/(.+)$", abspath(path.root))[0], basename(abspath(path.root)))
  environment      = replace(local.environment_path, "/", "-")

  path    = "${path.root}/${var.directory}/${terraform.workspace}.json"
  file    = abspath(local.path)
  json    = try(jsondecode(file(local.path)), null)
  command = "cargo xtask infra init ${local.environment_path}${terraform.workspace == "default" ? "" : " --instance ${terraform.workspace}"}"

  # What stands in for a file that is missing or broken, so that what refuses it is the only thing
  # that fails, and not every line that reads a value from it.
  blank = {
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

  content = merge(local.blank, try({ for name, value in local.json : name => value }, {}))

  name = join("-", concat(
    [local.content.project, local.environment],
    terraform.workspace == "default" ? [] : [terraform.workspace],
  ))
  namespace = "io.${local.content.project}"

  # Named SERVICE_KEY in the file.
  secrets = [
    for name, value in try({ for name, value in local.content.credentials : name => value }, {}) :
    merge(regex("^(?P<service>[^_]+)_(?P<key>.+)$", name), { value = tostring(value) })
    if can(regex("^[^_]+_.+$", name)) && can(tostring(value))
  ]
  credentials = {
    for service in toset(local.secrets[*].service) :
    service => { for secret in local.secrets : secret.key => sensitive(secret.value) if secret.service == service }
  }

  images = {
    for engine, image in try({ for engine, image in local.content.images : engine => image }, {}) :
    engine => {
      reference = tostring(image.reference)
      version   = tostring(image.version)
      defaults  = try(tonumber(image.defaults), 1)
    }
    if can("${image.reference} ${image.version}")
  }

  # A port can be had only once, so what a person wrote for the default instance does not
  # bind a named one, whose own free ports are in its file.
  ports = merge(
    var.ports,
    { for name, port in try({ for name, port in local.content.ports : name => tonumber(port) }, {}) : name => port if terraform.workspace != "default" },
  )

  # An emulated instance has a directory, a state and a plan of its own; modules/aws/emulator.tf says what
  # is different there.
  emulated         = var.target == "aws" && local.content.emulator != null
  emulator_account = "000000000000"
  allowed_accounts = local.emulated ? [local.emulator_account] : try([for id in local.content.allowed_account_ids : tostring(id)], [])
}
